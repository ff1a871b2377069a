import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { occurrenceAt, occurrencesFrom } from '../../core/calendar/occurrence.ts';
import { editWindows } from '../../core/windows/edit.ts';
import { parseWindows, type Window, type WindowDocument, windowsToText } from '../../core/windows/window.ts';
import { windowIds } from '../../core/windows/window-ids.ts';
import { withEnd } from '../../operator/edits/set-end.ts';
import { windowDocuments } from '../data/windows.ts';

/** What somebody does to one of the windows, or beside them. */
interface Step {
  readonly kind: 'begin' | 'extend' | 'end' | 'move' | 'describe' | 'narrow' | 'split' | 'remove';
  /** Which window, counted round. */
  readonly which: number;
  /** A time of 2030, in whole seconds. */
  readonly at: number;
}

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('begin', 'extend', 'end', 'move', 'describe', 'narrow', 'split', 'remove'),
    which: fc.nat(20),
    at: fc.integer({ min: 0, max: 40 }).map((minutes) => Date.UTC(2030, 0, 1) + minutes * 60_000),
  }),
  { minLength: 1, maxLength: 12 },
);

function documentOf(text: string): WindowDocument {
  const parsed = parseWindows(text);
  if (parsed.kind === 'fault') throw new Error(`${parsed.message}: ${text}`);
  return parsed.document;
}

describe('whatever is done to windows', () => {
  it('leaves each the id that it had, no two with one, and a text that reads as it prints', () => {
    fc.assert(
      fc.property(windowDocuments(), steps, (document, all) => {
        let text = windowsToText(document);
        for (const step of all) {
          const before = documentOf(text).windows;
          const ids = windowIds(before);
          const index = before.length === 0 ? -1 : step.which % before.length;
          const window = before[index];
          const entries = window && step.kind !== 'begin' ? entriesFor(step, window) : undefined;
          text = entries
            ? editWindows(text, { replaced: new Map([[index, entries]]) })
            : editWindows(text, { added: [oneOff(step.at)] });
          const after = documentOf(text);
          const expected = ids.filter((_, place) => place !== index || entries?.length !== 0);
          expect(windowIds(after.windows)).toEqual(expect.arrayContaining(expected));
          expect(new Set(windowIds(after.windows)).size).toBe(after.windows.length);
          expect(documentOf(windowsToText(after)).windows).toEqual(after.windows);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('another end of what is active', () => {
  const active = windowDocuments()
    .map(({ windows }) => windows.find(({ kind }) => kind === 'recurring'))
    .filter((window) => window !== undefined);

  it('changes this occurrence alone, and the last entry keeps the id', async () => {
    await fc.assert(
      fc.asyncProperty(active, fc.integer({ min: 1, max: 200_000 }), async (window, seconds) => {
        const [first] = await occurrencesFrom(window, Date.UTC(2026, 0, 1));
        fc.pre(first !== undefined && first.endAt !== undefined && first.startAt % 1_000 === 0);
        if (first?.endAt === undefined) return;
        const endAt = first.startAt + seconds * 1_000;
        const entries = await withEnd(window, first, endAt);
        const only = await Promise.all(entries.map((entry) => occurrenceAt(entry, first.startAt)));
        expect(only.find((one) => one?.startAt === first.startAt)?.endAt).toBe(endAt);
        const last = entries.at(-1);
        expect(last && windowIds([last])).toEqual(windowIds([window]));
      }),
      { numRuns: 200 },
    );
  });
});

function oneOff(startAt: number): Window {
  return { kind: 'one-off', startAt, endAt: startAt + 3_600_000 };
}

function entriesFor({ kind, at }: Step, window: Window): readonly Window[] {
  switch (kind) {
    case 'remove':
      return [];
    case 'describe':
      return [{ ...window, reason: `CHG-${at}` }];
    case 'narrow':
      return [{ ...window, functions: ['orders', 'billing'] }];
    case 'split':
      return window.kind === 'recurring' && (window.untilAt ?? Number.POSITIVE_INFINITY) > at
        ? [oneOff(at - 60_000), { ...window, fromAt: at }]
        : [window];
    case 'move':
      return window.kind === 'one-off'
        ? [{ ...window, startAt: at, endAt: at + 60_000 }]
        : [{ ...window, schedule: `at(${new Date(at).toISOString().slice(0, 19)})` }];
    default:
      return window.kind === 'one-off'
        ? [{ ...window, endAt: window.startAt + (kind === 'end' ? 1_000 : 7_200_000) }]
            .filter(({ endAt }) => endAt < Date.UTC(9999, 0))
            .concat(window.startAt + 7_200_000 >= Date.UTC(9999, 0) ? [window] : [])
        : [{ ...window, durationMs: kind === 'end' ? 1_000 : 7_200_000 }];
  }
}
