import { withinLimit } from '../../aws/time/time-limit.ts';
import type { EventFacts, EventRow } from '../../core/events/archive.ts';
import type { EventStatus } from '../../core/events/deferred-event.ts';
import type { EventIdentity } from '../../core/events/table.ts';
import type { OpenArchive } from '../access/archive.ts';
import type { Operator } from '../access/operator.ts';
import { foldedError } from './select/folded-error.ts';
import { errorOf, factsOf } from './select/rows-by-facts.ts';
import { eachPage, type SelectionOptions, selectionOf } from './select/selection.ts';

/** Events of one function that failed alike. */
export interface FailureGroup {
  readonly functionName: string;
  /** As {@link foldedError} has it; absent where their events tell none. */
  readonly error?: string;
  readonly events: number;
  /** When the first of them failed, or where it does not tell was deferred: epoch milliseconds. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** The one that failed last. */
  readonly sample: EventIdentity & { readonly error?: string };
}

/** Failures by function and error. */
export interface Failures {
  readonly events: number;
  /** There may be more: reading them all would have taken too long. */
  readonly isPart: boolean;
  /** The largest first. */
  readonly groups: readonly FailureGroup[];
}

/** Statuses of events that somebody has to look at. */
export const FAILURES: readonly EventStatus[] = ['failed', 'unknown'];

/**
 * Groups events that failed, or may have, by function and error. Reads the index, and of each such event its item, a
 * hundred at a time.
 *
 * @param limitMs stops reading after so long; the archive is closed then, or it would go on
 * @param tell gets the number of events found so far
 */
export async function groupFailures(
  operator: Operator,
  archive: OpenArchive,
  filter: SelectionOptions,
  { limitMs, tell = () => undefined }: { readonly limitMs?: number | undefined; tell?: (found: number) => void } = {},
): Promise<Failures> {
  const selection = await selectionOf(operator, archive, filter, FAILURES);
  const groups = new Map<string, FailureGroup>();
  let events = 0;
  const take = async (rows: readonly EventRow[]) => {
    const facts = await factsOf(archive, rows);
    for (const row of rows) {
      const own = facts.get(row.id);
      const error = errorOf(row, own);
      const folded = error === undefined ? undefined : foldedError(error);
      const key = `${row.functionName} ${folded ?? ''}`;
      groups.set(key, withOne(groups.get(key), row, own, error, folded));
    }
    events += rows.length;
  };
  const reading = eachPage(archive, selection, take, tell).then(() => true);
  const isWhole = await (limitMs === undefined ? reading : withinLimit(reading, limitMs, () => false));
  return {
    events,
    isPart: !isWhole,
    groups: [...groups.values()].sort((a, b) => b.events - a.events || b.lastAt - a.lastAt),
  };
}

function withOne(
  group: FailureGroup | undefined,
  row: EventRow,
  facts: EventFacts | undefined,
  error: string | undefined,
  folded: string | undefined,
): FailureGroup {
  const { functionName, id, deferredAt } = row;
  const at = failedAt(facts) ?? deferredAt;
  const isLast = group === undefined || at >= group.lastAt;
  return {
    functionName,
    ...(folded !== undefined && { error: folded }),
    events: (group?.events ?? 0) + 1,
    firstAt: Math.min(at, group?.firstAt ?? at),
    lastAt: Math.max(at, group?.lastAt ?? at),
    sample: isLast ? { functionName, id, ...(error !== undefined && { error }) } : group.sample,
  };
}

/** When an event failed last. One that was discarded and restored since failed before that. */
function failedAt({ history = [], doneAt }: EventFacts = {}): number | undefined {
  const own = history.filter(({ to }) => to === undefined);
  if (own.at(-1)?.outcome !== 'restored') return doneAt;
  const last = own.findLast(({ outcome }) => outcome === 'failed' || outcome === 'unknown');
  return last ? last.at + (last.tookMs ?? 0) : doneAt;
}
