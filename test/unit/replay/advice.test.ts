import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { advisedText } from '../../../operator/cli/replay/advice-text.ts';

const CORE = join(import.meta.dirname, '..', '..', '..', 'core');
/** A text of the code that names an option: `'… (--rate) …'`. Comments are nobody's words. */
const OPTION_IN_TEXT = /(['"`])[^'"`\n]*(?<![\w-])--[a-z][\w-]*[^'"`\n]*\1/;

/** The code of a file without its comments. */
function codeOf(path: string): string {
  return readFileSync(path, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
}

describe('what can be done about a replay that does not go on', () => {
  it.each([
    [
      { why: 'its client context would not reach the function', advice: 'as-request' },
      /function: replay it with --mode request$/,
    ],
    [
      { why: 'it does not let itself be replayed inside a window', advice: 'newer-client' },
      /window: the client in it is older than --during-window$/,
    ],
    [
      { why: 'no window that is known here is active', advice: 'compare-parameters' },
      /active: compare its MAINTENANCE_WINDOW_PARAMETER with --parameter$/,
    ],
    [
      { why: 'the rate that was asked for lets no event go before', advice: 'rate' },
      /^the rate that was asked for \(--rate\) lets no event go before$/,
    ],
    [{ why: '3 of 3 failed' }, /^3 of 3 failed$/],
  ] as const)('is said in the tool’s own options: %j', (advised, text) => {
    expect(advisedText(advised)).toMatch(text);
  });

  it('is a kind in the core, which knows no option of a tool', () => {
    const files = readdirSync(CORE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((name) => OPTION_IN_TEXT.test(codeOf(join(CORE, name))))).toEqual([]);
  });

  it('would be found there', () => {
    expect("const why = 'lets it go later (--rate)';").toMatch(OPTION_IN_TEXT);
    expect("const why = 'replay it with --mode request';").toMatch(OPTION_IN_TEXT);
  });
});
