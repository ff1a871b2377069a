import { eachOf } from '../../../core/each-of.ts';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import type { EventArchive, EventRow, RowQuery } from '../../../core/events/archive.ts';
import type { EventStatus } from '../../../core/events/deferred-event.ts';
import { inPages } from '../../../core/events/in-pages.ts';
import { mergedInOrder, placeOfRow } from '../../../core/events/rows-in-order.ts';
import { isEventId, LAST_INSTANT } from '../../../core/events/table.ts';
import { matchesGlob } from '../../../core/text/glob.ts';
import { parseInstant } from '../../../core/time/instant.ts';
import { lookUpFunctions } from '../../access/function-lookup.ts';
import type { Operator } from '../../access/operator.ts';
import { type BodySearch, createBodySearch } from './body-search.ts';
import { rowsByFacts } from './rows-by-facts.ts';

/** Which events. */
export interface SelectionOptions {
  readonly function?: readonly string[];
  readonly source?: readonly string[];
  readonly status?: readonly EventStatus[];
  readonly window?: string;
  /** Words of the last error, or of what {@link foldedError} makes of it. Case does not matter. */
  readonly error?: string;
  /** The last error, as {@link isSameError} compares it. */
  readonly errorIs?: string;
  /** Of this replay: the id of its record. */
  readonly run?: string;
  /** Words of the event's text. Case does not matter. Every body has to be read for that. */
  readonly grep?: string;
  /** Epoch milliseconds. */
  readonly from?: number;
  /** Epoch milliseconds. */
  readonly until?: number;
}

/** Which events, with the functions found. */
export interface Selection extends Omit<RowQuery, 'functionName'> {
  readonly functionNames: readonly string[];
  readonly window?: string;
  readonly error?: string;
  readonly errorIs?: string;
  readonly run?: string;
  readonly bodies?: BodySearch;
}

/** Rows of all groups in memory at most; every function has eight groups. */
const ROWS_IN_MEMORY = 16_000;
const MOST_PAGE_ROWS = 250;
const LEAST_PAGE_ROWS = 10;
/** Within the connections that the SDK opens at once. */
const GROUPS_AT_ONCE = 24;

/** Statuses of events that are not dealt with. */
export const UNFINISHED: readonly EventStatus[] = ['pending', 'replaying', 'failed', 'unknown'];

/** Why a filter can select nothing. Each face has its own words for it. */
export type Contradiction =
  /** `from` is not before `until`. */
  | { readonly kind: 'nothing-between'; readonly from: number; readonly until: number }
  | { readonly kind: 'empty-window' }
  | { readonly kind: 'empty-text'; readonly option: 'error' | 'errorIs' | 'grep' }
  /** The window is meant to be an instant, and is none. */
  | { readonly kind: 'no-instant'; readonly window: string; readonly message: string }
  /** The place behind which a page begins is none that a page ends with. */
  | { readonly kind: 'no-place'; readonly after: string }
  | { readonly kind: 'place-behind-until'; readonly until: number };

/**
 * Finds what contradicts itself in a filter, without asking AWS.
 *
 * @param after the place behind which a page begins
 */
export function contradictionIn(
  { window, error, errorIs, grep, from, until }: SelectionOptions,
  after?: string,
): Contradiction | undefined {
  if (from !== undefined && until !== undefined && from >= until) return { kind: 'nothing-between', from, until };
  if (window?.trim() === '') return { kind: 'empty-window' };
  if (error?.trim() === '') return { kind: 'empty-text', option: 'error' };
  if (errorIs?.trim() === '') return { kind: 'empty-text', option: 'errorIs' };
  if (grep?.trim() === '') return { kind: 'empty-text', option: 'grep' };
  const instant = window === undefined ? undefined : parseInstant(window);
  if (window !== undefined && instant?.kind === 'fault' && /^\d{4}-\d\d-\d\d(?:T|$)/.test(window)) {
    return { kind: 'no-instant', window, message: instant.message };
  }
  if (after === undefined) return undefined;
  const [, digits = '', id = ''] = /^(\d{13})#(.+)$/s.exec(after) ?? [];
  if (!isEventId(id) || Number(digits) === LAST_INSTANT) return { kind: 'no-place', after };
  return until !== undefined && Number(digits) >= until ? { kind: 'place-behind-until', until } : undefined;
}

/**
 * Finds the functions that a filter means.
 *
 * @param statuses used where the filter has none
 * @throws MaintenanceWindowError `MaintenanceWindow.NotFound` for a name or glob that no function has,
 *   `MaintenanceWindow.Usage` for a filter that contradicts itself: a face looks with {@link contradictionIn} first
 */
export async function selectionOf(
  operator: Operator,
  archive: Pick<EventArchive, 'functionNames'>,
  options: SelectionOptions,
  statuses: readonly EventStatus[],
): Promise<Selection> {
  const contradiction = contradictionIn(options);
  if (contradiction)
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Usage',
      `the filter contradicts itself (${contradiction.kind})`,
    );
  const { function: globs, source, window, error, errorIs, run, grep, from, until } = options;
  const functionNames = await functionsMeant(operator, archive, globs);
  const pageRows = Math.floor(ROWS_IN_MEMORY / (8 * Math.max(1, functionNames.length)));
  return {
    functionNames,
    statuses: [...new Set(options.status ?? statuses)],
    pageRows: Math.min(MOST_PAGE_ROWS, Math.max(LEAST_PAGE_ROWS, pageRows)),
    ...(source && { sources: [...new Set(source)] }),
    ...(window !== undefined && { window }),
    ...(error !== undefined && { error }),
    ...(errorIs !== undefined && { errorIs }),
    ...(run !== undefined && { run }),
    ...(grep !== undefined && { bodies: createBodySearch(grep) }),
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
export function rowsOfFunction(archive: Reading, selection: Selection, functionName: string): AsyncGenerator<EventRow> {
  return meantAmong(archive, selection, archive.rows(queryOf(selection, functionName)));
}

/**
 * Goes through the selected events in no order, page by page, many groups of the index side by side: the quickest way to
 * find few among many.
 *
 * @param tell gets the number of events found so far, before their page is whole
 */
export async function eachPage(
  archive: Reading & Pick<EventArchive, 'groups'>,
  selection: Selection,
  take: (page: readonly EventRow[]) => Promise<void>,
  tell: (found: number) => void,
): Promise<void> {
  let found = 0;
  const counting = async function* (rows: AsyncGenerator<EventRow>) {
    for await (const row of rows) {
      found += 1;
      tell(found);
      yield row;
    }
  };
  const groups = groupsOfSelection(archive, { ...selection, pageRows: MOST_PAGE_ROWS });
  await eachOf(groups, GROUPS_AT_ONCE, async (rows) => {
    for await (const page of inPages(counting(rows))) await take(page);
  });
}

/** The selected events group by group of the index, each oldest first; of each function one group, then of each its next one. */
export function groupsOfSelection(
  archive: Reading & Pick<EventArchive, 'groups'>,
  selection: Selection,
): readonly AsyncGenerator<EventRow>[] {
  const ofFunctions = selection.functionNames.map((name) => archive.groups(queryOf(selection, name)));
  const most = Math.max(0, ...ofFunctions.map(({ length }) => length));
  return Array.from({ length: most }, (_, number) => ofFunctions.map((groups) => groups[number]))
    .flat()
    .flatMap((rows) => (rows ? [meantAmong(archive, selection, rows)] : []));
}

function queryOf(selection: Selection, functionName: string): RowQuery {
  const { functionNames: _, window: __, error: ___, errorIs: ____, bodies: _____, run: ______, ...query } = selection;
  return { ...query, functionName };
}

/** Of rows of one function those that are meant by what the index does not tell. */
function meantAmong(
  archive: Reading,
  { window, error, errorIs, run, bodies }: Selection,
  rows: AsyncGenerator<EventRow>,
): AsyncGenerator<EventRow> {
  const facts = { window, error, errorIs, run };
  const isByIndex = Object.values(facts).every((fact) => fact === undefined);
  const byFacts = isByIndex ? rows : rowsByFacts(archive, rows, facts);
  return bodies === undefined ? byFacts : bodies.matching(archive, byFacts);
}

/** The selected events, oldest first over all functions. */
export function rowsOfSelection(archive: Reading, selection: Selection): AsyncGenerator<EventRow> {
  return mergedInOrder(
    selection.functionNames.map((name) => rowsOfFunction(archive, selection, name)),
    placeOfRow,
  );
}

/** Whether the index cannot tell alone which events these are. */
export function asksMoreThanIndex({ window, error, errorIs, run, bodies }: Selection): boolean {
  return [window, error, errorIs, run, bodies].some((fact) => fact !== undefined);
}

type Reading = Pick<EventArchive, 'rows' | 'facts' | 'texts'>;
