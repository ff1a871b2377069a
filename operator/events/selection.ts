import { MaintenanceWindowError } from '../../core/errors.ts';
import type { EventArchive, EventRow, RowQuery } from '../../core/events/archive.ts';
import type { EventStatus } from '../../core/events/deferred-event.ts';
import { mergedInOrder, placeOfRow } from '../../core/events/rows-in-order.ts';
import { isEventId, LAST_INSTANT } from '../../core/events/table.ts';
import { matchesGlob } from '../../core/text/glob.ts';
import { quoted } from '../../core/text/parsed.ts';
import { parseInstant } from '../../core/windows/instant.ts';
import { instantText } from '../../core/windows/time-text.ts';
import { lookUpFunctions } from '../access/function-lookup.ts';
import type { Operator } from '../access/operator.ts';

/** Which events. */
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

/**
 * Looks through options for what contradicts itself, before anything is asked of AWS.
 *
 * @param after the place behind which a page begins
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage`
 */
export function refuseContradictions({ window, from, until }: SelectionOptions, after?: string): void {
  if (from !== undefined && until !== undefined && from >= until) {
    throw usage(`--from ${instantText(from)} is not before --until ${instantText(until)}: nothing is between them`);
  }
  if (window !== undefined) refuseNoWindow(window);
  if (after === undefined) return;
  const [, digits = '', id = ''] = /^(\d{13})#(.+)$/s.exec(after) ?? [];
  if (!isEventId(id) || Number(digits) === LAST_INSTANT) {
    throw usage(`--after: ${quoted(after)} is no place; write the one that the page before ends with`);
  }
  if (until !== undefined && Number(digits) >= until) {
    throw usage(`--after is behind --until ${instantText(until)}: nothing is between them`);
  }
}

/** The start of a window, or words of its reason. */
function refuseNoWindow(window: string): void {
  if (window.trim() === '') throw usage('--window says nothing: write the start of a window, or words of its reason');
  const instant = parseInstant(window);
  if (instant.kind === 'fault' && /^\d{4}-\d\d-\d\d(?:T|$)/.test(window)) {
    throw usage(`--window: ${quoted(window)} ${instant.message}`);
  }
}

/**
 * Finds the functions that are meant.
 *
 * @param statuses where none was said
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` for options that contradict each other,
 *   `MaintenanceWindow.NotFound` for a name or glob that no function has
 */
export async function selectionOf(
  operator: Operator,
  archive: Pick<EventArchive, 'functionNames'>,
  options: SelectionOptions,
  statuses: readonly EventStatus[],
): Promise<Selection> {
  refuseContradictions(options);
  const { function: globs, source, window, from, until } = options;
  const functionNames = await functionsMeant(operator, archive, globs);
  const pageRows = Math.floor(ROWS_IN_MEMORY / (8 * Math.max(1, functionNames.length)));
  return {
    functionNames,
    statuses: [...new Set(options.status ?? statuses)],
    pageRows: Math.min(MOST_PAGE_ROWS, Math.max(LEAST_PAGE_ROWS, pageRows)),
    ...(source && { sources: [...new Set(source)] }),
    ...(window !== undefined && { window }),
    ...(from !== undefined && { fromAt: storable(from) }),
    ...(until !== undefined && { untilAt: storable(until) }),
  };
}

/** The nearest instant at which an event can have been deferred: before 1970 and behind 2286 none was. */
function storable(at: number): number {
  return Math.min(Math.max(at, 0), LAST_INSTANT);
}

/** A function that is known to Lambda, and not to the table, has deferred nothing. A name that is known to neither is mistyped. */
async function functionsMeant(
  operator: Operator,
  archive: Pick<EventArchive, 'functionNames'>,
  globs: readonly string[] | undefined,
): Promise<readonly string[]> {
  const known = (await archive.functionNames()).sort();
  if (!globs) return known;
  const strange = globs.filter((glob) => !known.some((name) => matchesGlob(glob, name)));
  const lookup = strange.length > 0 ? await lookUpFunctions(operator, strange) : undefined;
  const mistyped = lookup?.kind === 'known' ? lookup.unmatched : strange;
  if (mistyped.length > 0) {
    const also = lookup?.kind === 'unknown' ? `, and whether it exists could not be checked (${lookup.why})` : '';
    throw new MaintenanceWindowError(
      'MaintenanceWindow.NotFound',
      `no function ${mistyped.join(' or ')} ever deferred an event${also}; these did: ${known.join(', ') || 'none'}`,
    );
  }
  return known.filter((name) => globs.some((glob) => matchesGlob(glob, name)));
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

function usage(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Usage', message);
}
