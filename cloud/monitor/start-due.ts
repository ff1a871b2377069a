import { isActive, maintenanceOf, type WindowTime } from '../../core/calendar/ended.ts';
import { eachOf } from '../../core/each-of.ts';
import { type Due, type DueFacts, type DueRun, dueOf } from '../../core/runs/due.ts';
import { SECOND_MS } from '../../core/units.ts';
import type { WatchedWindows } from './watched-windows.ts';

/** Starts runs of the drain. */
export interface DrainStarter {
  /** Once for each name, whoever asks, and however often. */
  start(run: DueRun): Promise<'started' | 'already'>;
}

/** What starts what is due. */
export interface StartDueParts {
  readonly drain: {
    readonly starter: DrainStarter;
    readonly facts: DueFacts;
    /** Every function that ever deferred an event. */
    functionNames(): Promise<readonly string[]>;
  };
  /** Epoch milliseconds. */
  now(): number;
  /** Whether too little of the invocation is left for another function. */
  isTimeUp(): boolean;
  /** Takes a whole line without its end. */
  write(line: string): void;
  readonly onFault: (fault: unknown) => void;
}

/** What is kept of that between two looks. */
export interface Seen {
  /** By function: the keys of the maintenances that were seen to. */
  readonly settled: Readonly<Record<string, string>>;
  /** The first function that the look before did not come to. */
  readonly from?: string;
}

/** Functions that are asked about side by side: Lambda takes some 15 such questions a second. */
const AT_ONCE = 4;
/** What fails after so long was not answered: who refuses is quick. */
const SILENCE_MS = 4 * SECOND_MS;

/**
 * Starts the runs that are due, of those that the last look did not come to first. Where one of AWS's services does not answer
 * it does not answer for the next function either, so the rest is left to the next look: each question takes up to half a
 * minute then.
 *
 * @param ended times of windows that were seen to end
 */
export async function startDue(
  { drain, now, isTimeUp, write, onFault }: StartDueParts,
  { times, editedAt, replay }: WatchedWindows,
  ended: readonly WindowTime[],
  before: Seen,
): Promise<Seen> {
  const at = now();
  // What is over by its words alone, and was not seen to end, an edit has put into the past.
  const all: readonly WindowTime[] = [...times.filter((time) => isActive(time, at)), ...ended];
  const settled: Record<string, string> = {};
  const names = startingFrom(before.from, all.length > 0 ? await drain.functionNames() : []);
  const left: string[] = [];
  let isSilent = false;
  await eachOf(names, AT_ONCE, async (functionName) => {
    const known = before.settled[functionName];
    const isLeft = isSilent || isTimeUp();
    if (isLeft) left.push(functionName);
    const seen = isLeft ? known : await seenTo(functionName, known);
    if (seen !== undefined) settled[functionName] = seen;
  });
  const [from] = left;
  if (from === undefined) return { settled };
  const why = isSilent ? 'AWS does not answer' : 'time ran out';
  write(`${why}: ${left.length} of ${names.length} functions are left for the next minute, from ${from} on`);
  return { settled, from };

  async function seenTo(functionName: string, known: string | undefined): Promise<string | undefined> {
    const askedAt = now();
    const query = {
      functionName,
      maintenance: maintenanceOf(functionName, all, at),
      ...(replay !== undefined && { parameters: replay }),
      editedAt: Math.max(...editedAt.values()),
      ...(known !== undefined && { settled: known }),
      now: at,
    };
    let due: Due | undefined;
    try {
      due = await dueOf(query, drain.facts);
      return await settle(due);
    } catch (fault) {
      isSilent ||= now() - askedAt >= SILENCE_MS;
      onFault(fault);
      return due ? due.settled : known;
    }
  }

  async function settle(due: Due): Promise<string | undefined> {
    if (due.kind !== 'start') return due.settled;
    if ((await drain.starter.start(due.run)) === 'started') write(`started ${due.run.name}`);
    return due.settledThen;
  }
}

/** All of them, in their order, this one first. */
function startingFrom(first: string | undefined, names: readonly string[]): readonly string[] {
  const index = Math.max(0, first === undefined ? 0 : names.indexOf(first));
  return [...names.slice(index), ...names.slice(0, index)];
}
