import { MaintenanceWindowError } from '../../../core/errors.ts';
import type { EventArchive } from '../../../core/events/archive.ts';
import { type EventIdentity, eventKey, isEventId, parseKey } from '../../../core/events/table.ts';
import { numberText, shown } from '../../../core/text/shown.ts';
import { OperatorFault } from '../../access/remedy.ts';
import { fittingShortId, shortIdIn } from './short-id.ts';

/**
 * Finds the event that was named. A whole id costs a read for each hundred functions; the beginning of one costs reading
 * the index, see {@link EventArchive.findBeginning}.
 *
 * @param named its id or the beginning of it, see {@link shortIdIn}; with `FUNCTION#` before it to say whose it is
 * @throws MaintenanceWindowError `MaintenanceWindow.NotFound`; `MaintenanceWindow.Usage` where several events fit
 */
export async function eventNamed(
  archive: Pick<EventArchive, 'find' | 'findBeginning' | 'look'>,
  named: string,
): Promise<EventIdentity> {
  const { functionName, id } = partsOf(named);
  if (!isEventId(id)) throw noSuchEvent(named);
  const whole = functionName === undefined ? await archive.find(id) : await lookedUp(archive, { functionName, id });
  if (whole.length > 0) return onlyOne(named, whole);
  const begin = await archive.findBeginning(shortIdIn(id).base, functionName);
  return onlyOne(named, fittingShortId(begin, id));
}

async function lookedUp(archive: Pick<EventArchive, 'look'>, event: EventIdentity): Promise<readonly EventIdentity[]> {
  return (await archive.look(event)) ? [event] : [];
}

function partsOf(named: string): { readonly functionName?: string; readonly id: string } {
  const key = parseKey(named);
  return key?.kind === 'event' ? { functionName: key.functionName, id: key.id } : { id: named };
}

function onlyOne(named: string, events: readonly EventIdentity[]): EventIdentity {
  const [found, ...more] = events;
  if (!found) throw noSuchEvent(named);
  if (more.length === 0) return found;
  const isOneId = more.every(({ id }) => id === found.id);
  const names = events
    .map((event) => (isOneId ? `'${eventKey(event)}'` : event.id))
    .sort()
    .slice(0, MOST_NAMED);
  const others = events.length - names.length;
  const meant = `say which one is meant, ${names.join(' or ')}${others > 0 ? `, or one of ${others} more` : ''}`;
  throw new MaintenanceWindowError(
    'MaintenanceWindow.Usage',
    isOneId
      ? `several functions have an event ${shown(named)}, though Lambda gives no id twice: ${meant}`
      : `the ids of ${numberText(events.length)} events begin with ${shown(named)}: ${meant}`,
  );
}

const MOST_NAMED = 3;

/** The fault of a name under which nothing is stored. */
export function noSuchEvent(named: string): MaintenanceWindowError {
  return new OperatorFault(
    'MaintenanceWindow.NotFound',
    `there is no event ${shown(named)}: it was never deferred, or was finished more than 30 days ago`,
    { kind: 'absent-event' },
  );
}
