import { comparisonsOf, faultOfPattern, type Pattern } from '../patterns/pattern.ts';
import { nearest } from '../text/nearest.ts';
import { quoted } from '../text/parsed.ts';
import { isObject, type JsonObject } from '../text/shape.ts';
import { type Action, EVENT_SOURCES, type EventSource, type PolicyKey } from './sources.ts';

/**
 * What is done with events of one source that look like this, whatever the policy has for the source.
 *
 * ```json
 * { "match": { "warm": [true] }, "do": "answer", "reply": "warm" }
 * ```
 */
export interface Rule {
  /** Whose events it is about: a key of {@link EVENT_SOURCES}. Default `direct`. */
  readonly source?: PolicyKey;
  /** An EventBridge event pattern, over the whole event. */
  readonly match: Pattern;
  readonly do: Action;
  /** With `answer`, of a direct payload: what the caller gets, any JSON value up to 1,024 characters long. Default null. */
  readonly reply?: unknown;
}

/** Rules of one policy. */
const MAX_RULES = 50;
/** Of all rules together. At this number an event of 6 MB that is made to be slow costs some seconds, and any other microseconds. */
const MAX_COMPARISONS = 200;
const MAX_REPLY_LENGTH = 1024;
const MAX_REPLY_DEPTH = 20;
const FIELDS = ['source', 'match', 'do', 'reply'];
const EXAMPLE = '[{"match":{"type":["warm-up"]},"do":"answer"}]';

/** What is wrong with a value as a policy's rules: place and remedy. Undefined where it is a list of {@link Rule}. */
export function faultOfRules(value: unknown, place: string): string | undefined {
  if (!Array.isArray(value)) return `${place}: must be a list of rules, such as ${EXAMPLE}`;
  if (value.length > MAX_RULES) return `${place}: are ${value.length} rules; write up to ${MAX_RULES}`;
  for (const [index, rule] of value.entries()) {
    const fault = faultOfRule(rule, `${place}[${index}]`);
    if (fault) return fault;
  }
  const comparisons = value.reduce((sum, { match }: Rule) => sum + comparisonsOf(match), 0);
  return comparisons > MAX_COMPARISONS
    ? `${place}: take ${comparisons.toLocaleString('en-US')} comparisons, each combination of $or counted; write rules that take up to ${MAX_COMPARISONS}`
    : undefined;
}

/** What a rule may do with events of a source: never what would fake success, or drop what nobody keeps. */
export function actionsFor(key: PolicyKey): readonly Action[] {
  const { settings, delivery }: EventSource = EVENT_SOURCES[key];
  if (key === 'direct') return ['answer', 'reject', 'defer', 'dispatch'];
  const isNotice = delivery === 'asynchronous' && settings.includes('defer');
  return [...(isNotice ? ['answer' as const] : []), ...(settings as readonly Action[])];
}

function faultOfRule(value: unknown, place: string): string | undefined {
  if (!isObject(value)) return `${place}: must be a rule, such as ${EXAMPLE.slice(1, -1)}`;
  const unknown = Object.keys(value).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) return unknownField(unknown, place);
  const { source = 'direct', match, do: action } = value;
  if (typeof source !== 'string' || !Object.hasOwn(EVENT_SOURCES, source)) return unknownSource(source, place);
  const fault =
    faultOfAction(action, source as PolicyKey, `${place}.do`) ?? faultOfReply(value, source, `${place}.reply`);
  if (fault) return fault;
  return match === undefined
    ? `${place}.match: is missing; write an event pattern, such as {"type":["warm-up"]}`
    : faultOfPattern(match, `${place}.match`);
}

function faultOfAction(action: unknown, source: PolicyKey, place: string): string | undefined {
  if (source === 'durable') return `${place}: a durable execution is never touched: leave the rule out`;
  const actions = actionsFor(source);
  if (actions.some((one) => one === action)) return undefined;
  const words = `${actions.slice(0, -1).join(', ')} or ${actions.at(-1)}`;
  if (action === undefined) return `${place}: is missing; write ${words}`;
  const { fakeSuccess, delivery }: EventSource = EVENT_SOURCES[source];
  const isKnown = action === 'defer' || action === 'answer';
  if (isKnown && fakeSuccess) return `${place}: ${quoted(action)} would ${fakeSuccess}; use ${words}`;
  if (action === 'answer' && delivery === 'poll') return `${place}: "answer" would drop the whole batch; use ${words}`;
  return `${place}: ${quoted(action)} is not allowed for ${source}; use ${words}`;
}

function faultOfReply({ reply, do: action }: JsonObject, source: string, place: string): string | undefined {
  if (reply === undefined) return undefined;
  if (action !== 'answer' || source !== 'direct')
    return `${place}: goes with "answer" of a direct payload; leave it out`;
  if (isDeeper(reply, MAX_REPLY_DEPTH))
    return `${place}: is deeper than ${MAX_REPLY_DEPTH} lists or objects; flatten it`;
  const { length } = JSON.stringify(reply);
  return length > MAX_REPLY_LENGTH ? `${place}: is longer than ${MAX_REPLY_LENGTH} characters; shorten it` : undefined;
}

/** Comes to an end before the stack does. */
function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}

function unknownField(name: string, place: string): string {
  const meant = nearest(name, FIELDS);
  return `${place}: ${quoted(name)} is no field of a rule; ${meant ? `did you mean ${meant}?` : `use ${FIELDS.join(', ')}`}`;
}

function unknownSource(source: unknown, place: string): string {
  const meant = typeof source === 'string' ? nearest(source, Object.keys(EVENT_SOURCES)) : undefined;
  return `${place}.source: ${quoted(source)} is no event source; ${meant ? `did you mean ${meant}?` : 'leave it out for direct payloads, or write one such as "eventbridge"'}`;
}
