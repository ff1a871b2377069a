import { MaintenanceWindowError } from '../../core/errors.ts';
import type { EventArchive, FoundEvent } from '../../core/events/archive.ts';
import { type EventIdentity, eventKey } from '../../core/events/table.ts';
import { eventNamed, noSuchEvent } from './select/named.ts';

type Finding = 'find' | 'findBeginning' | 'look';

/**
 * Finds one event by its name, without its text.
 *
 * @throws MaintenanceWindowError as {@link eventNamed}
 */
export async function readEvent(archive: Pick<EventArchive, Finding>, named: string): Promise<FoundEvent> {
  const event = await archive.look(await eventNamed(archive, named));
  if (!event) throw noSuchEvent(named);
  return event;
}

/** An event, and what it was named by. */
export interface NamedEvent {
  readonly name: string;
  readonly event: FoundEvent;
}

/**
 * Finds events by their names, without their text, one after the other: each may take a look at every function. An event is
 * there once, by however many names: its id, a beginning of it, and `FUNCTION#ID`. Whoever acts on it twice ran it twice.
 *
 * @throws MaintenanceWindowError as {@link eventNamed}, before anything is done with the others
 */
export async function readEvents(
  archive: Pick<EventArchive, Finding>,
  names: readonly string[],
): Promise<readonly NamedEvent[]> {
  const found = new Map<string, NamedEvent>();
  for (const name of new Set(names)) {
    const event = await readEvent(archive, name);
    const key = eventKey(event);
    if (!found.has(key)) found.set(key, { name, event });
  }
  return [...found.values()];
}

/**
 * Reads the text of one event, byte for byte.
 *
 * @throws MaintenanceWindowError as {@link eventNamed}; `MaintenanceWindow.Malformed` for a damaged one
 */
export async function readEventText(
  archive: Pick<EventArchive, Finding | 'read'>,
  named: string,
): Promise<EventIdentity & { readonly text: string }> {
  const { functionName, id } = await eventNamed(archive, named);
  const found = await archive.read({ functionName, id });
  if (!found) throw noSuchEvent(named);
  if (found.body.kind === 'damaged')
    throw new MaintenanceWindowError('MaintenanceWindow.Malformed', found.body.message);
  return { functionName, id, text: found.body.text };
}
