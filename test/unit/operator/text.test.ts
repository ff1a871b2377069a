import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { counted, shown, shownLines } from '../../../core/text/shown.ts';
import { painted, paintFor } from '../../../operator/cli/terminal/paint.ts';
import { jsonText, tableText } from '../../../operator/cli/terminal/text.ts';
import { anyCharacter } from '../../data/characters.ts';

vi.stubEnv('FORCE_COLOR', undefined);
vi.stubEnv('NO_COLOR', undefined);
const streamOf = (isTTY: boolean) => Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream;
const { red, bold } = paintFor(streamOf(true));
beforeEach(() => {
  vi.stubEnv('FORCE_COLOR', undefined);
  vi.stubEnv('NO_COLOR', undefined);
});
afterEach(() => vi.unstubAllEnvs());

describe('a table', () => {
  it('has columns as wide as they need to be, whatever paints them', () => {
    const table = tableText(
      ['ID', 'WHY'],
      [
        [red('a'), 'x'],
        ['bcd', 'é🙂'],
      ],
    );
    expect(painted(table)).toBe(`ID   WHY\n\u001b[31ma\u001b[39m    x\nbcd  é🙂`);
  });

  it('counts two columns for what is wide, and none for what has no width', () => {
    expect(
      tableText(
        ['A', 'B'],
        [
          ['日本', 'x'],
          ['e\u0301', 'y'],
          ['👩\u200d💻', 'z'],
        ],
      ),
    ).toBe('A     B\n日本  x\ne\u0301     y\n👩\u200d💻    z');
  });

  it('counts every character as string-width does', () => {
    const codes = [...Array(0x380).keys(), ...Array.from({ length: 0x80 }, (_, place) => 0x2000 + place)];
    const cells = codes.map((code) => String.fromCharCode(code, code)).filter((cell) => shown(cell) === cell);
    const widths = cells.map((cell) => stringWidth(cell));
    const [, ...lines] = tableText(
      ['A', 'B'],
      cells.map((cell) => [cell, '|']),
    ).split('\n');
    expect(cells.length).toBeGreaterThan(900);
    expect(lines).toEqual(
      cells.map((cell, row) => `${cell}${' '.repeat(Math.max(...widths) - (widths[row] ?? 0))}  |`),
    );
  });

  it('has a line for each row, whatever is in its cells', () => {
    expect(tableText(['A', 'B'], [['x\ny', '\u001b[2J']])).toBe('A         B\nx\\u000ay  \\u001b[2J');
  });
});

describe('colours', () => {
  const redOn = (isTTY: boolean) => painted(paintFor(streamOf(isTTY)).red('x'));
  const RED = '\u001b[31mx\u001b[39m';

  it('are for a terminal alone', () => {
    expect([redOn(true), redOn(false)]).toEqual([RED, 'x']);
  });

  it('come where FORCE_COLOR asks for them, as Node has it', () => {
    vi.stubEnv('FORCE_COLOR', '1');
    expect([redOn(true), redOn(false)]).toEqual([RED, RED]);
    vi.stubEnv('FORCE_COLOR', '0');
    expect([redOn(true), redOn(false)]).toEqual(['x', 'x']);
  });
});

describe('text of somebody else’s', () => {
  it('has what could end a line or paint the terminal spelled out', () => {
    expect(shown('a\u001b[2Jb\nc\u202ed\u0007')).toBe('a\\u001b[2Jb\\u000ac\\u202ed\\u0007');
    expect(shownLines('a\nb\r\u009b')).toBe('a\nb\\u000d\\u009b');
    expect(shown('\u{e0041}\ud800')).toBe('\\udb40\\udc41\\ud800');
    expect(shown('Prüfung “ä” 日本 🙂 👩\u200d💻')).toBe('Prüfung “ä” 日本 🙂 👩\u200d💻');
  });

  it('cannot look like our colours', () => {
    const ours = painted(shownLines(bold('x')));
    expect(ours).toBe('\u001b[1mx\u001b[22m');
    expect(painted(shownLines(`${ours}\ufdd031m\ufdd0:31m`))).not.toContain('\u001b');
  });

  it('means the same in JSON that is harmless', () => {
    fc.assert(
      fc.property(fc.json(), fc.string({ unit: anyCharacter() }), fc.constantFrom(0, 2), (json, text, indent) => {
        const value = { json: JSON.parse(json), [text]: text };
        const written = jsonText(value, indent);
        expect(written).not.toMatch(/(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ufeff]/u);
        expect(JSON.stringify(JSON.parse(written))).toBe(JSON.stringify(value));
      }),
    );
  });
});

it('one is one, and thousands are grouped', () => {
  expect([counted(1, 'window'), counted(0, 'window'), counted(12_345, 'event')]).toEqual([
    '1 window',
    '0 windows',
    '12,345 events',
  ]);
});
