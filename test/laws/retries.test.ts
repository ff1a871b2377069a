import fc from 'fast-check';
import { describe, it } from 'vitest';
import { type EventStatus, isFinished, MOVES } from '../../core/events/deferred-event.ts';
import type { Mark } from '../../core/events/replay-mark.ts';
import { createGate, type Gate } from '../../core/gate/gate.ts';
import type { EventStore, LogEntry } from '../../core/gate/ports.ts';
import type { Reply } from '../../core/gate/reply.ts';
import { NO_POLICY, type Policy } from '../../core/sources/policy.ts';
import type { Rule } from '../../core/sources/rules.ts';
import { createMemoryEvents, type MemoryEvents } from '../fakes/memory/memory-events.ts';
import { createMemoryWindows, type MemoryWindows } from '../fakes/memory/memory-windows.ts';

/**
 * Lambda's own retries, as a state machine: Lambda, which may be hours late; several environments with readings of their
 * own, which end and start at any moment; an operator who opens windows, ends them, takes them out of the parameter, edits
 * the policy, and replays; a table that fails. After every step, of every request:
 *
 * - its handler's successful runs are never two, nor one while the table has it for a replay;
 * - once it is acknowledged it is never gone: Lambda has it still, or the table has it, or its handler succeeded.
 *
 * The first law has the two exceptions that the design accepts, and no others (`mayRunTwice`), both of which are said: the
 * table did not answer, and an environment ran what came until it asked again; a replay was made again whose outcome was not known.
 *
 * What is taken for granted: an edit is seen everywhere before Lambda tries again, so the readings live no longer than
 * Lambda's pause; and a run counts as successful when Lambda hears of it, because Lambda itself repeats one that it does not.
 */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const TTL_SECONDS = 60;
/** Lambda gives up what is older. Source: Lambda API reference, FunctionEventInvokeConfig, `MaximumEventAgeInSeconds`. */
const MAX_AGE_MS = 6 * 60 * MINUTE;
/** After the first failure and after the second. Source: Lambda developer guide, "Asynchronous invocation", error handling. */
const PAUSES = [MINUTE, 2 * MINUTE] as const;
const ENVIRONMENTS = 3;
const EVENTS = {
  eventbridge:
    '{"version":"0","id":"e","detail-type":"t","source":"s","account":"123456789012","time":"2026-11-21T00:00:00Z","region":"eu-south-1","resources":[],"detail":{}}',
  direct: '{"order":9007199254740993}',
} as const;

/** One invocation as its caller made it, and what has become of it so far. */
interface Request {
  readonly id: string;
  readonly source: keyof typeof EVENTS;
  /** Lambda tries again for callers that do not wait. `gave-up`: it went to the dead-letter queue. */
  lambda: 'has-it' | 'is-done' | 'gave-up';
  tries: number;
  readonly sentAt: number;
  dueAt: number;
  /** Whether the caller was told that it will be seen to. */
  acknowledged: boolean;
  successes: number;
  mayRunTwice: boolean;
  replay?: { readonly stage: 'claimed' } | { readonly stage: 'invoked'; readonly verdict: EventStatus };
}

/** What goes wrong while an invocation is under way. */
interface Mishaps {
  readonly table: 'works' | Parameters<MemoryEvents['fail']>[number];
  readonly handler: 'succeeds' | 'fails';
  /** The environment is killed before its answer is heard. */
  readonly killed: boolean;
}

interface World {
  readonly store: MemoryEvents;
  readonly requests: Request[];
  now(): number;
  pass(milliseconds: number): void;
  /** Puts the parameter: windows as pairs of epoch milliseconds. */
  windows: readonly (readonly [startAt: number, endAt: number])[];
  /** Puts the policy in it. */
  policy: Policy;
  kill(environment: number): void;
  invoke(invocation: InvocationToMake, mishaps: Mishaps): Promise<Made>;
}

interface InvocationToMake {
  readonly environment: number;
  readonly id: string;
  readonly source: keyof typeof EVENTS;
  readonly mark?: Mark;
}

/** What came of an invocation: the handler ran, or the gate answered; and whether the table did not say. */
type Made = ({ readonly kind: 'ran' } | { readonly kind: 'answered'; readonly reply: Reply }) & {
  readonly tableSilent: boolean;
};

/** @param ttlSeconds as the gate is told: how long it believes what it knows of retries must not grow with it */
function createWorld(policy: Policy, windows: World['windows'], ttlSeconds: number): World {
  let now = Date.parse('2026-11-21T00:00:00Z');
  let fault: Mishaps['table'] = 'works';
  let parameter = windows.map(([from, to]) => [now + from, now + to] as const);
  let policyNow: Policy = NO_POLICY;
  let editedAt = now;
  const clock = { now: () => now, random: () => 0.5 };
  const store = createMemoryEvents(clock.now);
  const log: LogEntry[] = [];
  const environments: (Environment | undefined)[] = [];
  const faulty = <Call extends 'put' | 'takeBack' | 'retriesUntil'>(call: Call): EventStore[Call] =>
    ((...args: unknown[]) => {
      if (fault !== 'works') store.fail(fault);
      return (store[call] as (...args: never[]) => unknown)(...(args as never[]));
    }) as EventStore[Call];

  return {
    store,
    requests: [],
    now: () => now,
    pass: (milliseconds) => {
      now += milliseconds;
    },
    get windows() {
      return parameter;
    },
    set windows(next) {
      parameter = next;
      edit();
    },
    get policy() {
      return policyNow;
    },
    set policy(next) {
      policyNow = next;
      edit();
    },
    kill(environment) {
      environments[environment] = undefined;
    },
    async invoke({ environment, id, source, mark }, { table, killed }) {
      const alive = environments[environment] ?? (await startEnvironment());
      environments[environment] = alive;
      const { gate } = alive;
      log.length = 0;
      const isUnasked = now < alive.pausedUntil;
      fault = table;
      const outcome = gate.passes()
        ? { kind: 'dispatch' as const }
        : await gate.handle({
            id,
            text: EVENTS[source],
            invokedFunctionArn: 'arn:aws:lambda:eu-south-1:123456789012:function:orders',
            deadlineAt: now + 30 * SECOND,
            ...(mark && { mark }),
          });
      if (killed) environments[environment] = undefined;
      const unknown = log.find((entry) => entry.kind === 'taken-back' && entry.outcome === 'unknown');
      if (unknown?.kind === 'taken-back') alive.pausedUntil = unknown.pausedUntil ?? now;
      const tableSilent = isUnasked || unknown !== undefined;
      return outcome.kind === 'dispatch'
        ? { kind: 'ran', tableSilent }
        : { kind: 'answered', reply: outcome.reply, tableSilent };
    },
  };

  function edit(): void {
    editedAt = now;
    for (const environment of environments) environment?.windows.put(parameterText());
  }

  async function startEnvironment(): Promise<Environment> {
    const source = createMemoryWindows({ clock, log: { write: () => undefined }, ttlSeconds: TTL_SECONDS });
    source.put(parameterText(), undefined, editedAt);
    const gate = createGate({
      windows: source,
      events: {
        load: async () => undefined,
        put: faulty('put'),
        takeBack: faulty('takeBack'),
        retriesUntil: faulty('retriesUntil'),
      },
      log: { write: (entry) => log.push(entry) },
      clock,
      identity: { name: 'orders', version: '$LATEST', clientVersion: '0.2.0' },
      policy,
      ttlSeconds,
    });
    await gate.start();
    return { gate, windows: source, pausedUntil: Number.NEGATIVE_INFINITY };
  }

  function parameterText(): string {
    const instant = (at: number) => new Date(at).toISOString();
    return JSON.stringify({
      version: 1,
      windows: parameter.map(([from, to]) => ({ start: instant(from), end: instant(to) })),
      policy: policyNow,
    });
  }
}

interface Environment {
  readonly gate: Gate;
  readonly windows: MemoryWindows;
  /** Until then it asks nothing, as it has said. */
  pausedUntil: number;
}

type Step = fc.AsyncCommand<World, World>;

/** A step of the story: what it is called, when it can happen, and what happens. The laws are held after it. */
function step(name: string, can: (world: World) => boolean, happen: (world: World) => Promise<void> | void): Step {
  return {
    check: can,
    async run(world) {
      await happen(world);
      holdLaws(world);
    },
    toString: () => name,
  };
}

function holdLaws({ store, requests }: World): void {
  for (const { id, lambda, acknowledged, successes, mayRunTwice } of requests) {
    const status = store.look(id)?.status;
    if (successes > 1 && !mayRunTwice) throw new Error(`${id} ran ${successes} times with success`);
    if (successes > 0 && status === 'pending' && !mayRunTwice)
      throw new Error(`${id} ran with success, and a replay will run it again`);
    const isKept = lambda !== 'is-done' || successes > 0 || (status !== undefined && KEPT.includes(status));
    if (acknowledged && !isKept)
      throw new Error(`${id} is gone: Lambda is done with it, and in the table it is ${status}`);
  }
  const strangers = store.ids().filter((id) => !requests.some((request) => request.id === id));
  if (strangers.length > 0) throw new Error(`${strangers} was stored although it is a replay`);
}

/** As these an event waits for the operator, or for the end of a replay. */
const KEPT: readonly EventStatus[] = ['pending', 'replaying', 'failed', 'unknown'];

/** Somebody invokes the function, and waits for the answer or does not. */
function invoke(environment: number, source: Request['source'], waits: boolean, mishaps: Mishaps): Step {
  return step(
    `${waits ? 'a caller invokes' : source} at ${environment} (${told(mishaps)})`,
    () => true,
    async (world) => {
      const request: Request = {
        id: `r-${world.requests.length}`,
        source,
        lambda: waits ? 'is-done' : 'has-it',
        tries: 0,
        sentAt: world.now(),
        dueAt: world.now(),
        acknowledged: !waits,
        successes: 0,
        mayRunTwice: false,
      };
      world.requests.push(request);
      await tryOnce(world, request, environment, mishaps);
    },
  );
}

/** Lambda makes its next attempt of any request, in any of the environments: a throttled one for up to six hours. */
function retry(which: number, environment: number, lateMs: number, mishaps: Mishaps): Step {
  return step(
    `Lambda tries ${which} again at ${environment}, ${lateMs} ms late (${told(mishaps)})`,
    (world) => due(world).length > 0,
    async (world) => {
      const request = pick(due(world), which);
      const at = Math.min(Math.max(world.now(), request.dueAt) + lateMs, request.sentAt + MAX_AGE_MS);
      world.pass(Math.max(0, at - world.now()));
      if (world.now() > request.sentAt + MAX_AGE_MS) request.lambda = 'gave-up';
      else await tryOnce(world, request, environment, mishaps);
    },
  );
}

function due({ requests }: World): Request[] {
  return requests.filter(({ lambda }) => lambda === 'has-it').sort((a, b) => a.dueAt - b.dueAt);
}

async function tryOnce(world: World, request: Request, environment: number, mishaps: Mishaps): Promise<void> {
  const made = await world.invoke({ ...request, environment }, mishaps);
  if (made.tableSilent) request.mayRunTwice = true;
  const heard = !mishaps.killed;
  if (made.kind === 'ran' && mishaps.handler === 'succeeds' && heard) request.successes += 1;
  if (made.kind === 'answered' && heard && isPromise(made.reply)) request.acknowledged = true;

  if (request.lambda !== 'has-it') return;
  const succeeds = made.kind === 'ran' ? mishaps.handler === 'succeeds' : made.reply.kind !== 'error';
  const pause = PAUSES[request.tries];
  request.tries += 1;
  if (succeeds && heard) request.lambda = 'is-done';
  else if (pause === undefined) request.lambda = 'gave-up';
  else request.dueAt = world.now() + pause;
}

/** Whether it tells a caller who waits that the event will be seen to. */
function isPromise(reply: Reply): boolean {
  return reply.kind !== 'error' || reply.errorMessage.startsWith('stored as ');
}

function pass(milliseconds: number): Step {
  return step(
    `${milliseconds / SECOND} s pass`,
    () => true,
    (world) => world.pass(milliseconds),
  );
}

/** An operator opens a window at once. */
function open(milliseconds: number): Step {
  return step(
    `a window is opened for ${milliseconds / SECOND} s`,
    () => true,
    (world) => {
      world.windows = [...world.windows, [world.now(), world.now() + milliseconds]];
    },
  );
}

/** An operator ends what is active now. */
function end(): Step {
  return step(
    'the window is ended',
    (world) => world.windows.some(([from, to]) => from < world.now() && world.now() < to),
    (world) => {
      const now = world.now();
      world.windows = world.windows.map(([from, to]) => [from, from < now && now < to ? now : to]);
    },
  );
}

/** Somebody takes windows out of the parameter, whether they are active or over. */
function takeOut(which: number): Step {
  return step(
    `window ${which} is taken out`,
    (world) => world.windows.length > 0,
    (world) => {
      const gone = pick(world.windows, which);
      world.windows = world.windows.filter((window) => window !== gone);
    },
  );
}

function setPolicy(policy: Policy): Step {
  return step(
    `the policy is ${JSON.stringify(policy)}`,
    () => true,
    (world) => {
      world.policy = policy;
    },
  );
}

function kill(environment: number): Step {
  return step(
    `environment ${environment} ends`,
    () => true,
    (world) => world.kill(environment),
  );
}

/** A replay takes an event for itself. One that has been invoked by a replay that was lost is taken over. */
function claim(which: number): Step {
  const claimable = ({ requests, store }: World) =>
    // What is finished runs again only where somebody names it and says so.
    requests.filter(({ id }) => {
      const { status } = store.look(id) ?? {};
      return status !== undefined && !isFinished(status) && MOVES[status].includes('replaying');
    });
  return step(
    `replay ${which} claims`,
    (world) => claimable(world).length > 0,
    (world) => {
      const request = pick(claimable(world), which);
      const isUnknown = world.store.look(request.id)?.status === 'unknown' || request.replay?.stage === 'invoked';
      if (isUnknown) request.mayRunTwice = true;
      world.store.move(request.id, 'replaying');
      request.replay = { stage: 'claimed' };
    },
  );
}

/** The replay invokes the function. Where the environment is killed, nobody knows whether the handler ran to its end. */
function replay(which: number, environment: number, dispatch: boolean, mishaps: Mishaps): Step {
  const claimed = ({ requests }: World) => requests.filter((request) => request.replay?.stage === 'claimed');
  return step(
    `replay ${which} invokes at ${environment}${dispatch ? ' whatever the window' : ''} (${told(mishaps)})`,
    (world) => claimed(world).length > 0,
    async (world) => {
      const request = pick(claimed(world), which);
      const mark = { dispatch, proof: request.id };
      const made = await world.invoke(
        { environment, id: `replay-of-${request.id}`, source: request.source, mark },
        mishaps,
      );
      if (made.kind === 'ran' && mishaps.handler === 'succeeds') request.successes += 1;
      request.replay = { stage: 'invoked', verdict: verdictOf(made, mishaps) };
    },
  );
}

function verdictOf(made: Made, { handler, killed }: Mishaps): EventStatus {
  if (killed) return 'unknown';
  if (made.kind === 'answered') return 'pending'; // under maintenance again: it did not run
  return handler === 'succeeds' ? 'replayed' : 'failed';
}

/** The replay writes down what came of it. */
function finish(which: number): Step {
  const invoked = ({ requests }: World) => requests.filter((request) => request.replay?.stage === 'invoked');
  return step(
    `replay ${which} finishes`,
    (world) => invoked(world).length > 0,
    ({ requests, store }) => {
      const request = pick(
        requests.filter(({ replay }) => replay?.stage === 'invoked'),
        which,
      );
      if (request.replay?.stage === 'invoked') store.move(request.id, request.replay.verdict);
      delete request.replay;
    },
  );
}

function pick<One>(list: readonly One[], which: number): One {
  const one = list[which % list.length];
  if (one === undefined) throw new Error('there is none to pick');
  return one;
}

function told({ table, handler, killed }: Mishaps): string {
  return `table ${table}, handler ${handler}${killed ? ', killed' : ''}`;
}

function dispatchRule(source: keyof typeof EVENTS, field: string): Rule {
  return { source, match: { [field]: [{ exists: true }] }, do: 'dispatch' };
}

const environment = fc.nat({ max: ENVIRONMENTS - 1 });
const which = fc.nat({ max: 9 });
const mishaps: fc.Arbitrary<Mishaps> = fc.record({
  table: fc.constantFrom('works', 'works', 'works', 'refused', 'answer-lost'),
  handler: fc.constantFrom('succeeds', 'fails'),
  killed: fc.constantFrom(false, false, true),
});
const duration = fc.constantFrom(5 * SECOND, 40 * SECOND, 70 * SECOND, 4 * MINUTE, 16 * MINUTE, 5 * 60 * MINUTE);
const lateness = fc.constantFrom(0, 0, 3 * SECOND, 16 * MINUTE, 4 * 60 * MINUTE, MAX_AGE_MS);
/** Weighted by repetition: `fc.commands` takes each kind as often as the next. */
const STEPS: fc.Arbitrary<Step>[] = [
  fc
    .tuple(environment, fc.constantFrom('eventbridge' as const, 'direct' as const), mishaps)
    .map(([at, source, how]) => invoke(at, source, false, how)),
  fc.tuple(environment, mishaps).map(([at, how]) => invoke(at, 'direct', true, how)),
  ...Array.from({ length: 4 }, () =>
    fc.tuple(which, environment, lateness, mishaps).map(([n, at, lateMs, how]) => retry(n, at, lateMs, how)),
  ),
  duration.map(pass),
  duration.map(open),
  fc.constant(null).map(end),
  which.map(takeOut),
  environment.map(kill),
  fc
    .constantFrom<Policy>(
      NO_POLICY,
      { direct: 'reject' },
      { direct: 'dispatch', eventbridge: 'dispatch' },
      { rules: [dispatchRule('direct', 'order'), dispatchRule('eventbridge', 'source')] },
    )
    .map(setPolicy),
  which.map(claim),
  fc.tuple(which, environment, fc.boolean(), mishaps).map(([n, at, dispatch, how]) => replay(n, at, dispatch, how)),
  which.map(finish),
];

const scheduled = fc.array(
  fc
    .tuple(fc.nat({ max: 40 }), fc.integer({ min: 1, max: 20 }))
    .map(([start, length]) => [start * 30 * SECOND, (start + length) * 30 * SECOND] as const),
  { maxLength: 3 },
);

describe('Lambda’s retries', () => {
  it('never make a handler succeed twice, nor lose what was acknowledged', { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        scheduled,
        fc.constantFrom<Policy>({}, { direct: 'accept' }),
        fc.constantFrom(1, TTL_SECONDS, 3_600),
        fc.commands(STEPS, { maxCommands: 60, size: 'max' }),
        (windows, policy, ttlSeconds, steps) =>
          fc.asyncModelRun(() => {
            const world = createWorld(policy, windows, ttlSeconds);
            return { model: world, real: world };
          }, steps),
      ),
      { numRuns: 10_000 },
    );
  });
});
