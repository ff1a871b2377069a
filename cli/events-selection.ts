import { type Command, InvalidArgumentError } from 'commander';
import { type EventRow, mergedInOrder, placeOfRow, type RowQuery } from '../aws/event-rows.ts';
import type { EventArchive } from '../aws/events.ts';
import { MaintenanceWindowError } from '../gate/errors.ts';
import { type EventStatus, MOVES } from '../gate/event.ts';
import { EVENT_SOURCES } from '../gate/event-sources.ts';
import { matchesGlob } from '../gate/glob.ts';
import { parseInstant } from '../gate/instant.ts';
import { functionGlobs, instantValue } from './values.ts';

/** Which events, as commander reads it. */
export interface SelectionOptions {
  readonly function?: readonly string[];
  readonly source?: readonly string[];
  readonly status?: readonly EventStatus[];
  readonly window?: string;
  /** Epoch milliseconds. */
  readonly from?: number;
  /** Epoch milliseconds. */
  readonly until?: number;
}

/** Which events, with the functions found. */
export interface Selection extends Omit<RowQuery, 'functionName'> {
  readonly functionNames: readonly string[];
  readonly window?: string;
}

/** Rows that are asked about together, where the index does not tell enough. */
const ASKED_TOGETHER = 100;
/** Rows of all groups in memory at most; every function has eight groups. */
const ROWS_IN_MEMORY = 16_000;
const MOST_PAGE_ROWS = 250;
const LEAST_PAGE_ROWS = 10;

const STATUSES = Object.keys(MOVES) as EventStatus[];
const SOURCES = Object.keys(EVENT_SOURCES);

/** Adds the options that say which events. */
export function takesSelection(command: Command): Command {
  return command
    .option('--function <globs...>', 'of these functions: names, with * and ? (default: every function)', functionGlobs)
    .option('--source <keys...>', 'from these event sources: sqs, eventbridge, …', sourceKeys)
    .option('--status <statuses...>', `in these statuses: ${STATUSES.join(', ')}`, eventStatuses)
    .option('--window <which>', 'stored inside this window: its start, or words of its reason')
    .option('--from <instant>', 'deferred at this instant or later', instantValue)
    .option('--until <instant>', 'deferred before this instant', instantValue);
}

/** For commander: one or several statuses. */
function eventStatuses(text: string, before: readonly EventStatus[] = []): readonly EventStatus[] {
  const status = STATUSES.find((each) => each === text);
  if (status) return [...before, status];
  throw new InvalidArgumentError(`Write one of ${STATUSES.join(', ')}.`);
}

/** For commander: one or several event sources. */
function sourceKeys(text: string, before: readonly string[] = []): readonly string[] {
  if (SOURCES.includes(text)) return [...before, text];
  throw new InvalidArgumentError(`Write one of ${SOURCES.join(', ')}.`);
}

/**
 * Finds the functions that are meant. A name without a wildcard is taken as it is.
 *
 * @param statuses where none was said
 * @throws MaintenanceWindowError `MaintenanceWindow.NotFound` where no function that ever deferred an event is meant
 */
export async function selectionOf(
  archive: Pick<EventArchive, 'functionNames'>,
  options: SelectionOptions,
  statuses: readonly EventStatus[],
): Promise<Selection> {
  const { function: globs, source, window, from, until } = options;
  const functionNames = await functionsMeant(archive, globs);
  const pageRows = Math.floor(ROWS_IN_MEMORY / (8 * Math.max(1, functionNames.length)));
  return {
    functionNames,
    statuses: options.status ?? statuses,
    pageRows: Math.min(MOST_PAGE_ROWS, Math.max(LEAST_PAGE_ROWS, pageRows)),
    ...(source && { sources: source }),
    ...(window !== undefined && { window }),
    ...(from !== undefined && { fromAt: from }),
    ...(until !== undefined && { untilAt: until }),
  };
}

async function functionsMeant(
  archive: Pick<EventArchive, 'functionNames'>,
  globs: readonly string[] | undefined,
): Promise<readonly string[]> {
  if (globs && !globs.some((glob) => /[*?]/.test(glob))) return [...new Set(globs)];
  const known = (await archive.functionNames()).sort();
  const meant = globs ? known.filter((name) => globs.some((glob) => matchesGlob(glob, name))) : known;
  if (globs && meant.length === 0) {
    throw new MaintenanceWindowError(
      'MaintenanceWindow.NotFound',
      `no function ${globs.join(' or ')} ever deferred an event; these did: ${known.join(', ') || 'none'}`,
    );
  }
  return meant;
}

/** The selected events of one function, oldest first. */
export function rowsOfFunction(
  archive: Pick<EventArchive, 'rows' | 'facts'>,
  selection: Selection,
  functionName: string,
): AsyncGenerator<EventRow> {
  const { functionNames: _, window, ...query } = selection;
  const rows = archive.rows({ ...query, functionName });
  return window === undefined ? rows : rowsOfWindow(archive, functionName, rows, window);
}

/** The selected events, oldest first over all functions. */
export function rowsOfSelection(
  archive: Pick<EventArchive, 'rows' | 'facts'>,
  selection: Selection,
): AsyncGenerator<EventRow> {
  return mergedInOrder(
    selection.functionNames.map((name) => rowsOfFunction(archive, selection, name)),
    placeOfRow,
  );
}

/** Of these rows, those that were stored inside a window that starts then, or whose reason has these words. */
async function* rowsOfWindow(
  archive: Pick<EventArchive, 'facts'>,
  functionName: string,
  rows: AsyncGenerator<EventRow>,
  window: string,
): AsyncGenerator<EventRow> {
  const instant = parseInstant(window);
  const words = window.toLowerCase();
  for await (const page of inPages(rows)) {
    const facts = await archive.facts(
      functionName,
      page.map(({ id }) => id),
    );
    for (const row of page) {
      const { windowStartAt, windowReason = '' } = facts.get(row.id) ?? {};
      const isMeant =
        instant.kind === 'value' ? windowStartAt === instant.value : windowReason.toLowerCase().includes(words);
      if (isMeant) yield row;
    }
  }
}

async function* inPages(rows: AsyncGenerator<EventRow>): AsyncGenerator<readonly EventRow[]> {
  let page: EventRow[] = [];
  for await (const row of rows) {
    page.push(row);
    if (page.length < ASKED_TOGETHER) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
