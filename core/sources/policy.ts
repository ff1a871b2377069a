import { nearest } from '../text/nearest.ts';
import { quoted } from '../text/parsed.ts';
import { isObject, type JsonObject } from '../text/shape.ts';
import type { ReplayPolicy } from './auto-replay.ts';
import { faultOfHttpPolicy, type HttpPolicy, isListed } from './http-policy.ts';
import type { MatchingRule } from './matching-rule.ts';
import type { Source } from './recognise.ts';
import { faultOfRules, type Rule } from './rules.ts';
import { type Action, EVENT_SOURCES, type EventSource, type PolicyKey } from './sources.ts';

/** The words that a policy may set for this key. */
type WordFor<Key extends PolicyKey> = (typeof EVENT_SOURCES)[Key]['settings'][number];

/**
 * Actions for event sources inside a window, as far as they were set. An absent key has its default of {@link
 * EVENT_SOURCES}.
 *
 * ```json
 * { "sqs": "reject", "direct": "accept", "http": { "defer": ["POST /webhooks/*"] }, "alb-health-check": { "status": 503 } }
 * ```
 */
export type Policy = {
  readonly [Key in Exclude<PolicyKey, 'http' | 'alb-health-check'>]?: WordFor<Key>;
} & {
  readonly http?: WordFor<'http'> | HttpPolicy;
  readonly 'alb-health-check'?: WordFor<'alb-health-check'> | HealthCheckPolicy;
  /** By what the event looks like: the first rule that it matches goes before the setting of its source. */
  readonly rules?: readonly Rule[];
  /** What becomes of the backlog after the window. The gate has no use for it: `parseAutoReplay` reads it. */
  readonly replay?: ReplayPolicy;
};

/** Answer to a load balancer's health check: 200 keeps the target in service, 503 takes it out. */
interface HealthCheckPolicy {
  /** 200 to 599. */
  readonly status: number;
}

/** A policy, or what is wrong with the value: one message that names the place and the remedy. */
export type ParsedPolicy =
  | { readonly kind: 'policy'; readonly policy: Policy }
  | { readonly kind: 'fault'; readonly message: string };

/** The policy that sets nothing. */
export const NO_POLICY: Policy = {};

/**
 * Reads a policy from a parsed JSON value, from a document or an environment. Never throws; stops at the first fault.
 * A setting that would answer with success for what was only stored is a fault where `fakeSuccess` says so. What stands
 * under `replay` is taken unread.
 *
 * @param place what the message begins with: `policy`
 */
export function parsePolicy(value: unknown, place: string): ParsedPolicy {
  if (!isObject(value)) {
    return {
      kind: 'fault',
      message: `${place}: must be an object of event sources and settings, such as {"sqs":"defer"}`,
    };
  }
  for (const [key, setting] of Object.entries(value)) {
    const message = faultOf(key, setting, place);
    if (message) return { kind: 'fault', message };
  }
  return { kind: 'policy', policy: value };
}

/** Unites policies: for each key the last one that sets it holds, the object under `http` and the `rules` as a whole. */
export function mergePolicies(policies: readonly Policy[]): Policy {
  return Object.assign({}, ...policies);
}

/**
 * Action for an event of this source inside a window. A durable execution is always dispatched; an event that only the
 * handler can answer is never stored or answered for it, whatever the policy.
 *
 * @param matched the rule that the event falls under, if there is one
 */
export function actionFor(source: Source, policy: Policy, matched?: MatchingRule): Action {
  const action = matched?.rule.do ?? actionBy(policy, source);
  const isForHandler = action === 'defer' || (matched && action === 'answer');
  return isForHandler && source.needsHandler ? 'reject' : action;
}

function actionBy(policy: Policy, source: Source): Action {
  switch (source.key) {
    case 'direct':
      return policy.direct === 'reject' || policy.direct === 'dispatch' ? policy.direct : 'defer';
    case 'http':
      return httpAction(source, policy.http);
    case 'alb-health-check': {
      const setting = policy[source.key] ?? source.action;
      return typeof setting === 'string' ? setting : 'answer';
    }
    default:
      return policy[source.key] ?? source.action;
  }
}

/** A preflight is not work: stored, or rejected, it would keep a browser's page from every answer to the request itself. */
function httpAction({ request, action }: Source, setting: Policy['http']): Action {
  if (request?.isPreflight && setting !== 'dispatch') return 'answer';
  if (typeof setting === 'string') return setting;
  return setting && request && isListed(setting, request) ? 'defer' : action;
}

function faultOf(key: string, setting: unknown, place: string): string | undefined {
  if (key === 'rules') return faultOfRules(setting, `${place}.rules`);
  if (key === 'replay') return undefined;
  if (!isPolicyKey(key)) return unknownKey(key, place);
  if (key === 'http' && isObject(setting)) return faultOfHttpPolicy(setting, `${place}.http`);
  if (key === 'alb-health-check' && isObject(setting)) return faultOfHealthCheck(setting, `${place}.${key}`);

  const { settings, fakeSuccess }: EventSource = EVENT_SOURCES[key];
  if (settings.some((word) => word === setting)) return undefined;
  if (setting === 'defer' && fakeSuccess)
    return `${place}.${key}: "defer" would ${fakeSuccess}; use ${either(settings)}`;
  return `${place}.${key}: ${quoted(setting)} is not allowed; ${remedyFor(key, settings)}`;
}

function unknownKey(key: string, place: string): string {
  const keys = [...Object.keys(EVENT_SOURCES), 'rules', 'replay'];
  const meant = nearest(key, keys);
  return `${place}: ${quoted(key)} is no event source; ${meant ? `did you mean ${meant}?` : `use ${either(keys)}`}`;
}

function remedyFor(key: PolicyKey, settings: readonly string[]): string {
  if (key === 'durable') return 'a durable execution is never touched: leave the key out';
  if (key === 'direct') return `use ${either(settings)}: error and accept both store the event`;
  if (key === 'http') return `use ${either(settings)}, or an object such as {"defer":["POST /webhooks/*"]}`;
  if (key === 'alb-health-check') return `use ${either(settings)}, or {"status":200}`;
  return `use ${either(settings)}`;
}

function faultOfHealthCheck(setting: JsonObject, place: string): string | undefined {
  const { status, ...others } = setting;
  const [other] = Object.keys(others);
  if (other !== undefined) return `${place}: ${quoted(other)} is no field of it; use status`;
  const allowed = typeof status === 'number' && Number.isInteger(status) && status >= 200 && status <= 599;
  return allowed ? undefined : `${place}.status: must be an HTTP status from 200 to 599`;
}

function isPolicyKey(key: string): key is PolicyKey {
  return Object.hasOwn(EVENT_SOURCES, key);
}

function either(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
