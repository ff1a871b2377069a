import { MaintenanceWindowError } from '../../core/errors.ts';
import type { AuditNote } from '../../core/events/audit.ts';
import type { ReplayRun } from '../../core/runs/run.ts';
import type { OpenArchive } from '../access/archive.ts';
import type { Operator } from '../access/operator.ts';
import { type Change, type History, readHistory } from '../windows/history.ts';

/** Something that was done, by whom and when. */
export type AuditEntry = { readonly at: number } & (
  | { readonly kind: 'windows'; readonly change: Change }
  | { readonly kind: 'replay'; readonly run: ReplayRun }
  | { readonly kind: 'events'; readonly note: AuditNote }
);

/** What was done, newest first. */
export interface Audit {
  readonly entries: readonly AuditEntry[];
  /** What could not be read, each with its reason. */
  readonly faults: readonly MaintenanceWindowError[];
  /** By AWS's clock: epoch milliseconds. */
  readonly now: number;
}

/**
 * Reads what was done to windows, by replays, and with events by hand: the latest of each, united. What cannot be read is left out
 * and said.
 *
 * @param limit how many entries
 */
export async function readAudit(operator: Operator, archive: OpenArchive, limit: number): Promise<Audit> {
  const faults: MaintenanceWindowError[] = [];
  const unlessRefused = async <Value>(reading: Promise<readonly Value[]>): Promise<readonly Value[]> => {
    try {
      return await reading;
    } catch (fault) {
      if (!(fault instanceof MaintenanceWindowError)) throw fault;
      faults.push(fault);
      return [];
    }
  };
  const toldOf = (history: History) => {
    faults.push(...history.faults);
    return history.changes;
  };
  const [changes, runs, notes] = await Promise.all([
    unlessRefused(readHistory(operator, limit).then(toldOf)),
    unlessRefused(archive.runs.list({ limit }).then((page) => page.runs)),
    unlessRefused(archive.audit.list(limit)),
  ]);
  const entries: AuditEntry[] = [
    ...changes.map((change) => ({ kind: 'windows', at: change.at, change }) as const),
    ...runs.map((run) => ({ kind: 'replay', at: run.startedAt, run }) as const),
    ...notes.map((note) => ({ kind: 'events', at: note.at, note }) as const),
  ];
  const now = (await archive.clock()).now();
  return { entries: entries.sort((a, b) => b.at - a.at).slice(0, limit), faults, now };
}
