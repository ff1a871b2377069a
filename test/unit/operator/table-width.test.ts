import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { painted, paintFor } from '../../../operator/cli/terminal/paint.ts';
import { createScreen } from '../../../operator/cli/terminal/screen.ts';
import { cutTo, rowsOf, tableText } from '../../../operator/cli/terminal/text.ts';

const HEAD = ['ID', 'FUNCTIONS', 'REASON'];
const ROW = [
  '9f1c0a52-6f7e-4d2b-8a51-3d0b5f6c7e11',
  'orders-api',
  'the upgrade of the database that was put off twice',
];

beforeEach(() => {
  vi.stubEnv('FORCE_COLOR', undefined);
  vi.stubEnv('NO_COLOR', undefined);
});
afterEach(() => vi.unstubAllEnvs());

describe('a table on a terminal', () => {
  it('is as it is in a pipe where it fits', () => {
    const wide = tableText(HEAD, [ROW]);
    const width = Math.max(...wide.split('\n').map(({ length }) => length));
    expect(tableText(HEAD, [ROW], width)).toBe(wide);
  });

  it('goes on below itself in its widest column, at blanks, and says all of it', () => {
    expect(tableText(HEAD, [ROW, ['1', 'a', 'b']], 80)).toBe(
      [
        'ID                                    FUNCTIONS   REASON',
        '9f1c0a52-6f7e-4d2b-8a51-3d0b5f6c7e11  orders-api  the upgrade of the database',
        '                                                  that was put off twice',
        '1                                     a           b',
      ].join('\n'),
    );
  });

  it.each([40, 60, 80, 100, 120])('has every word whole, and fits %i columns where its words do', (columns) => {
    const text = tableText(HEAD, [ROW], columns);
    for (const word of ROW.flatMap((cell) => cell.split(' '))) expect(text).toContain(word);
    if (columns >= 36 + 10 + 8 + 4)
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
  });

  it('has a list for each row where its words do not fit beside each other', () => {
    expect(tableText(HEAD, [ROW, ['1', '', 'b']], 50)).toBe(
      [
        'ID         9f1c0a52-6f7e-4d2b-8a51-3d0b5f6c7e11',
        'FUNCTIONS  orders-api',
        'REASON     the upgrade of the database that was',
        '           put off twice',
        '',
        'ID         1',
        'FUNCTIONS',
        'REASON     b',
      ].join('\n'),
    );
    expect(tableText(HEAD, [], 5)).toBe('ID  FUNCTIONS  REASON');
  });

  it('measures what is two columns wide', () => {
    for (const line of tableText(['A', 'B'], [['日本語 日本語 日本語', 'x y z']], 16).split('\n')) {
      expect(rowsOf(line, 16)).toBe(1);
    }
  });

  it('paints each line of a cell that is painted', () => {
    const { yellow } = paintFor(Object.assign(new PassThrough(), { isTTY: true }) as unknown as NodeJS.WriteStream);
    const lines = painted(tableText(['A', 'B'], [[yellow('active until noon'), 'x']], 12)).split('\n');
    expect(lines.slice(1).map((line) => line.replaceAll('\u001b', 'ESC'))).toEqual([
      'ESC[33mactiveESC[39m  x',
      'ESC[33muntilESC[39m',
      'ESC[33mnoonESC[39m',
    ]);
  });
});

it('a text has so many rows on a terminal', () => {
  expect(rowsOf('1234567890\n\n12345678901', 10)).toBe(4);
});

/** A terminal of this size, and what was written to it. */
function terminal(columns: number, rows: number): { stream: NodeJS.WriteStream; written: () => string } {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true, columns, rows });
  return { stream: stream as unknown as NodeJS.WriteStream, written: () => stream.read() ?? '' };
}

describe('a line that is written over', () => {
  const LINE = '1,024 of 2,027 done · 50/s · 0 failed · 20 s left';

  it.each([
    ['whole where the terminal does not say how wide it is', 0, LINE],
    ['cut to one column less than there are', 12, '1,024 of 2,'],
  ])('is %s', (_, columns, expected) => {
    const { stream, written } = terminal(columns, 0);
    createScreen(stream).writeOver(LINE);
    expect(written()).toBe(`\r\u001b[K${expected}`);
  });

  it('is cut by columns, and not by characters: on two rows it could not be taken away', () => {
    expect(cutTo('日本語日本語', 5)).toBe('日本');
    expect(cutTo('a💡b', 3)).toBe('a💡');
  });
});

it('a screen that is drawn anew has no more rows than the terminal, also where lines go on', () => {
  const { stream, written } = terminal(10, 4);
  createScreen(stream).redraw(['first', 'x'.repeat(15), 'third', 'fourth'].join('\n'));
  const out = written();
  expect(out).toContain('x'.repeat(15));
  expect(out).not.toContain('third');
});
