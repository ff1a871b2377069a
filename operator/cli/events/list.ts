import { MaintenanceWindowError } from '../../../core/errors.ts';
import type { EventRow } from '../../../core/events/archive.ts';
import type { EventStatus } from '../../../core/events/deferred-event.ts';
import { placeOfRow } from '../../../core/events/rows-in-order.ts';
import { shown } from '../../../core/text/shown.ts';
import { instantText } from '../../../core/windows/time-text.ts';
import { type OpenArchive, openArchive } from '../../access/archive.ts';
import { countEvents } from '../../events/counts.ts';
import { refuseContradictions, rowsOfSelection, type SelectionOptions, selectionOf } from '../../events/selection.ts';
import type { AddNoun } from '../command.ts';
import { withExamples } from '../examples.ts';
import { DONE } from '../exit-code.ts';
import type { Session } from '../session.ts';
import { countValue } from '../values.ts';
import { countsJson, countsText } from './counts-text.ts';
import { rowJson, sizeText, statusText } from './event-text.ts';
import { takesSelection } from './selection-options.ts';

interface ListOptions extends SelectionOptions {
  readonly limit?: number;
  readonly after?: string;
  readonly count?: boolean;
}

const DEFAULT_LIMIT = 50;
const UNFINISHED: readonly EventStatus[] = ['pending', 'replaying', 'failed', 'unknown'];

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
  const archive = await openArchive(session);
  try {
    const selection = await selectionOf(session, archive, options, UNFINISHED);
    const rows = rowsOfSelection(archive, {
      ...selection,
      ...(after !== undefined && { after }),
      ...(!count && { pageRows: Math.min(selection.pageRows ?? limit, limit + 1) }),
    });
    return count ? await showCounts(session, rows) : await showPage(session, archive, rows, limit);
  } finally {
    archive.close();
  }
}

async function showPage(
  { output }: Session,
  archive: OpenArchive,
  rows: AsyncIterable<EventRow>,
  limit: number,
): Promise<number> {
  const page: EventRow[] = [];
  let next: string | undefined;
  for await (const row of rows) {
    const last = page.at(-1);
    if (last && page.length === limit) {
      next = placeOfRow(last);
      break;
    }
    page.push(row);
  }
  const now = (await archive.clock()).now();
  output.show({ events: page.map(rowJson), next }, () =>
    page.length === 0
      ? 'No event.'
      : output.table(
          HEAD,
          page.map((row) => cellsOf(row, now)),
        ),
  );
  if (next !== undefined)
    output.note(`there are more: add  --after '${next}'  for the next page, or --count for a count`);
  return DONE;
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

async function showCounts({ output }: Session, rows: AsyncIterable<EventRow>): Promise<number> {
  const counts = await countEvents(rows);
  output.show(countsJson(counts), () => countsText(counts, output));
  return DONE;
}
