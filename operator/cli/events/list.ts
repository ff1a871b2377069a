import { MaintenanceWindowError } from '../../../core/errors.ts';
import { STATUSES } from '../../../core/events/deferred-event.ts';
import { shown } from '../../../core/text/shown.ts';
import { type OpenArchive, withArchive } from '../../access/archive.ts';
import { countStored, type ListedEvent, listEvents, type PageOptions } from '../../events/list.ts';
import type { SelectionOptions } from '../../events/select/selection.ts';
import { runNamed } from '../../replay/runs.ts';
import type { AddNoun } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import { RUN_NAMED } from '../replays/run-text.ts';
import type { Session } from '../session.ts';
import type { Output } from '../terminal/output.ts';
import { countValue } from '../values.ts';
import { countsJson, countsText } from './counts-text.ts';
import { errorCell, idsText } from './event-cells.ts';
import { rowJson, sizeText, statusText } from './event-text.ts';
import { type MeantSelection, meantSelection, type TypedSelection, takesSelection } from './selection-options.ts';

interface ListOptions extends TypedSelection {
  readonly limit?: number;
  readonly after?: string;
  readonly count?: boolean;
  readonly run?: string;
}

const DEFAULT_LIMIT = 50;

/** `events list`: what is stored, oldest first. */
export const addList: AddNoun = (events, acting) => {
  const command = takesSelection(
    events
      .command('list')
      .description('list deferred events, oldest first; those that are not finished, unless --status says otherwise'),
  )
    .option('--limit <number>', `how many on a page (default ${DEFAULT_LIMIT})`, countValue)
    .option('--after <place>', 'the next page: the place that the page before ends with')
    .option('--run <id>', `that this replay had, whatever became of them: ${RUN_NAMED}`)
    .option('--count', 'count them instead, with their sizes, by function, source and status')
    .action(acting(list));
  withExamples(
    command,
    'events list',
    "events list --function 'orders-*' --status failed unknown",
    "events list --window 'CHG-1042' --count",
    "events list --status failed --error 'Orders.Unknown'",
    "events list --function orders-api --grep 'customer-4711'",
    'events list --run 3f2a91c0',
    "events list --status replayed --from 'yesterday 22:00' -o json",
  );
};

async function list(session: Session, typed: ListOptions): Promise<number> {
  const { count, after, limit = DEFAULT_LIMIT } = typed;
  const paging = after !== undefined ? 'after' : typed.limit !== undefined ? 'limit' : undefined;
  if (count && paging) {
    throw new MaintenanceWindowError('MaintenanceWindow.Usage', `--count counts all: leave it out, or --${paging}`);
  }
  const options = await meantSelection(session, typed, after);
  const filter = await ofReplay(session, options);
  const page = { limit, ...(after !== undefined && { after }) };
  await withArchive(session, (archive) =>
    count ? showCounts(session, archive, filter) : showPage(session, archive, filter, page),
  );
  return DONE;
}

/** Of a replay, the events of its functions in any status, unless others are said. */
async function ofReplay(
  session: Session,
  { run: named, ...filter }: MeantSelection<ListOptions>,
): Promise<SelectionOptions> {
  if (named === undefined) return filter;
  const run = await withArchive(session, (archive) => runNamed(archive, named));
  return { function: run.selection.functions, status: STATUSES, ...filter, run: run.id };
}

async function showPage(
  session: Session,
  archive: OpenArchive,
  filter: SelectionOptions,
  page: PageOptions,
): Promise<void> {
  const { output } = session;
  const withClients = output.format === 'json';
  const { events, next } = await listEvents(session, archive, filter, { ...page, withClients });
  const now = (await archive.clock()).now();
  output.show({ events: events.map(rowJson), next }, () =>
    events.length === 0 ? 'No event.' : listText(events, now, output),
  );
  if (next !== undefined)
    output.note(`there are more: add  --after '${next}'  for the next page, or --count for a count`);
}

function listText(events: readonly ListedEvent[], now: number, output: Output): string {
  const { times } = output;
  const names = idsText(
    events.map(({ id }) => id),
    output,
  );
  // In a pipe the columns stay the same.
  const hasErrors = !output.isTerminal || events.some(({ lastError }) => lastError !== undefined);
  const rows = events.map((row) => [
    names(row.id),
    row.functionName,
    shown(row.source),
    statusText(row, now, times),
    times.cell(row.deferredAt),
    sizeText(row.bytes),
    String(row.attempts),
    ...(hasErrors ? [errorCell(row.lastError, output)] : []),
  ]);
  const head = ['ID', 'FUNCTION', 'SOURCE', 'STATUS', times.head('DEFERRED'), 'SIZE', 'ATTEMPTS'];
  return output.table(hasErrors ? [...head, 'LAST ERROR'] : head, rows);
}

async function showCounts(session: Session, archive: OpenArchive, filter: SelectionOptions): Promise<void> {
  const counts = await countStored(session, archive, filter);
  session.output.show(countsJson(counts), () => countsText(counts, session.output));
}
