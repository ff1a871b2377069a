import { MaintenanceWindowError } from '../../core/errors.ts';
import type { EventArchive, FoundEvent } from '../../core/events/archive.ts';
import { eventNamed, noSuchEvent } from './named.ts';

/**
 * Finds one event by its name, without its text.
 *
 * @throws MaintenanceWindowError as {@link eventNamed}
 */
export async function readEvent(archive: Pick<EventArchive, 'find' | 'look'>, named: string): Promise<FoundEvent> {
  const event = await archive.look(await eventNamed(archive, named));
  if (!event) throw noSuchEvent(named);
  return event;
}

/**
 * Reads the text of one event, byte for byte.
 *
 * @throws MaintenanceWindowError as {@link eventNamed}; `MaintenanceWindow.Malformed` for a damaged one
 */
export async function readEventText(archive: Pick<EventArchive, 'find' | 'read'>, named: string): Promise<string> {
  const found = await archive.read(await eventNamed(archive, named));
  if (!found) throw noSuchEvent(named);
  if (found.body.kind === 'damaged')
    throw new MaintenanceWindowError('MaintenanceWindow.Malformed', found.body.message);
  return found.body.text;
}
