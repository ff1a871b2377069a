import { MaintenanceWindowError } from '../../core/errors.ts';
import type { EventArchive } from '../../core/events/archive.ts';
import { type EventIdentity, eventKey, isEventId, parseKey } from '../../core/events/table.ts';
import { shown } from '../../core/text/shown.ts';

/**
 * Finds the event that was named. One named with its function is taken as it is, and need not be there.
 *
 * @param named its id; `FUNCTION#ID` where two functions have an event of one id
 * @throws MaintenanceWindowError `MaintenanceWindow.NotFound`; `MaintenanceWindow.Usage` where two functions have the id
 */
export async function eventNamed(archive: Pick<EventArchive, 'find'>, named: string): Promise<EventIdentity> {
  const key = parseKey(named);
  if (key?.kind === 'event') return key;
  const [found, ...more] = isEventId(named) ? await archive.find(named) : [];
  if (!found) throw noSuchEvent(named);
  if (more.length === 0) return found;
  const keys = [found, ...more].map((each) => `'${eventKey(each)}'`);
  throw new MaintenanceWindowError(
    'MaintenanceWindow.Usage',
    `several functions have an event ${named}, though Lambda gives no id twice: say which one is meant, ${keys.join(' or ')}`,
  );
}

/** The fault of a name under which nothing is stored. */
export function noSuchEvent(named: string): MaintenanceWindowError {
  return new MaintenanceWindowError(
    'MaintenanceWindow.NotFound',
    `there is no event ${shown(named)}: it was never deferred, or was finished more than 30 days ago; see  maintenance-window events list`,
  );
}
