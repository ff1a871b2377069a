import type { Source } from '../sources/recognise.ts';
import type { PolicyKey } from '../sources/sources.ts';

/**
 * Upper bound for storing an event. Nearly all events are stored within a tenth of a second; with an unreachable table,
 * functions with long time-outs would otherwise exhaust the account's concurrency, and callers who have left would send
 * again what is stored after all.
 */
const STORING_LIMIT_MS = 10_000;

/**
 * Shorter bounds for sources whose callers leave sooner. Cognito waits for 5 s, a refresh of the windows included, and
 * retries three times. Source: Amazon Cognito developer guide, "Important considerations" of Lambda triggers.
 *
 * All others that can be stored wait for longer: API Gateway for 29 or 30 s, AppSync for 30, a load balancer for 60,
 * Pipes and the pollers of queues and streams for the function's time-out; nobody waits for an asynchronous invocation.
 * Alexa, Connect (8 s) and Lex need the handler's own answer: their events are never stored.
 */
const LEAVES_SOONER: Partial<Readonly<Record<PolicyKey, number>>> = { cognito: 3_500 };

/** Upper bound for storing an event of this source, in milliseconds. */
export function storingLimitMs({ key }: Source): number {
  return LEAVES_SOONER[key] ?? STORING_LIMIT_MS;
}
