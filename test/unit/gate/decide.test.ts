import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WindowState } from '../../../core/calendar/calendar.ts';
import type { Invocation } from '../../../core/events/invocation.ts';
import type { Mark } from '../../../core/events/replay-mark.ts';
import { type Decision, decide } from '../../../core/gate/decide.ts';
import { NO_POLICY, type Policy } from '../../../core/sources/policy.ts';
import { EVENT_SOURCES } from '../../../core/sources/sources.ts';
import { EXAMPLE_EVENTS, readExampleEvent } from '../../data/events.ts';

const NOW = Date.parse('2026-11-21T03:00:00Z');
const NEVER = Number.NEGATIVE_INFINITY;
const ACTIVE: WindowState = {
  validFrom: NOW,
  validUntil: NOW + 3_600_000,
  active: { startAt: NOW, endAt: NOW + 3_600_000 },
  lastEndAt: NEVER,
};
const QUIET: WindowState = { validFrom: NOW, validUntil: Number.POSITIVE_INFINITY, lastEndAt: NEVER };

const REJECT_ALL: Policy = Object.fromEntries(
  Object.entries(EVENT_SOURCES)
    .filter(([, { settings }]) => settings.some((word) => word === 'reject'))
    .map(([key]) => [key, 'reject']),
);

const exampleText = fc.constantFrom(...EXAMPLE_EVENTS).map(({ name }) => readExampleEvent(name));
const text = fc.oneof(exampleText, fc.json(), fc.string());
const clientContext = fc.option(fc.oneof(fc.json(), fc.string()), { nil: undefined });
const REPLAY: Mark = { dispatch: false, proof: 'Kq0v4mZp1xS8yWc2TjR6bA' };
const policy = fc.constantFrom<Policy>(
  NO_POLICY,
  REJECT_ALL,
  { http: 'defer', direct: 'accept', websocket: 'defer', pipes: 'defer' },
  { http: { defer: ['POST /orders'], status: 429 }, sqs: 'dispatch', warmer: 'dispatch' },
);
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('decide, inside a window', () => {
  it.each(EXAMPLE_EVENTS)('$action: $name', ({ name, action, key }) => {
    const decision = decideOn(ACTIVE, { text: readExampleEvent(name) });
    expect(decision.kind).toBe(action);
    if (decision.kind !== 'dispatch') expect(decision.source.key).toBe(key);
  });

  it('never throws, and is exactly one of dispatch, defer, reject and answer', () => {
    fc.assert(
      fc.property(text, clientContext, policy, chance, (event, context, setting, jitter) => {
        const invocation = invocationOf({ text: event, ...(context !== undefined && { clientContext: context }) });
        const decision = decide(ACTIVE, setting, invocation, NOW, jitter);
        expect(['dispatch', 'defer', 'reject', 'answer']).toContain(decision.kind);
        expect('reply' in decision).toBe(decision.kind !== 'dispatch');
      }),
      { numRuns: 1_000 },
    );
  });

  it('never defers where the policy rejects everything', () => {
    fc.assert(
      fc.property(text, chance, (event, jitter) => {
        expect(decide(ACTIVE, REJECT_ALL, invocationOf({ text: event }), NOW, jitter).kind).not.toBe('defer');
      }),
      { numRuns: 1_000 },
    );
  });

  it('decides the same again for the same', () => {
    fc.assert(
      fc.property(text, policy, chance, (event, setting, jitter) => {
        const once = decide(ACTIVE, setting, invocationOf({ text: event }), NOW, jitter);
        expect(decide(ACTIVE, setting, invocationOf({ text: event }), NOW, jitter)).toEqual(once);
      }),
    );
  });

  it('does not store a replay a second time, whatever it replays, and proves that it did not run', () => {
    for (const { name } of EXAMPLE_EVENTS) {
      expect(decideOn(ACTIVE, { text: readExampleEvent(name), mark: REPLAY })).toMatchObject({
        kind: 'reject',
        reply: {
          kind: 'error',
          errorType: 'MaintenanceWindow.Active',
          errorMessage: `under maintenance: orders did not run, proof ${REPLAY.proof}`,
        },
      });
    }
  });

  it('lets a replay through that is told to run inside the window', () => {
    expect(decideOn(ACTIVE, { text: readExampleEvent('sqs'), mark: { ...REPLAY, dispatch: true } }).kind).toBe(
      'dispatch',
    );
  });

  it('goes by no client context that has no mark', () => {
    const text = readExampleEvent('sqs');
    const passedOn = '{"custom":{"maintenance-window.replay":"event-1","maintenance-window.dispatch":"true"}}';
    expect(decideOn(ACTIVE, { text, clientContext: passedOn }).kind).toBe('defer');
  });
});

describe('decide, where somebody waits who imitates an event source', () => {
  const clientContext = '{"custom":{"caller":"shop"}}';

  it('stores the event, and never answers with the success that the source itself would be told', () => {
    const policy: Policy = { pipes: 'defer', websocket: 'defer', direct: 'accept' };
    const deferred = EXAMPLE_EVENTS.filter(
      ({ name, key }) => key !== 'http' && decideOn(ACTIVE, { text: readExampleEvent(name) }, policy).kind === 'defer',
    );
    const keys = deferred.map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining(['cognito', 'websocket', 'direct', 'pipes']));
    expect(deferred.length).toBeGreaterThan(50);
    for (const { name } of deferred) {
      const decision = decideOn(ACTIVE, { text: readExampleEvent(name), clientContext }, policy);
      expect([name, decision]).toEqual([
        name,
        expect.objectContaining({
          kind: 'defer',
          reply: expect.objectContaining({
            errorType: 'MaintenanceWindow.Active',
            errorMessage: expect.stringContaining('stored as event-1'),
          }),
        }),
      ]);
    }
  });

  it('tells an HTTP caller what has become of the request, as any other', () => {
    const policy: Policy = { http: 'defer' };
    const decision = decideOn(ACTIVE, { text: readExampleEvent('function-url'), clientContext }, policy);
    expect(decision).toMatchObject({ reply: { response: { statusCode: 202 } } });
  });

  it('knows the source all the same: a replay judges the answer as one of its', () => {
    const decision = decideOn(ACTIVE, { text: readExampleEvent('sqs'), clientContext });
    expect(decision).toMatchObject({ source: { key: 'sqs', delivery: 'synchronous' } });
  });
});

describe('decide, under rules', () => {
  const policy: Policy = {
    direct: 'reject',
    rules: [
      { match: { widgetContext: { dashboardName: [{ exists: true }] } }, do: 'answer', reply: { markdown: 'later' } },
      { match: { warm: [true] }, do: 'answer' },
      { match: { 'order-id': [{ exists: true }] }, do: 'defer' },
      { match: { read: [{ prefix: 'stock' }] }, do: 'dispatch' },
      { source: 'eventbridge', match: { resources: [{ suffix: 'keep-warm' }] }, do: 'answer' },
    ],
  };
  const keepWarm = readExampleEvent('eventbridge-schedule').replace(/(?<=:rule\/)[\w-]+/, 'keep-warm');

  it.each([
    [
      '{"widgetContext":{"dashboardName":"ops"}}',
      { kind: 'answer', rule: 0, reply: { kind: 'value', value: { markdown: 'later' } } },
    ],
    ['{"warm":true}', { kind: 'answer', rule: 1, reply: { kind: 'value', value: null } }],
    [
      '{"order-id":9007199254740993}',
      { kind: 'defer', rule: 2, reply: { kind: 'error', errorType: 'MaintenanceWindow.Active' } },
    ],
    ['{"read":"stock of a"}', { kind: 'dispatch', rule: 3, retryOf: { key: 'direct' } }],
    ['{"read":"orders"}', { kind: 'reject', source: { key: 'direct' } }],
    [keepWarm.replaceAll(/\s+/g, ' '), { kind: 'answer', rule: 4, reply: { kind: 'value', value: null } }],
  ])('does what the first rule says that the event matches: %s', (text, decision) => {
    expect(decideOn(ACTIVE, { text }, policy)).toMatchObject(decision);
  });

  it('does for all other events what it does without them', () => {
    for (const { name } of EXAMPLE_EVENTS) {
      const { rules: _, ...bare } = policy;
      const text = readExampleEvent(name);
      expect([name, decideOn(ACTIVE, { text }, policy)]).toEqual([name, decideOn(ACTIVE, { text }, bare)]);
    }
  });

  it('looks at none outside a window, nor for a replay', () => {
    const rules: Policy = { rules: [{ match: { a: [{ exists: false }] }, do: 'answer' }] };
    expect(decideOn(QUIET, { text: '{}' }, rules)).toMatchObject({ kind: 'dispatch', retryOf: { key: 'direct' } });
    expect(decideOn(ACTIVE, { text: '{}', mark: REPLAY }, rules)).toMatchObject({ kind: 'reject' });
    expect(decideOn(ACTIVE, { text: '{}', mark: { ...REPLAY, dispatch: true } }, rules)).toEqual({ kind: 'dispatch' });
  });
});

describe('decide, outside any window', () => {
  it('always dispatches', () => {
    fc.assert(
      fc.property(text, clientContext, policy, (event, context, setting) => {
        const invocation = invocationOf({ text: event, ...(context !== undefined && { clientContext: context }) });
        expect(decide(QUIET, setting, invocation, NOW, 0).kind).toBe('dispatch');
      }),
    );
  });

  it('has it asked whether Lambda tries again, of what Lambda itself tries again and can have been stored', () => {
    const asked = EXAMPLE_EVENTS.filter(({ name }) => retryOf(decideOn(QUIET, { text: readExampleEvent(name) })));
    expect(new Set(asked.map(({ key }) => key))).toEqual(
      new Set([
        's3',
        'sns',
        'ses',
        'eventbridge',
        'scheduler',
        'logs',
        'alarm',
        'config',
        'codecommit',
        'destination',
        'iot',
        'pipes',
        'appsync',
        'direct',
      ]),
    );
  });

  it('asks nothing where a client context says that somebody waits: Lambda tries no such invocation again', () => {
    const clientContext = '{"custom":{"caller":"shop"}}';
    for (const { name } of EXAMPLE_EVENTS) {
      expect(retryOf(decideOn(QUIET, { text: readExampleEvent(name), clientContext }))).toBeUndefined();
    }
  });

  it('asks nothing of a replay, and asks whatever the policy is now: it may have been another one', () => {
    const direct = readExampleEvent('direct-object');
    for (const state of [QUIET, ACTIVE]) {
      expect(retryOf(decideOn(state, { text: direct }, { direct: 'dispatch' }))).toBeDefined();
      expect(retryOf(decideOn(state, { text: direct, mark: { ...REPLAY, dispatch: true } }))).toBeUndefined();
    }
    expect(retryOf(decideOn(QUIET, { text: direct }, { direct: 'reject' }))).toBeDefined();
    expect(retryOf(decideOn(QUIET, { text: direct, mark: REPLAY }))).toBeUndefined();
  });
});

function decideOn(state: WindowState, invocation: Partial<Invocation>, policy: Policy = NO_POLICY): Decision {
  return decide(state, policy, invocationOf(invocation), NOW, 0);
}

function retryOf(decision: Decision): unknown {
  return decision.kind === 'dispatch' ? decision.retryOf : undefined;
}

function invocationOf(invocation: Partial<Invocation>): Invocation {
  return {
    id: 'event-1',
    text: 'null',
    invokedFunctionArn: 'arn:aws:lambda:eu-south-1:123456789012:function:orders',
    deadlineAt: NOW + 3_000,
    ...invocation,
  };
}
