import type { ActiveWindow, WindowState } from '../calendar/calendar.ts';
import { createDeferredEvent, type FunctionIdentity } from '../events/deferred-event.ts';
import type { Invocation } from '../events/invocation.ts';
import type { Policy } from '../sources/policy.ts';
import type { Source } from '../sources/recognise.ts';
import { type Decision, decide, isRetried } from './decide.ts';
import { storingLimitMs } from './patience.ts';
import type { Clock, EventStore, Log } from './ports.ts';
import { deferralFailedReply, type Reply } from './reply.ts';
import { createRetryWatch, RETRIED_MS, type RetryWatch } from './retries.ts';

/** Part of an invocation's time that is kept for reporting that storing failed. */
const DEADLINE_MARGIN_MS = 300;
/** Upper bound for asking the table whether an event was stored already. */
const TAKE_BACK_LIMIT_MS = 1_000;

/** Outcome of an invocation: the handler runs, or this reply is the answer. */
export type Outcome = { readonly kind: 'dispatch' } | { readonly kind: 'reply'; readonly reply: Reply };

const DISPATCH: Outcome = { kind: 'dispatch' };
/** Success without a value: ends Lambda's retries of a stored event, so that no dead letter comes of them. */
const ENDS_RETRIES: Reply = { kind: 'value', value: null };

/** Ports and settings of the part inside a window. */
export interface InsideParts {
  readonly events: EventStore;
  readonly log: Log;
  readonly clock: Clock;
  readonly identity: FunctionIdentity;
  /** How long a reading of the windows is kept. */
  readonly ttlSeconds: number;
}

/** The gate's part inside a window, and after one while Lambda may retry stored events. */
export interface Inside {
  readonly handle: HandleInside;
  readonly retries: RetryWatch;
}

/** Handles one invocation inside a window, or after one. The state is that of `now`, epoch milliseconds. */
export type HandleInside = (
  invocation: Invocation,
  state: WindowState,
  policy: Policy,
  now: number,
) => Promise<Outcome>;

/**
 * The gate's part inside a window: decide, store, answer. A module of its own, loaded on need: knowing every event source
 * and its reply costs 3 ms at start, which an environment that never meets a window does not pay.
 */
export function createInside({ events, log, clock, identity, ttlSeconds }: InsideParts): Inside {
  const retries = createRetryWatch(events, clock, ttlSeconds);
  return { handle, retries };

  async function handle(invocation: Invocation, state: WindowState, policy: Policy, now: number): Promise<Outcome> {
    const decision = decide(state, policy, invocation, now, clock.random());
    switch (decision.kind) {
      case 'dispatch':
        return decision.retryOf ? takeBack(invocation, decision.retryOf, now) : DISPATCH;
      case 'defer':
        return defer(invocation, decision, state, policy);
      case 'reject':
      case 'answer':
        log.write({
          kind: decision.kind,
          id: invocation.id,
          source: decision.source.key,
          ...ruleOf(decision),
          bytes: Buffer.byteLength(invocation.text),
          window: windowOf(state),
        });
        return { kind: 'reply', reply: decision.reply };
    }
  }

  async function defer(
    invocation: Invocation,
    decision: Decision & { kind: 'defer' },
    state: WindowState,
    policy: Policy,
  ): Promise<Outcome> {
    const { source, reply } = decision;
    const window = windowOf(state);
    const deferredAt = clock.now();
    const event = createDeferredEvent(invocation, identity, source, window, deferredAt);
    const entry = { id: invocation.id, source: source.key, bytes: event.bytes, window };
    const limitAt = Math.min(deferredAt + storingLimitMs(source), invocation.deadlineAt - DEADLINE_MARGIN_MS);
    const retriedUntilAt = isRetried(source) ? deferredAt + RETRIED_MS : undefined;
    if (retriedUntilAt !== undefined) retries.learn(retriedUntilAt);
    try {
      const outcome = await events.put(event, limitAt, retriedUntilAt);
      log.write({ kind: 'deferred', ...entry, ...ruleOf(decision), outcome, latencyMs: clock.now() - deferredAt });
      return { kind: 'reply', reply: outcome === 'stored' ? reply : ENDS_RETRIES };
    } catch (error) {
      log.write({ kind: 'deferral-failed', ...entry, cause: String(error) });
      return { kind: 'reply', reply: deferralFailedReply(source, policy) };
    }
  }

  /** Takes an event back if this invocation is Lambda's retry of a stored one. */
  async function takeBack({ id, deadlineAt }: Invocation, source: Source, now: number): Promise<Outcome> {
    if (now < retries.pausedUntil) return DISPATCH;
    const entry = { kind: 'taken-back', id, source: source.key } as const;
    const limitAt = Math.min(now + TAKE_BACK_LIMIT_MS, deadlineAt - DEADLINE_MARGIN_MS);
    try {
      await retries.refresh(now, limitAt);
      if (now >= retries.untilAt) return DISPATCH;
      const outcome = await events.takeBack(id, limitAt);
      if (outcome !== 'absent') log.write({ ...entry, outcome });
      return outcome === 'done' ? { kind: 'reply', reply: ENDS_RETRIES } : DISPATCH;
    } catch (error) {
      log.write({ ...entry, outcome: 'unknown', cause: String(error), pausedUntil: retries.giveUp(now) });
      return DISPATCH;
    }
  }
}

function ruleOf({ rule }: { readonly rule?: number }): { readonly rule?: number } {
  return rule === undefined ? {} : { rule };
}

function windowOf({ active }: WindowState): ActiveWindow {
  return active ?? { startAt: 0 };
}
