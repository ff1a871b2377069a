import { TAKE_BACK_MS, type WindowState } from './calendar.ts';
import type { Invocation } from './invocation.ts';
import { actionFor, type Policy } from './policy.ts';
import { type Reply, replayedInsideReply, replyOf } from './reply.ts';
import { recogniseSource, type Source } from './source.ts';

/** What to do with one invocation. */
export type Decision =
  /** Give it to the handler. Where `retryOf` is set it may be Lambda's retry of a stored one: ask the table first. */
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
  if (!window) return now < state.lastEndAt + TAKE_BACK_MS ? decideAfterWindow(policy, invocation) : DISPATCH;

  const { mark } = invocation;
  if (mark?.dispatch) return DISPATCH;
  const source = recogniseSource(invocation.text, invocation.clientContext);
  if (mark) return { kind: 'reject', source, reply: replayedInsideReply(invocation.invokedFunctionArn, mark) };

  const kind = actionFor(source, policy);
  if (kind === 'dispatch') return DISPATCH;
  return { kind, source, reply: replyOf(kind, source, { id: invocation.id, window, policy, now, chance }) };
}

/** Only what Lambda itself retries can have been stored under its own id; all else pays nothing. */
function decideAfterWindow(policy: Policy, invocation: Invocation): Decision {
  if (invocation.mark) return DISPATCH;
  const source = recogniseSource(invocation.text, invocation.clientContext);
  const retried = source.delivery === 'asynchronous' || source.delivery === 'unknown';
  return retried && actionFor(source, policy) === 'defer' ? { kind: 'dispatch', retryOf: source } : DISPATCH;
}
