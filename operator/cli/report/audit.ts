import { FAULTS } from '../../../core/errors.ts';
import type { AuditNote } from '../../../core/events/audit.ts';
import { counted, shown } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/time/instant.ts';
import { withArchive } from '../../access/archive.ts';
import { remarkOf } from '../../access/remedy.ts';
import { type AuditEntry, readAudit } from '../../report/audit.ts';
import { callerText } from '../../windows/caller.ts';
import type { AddNoun } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import { outcomesText } from '../replays/run-text.ts';
import type { Session } from '../session.ts';
import type { Output } from '../terminal/output.ts';
import { countValue } from '../values.ts';
import { changeJson, changeText } from '../windows/change-text.ts';

const DEFAULT_LIMIT = 20;

/** `audit`: who did what. */
export const addAudit: AddNoun = (program, acting) => {
  const command = program
    .command('audit')
    .description(
      'show who changed windows, did or changed replays, discarded and restored events, or looked at their bodies',
    )
    .option('--limit <number>', `how many, the latest (default ${DEFAULT_LIMIT})`, countValue)
    .action(acting(audit));
  withExamples(command, 'audit', 'audit --limit 100 -o json');
};

async function audit(session: Session, { limit = DEFAULT_LIMIT }: { readonly limit?: number }): Promise<number> {
  const { output } = session;
  return withArchive(session, async (archive) => {
    const { entries, faults, now } = await readAudit(session, archive, limit);
    for (const fault of faults) output.warn(remarkOf(fault));
    output.show({ entries: entries.map(entryJson) }, () =>
      entries.length === 0
        ? 'Nothing yet.'
        : output.table(
            [output.times.head('WHEN'), 'WHO', 'WHAT', 'WHY'],
            entries.flatMap((entry) => rowsOf(entry, output, now)),
          ),
    );
    const [fault] = faults;
    return fault ? FAULTS[fault.name].exitCode : DONE;
  });
}

function rowsOf(entry: AuditEntry, { times }: Output, now: number): readonly (readonly string[])[] {
  const when = times.cellFromNow(entry.at, now);
  const row = (by: string, what: string, reason?: string) => [when, shown(by), what, reason ? shown(reason) : '-'];
  switch (entry.kind) {
    case 'windows': {
      const { by, reason, changes } = entry.change;
      return changes.map((change) => row(callerText(by), changeText(change, times.cell), reason));
    }
    case 'replay': {
      const { by, id, name, status, counts, reason } = entry.run;
      return [row(by, `replay ${id} of ${shown(name)}, ${status}: ${outcomesText(counts)}`, reason)];
    }
    case 'events':
      return [row(entry.note.by, deedText(entry.note), entry.note.reason)];
  }
}

const DEEDS: Readonly<Record<AuditNote['kind'], string>> = {
  looked: 'looked at the body of',
  exported: 'exported the bodies of',
  discarded: 'discarded',
  restored: 'restored',
  paused: 'paused',
  resumed: 'resumed',
  cancelled: 'cancelled',
  set: 'set the pace of',
};

/** `discarded 12 events of orders (3f2a91c0, …)`, `paused the replay 3f2a91c0 of orders`. */
function deedText({ kind, events, functions, ids, replays }: AuditNote): string {
  if (replays) return shown(`${DEEDS[kind]} the replay ${replays.join(', ')} of ${functions.join(', ')}`);
  const which = ids.length === 0 ? '' : ` (${ids.join(', ')}${ids.length < events ? ', …' : ''})`;
  return shown(`${DEEDS[kind]} ${counted(events, 'event')} of ${functions.join(', ')}${which}`);
}

function entryJson(entry: AuditEntry): object {
  const at = instantToText(entry.at);
  switch (entry.kind) {
    case 'windows': {
      const { by, reason, parameter, version, changes } = entry.change;
      return { at, kind: entry.kind, by, reason, parameter, version, changes: changes.map(changeJson) };
    }
    case 'replay': {
      const { by, reason, id, name, status } = entry.run;
      return { at, kind: entry.kind, by, reason, replay: id, name, status };
    }
    case 'events': {
      const { by, reason, kind, events, functions, ids, replays } = entry.note;
      return replays ? { at, kind, by, reason, functions, replays } : { at, kind, by, reason, events, functions, ids };
    }
  }
}
