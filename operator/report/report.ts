import { FINISHED_KEPT_SECONDS } from '../../core/events/table.ts';
import { withArchive } from '../access/archive.ts';
import type { Operator } from '../access/operator.ts';
import { countEventsOf, type EventTotals } from './event-totals.ts';
import { type FoundWindow, findWindow } from './find-window.ts';
import { countNotStored, type NotStored, namedBy } from './not-stored.ts';

/** What happened in one window. */
export interface WindowReport extends FoundWindow {
  readonly state: 'planned' | 'active' | 'ended' | 'never-active';
  readonly events: EventTotals;
  readonly notStored: NotStored;
  /** Finished events since before this instant may have expired: epoch milliseconds. Absent where none can have. */
  readonly expiredBefore?: number;
}

/**
 * Makes the report of a window: its life by SSM's history, its events by the table, and what was not stored by metrics.
 *
 * @param id of the window; undefined: the active one, or the last one that ended
 * @param at epoch milliseconds: the window, or the occurrence of the named one, that was active then
 * @param told how many events were looked at so far
 * @throws MaintenanceWindowError as {@link findWindow} has it; where the table cannot be read
 */
export async function makeReport(
  operator: Operator,
  id: string | undefined,
  at: number | undefined,
  told: (events: number) => void,
): Promise<WindowReport> {
  const found = await findWindow(operator, id, at);
  const { life, now } = found;
  return withArchive(operator, async (archive) => {
    const stored = (await archive.functionNames()).sort();
    const [events, notStored] = await Promise.all([
      countEventsOf(archive, found, namedBy(life.functions, stored), told),
      countNotStored(operator, life, stored, now),
    ]);
    const expiredBefore = now - FINISHED_KEPT_SECONDS * 1_000;
    return {
      ...found,
      state: stateOf(found),
      events,
      notStored,
      ...(life.startAt < expiredBefore && { expiredBefore }),
    };
  });
}

function stateOf({ life: { startAt, endAt }, now }: FoundWindow): WindowReport['state'] {
  if (endAt <= startAt) return 'never-active';
  if (startAt > now) return 'planned';
  return endAt > now ? 'active' : 'ended';
}
