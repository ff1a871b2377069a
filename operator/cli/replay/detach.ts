import type { ReplayPlan } from '../../../core/replay/plan.ts';
import type { OpenArchive } from '../../access/archive.ts';
import { detachReplay } from '../../replay/drain.ts';
import type { RecordOptions } from '../../replay/record.ts';
import { usage } from '../command.ts';
import { DONE } from '../exit-code.ts';
import type { Session } from '../session.ts';
import type { ReplayOptions } from './options.ts';

/** Refuses what only a terminal does: what the index does not tell, and what a second stretch would do again. */
export function refuseDetached(options: ReplayOptions, ids: readonly string[]): void {
  const own = OF_A_TERMINAL.find(([name]) => options[name] !== undefined);
  if (ids.length > 0) throw usage('--detach takes events by filter: leave it out for those that are named');
  if (own) throw usage(`the drain knows no ${own[1]}: leave it out, or --detach`);
}

const OF_A_TERMINAL = [
  ['window', '--window'],
  ['error', '--error'],
  ['errorIs', '--error-is'],
  ['grep', '--grep'],
  ['to', '--to'],
  ['latestPer', '--latest-per'],
  ['dryRun', '--dry-run'],
] as const;

/** Hands the replay over, and says how to follow it. */
export async function detach(
  session: Session,
  archive: OpenArchive,
  plan: ReplayPlan,
  record: RecordOptions,
  machine: true | string,
): Promise<number> {
  const { output } = session;
  if (Number.isFinite(plan.limit) && record.selection.functions.length > 1)
    throw usage('--limit goes with one function where the drain replays: name it, or leave out --limit or --detach');
  session.changing();
  const id = await detachReplay(session, archive, plan, record, machine === true ? undefined : machine);
  output.show({ id }, () => `The drain has it: ${id}`);
  output.note(`follow it by  ${output.command(['replays', 'watch', id])}`);
  return DONE;
}
