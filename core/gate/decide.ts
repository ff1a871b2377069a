import type { WindowState } from '../calendar/calendar.ts';
import type { Invocation } from '../events/invocation.ts';
import { matchingRule } from '../sources/matching-rule.ts';
import { actionFor, type Policy } from '../sources/policy.ts';
import { recogniseSource, type Source } from '../sources/recognise.ts';
import { EVENT_SOURCES } from '../sources/sources.ts';
import { parseJson } from '../text/json.ts';
import { type Reply, replayedInsideReply, replyOf } from './reply.ts';

/** Decision about one invocation. */
export type Decision =
  /** Give it to the handler. Where `retryOf` is set it may be Lambda's retry of a stored one: ask the table, where it may know. */
  | ({ readonly kind: 'dispatch'; readonly retryOf?: Source } & ByRule)
  /** Store it; `reply` is right once it is stored. */
  | ({ readonly kind: 'defer'; readonly source: Source; readonly reply: Reply } & ByRule)
  | ({ readonly kind: 'reject' | 'answer'; readonly source: Source; readonly reply: Reply } & ByRule);

interface ByRule {
  /** Index of the policy's rule that the event fell under. */
  readonly rule?: number;
}

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
  const event = parseJson(invocation.outline?.(policy) ?? invocation.text);
  const source = recogniseSource(invocation.text, invocation.clientContext, event);
  if (!window) return dispatched(source);
  if (mark) return { kind: 'reject', source, reply: replayedInsideReply(invocation.invokedFunctionArn, mark) };

  const matched = matchingRule(policy.rules, source, event);
  const kind = actionFor(source, policy, matched);
  const byRule: ByRule = matched ? { rule: matched.index } : {};
  if (kind === 'dispatch') return { ...dispatched(source), ...byRule };
  const reply = replyOf(kind, source, { id: invocation.id, window, policy, matched, now, chance });
  return { kind, source, reply, ...byRule };
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
