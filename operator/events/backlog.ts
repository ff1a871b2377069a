import { steadyClock } from '../../aws/time/steady-clock.ts';
import { withinLimit } from '../../aws/time/time-limit.ts';
import type { EventRow } from '../../core/events/archive.ts';
import type { OpenArchive } from '../access/archive.ts';
import type { Operator } from '../access/operator.ts';
import { COUNTING_LIMIT_MS, FIRST_ANSWER_LIMIT_MS } from './counting-limits.ts';
import { createTally, type EventCounts } from './counts.ts';
import { groupsOfSelection, type SelectionOptions, selectionOf, UNFINISHED } from './select/selection.ts';

/** What waits, by function, source and status. */
export interface Backlog {
  readonly counts: EventCounts;
  /** There may be more: counting them all would have taken too long. */
  readonly isPart: boolean;
  /** Functions that are meant, of those that ever deferred an event. */
  readonly functionNames: readonly string[];
  /** By AWS's clock: epoch milliseconds. */
  readonly now: number;
}

/** Which of what waits. */
export interface BacklogQuery extends Pick<SelectionOptions, 'function' | 'source'> {
  /** Counts to the end, however long that takes. */
  readonly countsAll?: boolean;
}

/** Within the connections that the SDK opens at once. */
const GROUPS_AT_ONCE = 24;
/** Some 250 KB of the index. */
const PAGE_ROWS = 1_000;

/**
 * Counts what waits, for as long as somebody waits for an answer. A page of each group in turn, so that a function with a
 * million events hides no other one.
 *
 * @param take gets each event that is counted
 * @throws MaintenanceWindowError as {@link selectionOf}
 */
export async function readBacklog(
  operator: Operator,
  archive: OpenArchive,
  { countsAll = false, ...filter }: BacklogQuery,
  take: (row: EventRow) => void = () => undefined,
): Promise<Backlog> {
  const selection = await selectionOf(operator, archive, filter, UNFINISHED);
  const tally = createTally();
  const turns = takeTurns(groupsOfSelection(archive, { ...selection, pageRows: PAGE_ROWS }), (row) => {
    tally.add(row);
    take(row);
  });
  const isWhole = countsAll ? await turns.whole.then(() => true) : await turns.stopAfter();
  const now = (await archive.clock()).now();
  return { counts: tally.counts(), isPart: !isWhole, functionNames: selection.functionNames, now };
}

/** Rows that are taken from many groups side by side. */
interface Turns {
  /** Resolves once there is no row left. */
  readonly whole: Promise<unknown>;
  /** Stops once the time is over. @returns whether all rows were taken before */
  stopAfter(): Promise<boolean>;
}

function takeTurns(groups: readonly AsyncGenerator<EventRow>[], take: (row: EventRow) => void): Turns {
  const waiting = [...groups];
  let isOver = false;
  let begun: (() => void) | undefined;
  const firstRows = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const worker = async () => {
    for (let rows = waiting.shift(); rows && !isOver; rows = waiting.shift()) {
      if (await takePage(rows)) waiting.push(rows);
      begun?.();
    }
  };
  const whole = Promise.all(Array.from({ length: GROUPS_AT_ONCE }, worker)).then(() => true);
  return {
    whole,
    async stopAfter() {
      const beganAtMs = steadyClock.now();
      await withinLimit<unknown>(Promise.race([firstRows, whole]), FIRST_ANSWER_LIMIT_MS, () => undefined);
      const untilMs = Math.min(beganAtMs + FIRST_ANSWER_LIMIT_MS, steadyClock.now() + COUNTING_LIMIT_MS);
      const isWhole = await withinLimit(whole, Math.max(0, untilMs - steadyClock.now()), () => false);
      isOver = true;
      return isWhole;
    },
  };

  /** @returns whether there may be more */
  async function takePage(rows: AsyncGenerator<EventRow>): Promise<boolean> {
    for (let taken = 0; taken < PAGE_ROWS; taken += 1) {
      const { value, done } = await rows.next();
      if (done) return false;
      if (isOver) return true;
      take(value);
    }
    return true;
  }
}
