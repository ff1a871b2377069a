import { expect, it } from 'vitest';
import { counted, shown, tableText } from '../../cli/text.ts';

it('columns are as wide as they need to be, whatever paints them', () => {
  const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
  expect(
    tableText(
      ['ID', 'WHY'],
      [
        [red('a'), 'x'],
        ['bcd', 'é🙂'],
      ],
    ),
  ).toBe(`ID   WHY\n${red('a')}    x\nbcd  é🙂`);
});

it('what could end a line or paint the terminal is spelled out', () => {
  expect(shown('a\u001b[2Jb\nc\u202ed\u0007')).toBe('a\\u{1b}[2Jb\\u{a}c\\u{202e}d\\u{7}');
  expect(shown('Prüfung “ä” 日本 🙂')).toBe('Prüfung “ä” 日本 🙂');
});

it('one is one, and thousands are grouped', () => {
  expect([counted(1, 'window'), counted(0, 'window'), counted(12_345, 'event')]).toEqual([
    '1 window',
    '0 windows',
    '12,345 events',
  ]);
});
