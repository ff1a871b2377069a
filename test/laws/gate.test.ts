import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MaintenanceWindowError } from '../../core/errors.ts';
import type { Invocation } from '../../core/events/invocation.ts';
import { createGate } from '../../core/gate/gate.ts';
import type { EventStore, LogEntry, Reading, WindowSource } from '../../core/gate/ports.ts';
import { NO_POLICY, type Policy } from '../../core/sources/policy.ts';

/**
 * One environment under a hostile schedule: windows are edited, reads fail, the table refuses or loses its answers,
 * Lambda tries again, an operator replays, and time passes. After each step the laws are held against a naive model.
 */

const MINUTE = 60_000;
const TTL_MS = 5 * MINUTE;
const EVENTS = {
  sqs: '{"Records":[{"messageId":"m","body":"{}","attributes":{},"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-south-1:123456789012:q"}]}',
  eventbridge:
    '{"version":"0","id":"e","detail-type":"t","source":"s","account":"123456789012","time":"2026-11-21T00:00:00Z","region":"eu-south-1","resources":[],"detail":{}}',
  http: '{"version":"2.0","routeKey":"$default","rawPath":"/pay","rawQueryString":"","headers":{},"requestContext":{"accountId":"123456789012","apiId":"a","domainName":"d","http":{"method":"POST","path":"/pay","protocol":"HTTP/1.1","sourceIp":"192.0.2.1","userAgent":"u"},"requestId":"r","routeKey":"$default","stage":"$default","time":"t","timeEpoch":1},"isBase64Encoded":false}',
  direct: '{"order":9007199254740993}',
} as const;
const DEFERRED_BY_DEFAULT: Readonly<Record<keyof typeof EVENTS, boolean>> = {
  sqs: true,
  eventbridge: true,
  http: false,
  direct: true,
};

type StoreMode = 'works' | 'refuses' | 'loses-answers';
type Span = readonly [startMinute: number, endMinute: number];
type Step =
  | { readonly do: 'pass'; readonly minutes: number }
  | { readonly do: 'edit'; readonly windows: readonly Span[]; readonly policy: Policy }
  | { readonly do: 'reads'; readonly fail: boolean }
  | { readonly do: 'table'; readonly mode: StoreMode }
  | { readonly do: 'invoke'; readonly source: keyof typeof EVENTS }
  | { readonly do: 'retry'; readonly which: number }
  | { readonly do: 'replay'; readonly which: number };

const span = fc
  .tuple(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 1, max: 40 }))
  .map(([start, length]): Span => [start, start + length]);
const edit = fc.record({
  do: fc.constant('edit' as const),
  windows: fc.array(span, { maxLength: 3 }),
  policy: fc.constantFrom<Policy>(
    {},
    {},
    { http: 'defer' },
    { direct: 'reject' },
    { sqs: 'dispatch' },
    { direct: 'accept' },
  ),
});
const invoke = fc.record({
  do: fc.constant('invoke' as const),
  source: fc.constantFrom('sqs', 'eventbridge', 'http', 'direct'),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('pass' as const), minutes: fc.integer({ min: 0, max: 12 }) }) },
  { weight: 1, arbitrary: edit },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reads' as const), fail: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('table' as const),
      mode: fc.constantFrom<StoreMode>('works', 'works', 'refuses', 'loses-answers'),
    }),
  },
  { weight: 4, arbitrary: invoke },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('retry' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('replay' as const), which: fc.nat() }) },
);
/** A life begins with windows that are known, so that most of it is spent in and around them. */
const life = fc
  .tuple(edit, fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }))
  .map(([first, rest]): Step[] => [first, ...rest]);

/** The naive reading: is `minute` in any span, and when did the last one end. */
function readingOf(windows: readonly Span[], policy: Policy, editedAt: number): Reading {
  const active = (minute: number) => windows.some(([start, end]) => minute >= start && minute < end);
  return {
    policy,
    editedAt,
    stateAt(now) {
      const edges = [...new Set(windows.flat())]
        .filter((edge) => active(edge) !== active(edge - 1))
        .map((edge) => edge * MINUTE);
      edges.sort((a, b) => a - b);
      const validFrom = edges.findLast((edge) => edge <= now) ?? Number.NEGATIVE_INFINITY;
      const validUntil = edges.find((edge) => edge > now) ?? Number.POSITIVE_INFINITY;
      return active(now / MINUTE)
        ? {
            validFrom,
            validUntil,
            active: { startAt: validFrom, endAt: validUntil },
            lastEndAt: Number.NEGATIVE_INFINITY,
          }
        : { validFrom, validUntil, lastEndAt: validFrom };
    },
  };
}

function world() {
  const table = new Map<string, 'pending' | 'taken-back' | 'replayed'>();
  const log: LogEntry[] = [];
  let retriesUntil = Number.NEGATIVE_INFINITY;
  let now = 0;
  let parameter = readingOf([], NO_POLICY, 0);
  let reading = parameter;
  let readsFail = false;
  let mode: StoreMode = 'works';
  let staleAt = 0;

  const windows: WindowSource = {
    get reading() {
      return reading;
    },
    get staleAt() {
      return staleAt;
    },
    start: () => windows.refresh(),
    async refresh() {
      if (readsFail) return;
      reading = parameter;
      staleAt = now + TTL_MS;
    },
  };
  const answer = <Value>(value: Value): Value => {
    if (mode === 'loses-answers') throw new MaintenanceWindowError('MaintenanceWindow.DeferralFailed', 'no answer');
    return value;
  };
  const refuse = () => {
    if (mode === 'refuses') throw new MaintenanceWindowError('MaintenanceWindow.DeferralFailed', 'refused');
  };
  const events: EventStore = {
    load: async () => {},
    async put({ id }, _deadlineAt, retriedUntilAt = Number.NEGATIVE_INFINITY) {
      refuse();
      retriesUntil = Math.max(retriesUntil, retriedUntilAt);
      const outcome = table.has(id) ? 'already-stored' : 'stored';
      if (table.get(id) !== 'replayed') table.set(id, 'pending');
      return answer(outcome);
    },
    async takeBack(id) {
      refuse();
      const status = table.get(id);
      if (status === 'pending') table.set(id, 'taken-back');
      return answer(status === undefined ? 'absent' : status === 'replayed' ? 'done' : 'taken-back');
    },
    async retriesUntil() {
      refuse();
      return answer(retriesUntil);
    },
  };
  const gate = createGate({
    ttlSeconds: TTL_MS / 1_000,
    windows,
    events,
    clock: { now: () => now, random: () => 0.5 },
    log: { write: (entry) => log.push(entry) },
    identity: { name: 'orders', version: '$LATEST', clientVersion: '0.2.0' },
    policy: NO_POLICY,
  });
  return {
    gate,
    table,
    log,
    now: () => now,
    mode: () => mode,
    known: () => reading,
    isFresh: () => now < staleAt || readsFail,
    pass(minutes: number) {
      now += minutes * MINUTE;
    },
    edit(spans: readonly Span[], policy: Policy) {
      parameter = readingOf(spans, policy, now);
    },
    reads(fail: boolean) {
      readsFail = fail;
    },
    setMode(next: StoreMode) {
      mode = next;
    },
  };
}

/** Lambda itself tries these again under the same id. */
const isRetried = (source: keyof typeof EVENTS) => source === 'eventbridge' || source === 'direct';

function invocationOf(id: string, source: keyof typeof EVENTS, now: number): Invocation {
  return {
    id,
    text: EVENTS[source],
    invokedFunctionArn: 'arn:aws:lambda:eu-south-1:123456789012:function:orders',
    deadlineAt: now + MINUTE,
  };
}

async function live(steps: readonly Step[]): Promise<void> {
  const { gate, table, log, ...w } = world();
  const made: { id: string; source: keyof typeof EVENTS; at: number }[] = [];
  /** Until then the gate asks nothing, as it has said. */
  let pausedUntil = Number.NEGATIVE_INFINITY;
  await gate.start();

  const invoke = async (id: string, source: keyof typeof EVENTS) => {
    const before = table.get(id);
    log.length = 0;
    const outcome = gate.passes() ? 'passed' : await gate.handle(invocationOf(id, source, w.now()));
    const ran = outcome === 'passed' || outcome.kind === 'dispatch';
    const state = w.known().stateAt(w.now());
    const { policy } = w.known();
    const defers =
      source === 'http'
        ? policy.http === 'defer'
        : (policy[source] ?? 'defer') !== 'reject' && policy[source] !== 'dispatch' && DEFERRED_BY_DEFAULT[source];

    expect(w.isFresh()).toBe(true);
    // Exactly one of dispatched, deferred, rejected, and the log says which.
    const told = log
      .map(({ kind }) => kind)
      .filter((kind) => ['deferred', 'deferral-failed', 'reject', 'answer'].includes(kind));
    expect(told.length).toBe(ran ? 0 : log.some(({ kind }) => kind === 'taken-back') ? 0 : 1);

    if (!state.active || policy[source] === 'dispatch') {
      // The handler runs, unless the event was dealt with meanwhile and Lambda is told to stop.
      const asked = isRetried(source) && w.now() >= pausedUntil && w.mode() === 'works';
      expect(ran).toBe(!(asked && before === 'replayed'));
      // What runs is nobody else's to replay, unless the table would not say, which is told.
      if (ran && asked) expect(table.get(id)).not.toBe('pending');
      for (const entry of log) {
        if (entry.kind !== 'taken-back' || entry.outcome !== 'unknown') continue;
        expect(w.now()).toBeGreaterThanOrEqual(pausedUntil);
        pausedUntil = entry.pausedUntil ?? 0;
      }
    } else if (defers) {
      expect(ran).toBe(false);
      // Never success for what is not stored; never a failure told for what was acknowledged.
      expect(told).toEqual([w.mode() === 'works' ? 'deferred' : 'deferral-failed']);
      if (told[0] === 'deferred') expect(table.has(id)).toBe(true);
      // Lambda's own retry of what is stored ends its retries.
      if (told[0] === 'deferred' && before)
        expect(outcome).toEqual({ kind: 'reply', reply: { kind: 'value', value: null } });
      if (w.mode() === 'refuses') expect(table.get(id)).toBe(before);
    } else {
      expect(told).toEqual(['reject']);
      expect(table.get(id)).toBe(before);
    }
    expect(log.some(({ kind }) => kind === 'fault')).toBe(false);
  };

  for (const [index, next] of steps.entries()) {
    switch (next.do) {
      case 'pass':
        w.pass(next.minutes);
        break;
      case 'edit':
        w.edit(next.windows, next.policy);
        break;
      case 'reads':
        w.reads(next.fail);
        break;
      case 'table':
        w.setMode(next.mode);
        break;
      case 'invoke':
        made.push({ id: `r-${index}`, source: next.source, at: w.now() });
        await invoke(`r-${index}`, next.source);
        break;
      case 'retry': {
        // Lambda gives up what is older.
        const young = made.filter(({ at }) => w.now() <= at + 6 * 60 * MINUTE);
        const again = young[next.which % young.length];
        if (again) await invoke(again.id, again.source);
        break;
      }
      case 'replay': {
        const id = made[next.which % made.length]?.id;
        if (id && table.get(id) === 'pending') table.set(id, 'replayed');
        break;
      }
    }
  }
}

describe('the laws of the gate', () => {
  it('hold over any interleaving of edits, faults, retries, replays and time', { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(life, (steps) => live(steps)),
      { numRuns: 20_000 },
    );
  });
});
