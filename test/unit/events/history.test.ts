import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cutToBytes,
  type HistoryEntry,
  historyText,
  MOST_ENTRIES,
  parseHistory,
  TEXT_BYTES,
} from '../../../core/events/history.ts';
import { anyCharacter } from '../../data/characters.ts';

const ROOM = 12 * 1_024;
const FAILED: HistoryEntry = {
  at: 1_000,
  by: 'alice@laptop/1/1',
  outcome: 'failed',
  tookMs: 7,
  error: 'Orders.Unknown',
};

function failures(count: number): readonly HistoryEntry[] {
  return Array.from({ length: count }, (_, index) => ({ ...FAILED, at: index }));
}

describe('a history', () => {
  const text = fc.string({ unit: anyCharacter(), maxLength: 400 });
  const entry: fc.Arbitrary<HistoryEntry> = fc.record(
    {
      at: fc.nat(9_999_999_999_999),
      by: text,
      outcome: fc.constantFrom('replayed', 'accepted', 'failed', 'unknown', 'discarded', 'restored'),
      tookMs: fc.nat(900_000),
      error: text,
      reason: text,
      to: text,
    },
    { requiredKeys: ['at', 'by', 'outcome'] },
  );

  it('is read as it was written: the last twenty, or as many as have room, each text cut', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 25 }), fc.nat(ROOM), (entries, room) => {
        const written = historyText(entries, room);
        expect(Buffer.byteLength(written ?? '')).toBeLessThanOrEqual(room);
        const read = parseHistory(written);
        expect(read.length).toBeLessThanOrEqual(MOST_ENTRIES);
        const expected = entries.slice(entries.length - read.length);
        expect(read.map(({ at, outcome }) => [at, outcome])).toEqual(expected.map(({ at, outcome }) => [at, outcome]));
        for (const { error = '', reason = '' } of read) {
          expect(Buffer.byteLength(error)).toBeLessThanOrEqual(TEXT_BYTES);
          expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(TEXT_BYTES);
        }
        expect(historyText(read, ROOM * 10) ?? '[]').toBe(JSON.stringify(read));
      }),
    );
  });

  it('keeps twenty entries where they have room, and gives up the oldest ones first', () => {
    expect(parseHistory(historyText(failures(25), ROOM)).map(({ at }) => at)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 5),
    );
    expect(parseHistory(historyText(failures(25), 300)).map(({ at }) => at)).toEqual([22, 23, 24]);
  });

  it('gives up the words of the last entry, and then the entry', () => {
    const { error: _, ...bare } = FAILED;
    const long = { ...FAILED, error: 'x'.repeat(300) };
    expect(parseHistory(historyText([FAILED, long], 200))).toEqual([bare]);
    expect(historyText([FAILED, long], 20)).toBeUndefined();
    expect(historyText([FAILED], -1)).toBeUndefined();
    expect(historyText([], ROOM)).toBeUndefined();
  });

  it('is empty where it is none, and goes without whatever in it is no entry', () => {
    const none = [undefined, '', 'x', '{}', 'null', '7', '"x"', '['.repeat(60_000), `["${'x'.repeat(70_000)}"]`];
    for (const damaged of none) expect(parseHistory(damaged)).toEqual([]);
    const others = [
      null,
      7,
      [],
      {},
      { ...FAILED, at: -1 },
      { ...FAILED, at: 1.5 },
      { ...FAILED, at: '1' },
      { ...FAILED, at: 1e300 },
      { ...FAILED, by: 7 },
      { ...FAILED, outcome: 'pending' },
      { ...FAILED, outcome: 'toString' },
    ];
    expect(parseHistory(JSON.stringify([...others, FAILED]))).toEqual([FAILED]);
    const spoilt = { ...FAILED, tookMs: 'long', error: 7, reason: {}, to: [], more: 'x' };
    expect(parseHistory(JSON.stringify([spoilt]))).toEqual([{ at: FAILED.at, by: FAILED.by, outcome: FAILED.outcome }]);
    expect(parseHistory(JSON.stringify(failures(500))).map(({ at }) => at)).toHaveLength(MOST_ENTRIES);
  });

  it('cuts a text between two characters', () => {
    expect(cutToBytes('größer', 3)).toBe('gr');
    expect(cutToBytes('größer', 4)).toBe('grö');
    expect(cutToBytes('😀😀', 7)).toBe('😀');
    expect(cutToBytes('a\ud83d', 9)).toBe('a\ufffd');
    expect(cutToBytes('😀', 3)).toBe('');
  });
});
