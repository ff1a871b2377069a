import type { EventArchive, EventFacts, EventRow } from '../../../core/events/archive.ts';
import { inPages } from '../../../core/events/in-pages.ts';
import { parseInstant } from '../../../core/time/instant.ts';
import { foldedError, isSameError } from './folded-error.ts';

/** What is asked of an event beyond the index. */
export interface FactsAsked {
  /** The start of a window, or words of its reason. */
  readonly window: string | undefined;
  /** Words of the last error. */
  readonly error: string | undefined;
  /** The last error, as {@link isSameError} compares it. */
  readonly errorIs: string | undefined;
  /** The id of a replay that claimed it, or dealt with it. */
  readonly run: string | undefined;
}

/** Of the rows of one function those that were stored inside this window, that this replay had, and that have these errors. */
export async function* rowsByFacts(
  archive: Pick<EventArchive, 'facts'>,
  rows: AsyncIterable<EventRow>,
  { window, error, errorIs, run }: FactsAsked,
): AsyncGenerator<EventRow> {
  const isInWindow = window === undefined ? always : ofWindow(window);
  const isOfRun = run === undefined ? always : ofRun(run);
  const hasError = error === undefined ? always : ofError(error);
  const isError = errorIs === undefined ? always : ofWholeError(errorIs);
  const asked = error === undefined && errorIs === undefined ? rows : withErrorPerhaps(rows);
  for await (const page of inPages(asked)) {
    const facts = await factsOf(archive, page);
    for (const row of page) {
      const own = facts.get(row.id) ?? {};
      if (isInWindow(own) && isOfRun(own) && hasError(own, row) && isError(own, row)) yield row;
    }
  }
}

/** The facts of rows of one function, by id. */
export async function factsOf(
  archive: Pick<EventArchive, 'facts'>,
  rows: readonly EventRow[],
): Promise<ReadonlyMap<string, EventFacts>> {
  const [first] = rows;
  return first
    ? archive.facts(
        first.functionName,
        rows.map(({ id }) => id),
      )
    : new Map();
}

/** The last error of an event; of one that is damaged, why it is. */
export function errorOf(row: EventRow, facts: EventFacts | undefined): string | undefined {
  return facts?.lastError ?? row.damaged;
}

/** Whether an event can have an error: most that wait were never sent. */
export function mayHaveError({ status, attempts, damaged }: EventRow): boolean {
  return attempts > 0 || status === 'failed' || status === 'unknown' || damaged !== undefined;
}

async function* withErrorPerhaps(rows: AsyncIterable<EventRow>): AsyncGenerator<EventRow> {
  for await (const row of rows) if (mayHaveError(row)) yield row;
}

function ofWindow(window: string): (facts: EventFacts) => boolean {
  const instant = parseInstant(window);
  const words = window.toLowerCase();
  return ({ windowStartAt, windowReason = '' }) =>
    instant.kind === 'value' ? windowStartAt === instant.value : windowReason.toLowerCase().includes(words);
}

/** Who claims has `<who>/<run>/<number>`, who discards `<who>/<run>`. */
function ofRun(run: string): (facts: EventFacts) => boolean {
  const isBy = (by = '') => by.endsWith(`/${run}`) || by.includes(`/${run}/`);
  return ({ leaseBy, doneBy, history = [] }) => isBy(leaseBy) || isBy(doneBy) || history.some(({ by }) => isBy(by));
}

function ofError(error: string): (facts: EventFacts, row: EventRow) => boolean {
  const words = error.toLowerCase();
  return (facts, row) => {
    const text = errorOf(row, facts);
    return text !== undefined && [text, foldedError(text)].some((each) => each.toLowerCase().includes(words));
  };
}

function ofWholeError(error: string): (facts: EventFacts, row: EventRow) => boolean {
  return (facts, row) => {
    const text = errorOf(row, facts);
    return text !== undefined && isSameError(text, error);
  };
}

function always(): boolean {
  return true;
}
