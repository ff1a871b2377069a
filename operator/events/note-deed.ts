import { MaintenanceWindowError } from '../../core/errors.ts';
import { type AuditNote, MOST_NAMED } from '../../core/events/audit.ts';
import type { OpenArchive } from '../access/archive.ts';
import type { Operator } from '../access/operator.ts';
import { remarkOf } from '../access/remedy.ts';

/** What somebody does, before it is noted. */
export type Deed = Pick<AuditNote, 'kind' | 'events' | 'reason'> & {
  readonly functions: Iterable<string>;
  readonly ids?: readonly string[];
  readonly replays?: readonly string[];
};

/**
 * Notes what is done by hand with events, or with replays. Who may not write notes, as with an older grant, does it all the same: it is said once
 * that it is not noted.
 */
export async function noteDeed(operator: Operator, archive: OpenArchive, deed: Deed): Promise<void> {
  const { kind, events, reason, ids = [], replays } = deed;
  try {
    await archive.audit.write({
      kind,
      at: (await archive.clock()).now(),
      by: archive.worker.by,
      events,
      functions: [...new Set(deed.functions)].slice(0, MOST_NAMED),
      ids: ids.slice(0, MOST_NAMED),
      ...(replays && { replays: replays.slice(0, MOST_NAMED) }),
      ...(reason !== undefined && { reason }),
    });
  } catch (fault) {
    if (!(fault instanceof MaintenanceWindowError)) throw fault;
    operator.remarks.warn({ ...remarkOf(fault), effect: 'the audit does not have this' });
  }
}
