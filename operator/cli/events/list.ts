import { MaintenanceWindowError } from '../../../core/errors.ts';
import type { EventRow } from '../../../core/events/archive.ts';
import { shown } from '../../../core/text/shown.ts';
import { instantText } from '../../../core/windows/time-text.ts';
import { type OpenArchive, withArchive } from '../../access/archive.ts';
import { countStored, listEvents, type PageOptions } from '../../events/list.ts';
import type { SelectionOptions } from '../../events/selection.ts';
import type { AddNoun } from '../command.ts';
import { withExamples } from '../examples.ts';
import { DONE } from '../exit-code.ts';
import type { Session } from '../session.ts';
import { countValue } from '../values.ts';
import { countsJson, countsText } from './counts-text.ts';
import { rowJson, sizeText, statusText } from './event-text.ts';
import { refuseContradictions, takesSelection } from './selection-options.ts';

interface ListOptions extends SelectionOptions {
  readonly limit?: number;
  readonly after?: string;
  readonly count?: boolean;
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
    .option('--count', 'count them instead, with their sizes, by function, source and status')
    .action(acting(list));
  withExamples(
    command,
    'events list',
    "events list --function 'orders-*' --status failed unknown",
    "events list --window 'CHG-1042' --count",
    'events list --status replayed --from 2026-11-21T04:00:00Z -o json',
  );
};

async function list(session: Session, options: ListOptions): Promise<number> {
  const { count, after, limit = DEFAULT_LIMIT } = options;
  refuseContradictions(options, after);
  const paging = after !== undefined ? 'after' : options.limit !== undefined ? 'limit' : undefined;
  if (count && paging) {
    throw new MaintenanceWindowError('MaintenanceWindow.Usage', `--count counts all: leave it out, or --${paging}`);
  }
  const page = { limit, ...(after !== undefined && { after }) };
  await withArchive(session, (archive) =>
    count ? showCounts(session, archive, options) : showPage(session, archive, options, page),
  );
  return DONE;
}

async function showPage(
  session: Session,
  archive: OpenArchive,
  filter: SelectionOptions,
  page: PageOptions,
): Promise<void> {
  const { output } = session;
  const { events, next } = await listEvents(session, archive, filter, page);
  const now = (await archive.clock()).now();
  output.show({ events: events.map(rowJson), next }, () =>
    events.length === 0
      ? 'No event.'
      : output.table(
          HEAD,
          events.map((row) => cellsOf(row, now)),
        ),
  );
  if (next !== undefined)
    output.note(`there are more: add  --after '${next}'  for the next page, or --count for a count`);
}

const HEAD = ['ID', 'FUNCTION', 'SOURCE', 'STATUS', 'DEFERRED', 'SIZE', 'ATTEMPTS'];

function cellsOf(row: EventRow, now: number): readonly string[] {
  const { id, functionName, source, deferredAt, bytes, attempts } = row;
  return [
    shown(id),
    functionName,
    shown(source),
    statusText(row, now),
    instantText(deferredAt),
    sizeText(bytes),
    String(attempts),
  ];
}

async function showCounts(session: Session, archive: OpenArchive, filter: SelectionOptions): Promise<void> {
  const counts = await countStored(session, archive, filter);
  session.output.show(countsJson(counts), () => countsText(counts, session.output));
}
