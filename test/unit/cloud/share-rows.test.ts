import { expect, it } from 'vitest';
import { deferredUnder, triedOnce } from '../../../cloud/drain/share-rows.ts';
import type { EventFacts, EventRow, StoredEvent } from '../../../core/events/archive.ts';
import type { EventStatus } from '../../../core/events/deferred-event.ts';

const RUN = '0123abcd';

function row(id: string, status: EventStatus): EventRow {
  return { id, status, functionName: 'orders', source: 'direct', bytes: 1, attempts: 1, deferredAt: 1 };
}

async function* of(...rows: EventRow[]): AsyncGenerator<EventRow> {
  yield* rows;
}

it('a run tries each event once, in however many stretches: what failed by its hand only holds back what comes after', async () => {
  const doneBy: Readonly<Record<string, string>> = {
    own: `drain-5f6a7b8c/${RUN}/3`,
    others: 'alice@laptop/89abcdef/1',
    unknown: `drain-00000000/${RUN}/1`,
  };
  const asked: string[] = [];
  const facts = async (_: string, ids: readonly string[]) => {
    asked.push(...ids);
    return new Map(ids.map((id) => [id, { doneBy: doneBy[id] } as EventFacts]));
  };
  const rows = of(row('new', 'pending'), row('own', 'failed'), row('others', 'failed'), row('unknown', 'unknown'));
  const found: [string, boolean][] = [];
  for await (const { id, isAside = false } of triedOnce({ facts }, rows, RUN)) found.push([id, isAside]);
  expect(found).toEqual([
    ['new', false],
    ['own', true],
    ['others', false],
    ['unknown', true],
  ]);
  expect(asked).toEqual(['own', 'others', 'unknown']);
});

it('a run means what was deferred under its windows: all else only holds back what comes after', async () => {
  const [before, since] = [{ windowStartAt: 4 }, { windowStartAt: 5 }];
  const known = new Map(Object.entries({ before, since, silent: {} })) as ReadonlyMap<string, EventFacts>;
  const asked: (readonly string[])[] = [];
  const archive = {
    facts: async (_: string, ids: readonly string[]) => {
      asked.push(ids);
      return new Map([...known].filter(([id]) => ids.includes(id)));
    },
    // Of what has only just been stored.
    look: async ({ id }: { id: string }) => (id === 'new' ? (since as StoredEvent) : undefined),
  };
  const all = ['before', 'since', 'silent', 'new', 'gone'].map((id) => row(id, 'pending'));
  const aside = { ...row('aside', 'pending'), isAside: true };
  const asidesOf = async (underFromAt?: number) => {
    const selection = underFromAt === undefined ? {} : { underFromAt };
    const asides: string[] = [];
    for await (const { id, isAside } of deferredUnder(archive, of(...all, aside), selection))
      if (isAside) asides.push(id);
    return asides;
  };
  expect(await asidesOf(5)).toEqual(['before', 'silent', 'gone', 'aside']);
  expect(await asidesOf(4)).toEqual(['silent', 'gone', 'aside']);
  expect(asked).toEqual(Array(2).fill(all.map(({ id }) => id)));
  expect(await asidesOf()).toEqual(['aside']);
  expect(asked).toHaveLength(2);
});
