import { type EventArchive, type EventRow, WAITING } from '../../core/events/archive.ts';
import { inPages } from '../../core/events/in-pages.ts';
import { withAsides } from '../../core/replay/order/aside.ts';
import type { ReplayPlan } from '../../core/replay/plan.ts';
import type { RunSelection } from '../../core/runs/run.ts';

/** Which events of one function a run means. */
export interface ShareRows {
  readonly functionName: string;
  /** Group of the index; absent for all of the function. */
  readonly group?: number | undefined;
  readonly selection: Pick<RunSelection, 'sources' | 'fromAt' | 'untilAt' | 'underFromAt'>;
  readonly plan: Pick<ReplayPlan, 'statuses' | 'ordered'>;
}

/** Events of a share, oldest first, page by page. In order, also what holds them back. */
export function rowsOfShare(
  archive: Pick<EventArchive, 'rows' | 'groups'>,
  share: ShareRows,
): AsyncGenerator<EventRow> {
  const { functionName, group, selection, plan } = share;
  const { sources, fromAt, untilAt } = selection;
  const statuses = plan.ordered ? WAITING : plan.statuses;
  const query = {
    functionName,
    statuses,
    ...(sources && { sources }),
    ...(fromAt !== undefined && { fromAt }),
    ...(untilAt !== undefined && { untilAt }),
  };
  const rows = group === undefined ? archive.rows(query) : archive.groups(query)[group];
  if (!rows) throw new Error(`the index has no group ${group}`);
  const isPart = sources !== undefined || fromAt !== undefined;
  return plan.ordered && isPart ? withAsides(rows, archive.rows({ functionName, statuses: WAITING })) : rows;
}

/**
 * The same rows, but that what was deferred under other windows than a run means is read for what it holds back alone: who did
 * not see at once that a window was over, deferred under it still. The index does not know the window, the event does.
 */
export async function* deferredUnder(
  archive: Pick<EventArchive, 'facts' | 'look'>,
  rows: AsyncGenerator<EventRow>,
  { underFromAt }: Pick<RunSelection, 'underFromAt'>,
): AsyncGenerator<EventRow> {
  if (underFromAt === undefined) return yield* rows;
  for await (const page of inPages(rows)) {
    const asked = page.filter(({ isAside }) => !isAside);
    const ids = asked.map(({ id }) => id);
    const facts = await archive.facts(asked[0]?.functionName ?? '', ids);
    for (const row of page) {
      if (row.isAside) {
        yield row;
        continue;
      }
      // Not read consistently: what has only just been stored may be missing there.
      const found = facts.get(row.id) ?? (await archive.look(row));
      const startAt = found && 'windowStartAt' in found ? found.windowStartAt : undefined;
      yield startAt !== undefined && startAt >= underFromAt ? row : { ...row, isAside: true };
    }
  }
}

/**
 * The same rows, but that what this run has tried before is read for what it holds back alone: a run tries each event once,
 * in however many stretches.
 */
export async function* triedOnce(
  archive: Pick<EventArchive, 'facts'>,
  rows: AsyncGenerator<EventRow>,
  run: string,
): AsyncGenerator<EventRow> {
  for await (const row of rows) {
    const mayBeTried = row.status === 'failed' || row.status === 'unknown';
    yield mayBeTried && (await isTriedBy(archive, row, run)) ? { ...row, isAside: true } : row;
  }
}

async function isTriedBy(archive: Pick<EventArchive, 'facts'>, row: EventRow, run: string): Promise<boolean> {
  const facts = await archive.facts(row.functionName, [row.id]);
  return facts.get(row.id)?.doneBy?.split('/')[1] === run;
}
