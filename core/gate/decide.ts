import type { WindowState } from '../calendar/calendar.ts';
import type { Invocation } from '../events/invocation.ts';
import { actionFor, type Policy } from '../sources/policy.ts';
import { recogniseSource, type Source } from '../sources/recognise.ts';
import { EVENT_SOURCES } from '../sources/sources.ts';
import { type Reply, replayedInsideReply, replyOf } from './reply.ts';

/** Decision about one invocation. */
export type Decision =
  /** Give it to the handler. Where `retryOf` is set it may be Lambda's retry of a stored one: ask the table, where it may know. */
  | { readonly kind: 'dispatch'; readonly retryOf?: Source }
  /** Store it; `reply` is right once it is stored. */
  | { readonly kind: 'defer'; readonly source: Source; readonly reply: Reply }
  | { readonly kind: 'reject' | 'answer'; readonly source: Source; readonly reply: Reply };

const DISPATCH: Decision = { kind: 'dispatch' };

/**
 * Decides for one invocation at one instant. Pure; never throws, whatever the event's text.
 *
 * @param state valid at `now`
 * @param now epoch milliseconds
 * @param chance uniform in [0, 1): the jitter of `Retry-After`
 */
export function decide(
  state: WindowState,
  policy: Policy,
  invocation: Invocation,
  now: number,
  chance: number,
): Decision {
  const window = state.active;
  const { mark } = invocation;
  if (mark && (mark.dispatch || !window)) return DISPATCH;
  const source = recogniseSource(invocation.text, invocation.clientContext);
  if (!window) return dispatched(source);
  if (mark) return { kind: 'reject', source, reply: replayedInsideReply(invocation.invokedFunctionArn, mark) };

  const kind = actionFor(source, policy);
  if (kind === 'dispatch') return dispatched(source);
  return { kind, source, reply: replyOf(kind, source, { id: invocation.id, window, policy, now, chance }) };
}

/**
 * Only what Lambda itself retries can have been stored under its own id; all else pays nothing. Where windows and policy
 * let it run now, they may have had it stored when it came before.
 */
function dispatched(source: Source): Decision {
  return isRetried(source) && isEverStored(source) ? { kind: 'dispatch', retryOf: source } : DISPATCH;
}

/** Whether Lambda itself may send it again, under the same id: it does so for senders that do not wait. */
export function isRetried({ delivery }: Source): boolean {
  return delivery === 'asynchronous' || delivery === 'unknown';
}

/** Whether there is a policy that has it stored. */
function isEverStored({ key, action, needsHandler }: Source): boolean {
  if (needsHandler) return false;
  return action === 'defer' || EVENT_SOURCES[key].settings.some((setting) => setting === 'defer');
}
