/** What the page says of something that was done. */
import { describe, expect, it } from 'vitest';
import { deedTexts, outcomeText } from '../../../../operator/console/page/parts/outcome.ts';

describe('what it came to', () => {
  it.each([
    ['an edit that met another one', 75, [], 'Not done.'],
    ['a discard that the table broke off', 75, [{ discarded: 20, left: [] }], 'Not all is done (exit code 75).'],
    ['a fault', 69, [], 'Not all is done (exit code 69).'],
    ['all', 0, [{ written: true }], 'Done.'],
  ])('%s', (_, exitCode, results, text) => {
    expect(outcomeText({ exitCode, results })).toBe(text);
  });
});

describe('what became of events', () => {
  it.each([
    [
      'some discarded, one left',
      { discarded: 20, left: ['a'] },
      ['20 events are discarded.', '1 event is left as before.'],
    ],
    ['one restored', { restored: [{}], left: [] }, ['1 event is restored.']],
    ['what would be', { dryRun: true as const, discarded: 4 }, []],
    ['replays, which are no events', { left: ['3f2a91c0'] }, []],
    ['an edit', {}, []],
  ])('%s', (_, found, texts) => {
    expect(deedTexts(found)).toEqual(texts);
  });
});
