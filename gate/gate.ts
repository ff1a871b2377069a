import type { ActiveWindow, WindowState } from './calendar.ts';
import { type Decision, decide, TAKE_BACK_MS } from './decide.ts';
import { createDeferredEvent, type FunctionIdentity } from './event.ts';
import type { Invocation } from './invocation.ts';
import { mergePolicies, type Policy } from './policy.ts';
import type { Clock, EventStore, Log, Reading, WindowSource } from './ports.ts';
import { deferralFailedReply, faultReply, type Reply } from './reply.ts';
import type { Source } from './source.ts';

/** A window that begins this soon after INIT finds storing made ready by INIT. */
const NEAR_MS = 60_000;
/** What is left of an invocation's time when storing must have ended, so that the failure can still be told. */
const DEADLINE_MARGIN_MS = 300;
/** A table that is slow to say whether an event was stored holds an invocation for this long at most. */
const TAKE_BACK_LIMIT_MS = 1_000;

/** What became of an invocation: the handler is to run, or this reply is the answer. */
export type Outcome = { readonly kind: 'dispatch' } | { readonly kind: 'reply'; readonly reply: Reply };

const DISPATCH: Outcome = { kind: 'dispatch' };
/** Success without a value: ends Lambda's retries of what is stored already, and keeps the dead-letter queue empty. */
const ENDS_RETRIES: Reply = { kind: 'value', value: null };

/** What the gate works through, and whom it works for. */
export interface GateParts {
  readonly windows: WindowSource;
  readonly events: EventStore;
  readonly log: Log;
  readonly clock: Clock;
  readonly identity: FunctionIdentity;
  /** The function's own policy, which overrides the parameter's key by key. */
  readonly policy: Policy;
}

/** The gate of one environment. */
export interface Gate {
  /** Reads the windows for the first time, and makes storing ready where a window is active or near. Never rejects. */
  start(): Promise<void>;
  /** Whether an invocation that arrives now needs nothing of us. Comparisons of numbers; no allocation, no I/O. */
  passes(): boolean;
  /** One invocation's story: ask, decide, store, answer. Never rejects. */
  handle(invocation: Invocation): Promise<Outcome>;
}

/** Makes the gate. Keeps the windows' state between two of its changes, and nothing of any invocation. */
export function createGate({ windows, events, log, clock, identity, policy: ownPolicy }: GateParts): Gate {
  let reading: Reading | undefined;
  let state: WindowState = { validFrom: 0, validUntil: 0, lastEndAt: Number.NEGATIVE_INFINITY };
  let policy = ownPolicy;
  /** When an edit took an active window away: nothing in the parameter tells of it any more. */
  let takenAwayAt = Number.NEGATIVE_INFINITY;
  let quietFrom = Number.POSITIVE_INFINITY;
  let quietUntil = Number.NEGATIVE_INFINITY;

  return { start, passes, handle };

  async function start(): Promise<void> {
    await windows.start();
    const now = clock.now();
    look(now);
    if (state.active || state.validUntil - now < NEAR_MS) await events.load();
  }

  function passes(): boolean {
    const now = clock.now();
    return now >= quietFrom && now < quietUntil && now < windows.staleAt;
  }

  async function handle(invocation: Invocation): Promise<Outcome> {
    try {
      if (clock.now() >= windows.staleAt) await windows.refresh();
      const now = clock.now();
      look(now);
      const decision = decide(state, policy, invocation, now, clock.random());
      switch (decision.kind) {
        case 'dispatch':
          return decision.retryOf ? await takeBack(invocation, decision.retryOf) : DISPATCH;
        case 'defer':
          return await defer(invocation, decision);
        case 'reject':
        case 'answer':
          log.write({ kind: decision.kind, id: invocation.id, source: decision.source.key, window: factsOf(state) });
          return { kind: 'reply', reply: decision.reply };
      }
    } catch (error) {
      log.write({ kind: 'fault', id: invocation.id, cause: String(error) });
      return state.active ? { kind: 'reply', reply: faultReply() } : DISPATCH;
    }
  }

  /** Brings state, policy and the quiet interval up to `now`. */
  function look(now: number): void {
    const read = windows.reading;
    const isNews = read !== reading;
    if (!isNews && now >= state.validFrom && now < state.validUntil) return;
    const before = state.active;
    if (isNews) policy = mergePolicies([read.policy, ownPolicy]);
    reading = read;
    state = read.stateAt(now);
    if (before && !state.active && isNews) takenAwayAt = now;
    if (!state.active) state = { ...state, lastEndAt: Math.max(state.lastEndAt, takenAwayAt) };
    quietFrom = state.active ? Number.POSITIVE_INFINITY : Math.max(state.validFrom, state.lastEndAt + TAKE_BACK_MS);
    quietUntil = state.validUntil;
    if (state.active && !before) log.write({ kind: 'window-began', window: factsOf(state) });
    if (before && !state.active) log.write({ kind: 'window-ended' });
  }

  async function defer(invocation: Invocation, { source, reply }: Decision & { kind: 'defer' }): Promise<Outcome> {
    const window = factsOf(state);
    const deferredAt = clock.now();
    const event = createDeferredEvent(invocation, identity, source, window, deferredAt);
    const entry = { id: invocation.id, source: source.key, bytes: event.bytes, window };
    try {
      const outcome = await events.put(event, invocation.deadlineAt - DEADLINE_MARGIN_MS);
      log.write({ kind: 'deferred', ...entry, outcome, latencyMs: clock.now() - deferredAt });
      return { kind: 'reply', reply: outcome === 'stored' ? reply : ENDS_RETRIES };
    } catch (error) {
      log.write({ kind: 'deferral-failed', ...entry, cause: String(error) });
      return { kind: 'reply', reply: deferralFailedReply(source, policy) };
    }
  }

  /** After a window, asks whether this is Lambda's own retry of an invocation that was stored inside it. */
  async function takeBack({ id, deadlineAt }: Invocation, source: Source): Promise<Outcome> {
    const entry = { kind: 'taken-back', id, source: source.key } as const;
    try {
      const outcome = await events.takeBack(
        id,
        Math.min(clock.now() + TAKE_BACK_LIMIT_MS, deadlineAt - DEADLINE_MARGIN_MS),
      );
      if (outcome !== 'absent') log.write({ ...entry, outcome });
      return outcome === 'done' ? { kind: 'reply', reply: ENDS_RETRIES } : DISPATCH;
    } catch (error) {
      log.write({ ...entry, outcome: 'unknown', cause: String(error) });
      return DISPATCH;
    }
  }
}

function factsOf({ active }: WindowState): ActiveWindow {
  return active ?? { startAt: 0 };
}
