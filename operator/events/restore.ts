import type { Restored } from '../../core/events/archive.ts';
import type { EventIdentity } from '../../core/events/table.ts';
import type { OpenArchive } from '../access/archive.ts';
import { readEvents } from './read.ts';

/** What became of one event that was to be restored. */
export type RestoredEvent = EventIdentity & { readonly outcome: Restored };

/**
 * Takes discarded events back to what they were, one after the other. All are looked up before the first one is changed.
 *
 * @param reason stored with each event
 * @param signal aborted: no further event is restored
 * @throws MaintenanceWindowError `MaintenanceWindow.NotFound` for an event that does not exist
 */
export async function restoreEvents(
  archive: OpenArchive,
  names: readonly string[],
  reason: string | undefined,
  signal: AbortSignal,
): Promise<readonly RestoredEvent[]> {
  const events = await readEvents(archive, names);
  const restored: RestoredEvent[] = [];
  for (const { event } of events) {
    if (signal.aborted) break;
    const { functionName, id } = event;
    restored.push({ functionName, id, outcome: await archive.restore({ functionName, id }, reason) });
  }
  return restored;
}
