import type { EventSourceMapping, FunctionInspector } from '../../aws/lambda/function-inspector.ts';
import { type Finding, found, type PolledSource } from './finding.ts';
import { looked } from './unseen.ts';

/** What Lambda polls for functions. */
export interface EventSources {
  /** That it is not known, where it is not. A stand-in that has no event sources says nothing. */
  readonly findings: readonly Finding[];
  /** What it polls for one function: nothing where nothing is known. */
  of(name: string): readonly Finding[];
}

const ACTION = 'lambda:ListEventSourceMappings';

/** Asks for all of them at once: IAM allows no question of one function alone. */
export async function lookUpEventSources(inspector: FunctionInspector): Promise<EventSources> {
  const { value, unseen } = await looked(ACTION, inspector.eventSources);
  const byName = Map.groupBy(value ?? [], ({ functionName }) => functionName);
  const { why, action, message } = unseen ?? {};
  const isUnknown = unseen !== undefined && why !== 'not-offered';
  return {
    findings: isUnknown
      ? [found('event-source-list', '', 'ok', { why: 'not-listed', action: action ?? ACTION, message: message ?? '' })]
      : [],
    of: (name) => judged(name, byName.get(name) ?? []),
  };
}

function judged(name: string, mappings: readonly EventSourceMapping[]): readonly Finding[] {
  if (mappings.length === 0) return [];
  const sources = mappings.map(({ functionName: _, ...source }) => ({
    ...source,
    ...(isGivenUp(source) && { givesUp: true as const }),
  }));
  return sources.some(({ givesUp }) => givesUp)
    ? [found('event-sources', name, 'warning', { why: 'gives-up', sources })]
    : [found('event-sources', name, 'ok', { sources })];
}

/** Whether records that cannot be stored are dropped in the end. A queue has a dead-letter queue of its own. */
function isGivenUp({ retries, maximumAgeSeconds, onFailure }: PolledSource): boolean {
  return onFailure === undefined && (retries !== undefined || maximumAgeSeconds !== undefined);
}
