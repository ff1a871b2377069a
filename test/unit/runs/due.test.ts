import { describe, expect, it } from 'vitest';
import type { Maintenance } from '../../../core/calendar/ended.ts';
import { type DeferredSpan, type DueFacts, type DueQuery, dueOf, executionName } from '../../../core/runs/due.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../core/units.ts';

const END = Date.UTC(2026, 10, 21, 4);
const AUTO = { rate: '50/s' };

function maintenance(...replays: readonly ('manual' | { rate?: string })[]): Maintenance {
  return { kind: 'ended', ended: [{ startAt: END - HOUR_MS, endAt: END, replays }] };
}

const QUERY: DueQuery = {
  functionName: 'orders',
  maintenance: maintenance(AUTO),
  editedAt: END - DAY_MS,
  now: END + MINUTE_MS,
};

/** Facts as they are where nothing is in the way, and what was asked for. */
function factsWith(
  facts: Partial<Record<'ttlSeconds' | 'isPending' | 'isShut' | 'isUnderWay' | 'replay', unknown>> = {},
) {
  const asked: string[] = [];
  const answer =
    <Value>(what: string, value: Value) =>
    async () => {
      asked.push(what);
      return value;
    };
  const { ttlSeconds = 60, isPending = true, isShut = false, isUnderWay = false, replay } = facts;
  const all = {
    settings: answer('settings', { ttlSeconds, ...(replay !== undefined && { replay }) }),
    hasPending: answer('pending', isPending),
    isShut: answer('shut', isShut),
    isUnderWay: answer('under-way', isUnderWay),
  } as DueFacts;
  return { facts: all, asked };
}

const due = (query: Partial<DueQuery>, facts: Parameters<typeof factsWith>[0] = {}) =>
  dueOf({ ...QUERY, ...query }, factsWith(facts).facts);

describe('a run for what a maintenance left behind', () => {
  it('is started by a name that says function and end, with what the window says', async () => {
    expect(await due({})).toEqual({
      kind: 'start',
      settledThen: expect.any(String),
      run: {
        name: 'orders-20261121040000',
        functionName: 'orders',
        window: { startAt: END - HOUR_MS, endAt: END, underFromAt: END - HOUR_MS },
        replay: { ratePerSecond: 50 },
      },
    });
    expect(executionName('x'.repeat(64), END)).toMatch(/^[\w-]{1,80}$/);
  });

  it.each([
    ['nobody says anything', { maintenance: maintenance() }, {}],
    ['the window says so', { maintenance: maintenance('manual'), parameters: AUTO }, { replay: AUTO }],
    ['one of its windows says so', { maintenance: maintenance('manual', AUTO) }, {}],
    ['the function says so', {}, { replay: 'manual' }],
    ['the parameters say so', { maintenance: maintenance(), parameters: 'manual' as const }, {}],
    ['what they say cannot be read', { maintenance: maintenance({ rate: 'fast' }), parameters: AUTO }, {}],
  ])('is left to somebody where %s', async (_, query, facts) => {
    expect(await due(query, facts)).toEqual({ kind: 'settled', settled: expect.any(String) });
  });

  it.each([
    ['the window', { parameters: { rate: '1/s' } }, { replay: { rate: '2/s' } }, 50],
    ['the function', { maintenance: maintenance(), parameters: { rate: '1/s' } }, { replay: { rate: '2/s' } }, 2],
    ['the parameters', { maintenance: maintenance(), parameters: { rate: '1/s' } }, {}, 1],
    ['the window that ended last', { maintenance: maintenance({ rate: '7/s' }, { rate: '8/s' }) }, {}, 8],
  ])('goes by %s', async (_, query, facts, ratePerSecond) => {
    expect(await due(query, facts)).toMatchObject({ kind: 'start', run: { replay: { ratePerSecond } } });
  });

  it('waits until every environment has seen the end', async () => {
    const edited = { editedAt: END };
    expect(await due({ ...edited, now: END + 30 * SECOND_MS })).toEqual({ kind: 'wait', why: 'not-seen' });
    expect(await due({ ...edited, now: END + 86 * SECOND_MS })).toEqual({ kind: 'wait', why: 'not-seen' });
    expect(await due({ ...edited, now: END + 88 * SECOND_MS })).toMatchObject({ kind: 'start' });
    expect(await due({ ...edited, now: END + 88 * SECOND_MS }, { ttlSeconds: 3_600 })).toEqual({
      kind: 'wait',
      why: 'not-seen',
    });
    expect(await due({ now: END + 19 * SECOND_MS })).toEqual({ kind: 'wait', why: 'not-seen' });
  });

  it.each([
    ['active', { maintenance: { kind: 'active' } as const }, {}],
    ['under-way', {}, { isUnderWay: true }],
    ['shut', {}, { isShut: true }],
    ['nothing-pending', {}, { isPending: false }],
  ])('waits where it is in the way: %s', async (why, query, facts) => {
    expect(await due(query, facts)).toEqual({ kind: 'wait', why });
  });

  it('is settled once nothing has turned up for long', async () => {
    expect(await due({ now: END + 11 * MINUTE_MS }, { isPending: false })).toMatchObject({ kind: 'settled' });
  });

  it('is settled once, and asks nobody after that, until somebody says something else', async () => {
    const started = await due({});
    if (started.kind !== 'start') throw new Error(started.kind);
    const { facts, asked } = factsWith();
    expect(await dueOf({ ...QUERY, settled: started.settledThen }, facts)).toEqual({
      kind: 'settled',
      settled: started.settledThen,
    });
    expect(asked).toEqual([]);
    const changed = { ...QUERY, settled: started.settledThen, parameters: AUTO };
    expect(await dueOf(changed, facts)).toMatchObject({ kind: 'start', run: { name: started.run.name } });
    expect(asked).toEqual(['settings', 'pending', 'under-way', 'shut']);
  });

  it('costs no request while it cannot be due', async () => {
    const { facts, asked } = factsWith();
    await dueOf({ ...QUERY, maintenance: { kind: 'active' } }, facts);
    await dueOf({ ...QUERY, maintenance: { kind: 'none' } }, facts);
    await dueOf({ ...QUERY, maintenance: maintenance('manual') }, facts);
    await dueOf({ ...QUERY, now: END }, facts);
    expect(asked).toEqual([]);
  });

  describe('of several, one after the other', () => {
    const [A, B] = [END - 5 * HOUR_MS, END - 2 * HOUR_MS];
    type Word = 'manual' | { rate?: string };
    const both = (first: Word, second: Word): Partial<DueQuery> => ({
      maintenance: {
        kind: 'ended',
        ended: [
          { startAt: A, endAt: A + HOUR_MS, replays: [first] },
          { startAt: B, endAt: END, replays: [second] },
        ],
      },
    });

    it('leaves what a window left whose word is manual, and takes what the one after it left', async () => {
      const window = { startAt: B, endAt: END, underFromAt: B };
      expect(await due(both('manual', AUTO))).toMatchObject({ kind: 'start', run: { window } });
      expect(await due({ ...both('manual', AUTO) })).not.toHaveProperty('run.window.nextAt');
    });

    it('takes what a window left whose word is not, though the one after it says manual', async () => {
      const one = await due(both(AUTO, 'manual'));
      const window = { startAt: A, endAt: A + HOUR_MS, nextAt: B, underFromAt: A };
      expect(one).toMatchObject({ kind: 'start', run: { name: executionName('orders', A + HOUR_MS), window } });
      if (one.kind !== 'start') throw new Error(one.kind);
      expect((await due({ ...both(AUTO, 'manual'), settled: one.settledThen })).kind).toBe('settled');
    });

    it('has a run for each, by its own word; the later one takes what was deferred late under the earlier', async () => {
      const query = both({ rate: '1/s' }, { rate: '2/s' });
      const first = await due(query);
      if (first.kind !== 'start') throw new Error(first.kind);
      expect(first.run).toMatchObject({ replay: { ratePerSecond: 1 }, window: { startAt: A, nextAt: B } });
      const second = await due({ ...query, settled: first.settledThen });
      expect(second).toMatchObject({
        kind: 'start',
        run: { replay: { ratePerSecond: 2 }, window: { startAt: B, endAt: END, underFromAt: A } },
      });
      if (second.kind !== 'start') throw new Error(second.kind);
      expect((await due({ ...query, settled: second.settledThen })).kind).toBe('settled');
    });

    it('looks for what is pending in the time of each alone, and passes by one that left nothing', async () => {
      const spans: unknown[] = [];
      const { facts } = factsWith();
      const only = { ...facts, hasPending: async (_: string, span: DeferredSpan) => spans.push(span) === 2 };
      expect(await dueOf({ ...QUERY, ...both(AUTO, AUTO) }, only)).toMatchObject({
        kind: 'start',
        run: { window: { startAt: B } },
      });
      expect(spans).toEqual([{ fromAt: A, untilAt: B }, { fromAt: B }]);
    });

    it('remembers what it has settled while one has to wait', async () => {
      const first = await due(both(AUTO, AUTO));
      if (first.kind !== 'start') throw new Error(first.kind);
      const waits = await due({ ...both(AUTO, AUTO), settled: first.settledThen }, { isUnderWay: true });
      expect(waits).toEqual({ kind: 'wait', why: 'under-way', settled: first.settledThen });
      const active = await due({ maintenance: { kind: 'active' }, settled: first.settledThen });
      expect(active).toEqual({ kind: 'wait', why: 'active', settled: first.settledThen });
    });
  });
});
