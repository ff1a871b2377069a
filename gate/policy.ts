import { type Action, EVENT_SOURCES, type PolicyKey } from './event-sources.ts';
import { type HttpPolicy, isDeferredRequest, parseHttpPolicy } from './http-policy.ts';
import { isObject } from './shape.ts';
import type { Source } from './source.ts';

export type { PolicyKey } from './event-sources.ts';

type WordFor<Key extends PolicyKey> = (typeof EVENT_SOURCES)[Key]['settings'][number];

/** What was set, and nothing else: a key that is absent has its default of {@link EVENT_SOURCES}. */
export type Policy = {
  readonly [Key in Exclude<PolicyKey, 'http' | 'alb-health-check'>]?: WordFor<Key>;
} & {
  readonly http?: WordFor<'http'> | HttpPolicy;
  readonly 'alb-health-check'?: WordFor<'alb-health-check'> | { readonly status: number };
};

/** The policy that sets nothing. */
export const NO_POLICY: Policy = {};

/** A policy, or what is wrong with the value: place and remedy. */
export type ParsedPolicy =
  | { readonly kind: 'policy'; readonly policy: Policy }
  | { readonly kind: 'fault'; readonly message: string };

/**
 * Reads a policy from a parsed JSON value. Never throws. A setting that would answer a source of `fakeSuccess` with success is a fault.
 *
 * @param place what the message begins with: `policy` in a document, the variable's name in an environment
 */
export function parsePolicy(value: unknown, place: string): ParsedPolicy {
  if (!isObject(value)) return { kind: 'fault', message: `${place}: must be an object, such as {"sqs":"defer"}` };
  for (const [key, setting] of Object.entries(value)) {
    const fault = faultOf(key, setting, `${place}.${key}`);
    if (fault) return { kind: 'fault', message: fault };
  }
  return { kind: 'policy', policy: value };
}

/** Unites policies: for each key the last one that sets it holds, `http` as a whole too. */
export function mergePolicies(policies: readonly Policy[]): Policy {
  return Object.assign({}, ...policies);
}

/** What to do with an event of this source inside a window. */
export function actionFor(source: Source, policy: Policy): Action {
  switch (source.key) {
    case 'direct':
      return directAction(policy.direct);
    case 'http':
      return httpAction(source, policy.http);
    case 'alb-health-check': {
      const setting = policy['alb-health-check'] ?? source.action;
      return typeof setting === 'string' ? setting : 'answer';
    }
    case 'websocket':
      // A deferred CONNECT would open a connection that no handler let in.
      return policy.websocket === 'defer' && source.connection === 'CONNECT'
        ? 'reject'
        : (policy.websocket ?? source.action);
    default:
      return policy[source.key] ?? source.action;
  }
}

function directAction(setting: Policy['direct']): Action {
  return setting === 'reject' || setting === 'dispatch' ? setting : 'defer';
}

function httpAction(source: Source, setting: Policy['http']): Action {
  if (typeof setting === 'string') return setting;
  return setting && source.http && isDeferredRequest(setting, source.http) ? 'defer' : source.action;
}

function faultOf(key: string, setting: unknown, place: string): string | undefined {
  if (!isPolicyKey(key)) return `${place}: there is no event source of this name`;
  if (key === 'http' && isObject(setting)) return parseHttpPolicy(setting, place);
  if (key === 'alb-health-check' && isObject(setting)) return healthCheckFault(setting, place);
  const { settings, fakeSuccess } = { fakeSuccess: undefined, ...EVENT_SOURCES[key] };
  if (settings.some((word) => word === setting)) return undefined;
  const remedy = `use ${listed(settings)}`;
  if (setting === 'defer' && fakeSuccess) return `${place}: "defer" would ${fakeSuccess}; ${remedy}`;
  return `${place}: ${shown(setting)} is not a setting of this event source; ${remedy}`;
}

function isPolicyKey(key: string): key is PolicyKey {
  return Object.hasOwn(EVENT_SOURCES, key);
}

function healthCheckFault(setting: Readonly<Record<string, unknown>>, place: string): string | undefined {
  const { status } = setting;
  const valid = Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599;
  return valid && Object.keys(setting).length === 1
    ? undefined
    : `${place}: must be {"status":200}, with a status of 200 to 599`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return isObject(value) ? 'an object' : JSON.stringify(value);
}
