import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dynamoDbOf } from '../../../../aws/dynamodb/dynamodb-sdk.ts';
import { createEventArchive } from '../../../../aws/events/event-archive.ts';
import { createInvoker } from '../../../../aws/lambda/invoker.ts';
import { steadyClock } from '../../../../aws/time/steady-clock.ts';
import type { WindowState } from '../../../../core/calendar/calendar.ts';
import { seenAt } from '../../../../core/gate/freshness.ts';
import type { ReplayPlan } from '../../../../core/replay/plan.ts';
import type { WatchedWindows } from '../../../../core/replay/window-watch.ts';
import { createWindowWatch } from '../../../../core/replay/window-watch.ts';
import { STAND_IN } from '../../../contract/events/event-store-table.ts';
import { EXAMPLE_EVENTS, readExampleEvent } from '../../../data/events.ts';
import { scheduledEvent } from '../../../data/scheduled-event.ts';
import { pause } from '../../../fakes/scripted-service.ts';
import { type Replay, type ReplayWorld, type RunChanges, startReplayWorld } from '../../../worlds/replay-world.ts';
import { useTurnClock } from '../../../worlds/turn-clock.ts';

useTurnClock();
let world: ReplayWorld;
beforeAll(async () => {
  world = await startReplayWorld();
});
afterAll(() => world.close());
beforeEach(() => world.begin());

const idsRun = () => world.lambda.ran.map(({ replay }) => replay);
const outcomes = ({ events }: Replay) => [...events.values()].map(({ outcome }) => outcome);
const functionError = (errorType: string) =>
  ({ kind: 'function-error', text: JSON.stringify({ errorType, errorMessage: 'no such order' }) }) as const;

describe('a replay', () => {
  it('invokes each event once, oldest first, as it was sent, and finishes it', async () => {
    const ids = await world.storeMany(12);
    const replay = await world.replay({ concurrency: 1 });
    expect(idsRun()).toEqual(ids);
    expect(world.lambda.ran.map(({ text }) => text)).toEqual(ids.map((_, index) => `{"order":${index}}`));
    expect(replay.counts).toMatchObject({ replayed: 12, failed: 0, unknown: 0 });
    expect(await world.archive.look(ids[3] ?? '')).toMatchObject({
      status: 'replayed',
      attempts: 1,
      result: '{"ok":true}',
      doneBy: expect.stringMatching(/^test\/1\/\d+$/),
    });
    expect((await world.replay()).counts).toMatchObject({ replayed: 0, taken: 0 });
  });

  it.each(EXAMPLE_EVENTS.filter(({ action }) => action === 'defer'))('sends $name byte for byte', async ({ name }) => {
    const text = readExampleEvent(name);
    const { id } = await world.store({}, text);
    await world.replay();
    expect(world.lambda.ran).toMatchObject([{ replay: id, sha256: createHash('sha256').update(text).digest('hex') }]);
  });

  it('sends 6 MB from several parts byte for byte', async () => {
    const text = JSON.stringify({ order: Array.from({ length: 300_000 }, () => Math.random().toString(36).slice(2)) });
    expect(text.length).toBeGreaterThan(3_000_000);
    await world.store({}, text);
    await world.replay();
    expect(world.lambda.ran[0]?.sha256).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it('invokes the alias that was invoked, or another one on request', async () => {
    await world.store({ invokedFunctionArn: `${world.functionArn}:live` });
    await world.replay();
    await world.store({ invokedFunctionArn: `${world.functionArn}:live` });
    await world.replay({ qualifier: '7' });
    expect(world.lambda.ran.map(({ functionName }) => functionName)).toEqual([
      `${world.functionArn}:live`,
      `${world.functionArn}:7`,
    ]);
  });

  it('passes on the client context and the tenant, marks itself, and never the trace id', async () => {
    const event = {
      clientContext: '{"custom":{"a":"1"}}',
      tenantId: 'blue',
      traceId: 'Root=1-5e1b4151-5ac6c58f3d2f7c1e0f0c1a2b',
    };
    const stored = await world.store(event);
    const { id } = stored;
    const deferredAt = new Date(stored.deferredAt).toISOString();
    await world.replay({ duringWindow: true });
    expect(world.lambda.ran).toMatchObject([
      {
        tenantId: 'blue',
        clientContext: {
          custom: {
            a: '1',
            'maintenance-window.replay': id,
            'maintenance-window.deferredAt': deferredAt,
            'maintenance-window.dispatch': 'true',
          },
        },
      },
    ]);
    expect(JSON.stringify(world.lambda.ran)).not.toContain('5e1b4151');
  });

  it('warns that a Cognito identity cannot be made again', async () => {
    const { id } = await world.store({ cognitoIdentity: '{"cognitoIdentityId":"i"}' });
    expect((await world.replay()).events.get(id)).toMatchObject({ outcome: 'replayed', warning: /Cognito/ });
  });

  it('replays no more than its limit', async () => {
    await world.storeMany(20);
    expect((await world.replay({ limit: 7 })).counts.replayed).toBe(7);
    expect(world.lambda.requests).toBe(7);
  });

  it('reaches its limit with the oldest that run, whatever others took meanwhile', async () => {
    const ids = await world.storeMany(6);
    world.lambda.behave(({ replay }) => {
      if (replay === ids[0]) void world.archive.claim(ids[1] ?? '', ['pending']);
      return { kind: 'reply', afterMs: 200 };
    });
    const { counts } = await world.replay({ limit: 3, concurrency: 1 });
    expect(counts).toMatchObject({ taken: 1, replayed: 3 });
    expect(idsRun()).toEqual([ids[0], ids[2], ids[3]]);
  });

  it('does not wait for a window once its limit is reached', async () => {
    const [id = ''] = await world.storeMany(1);
    const held = await world.store({ functionName: 'held' });
    const hold = { isActive: true, why: 'a window is active', untilAt: Date.now() + 3_600_000 };
    const windows = {
      refresh: async () => undefined,
      holdOf: (functionName: string) => (functionName === 'held' ? hold : undefined),
    };
    const { counts } = await world.replay({ limit: 1 }, { windows, functionNames: [world.functionName, 'held'] });
    expect([counts.replayed, await world.statusOf(id), await world.statusOf(held.id)]).toEqual([
      1,
      'replayed',
      'pending',
    ]);
    await world.archive.discard(held.id, 'the test is over');
  });

  it('does not send what it could not wait for under its lease', async () => {
    const [id = ''] = await world.storeMany(1);
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 500);
    const clock = { now: () => Date.now() + 61_000, random: Math.random };
    await world.replay({}, { clock, signal: interrupt.signal });
    expect(world.lambda.requests).toBe(0);
    expect(await world.archive.look(id)).toMatchObject({ status: 'pending', attempts: 0 });
  });

  it('gives back what it claimed where it has no credentials, and says how far it came', async () => {
    const ids = await world.storeMany(3);
    const lambda = createInvoker({ ...STAND_IN, endpoint: world.lambda.url }, 1);
    let sent = 0;
    const invoker = {
      ...lambda,
      invoke(request: Parameters<typeof lambda.invoke>[0]) {
        sent += 1;
        return sent < 2 ? lambda.invoke(request) : Promise.reject(new Error('the session has expired'));
      },
    };
    const { counts, fault } = await world.replay({ concurrency: 1 }, { invoker });
    expect({ counts, fault }).toMatchObject({ counts: { replayed: 1 }, fault: { message: 'the session has expired' } });
    expect(await Promise.all(ids.map(world.statusOf))).toEqual(['replayed', 'pending', 'pending']);
    expect(await world.archive.look(ids[1] ?? '')).toMatchObject({ attempts: 0 });
  });

  it('keeps to its rate', async () => {
    await world.storeMany(10);
    const beganAt = Date.now();
    await world.replay({ ratePerSecond: 200 });
    // 200 a second begins as 20 a second: 9 gaps of about 50 ms.
    expect(Date.now() - beganAt).toBeGreaterThan(350);
  });

  it('has as many invocations under way as it may, and no more', async () => {
    await world.storeMany(20);
    world.lambda.behave(() => ({ kind: 'reply', afterMs: 30 }));
    await world.replay({ concurrency: 4 });
    expect(world.lambda.atOnce).toBe(4);
  });

  it('finishes what is under way when it is interrupted, and leaves the rest pending', async () => {
    const ids = await world.storeMany(20);
    const interrupt = new AbortController();
    world.lambda.behave(() => {
      interrupt.abort();
      return { kind: 'reply', afterMs: 100 };
    });
    const { counts } = await world.replay({ concurrency: 4 }, { signal: interrupt.signal });
    expect(counts.replayed).toBe(world.lambda.ran.length);
    expect(counts.replayed).toBeLessThanOrEqual(4);
    const statuses = await Promise.all(ids.map(world.statusOf));
    expect(statuses.filter((status) => status === 'replayed')).toHaveLength(counts.replayed);
    expect(statuses.filter((status) => status === 'pending')).toHaveLength(20 - counts.replayed);
  });

  it('serves several functions, oldest first over all of them', async () => {
    const stored = [];
    for (const functionName of ['a', 'b', 'a', 'c', 'b']) {
      stored.push((await world.store({ functionName })).id);
    }
    await world.replay({ concurrency: 1 }, { functionNames: ['a', 'b', 'c'] });
    expect(idsRun()).toEqual(stored);
  });
});

describe('a replay that Lambda turns away', () => {
  it('tries again where it is throttled, and counts no attempt', async () => {
    const ids = await world.storeMany(6);
    let throttled = 4;
    world.lambda.behave(() => {
      throttled -= 1;
      return throttled >= 0 ? { kind: 'fail', status: 429, code: 'TooManyRequestsException' } : undefined;
    });
    expect((await world.replay({ concurrency: 3 })).counts).toMatchObject({ replayed: 6, failed: 0 });
    expect(idsRun().sort()).toEqual(ids.sort());
    expect(world.lambda.requests).toBe(10);
    for (const id of ids) expect(await world.archive.look(id)).toMatchObject({ attempts: 1 });
  });

  it('stops for a function whose reserved concurrency is 0, and says so', async () => {
    const ids = await world.storeMany(5);
    world.lambda.reserve(0);
    const reason = 'ReservedFunctionConcurrentInvocationLimitExceeded';
    world.lambda.behave(() => ({ kind: 'fail', status: 429, code: 'TooManyRequestsException', reason }));
    const { stopped } = await world.replay({ concurrency: 2 });
    expect(stopped?.why).toMatch(/reserved concurrency is 0/);
    expect(await Promise.all(ids.map(world.statusOf))).toEqual(ids.map(() => 'pending'));
    expect(await world.archive.look(ids[0] ?? '')).toMatchObject({ attempts: 0 });
  });

  it('goes on with other functions where one is not there', async () => {
    const gone = await world.store({ functionName: `${world.functionName}-gone` });
    const ids = await world.storeMany(3);
    world.lambda.behave(({ functionName }) =>
      functionName.endsWith('-gone') ? { kind: 'fail', status: 404, code: 'ResourceNotFoundException' } : undefined,
    );
    const replay = await world.replay({}, { functionNames: [gone.functionName, world.functionName] });
    expect(replay).toMatchObject({
      stopped: { why: expect.stringMatching(/ResourceNotFoundException/) },
      counts: { replayed: 3 },
    });
    expect(idsRun().sort()).toEqual(ids.sort());
    expect(await world.statusOf(gone.id)).toBe('pending');
  });

  describe.each([
    ['is gone', { kind: 'fail', status: 404, code: 'ResourceNotFoundException' }],
    ['may not be invoked', { kind: 'fail', status: 403, code: 'AccessDeniedException' }],
  ] as const)('where one alias %s', (_what, behaviour) => {
    const to = (qualifier: string, changes = {}) =>
      world.store({ invokedFunctionArn: `${world.functionArn}:${qualifier}`, ...changes });
    beforeEach(() =>
      world.lambda.behave(({ functionName }) => (functionName.endsWith(':old') ? behaviour : undefined)),
    );

    it('goes on with what was sent to the others, and says what it cannot send', async () => {
      const old = [await to('old'), await to('old')];
      for (const qualifier of ['live', 'live', '7']) await to(qualifier);
      old.push(await to('old'));
      await world.store();
      const { counts, stopped, news } = await world.replay({ concurrency: 1 });
      expect({ counts, stopped }).toMatchObject({
        counts: { replayed: 4 },
        stopped: { why: expect.stringContaining(behaviour.code) },
      });
      expect(news.filter(({ kind }) => kind === 'stopped')).toMatchObject([
        { functionName: `${world.functionName}:old`, why: expect.stringContaining(behaviour.code) },
      ]);
      expect(world.lambda.requests).toBe(5);
      for (const { id } of old) expect(await world.archive.look(id)).toMatchObject({ status: 'pending', attempts: 0 });
      expect((await world.replay({ qualifier: 'live' })).counts.replayed).toBe(3);
    });

    it('holds back what comes behind it in its order, whomever that was sent to', async () => {
      const key = (sequence: string) => ({ source: 'kinesis', orderKeys: [{ key: 'k', sequence }] });
      await to('old', key('1'));
      const behind = await to('live', key('2'));
      const other = await to('live', { source: 'kinesis', orderKeys: [{ key: 'other', sequence: '3' }] });
      const { events } = await world.replay({ ordered: true });
      expect(events.get(behind.id)).toMatchObject({ outcome: 'held' });
      expect(events.get(other.id)).toMatchObject({ outcome: 'replayed' });
      expect(await world.statusOf(behind.id)).toBe('pending');
    });

    it('is told of once, however many were under way', async () => {
      for (let index = 0; index < 12; index += 1) await to(index < 6 ? 'live' : 'old');
      const { news, counts } = await world.replay({ concurrency: 6 });
      expect(counts.replayed).toBe(6);
      expect(news.filter(({ kind }) => kind === 'stopped')).toHaveLength(1);
    });
  });

  it('stops at once, for whatever it is sent to, where its credentials have expired', async () => {
    const to = (qualifier: string) => world.store({ invokedFunctionArn: `${world.functionArn}:${qualifier}` });
    const ids = (await Promise.all(['1', '2', '3', '4', '5', '6'].map(to))).map(({ id }) => id);
    world.lambda.behave(() => ({ kind: 'fail', status: 403, code: 'ExpiredTokenException' }));
    const { stopped, news } = await world.replay({ concurrency: 2 });
    expect(stopped?.why).toMatch(/^ExpiredTokenException/);
    expect(news.filter(({ kind }) => kind === 'stopped')).toMatchObject([stopped ?? {}]);
    expect(world.lambda.requests).toBeLessThanOrEqual(2 * 2); // the SDK's second look at a signature included
    expect(await Promise.all(ids.map(world.statusOf))).toEqual(ids.map(() => 'pending'));
  });

  it('leaves an event pending that Lambda does not take, and says why', async () => {
    const { id } = await world.store();
    world.lambda.behave(() => ({ kind: 'fail', status: 413, code: 'RequestTooLargeException' }));
    const { events, counts } = await world.replay();
    expect(counts.refused).toBe(1);
    expect(events.get(id)).toMatchObject({ outcome: 'refused', error: /RequestTooLargeException/ });
    expect(await world.archive.look(id)).toMatchObject({
      status: 'pending',
      attempts: 0,
      lastError: expect.stringMatching(/RequestTooLargeException/),
    });
    expect(world.lambda.requests).toBe(1);
  });

  it('does not send a client context that would be too long', async () => {
    const { id } = await world.store({ clientContext: JSON.stringify({ a: 'x'.repeat(2_700) }) });
    expect((await world.replay()).events.get(id)).toMatchObject({ outcome: 'refused', error: /3583/ });
    expect(world.lambda.requests).toBe(0);
  });

  it.each(['MaintenanceWindow.Active', 'MaintenanceWindow.Fault'] as const)(
    'waits where the gate proves that nothing ran (%s): neither failure nor attempt',
    async (by) => {
      const { id } = await world.store({ invokedFunctionArn: `${world.functionArn}:live` });
      let held = 2;
      world.lambda.behave(() => {
        held -= 1;
        return held >= 0 ? { kind: 'gate-held', by } : undefined;
      });
      expect((await world.replay()).counts).toMatchObject({ replayed: 1, failed: 0 });
      expect(await world.archive.look(id)).toMatchObject({ status: 'replayed', attempts: 1 });
      const proofs = world.lambda.sent.map(({ proof }) => proof);
      expect(new Set(proofs).size).toBe(3);
    },
  );

  it('does not believe a handler that throws on what another function’s gate said: it ran, once, and failed', async () => {
    const { id } = await world.store();
    let billings = 0;
    world.lambda.behave(({ proof = '' }) => {
      billings += 1;
      const errorMessage = `under maintenance: billing did not run, proof ${proof}`;
      return { kind: 'function-error', text: JSON.stringify({ errorType: 'MaintenanceWindow.Active', errorMessage }) };
    });
    const { counts, events } = await world.replay();
    expect({ counts, billings }).toMatchObject({ counts: { failed: 1, replayed: 0 }, billings: 1 });
    expect(events.get(id)?.error).toMatch(/^MaintenanceWindow.Active: .*; it may have run, as its gate does not prove/);
    expect(await world.archive.look(id)).toMatchObject({
      status: 'failed',
      attempts: 1,
      lastError: expect.any(String),
    });
    expect((await world.replay()).counts.failed).toBe(0);
  });

  it('leaves everything pending where Lambda cannot be reached, as nothing was sent', async () => {
    const ids = await world.storeMany(3);
    const interrupt = new AbortController();
    const invoker = createInvoker({ ...STAND_IN, endpoint: 'http://127.0.0.1:9' }, 2);
    setTimeout(() => interrupt.abort(), 700);
    const { counts } = await world.replay({ concurrency: 2 }, { invoker, signal: interrupt.signal });
    expect(counts).toMatchObject({ replayed: 0, unknown: 0, failed: 0 });
    for (const id of ids) expect(await world.archive.look(id)).toMatchObject({ status: 'pending', attempts: 0 });
  });
});

describe('a replay that waits', () => {
  const intervals = { first: 60, again: 250, look: 20 };
  const throttled = (reason: string) =>
    ({ kind: 'fail', status: 429, code: 'TooManyRequestsException', reason }) as const;

  /** What is told of waits while a replay lets nothing through for a second. */
  async function waitsOf(run: RunChanges = {}, plan: Partial<ReplayPlan> = {}) {
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 1_000);
    const { news } = await world.replay({ concurrency: 2, ...plan }, { signal: interrupt.signal, intervals, ...run });
    return news.filter((each) => each.kind === 'waiting');
  }

  it('says soon why it is throttled, and again and again, with what is known of the reserved concurrency', async () => {
    await world.storeMany(3);
    world.lambda.behave(() => throttled('CallerRateLimitExceeded'));
    world.lambda.reserve(3);
    const waits = await waitsOf();
    const why =
      'Lambda turns it away (TooManyRequestsException: TooManyRequestsException (CallerRateLimitExceeded)); it is tried again; its reserved concurrency is 3';
    expect(new Set(waits.map((each) => each.why))).toEqual(new Set([why]));
    expect(waits[0]).toMatchObject({ functionName: world.functionName });
    expect(waits.length).toBeGreaterThan(1);
    expect(waits.length).toBeLessThan(6);
  });

  it('says that it may not ask whether the function may run at all, and goes on waiting', async () => {
    const [id = ''] = await world.storeMany(1);
    world.lambda.behave(() => throttled('ReservedFunctionConcurrentInvocationLimitExceeded'));
    world.lambda.reserve('denied');
    const waits = await waitsOf();
    expect(waits[0]?.why).toMatch(
      /\(ReservedFunctionConcurrentInvocationLimitExceeded\)\).*whether its reserved concurrency is 0 is not known: lambda:GetFunctionConcurrency is not allowed/,
    );
    expect(await world.statusOf(id)).toBe('pending');
  });

  it('asks again after a minute, and stops where the function has been switched off meanwhile', async () => {
    await world.storeMany(1);
    world.lambda.behave(() => throttled('ReservedFunctionConcurrentInvocationLimitExceeded'));
    let passedMs = 0;
    const clock = { now: () => Date.now() + passedMs, random: () => 0 };
    setTimeout(() => {
      world.lambda.reserve(0);
      passedMs = 61_000;
    }, 400);
    const dynamoDb = dynamoDbOf(world.table.client);
    const events = createEventArchive({ dynamoDb, table: world.table.name, clock, by: 'test/2' });
    expect((await world.replay({}, { clock, timer: clock, events })).stopped?.why).toMatch(/reserved concurrency is 0/);
  });

  it.each([
    [
      'cannot reach Lambda',
      () => undefined,
      /^Lambda cannot be reached \(ECONNREFUSED\); it is tried again for 2 min$/,
    ],
    [
      'meets a window',
      () => ({ kind: 'gate-held', by: 'MaintenanceWindow.Active' }) as const,
      /^it is under maintenance; /,
    ],
    [
      'meets a fault',
      () => ({ kind: 'gate-held', by: 'MaintenanceWindow.Fault' }) as const,
      /^its gate failed.*; it is tried/,
    ],
  ])('says why where it %s', async (_what, behaviour, why) => {
    await world.storeMany(2);
    world.lambda.behave(behaviour);
    const unreachable = createInvoker({ ...STAND_IN, endpoint: 'http://127.0.0.1:9' }, 2);
    const waits = await waitsOf(behaviour() ? {} : { invoker: unreachable });
    expect(waits.length).toBeGreaterThan(0);
    for (const each of waits)
      expect(each).toMatchObject({ functionName: world.functionName, why: expect.stringMatching(why) });
  });

  it('says that a rate lets nothing go for a while', async () => {
    await world.storeMany(2);
    const waits = await waitsOf({}, { ratePerSecond: 0.1 });
    expect(waits.length).toBeGreaterThan(1);
    for (const waiting of waits) {
      expect(waiting).toMatchObject({ advice: 'rate', untilAt: expect.any(Number) });
      // a tenth of the rate at first: an event in 100 s
      expect((waiting.untilAt ?? 0) - Date.now()).toBeLessThanOrEqual(100_000);
      expect((waiting.untilAt ?? 0) - Date.now()).toBeGreaterThan(0);
    }
  });

  it('says again and again which window it waits for, at once when one begins', async () => {
    await world.storeMany(2);
    const windows = { refresh: async () => undefined, holdOf: () => ({ isActive: true, why: 'a window is active' }) };
    const waits = await waitsOf({ windows });
    expect(waits.length).toBeGreaterThan(1);
    expect(new Set(waits.map((each) => each.why))).toEqual(new Set(['a window is active']));
  });

  it('says nothing once it goes on', async () => {
    await world.storeMany(40);
    let busy = 3;
    world.lambda.behave(() => {
      busy -= 1;
      return busy >= 0 ? throttled('CallerRateLimitExceeded') : { kind: 'reply', afterMs: 40 };
    });
    const { news } = await world.replay({ concurrency: 1 }, { intervals: { first: 60, again: 100, look: 20 } });
    const last = news.findLastIndex(({ kind }) => kind === 'waiting');
    expect(last).toBeGreaterThanOrEqual(0);
    expect(news.slice(last).length).toBeGreaterThan(30);
  });
});

describe('a replay whose outcome is not known', () => {
  it.each([
    ['a 500 before it ran', { kind: 'fail', status: 500, code: 'ServiceException' }],
    ['a 502 although it ran', { kind: 'fail', status: 502, code: 'EC2UnexpectedException', when: 'after' }],
    ['a connection that broke before it ran', { kind: 'cut', when: 'before' }],
    ['a connection that broke although it ran', { kind: 'cut', when: 'after' }],
    ['no answer in time', { kind: 'hang', when: 'before' }],
    ['no answer in time although it ran', { kind: 'hang', when: 'after' }],
  ] as const)('is unknown after %s, and tried again only after the lease, and says so', async (_what, behaviour) => {
    // Gives up after half a second, as so much of the minute is over that is added to what the function may take.
    const { id } = await world.store({ timeoutMs: 1 });
    world.lambda.behave(() => behaviour);
    const clock = { now: () => Date.now() + 58_500, random: Math.random };
    const first = await world.replay({}, { clock });
    expect(first.events.get(id)).toMatchObject({ outcome: 'unknown', attempt: 1, error: expect.any(String) });
    expect(world.lambda.requests).toBe(1);
    expect(await world.archive.look(id)).toMatchObject({ status: 'unknown', attempts: 1 });

    world.lambda.behave(() => undefined);
    if (((await world.archive.look(id))?.leaseUntilAt ?? 0) > Date.now()) {
      expect(outcomes(await world.replay())).toEqual(['leased']);
    }
    await world.passLeases();
    expect((await world.replay({ statuses: ['pending'] })).counts.replayed).toBe(0);
    const second = await world.replay();
    expect(second.events.get(id)).toMatchObject({ outcome: 'replayed', attempt: 2, mayHaveRunBefore: true });
  });

  it('is never sent twice by the SDK, whatever the environment asks of it', async () => {
    const before = { ...process.env };
    Object.assign(process.env, { AWS_MAX_ATTEMPTS: '5', AWS_RETRY_MODE: 'adaptive' });
    try {
      await world.storeMany(4);
      world.lambda.behave(() => ({ kind: 'fail', status: 500, code: 'ServiceException' }));
      expect((await world.replay()).counts.unknown).toBe(4);
      expect(world.lambda.requests).toBe(4);
    } finally {
      process.env = before;
    }
  });

  it('is taken up by the next run where a tool died, and told of', async () => {
    const { id } = await world.store();
    await world.archive.claim(id, ['pending']);
    expect(outcomes(await world.replay())).toEqual(['leased']);
    await world.passLeases();
    expect((await world.replay()).events.get(id)).toMatchObject({ outcome: 'replayed', mayHaveRunBefore: true });
  });
});

describe('an event that another tool has in hand', () => {
  it('is waited for at the end, and what the other one has done is not left to do', async () => {
    const { id } = await world.store();
    world.lambda.behave(() => ({ kind: 'reply', afterMs: 1_500 }));
    const other = world.replay();
    while (world.lambda.requests === 0) await pause(5);
    const { counts, news } = await world.replay();
    expect(counts).toMatchObject({ taken: 1, leased: 0 });
    expect(news.filter(({ kind }) => kind === 'waiting')).toMatchObject([{ why: expect.stringMatching(/in hand/) }]);
    expect((await other).events.get(id)).toMatchObject({ outcome: 'replayed' });
  });

  it('is told of also where the table stops answering, and so is how far the replay came', async () => {
    const { id } = await world.store();
    await world.archive.claim(id, ['pending']);
    await world.storeMany(2);
    const look = () => Promise.reject(new Error('the table is gone'));
    const { counts, fault } = await world.replay({}, { events: { look } });
    expect({ counts, fault }).toMatchObject({
      counts: { replayed: 2, leased: 1 },
      fault: { message: 'the table is gone' },
    });
  });

  it('is not waited for once the replay is interrupted', async () => {
    const { id } = await world.store();
    await world.archive.claim(id, ['pending']);
    const interruption = new AbortController();
    const onNews = () => interruption.abort();
    const { events } = await world.replay({}, { signal: interruption.signal, onNews });
    expect(events.get(id)).toMatchObject({ outcome: 'leased' });
  });
});

describe('a replay that fails', () => {
  it('leaves the event for somebody to look at, and tries it again only when asked', async () => {
    const { id } = await world.store();
    world.lambda.behave(() => functionError('Orders.Unknown'));
    expect((await world.replay()).counts.failed).toBe(1);
    expect(await world.archive.look(id)).toMatchObject({
      status: 'failed',
      lastError: 'Orders.Unknown: no such order',
      attempts: 1,
    });
    expect((await world.replay()).counts).toMatchObject({ replayed: 0, failed: 0 });
    world.lambda.behave(() => undefined);
    expect((await world.replay({ statuses: ['failed'] })).events.get(id)).toMatchObject({
      outcome: 'replayed',
      attempt: 2,
    });
  });

  it('counts an HTTP error as a failure', async () => {
    const { id } = await world.store({}, readExampleEvent('api-gateway-http-payload-2'));
    world.lambda.behave(() => ({ kind: 'reply', text: '{"statusCode":500,"body":""}' }));
    expect((await world.replay()).events.get(id)).toMatchObject({ outcome: 'failed', error: 'HTTP status 500' });
  });

  it('stops at so many failures, and leaves the rest', async () => {
    await world.storeMany(30);
    world.lambda.behave(() => functionError('Orders.Unknown'));
    const { stopped, counts } = await world.replay({ concurrency: 1, stopAfter: { kind: 'count', failures: 3 } });
    expect({ stopped, failed: counts.failed }).toEqual({ stopped: { why: '3 of 3 failed' }, failed: 3 });
  });

  it('meets few failures of a function that is broken, however many it may have at once', async () => {
    await world.storeMany(60);
    world.lambda.behave(() => ({ ...functionError('Orders.Unknown') }));
    const stopAfter = { kind: 'count', failures: 5 } as const;
    const { counts } = await world.replay({ concurrency: 50, stopAfter });
    expect(counts.failed).toBeGreaterThanOrEqual(5);
    expect(counts.failed).toBeLessThanOrEqual(6);
    expect(world.lambda.atOnce).toBeLessThanOrEqual(2);
  });

  it('stops at so many failures although another function was given up', async () => {
    const gone = await world.store({ functionName: `${world.functionName}-gone` });
    await world.storeMany(30);
    world.lambda.behave(({ functionName }) =>
      functionName.endsWith('-gone')
        ? { kind: 'fail', status: 404, code: 'ResourceNotFoundException' }
        : functionError('Orders.Unknown'),
    );
    const stopAfter = { kind: 'count', failures: 3 } as const;
    const { stopped, counts } = await world.replay(
      { concurrency: 1, stopAfter },
      { functionNames: [gone.functionName, world.functionName] },
    );
    expect({ stopped, failed: counts.failed }).toEqual({ stopped: { why: '3 of 3 failed' }, failed: 3 });
    await world.archive.discard(gone.id, 'the test is over');
  });

  it('stops at such a part of failures, once there are enough to tell', async () => {
    await world.storeMany(30);
    world.lambda.behave(({ text }) => (/[02468]}$/.test(text) ? functionError('Orders.Unknown') : undefined));
    const { counts } = await world.replay({ concurrency: 1, stopAfter: { kind: 'share', percent: 50 } });
    expect(counts).toMatchObject({ failed: 5, replayed: 5 });
  });

  it('takes what Lambda’s own queue has accepted for no failure', async () => {
    await world.storeMany(36);
    world.lambda.behave(({ text }) => (JSON.parse(text).order % 3 === 0 ? { kind: 'cut', when: 'after' } : undefined));
    const plan = { mode: 'event', concurrency: 1, stopAfter: { kind: 'share', percent: 50 } } as const;
    expect((await world.replay(plan)).counts).toMatchObject({ accepted: 24, unknown: 12 });
  });

  it('does not send an event that is damaged', async () => {
    const { id } = await world.store({}, JSON.stringify({ order: 'x'.repeat(99) }));
    await world.damage(id);
    expect((await world.replay()).events.get(id)).toMatchObject({ outcome: 'failed', error: /damaged/ });
    expect(world.lambda.requests).toBe(0);
  });
});

describe('a batch of which some records fail', () => {
  const batch = JSON.parse(readExampleEvent('sqs')) as { Records: { messageId: string }[] };
  const [template] = batch.Records;
  const records = ['a', 'b', 'c'].map((messageId) => ({ ...template, messageId }));
  const text = JSON.stringify({ Records: records });
  const failing = (...ids: string[]) =>
    ({
      kind: 'reply',
      text: JSON.stringify({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) }),
    }) as const;

  it('is done, but for those: they are an event of their own, that failed', async () => {
    const { id } = await world.store({}, text);
    world.lambda.behave(() => failing('b'));
    const { counts, events } = await world.replay();
    expect(counts).toMatchObject({ failed: 1, replayed: 0 });
    expect(events.get(id)).toMatchObject({ outcome: 'failed', rest: `${id}.1`, error: /^1 of 3 records failed/ });
    expect(await world.statusOf(id)).toBe('replayed');
    expect(await world.archive.read(`${id}.1`)).toMatchObject({
      event: { status: 'failed', source: 'sqs', functionName: world.functionName },
      body: { kind: 'text', text: JSON.stringify({ Records: [records[1]] }) },
    });
  });

  it('that runs again on purpose leaves a rest of its own, whatever became of the first one', async () => {
    const { id } = await world.store({}, text);
    world.lambda.behave(() => failing('b'));
    await world.replay();
    world.lambda.behave(() => failing('c'));
    const again = { statuses: ['replayed', 'accepted'] } as const;
    const { events } = await world.replay(again);
    expect(events.get(id)).toMatchObject({ outcome: 'failed', rest: `${id}.a1.1` });
    expect(await world.archive.read(`${id}.a1.1`)).toMatchObject({
      event: { status: 'failed' },
      body: { text: JSON.stringify({ Records: [records[2]] }) },
    });
    expect(await world.archive.read(`${id}.1`)).toMatchObject({
      event: { status: 'failed' },
      body: { text: JSON.stringify({ Records: [records[1]] }) },
    });
    // A whole failure after that is one: the next attempt sends all of it.
    world.lambda.behave(() => ({ kind: 'function-error', text: '{"errorType":"Orders.Unknown"}' }));
    await world.replay(again);
    expect(await world.statusOf(id)).toBe('failed');
    world.lambda.behave(() => ({ kind: 'reply' }));
    await world.replay({ statuses: ['failed'] });
    expect(world.lambda.ran.filter((ran) => ran.text === text)).toHaveLength(4);
    expect(await world.statusOf(id)).toBe('replayed');
  });

  it('is not run again in the same run, and shrinks with each that is asked for', async () => {
    const { id } = await world.store({}, text);
    await world.table.setStatus(id, 'failed');
    world.lambda.behave(({ text: sent }) =>
      failing(
        ...JSON.parse(sent)
          .Records.slice(1)
          .map((r: { messageId: string }) => r.messageId),
      ),
    );
    expect((await world.replay({ statuses: ['failed'] })).counts.failed).toBe(1);
    expect(world.lambda.requests).toBe(1);
    await world.replay({ statuses: ['failed'] });
    expect(await world.archive.read(`${id}.2`)).toMatchObject({
      body: { text: JSON.stringify({ Records: [records[2]] }) },
    });
    world.lambda.behave(() => failing());
    await world.replay({ statuses: ['failed'] });
    expect(await Promise.all([id, `${id}.1`, `${id}.2`].map(world.statusOf))).toEqual(Array(3).fill('replayed'));
    expect(await world.statusOf(`${id}.3`)).toBeUndefined();
  });

  it('is finished, and not run, where a tool died between storing the rest and finishing it', async () => {
    const { id } = await world.store({}, text);
    const claim = await world.archive.claim(id, ['pending']);
    if (claim) await world.archive.putRest(claim, { id: `${id}.1`, text: '{"Records":[]}', error: '' });
    await world.passLeases();
    expect((await world.replay()).events.get(id)).toMatchObject({ outcome: 'replayed', rest: `${id}.1` });
    expect(await world.archive.look(id)).toMatchObject({
      status: 'replayed',
      result: expect.stringContaining(`${id}.1`),
    });
    expect(world.lambda.requests).toBe(0);
  });

  it('fails as a whole where an identifier is not known', async () => {
    const { id } = await world.store({}, text);
    world.lambda.behave(() => failing('z'));
    expect((await world.replay()).events.get(id)).toMatchObject({ outcome: 'failed' });
    expect(await world.statusOf(id)).toBe('failed');
    expect(await world.statusOf(`${id}.1`)).toBeUndefined();
  });
});

const CLUSTER = 'arn:aws:kafka:eu-south-1:123456789012:cluster/orders/e9f754c6-4';

describe('a replay in order', () => {
  const order = (key: string, sequence: number) => ({
    orderKeys: [{ key, sequence: String(sequence) }],
    source: 'kinesis',
  });
  const ordered = { ordered: true, concurrency: 8 };

  it('has one event of each order key under way, and several keys at once', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 24; index += 1) ids.push((await world.store(order(`k${index % 3}`, index))).id);
    const underWay = new Map<string, number>();
    let keysAtOnce = 0;
    world.lambda.behave(async ({ replay = '' }) => {
      const key = `k${ids.indexOf(replay) % 3}`;
      underWay.set(key, (underWay.get(key) ?? 0) + 1);
      expect(underWay.get(key)).toBe(1);
      keysAtOnce = Math.max(keysAtOnce, [...underWay.values()].filter((count) => count > 0).length);
      await pause(15);
      underWay.set(key, 0);
      return { kind: 'reply' };
    });
    const { counts } = await world.replay(ordered);
    expect(counts.replayed).toBe(24);
    expect(keysAtOnce).toBeGreaterThan(1);
    for (const key of [0, 1, 2]) {
      const ofKey = (list: readonly (string | undefined)[]) => list.filter((id) => ids.indexOf(id ?? '') % 3 === key);
      expect(ofKey(idsRun())).toEqual(ofKey(ids));
    }
  });

  it('goes by the sequence where clocks disagree about what came first', async () => {
    const at = Date.UTC(2026, 10, 21);
    const second = await world.store({ ...order('k', 1_000), deferredAt: at });
    const third = await world.store({ ...order('k', 1_001), deferredAt: at + 1 });
    const first = await world.store({ ...order('k', 999), deferredAt: at + 900 });
    const later = await world.store({ ...order('k', 5), deferredAt: at + 60_000 });
    await world.replay(ordered);
    expect(idsRun()).toEqual([first, second, third, later].map(({ id }) => id));
  });

  it('holds back what comes after an event that is not done, of its own key alone', async () => {
    const [bad, behind] = [await world.store(order('k', 1)), await world.store(order('k', 2))];
    const other = await world.store(order('other', 3));
    world.lambda.behave(({ replay }) => (replay === bad.id ? functionError('Orders.Unknown') : undefined));
    const { events } = await world.replay(ordered);
    expect(events.get(behind.id)).toMatchObject({ outcome: 'held', error: `${bad.id} comes before it` });
    expect(events.get(other.id)).toMatchObject({ outcome: 'replayed' });
    expect(await world.statusOf(behind.id)).toBe('pending');

    // And so does the next run, until somebody has dealt with it.
    expect((await world.replay(ordered)).events.get(behind.id)).toMatchObject({ outcome: 'held' });
    await world.archive.discard(bad.id, 'a poison record');
    expect((await world.replay(ordered)).events.get(behind.id)).toMatchObject({ outcome: 'replayed' });
  });

  it('waits behind what was turned away', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.push((await world.store(order('k', index))).id);
    let requests = 0;
    world.lambda.behave(() => {
      requests += 1;
      return requests % 2 === 1 ? { kind: 'fail', status: 429, code: 'TooManyRequestsException' } : undefined;
    });
    await world.replay(ordered);
    expect(idsRun()).toEqual(ids);
  });

  it('holds what another tool has claimed', async () => {
    const [theirs, behind] = [await world.store(order('k', 1)), await world.store(order('k', 2))];
    await world.archive.claim(theirs.id, ['pending']);
    expect((await world.replay(ordered)).events.get(behind.id)).toMatchObject({ outcome: 'held' });
    expect(world.lambda.requests).toBe(0);
  });

  const message = (group: string, number: number) => ({
    messageId: `${group}${number}`,
    body: `${group}${number}`,
    attributes: { MessageGroupId: group, SequenceNumber: String(18849496460467696128n + BigInt(number)) },
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-south-1:123456789012:orders.fifo',
  });
  const fifo = (...records: object[]) => world.store({}, JSON.stringify({ Records: records }));
  const kafka = (records: Readonly<Record<string, readonly number[]>>) => {
    const lists = Object.entries(records).map(([name, offsets]) => [
      name,
      offsets.map((offset) => ({ topic: 'orders', partition: 0, offset, value: '' })),
    ]);
    const event = { eventSource: 'aws:kafka', eventSourceArn: CLUSTER, records: Object.fromEntries(lists) };
    return world.store({}, JSON.stringify(event));
  };
  /** Takes its time for the first event alone, at least until `isOver` of what began and ended, which it tells. */
  const slowFirst = (isOver: (log: readonly string[]) => boolean = () => true) => {
    const log: string[] = [];
    const letters: string[] = [];
    world.lambda.behave(async ({ replay = '' }) => {
      if (!letters.includes(replay)) letters.push(replay);
      log.push(`begin ${replay}`);
      const isFirst = letters.length === 1;
      await pause(isFirst ? 200 : 5);
      for (let waits = 0; isFirst && waits < 200 && !isOver(log); waits += 1) await pause(50);
      log.push(`end ${replay}`);
      return { kind: 'reply', text: 'null' };
    });
    return log;
  };
  const inTurn = (...events: { id: string }[]) => events.flatMap(({ id }) => [`begin ${id}`, `end ${id}`]);

  it('takes no event of a queue while one with a message of the same group is under way, whatever stands first in it', async () => {
    const first = await fifo(message('alice', 1), message('bob', 2));
    const second = await fifo(message('bob', 3));
    const other = await fifo(message('carol', 4));
    const log = slowFirst((lines) => lines.includes(`end ${other.id}`));
    expect((await world.replay(ordered)).counts.replayed).toBe(3);
    expect(log.filter((line) => !line.includes(other.id))).toEqual(inTurn(first, second));
    expect(log.indexOf(`end ${other.id}`)).toBeLessThan(log.indexOf(`end ${first.id}`));
  });

  it('takes no batch of Kafka while one with a record of the same partition is under way', async () => {
    const first = await kafka({ 'orders-0': [10], 'orders-1': [20, 21] });
    const second = await kafka({ 'orders-1': [22] });
    const log = slowFirst();
    await world.replay(ordered);
    expect(log).toEqual(inTurn(first, second));
  });

  it('takes one batch at a time where partitions are too many to be told apart', async () => {
    const many = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`orders-${index}`, [1]]));
    const events = [await kafka(many), await kafka({ 'orders-7': [2] }), await kafka({ 'orders-8': [2] })];
    const log = slowFirst();
    await world.replay(ordered);
    const [many1, ...few] = events.map(({ id }) => log.indexOf(`begin ${id}`));
    expect(many1).toBe(0);
    expect(Math.min(...few.filter((place) => place !== undefined))).toBeGreaterThan(
      log.indexOf(`end ${events[0]?.id}`),
    );
  });

  it('takes one event at a time of a source that has an order and tells no place in it', async () => {
    const sources = ['documentdb', 'mq-activemq', 'mq-rabbitmq', 'pipes-kinesis'];
    for (const source of sources) {
      world.begin();
      const events = [];
      for (let index = 0; index < 3; index += 1) events.push(await world.store({}, readExampleEvent(source)));
      const log = slowFirst();
      await world.replay(ordered);
      expect([source, log]).toEqual([source, inTurn(...events)]);
    }
  });

  it('goes by the sequence of any key that two batches share', async () => {
    const at = Date.UTC(2026, 10, 21);
    const keys = (...each: [string, number][]) => ({
      source: 'sqs',
      orderKeys: each.map(([key, sequence]) => ({ key: `orders.fifo#${key}`, sequence: String(sequence) })),
    });
    const third = await world.store({ ...keys(['alice', 1], ['bob', 30]), deferredAt: at });
    const second = await world.store({ ...keys(['carol', 1], ['bob', 20]), deferredAt: at + 100 });
    const first = await world.store({ ...keys(['bob', 10], ['dora', 1]), deferredAt: at + 200 });
    await world.replay(ordered);
    expect(idsRun()).toEqual([first, second, third].map(({ id }) => id));
  });

  it('goes by deferral, and says so, where no order suits all keys', async () => {
    const at = Date.UTC(2026, 10, 21);
    const keys = (...each: [string, number][]) => ({
      source: 'sqs',
      orderKeys: each.map(([key, sequence]) => ({ key: `orders.fifo#${key}`, sequence: String(sequence) })),
    });
    const first = await world.store({ ...keys(['x', 1], ['z', 9]), deferredAt: at });
    const second = await world.store({ ...keys(['y', 1], ['x', 2]), deferredAt: at + 100 });
    const third = await world.store({ ...keys(['z', 1], ['y', 2]), deferredAt: at + 200 });
    const { news, counts } = await world.replay(ordered);
    expect(counts.replayed).toBe(3);
    expect(idsRun()).toEqual([first, second, third].map(({ id }) => id));
    expect(news.filter(({ kind }) => kind === 'out-of-sequence')).toEqual([
      { kind: 'out-of-sequence', functionName: world.functionName, ids: [first, second, third].map(({ id }) => id) },
    ]);
  });

  it('holds back what comes after what failed in any of its keys, and what comes after that', async () => {
    const bad = await fifo(message('alice', 1), message('bob', 2));
    const behind = await fifo(message('bob', 3), message('carol', 4));
    const behindThat = await fifo(message('carol', 5));
    const before = await fifo(message('dora', 6));
    world.lambda.behave(({ replay }) => (replay === bad.id ? functionError('Orders.Unknown') : undefined));
    for (const concurrency of [1, 8]) {
      const { events } = await world.replay({ ...ordered, concurrency });
      expect(events.get(behind.id)).toMatchObject({ outcome: 'held', error: `${bad.id} comes before it` });
      expect(events.get(behindThat.id)).toMatchObject({ outcome: 'held', error: `${behind.id} comes before it` });
      expect(events.get(before.id)?.outcome ?? 'replayed').toBe('replayed');
    }
    await world.archive.discard(bad.id, 'a poison record');
    expect((await world.replay(ordered)).counts).toMatchObject({ replayed: 2, held: 0 });
  });

  it('holds nothing back that came before what is not done', async () => {
    const [first, second] = [await world.store(order('k', 1)), await world.store(order('k', 2))];
    const failed = await world.store(order('k', 3));
    const claim = await world.archive.claim(failed.id, ['pending']);
    if (claim) await world.archive.end(claim, { status: 'failed', error: 'Orders.Unknown', result: '' });
    const behind = await world.store(order('k', 4));
    const log = slowFirst();
    const { events } = await world.replay(ordered);
    expect(log).toEqual(inTurn(first, second));
    expect(events.get(behind.id)).toMatchObject({ outcome: 'held', error: `${failed.id} comes before it` });
  });

  it('holds back by what stays of a batch alone, in this run and in the next', async () => {
    const batch = await fifo(message('alice', 1), message('bob', 2), message('bob', 3));
    const [alice, bob] = [await fifo(message('alice', 4)), await fifo(message('bob', 5))];
    const failing = { batchItemFailures: [{ itemIdentifier: 'bob2' }] };
    world.lambda.behave(({ replay }) =>
      replay === batch.id ? { kind: 'reply', text: JSON.stringify(failing) } : { kind: 'reply', text: 'null' },
    );
    const { events } = await world.replay(ordered);
    expect(events.get(alice.id)).toMatchObject({ outcome: 'replayed' });
    expect(events.get(bob.id)).toMatchObject({ outcome: 'held', error: `${batch.id} comes before it` });
    const rest = await world.archive.look(`${batch.id}.1`);
    expect(rest?.orderKeys).toMatchObject([{ key: expect.stringMatching(/#bob$/), sequence: expect.any(String) }]);
    expect((await world.replay(ordered)).events.get(bob.id)).toMatchObject({
      outcome: 'held',
      error: `${rest?.id} comes before it`,
    });
    const statuses = ['pending', 'failed'] as const;
    await world.replay({ ...ordered, statuses });
    expect(idsRun().slice(-2)).toEqual([rest?.id, bob.id]);
    expect(JSON.parse(world.lambda.ran.at(-2)?.text ?? '').Records.map(({ body }: { body: string }) => body)).toEqual([
      'bob2',
      'bob3',
    ]);
  });

  it('holds everything of a source behind an event whose keys cannot be read', async () => {
    const odd = await fifo(message('alice', 1));
    const behind = await fifo(message('bob', 2));
    await world.damageKeys(odd.id);
    const log = slowFirst();
    await world.replay(ordered);
    expect(log).toEqual(inTurn(odd, behind));
  });

  it('holds them with a limit, too', async () => {
    const events = [];
    for (let sequence = 1; sequence <= 20; sequence += 1) events.push(await world.store(order('k', sequence)));
    await world.archive.claim(events[0]?.id ?? '', ['pending']);
    const { counts } = await world.replay({ ...ordered, concurrency: 10, limit: 1 });
    expect(counts).toMatchObject({ replayed: 0, held: 19 });
    expect(world.lambda.requests).toBe(0);
  });
});

describe('a replay of a schedule’s missed ticks', () => {
  it('keeps the last of each schedule, discards those before it, and touches nothing else', async () => {
    const nightly = [];
    for (const day of [21, 23, 22])
      nightly.push((await world.store({}, scheduledEvent('nightly', `2026-11-${day}T02:00:00Z`))).id);
    const hourly = await world.store({}, scheduledEvent('hourly', '2026-11-21T02:00:00Z'));
    const changes = [];
    for (const day of [21, 22]) {
      const change = { 'detail-type': 'EC2 Instance State-change Notification', source: 'aws.ec2' };
      changes.push((await world.store({}, scheduledEvent('nightly', `2026-11-${day}T02:00:00Z`, change))).id);
    }
    const { counts, events } = await world.replay({ latestPerResource: true });
    expect(counts).toMatchObject({ replayed: 4, discarded: 2 });
    expect(idsRun().sort()).toEqual([nightly[1], hourly.id, ...changes].sort());
    expect(events.get(nightly[0] ?? '')?.outcome).toBe('discarded');
    expect(await world.archive.look(nightly[2] ?? '')).toMatchObject({
      status: 'discarded',
      result: `a later tick of its schedule is there: ${nightly[1]}`,
    });
  });

  it('keeps the last for each version or alias that the schedule goes to', async () => {
    const sentTo = async (alias: string, day: number) => {
      const invokedFunctionArn = `${world.functionArn}:${alias}`;
      return (await world.store({ invokedFunctionArn }, scheduledEvent('nightly', `2026-11-${day}T02:00:00Z`))).id;
    };
    const [blue, green] = [await sentTo('blue', 21), await sentTo('green', 21)];
    const last = [await sentTo('blue', 22), await sentTo('green', 22)];
    const { events } = await world.replay({ latestPerResource: true });
    for (const id of [blue, green]) expect(events.get(id)?.outcome).toBe('discarded');
    expect(idsRun().sort()).toEqual(last.sort());
  });
});

describe('an asynchronous replay', () => {
  it('ends as accepted', async () => {
    const { id } = await world.store();
    expect((await world.replay({ mode: 'event' })).counts).toMatchObject({ accepted: 1 });
    expect(world.lambda.ran).toMatchObject([{ mode: 'Event', text: '{"order":1}' }]);
    expect(world.lambda.ran[0]?.clientContext).toBeUndefined();
    expect(await world.archive.look(id)).toMatchObject({ status: 'accepted', expiresAt: expect.any(Number) });
  });

  it('is refused where failures stand in the reply, which nobody would read: nothing is sent, nothing is lost', async () => {
    const names = ['sqs', 'kinesis', 'dynamodb', 'kafka-msk', 'function-url', 'websocket-disconnect', 'pipes-sqs'];
    const stored = [];
    for (const name of names) stored.push(await world.store({}, readExampleEvent(name)));
    world.lambda.behave(() => ({ kind: 'reply', text: '{"batchItemFailures":[{"itemIdentifier":"m2"}]}' }));
    const { counts, events } = await world.replay({ mode: 'event' });
    expect(counts).toMatchObject({ refused: names.length, accepted: 0 });
    expect(world.lambda.requests).toBe(0);
    for (const { id } of stored) {
      expect(events.get(id)).toMatchObject({ error: expect.stringMatching(/read$/), advice: 'as-request' });
      expect(await world.archive.look(id)).toMatchObject({ status: 'pending', attempts: 0 });
    }
  });

  it('is refused for what would not reach the function whole', async () => {
    const large = await world.store({}, JSON.stringify('x'.repeat(1_048_576)));
    const context = await world.store({ clientContext: '{}' });
    const { events } = await world.replay({ mode: 'event' });
    expect([large, context].map(({ id }) => events.get(id)?.outcome)).toEqual(['refused', 'refused']);
    expect(world.lambda.requests).toBe(0);
  });
});

describe('a replay around a window', () => {
  const clock = { now: () => Date.now(), random: Math.random };
  const inactive = (lastEndAt: number): WindowState => ({ validFrom: 0, validUntil: 0, lastEndAt });
  const active = (endAt: number): WindowState => ({
    ...inactive(0),
    active: { startAt: 0, endAt, reason: 'CHG-1042' },
  });

  function watch(windows: () => Partial<WatchedWindows>) {
    return createWindowWatch({
      read: async () => ({ editedAt: Number.NEGATIVE_INFINITY, stateAt: () => inactive(0), ...windows() }),
      ttlSecondsOf: () => 1,
      clock,
      timer: steadyClock,
      onFailure: () => undefined,
    });
  }

  it('pauses when a window begins, and goes on when it ends', async () => {
    await world.storeMany(40);
    const beginsAt = Date.now() + 150;
    const endsAt = beginsAt + 500;
    const stateAt = (_: string, now: number) => (now >= beginsAt && now < endsAt ? active(endsAt) : inactive(0));
    world.lambda.behave(() => ({ kind: 'reply', afterMs: 20 }));
    const { counts, news } = await world.replay({ concurrency: 2 }, { windows: watch(() => ({ stateAt })) });
    expect(counts.replayed).toBe(40);
    expect(news.filter(({ kind }) => kind === 'waiting')).toMatchObject([
      { functionName: world.functionName, why: expect.stringMatching(/CHG-1042.* is active$/), untilAt: endsAt },
    ]);
    const inside = world.lambda.ran.filter(({ at }) => at > beginsAt + 100 && at < endsAt);
    expect(inside).toEqual([]);
  });

  it('begins its rate anew when it goes on, however long it waited', async () => {
    await world.storeMany(30);
    let isHeld = true;
    setTimeout(() => {
      isHeld = false;
    }, 300);
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 2_300);
    const hold = { isActive: true, why: 'a window is active' };
    const windows = { refresh: async () => undefined, holdOf: () => (isHeld ? hold : undefined) };
    const longerThanTheRamp = { now: () => Date.now() + (isHeld ? 0 : 31_000), random: Math.random };
    await world.replay({ ratePerSecond: 50 }, { windows, timer: longerThanTheRamp, signal: interrupt.signal });
    // A tenth of the rate: some five events in that second, and not all.
    expect(world.lambda.ran.length).toBeGreaterThan(0);
    expect(world.lambda.ran.length).toBeLessThan(15);
  });

  it('waits after an edit until every environment can have seen it', async () => {
    await world.storeMany(2);
    const editedAt = Date.now() - 1_500;
    const { news } = await world.replay({}, { windows: watch(() => ({ editedAt })) });
    const untilAt = seenAt(editedAt, 1);
    expect(news[0]).toMatchObject({ kind: 'waiting', untilAt });
    expect(world.lambda.ran.every(({ at }) => at >= untilAt)).toBe(true);
    expect(world.lambda.ran).toHaveLength(2);
  });

  it('can be interrupted while it waits', async () => {
    await world.storeMany(2);
    const interrupt = new AbortController();
    const windows = watch(() => ({ stateAt: () => active(Date.now() + 3_600_000) }));
    const { counts } = await world.replay(
      {},
      { windows, signal: interrupt.signal, onNews: () => setImmediate(() => interrupt.abort()) },
    );
    expect(counts.replayed).toBe(0);
  });

  it('keeps the windows that it knows where a reading fails, and ends where the first one does', async () => {
    const failing = createWindowWatch({
      read: () => Promise.reject(new Error('denied')),
      ttlSecondsOf: () => 60,
      clock,
      timer: steadyClock,
      onFailure: () => undefined,
    });
    await world.store();
    expect((await world.replay({}, { windows: failing })).fault).toMatchObject({ message: 'denied' });
  });
});
