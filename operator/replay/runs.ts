import { MaintenanceWindowError } from '../../core/errors.ts';
import type { RunPage } from '../../core/runs/ports.ts';
import { FROM_DRAIN, hasEnded, isAnyAtWork, type ReplayRun, type RunStatus } from '../../core/runs/run.ts';
import { shown } from '../../core/text/shown.ts';
import type { OpenArchive } from '../access/archive.ts';

/** The records of an operator's table, and who asks for them. */
type Records = Pick<OpenArchive, 'runs' | 'worker' | 'clock'>;

/** Replays as they are listed. */
interface ListedRuns extends RunPage {
  /** There are others, older ones, which are over or lost. */
  readonly hasMore: boolean;
}

/** Replays that have not ended, and are looked for however many newer ones there are: many of them may be lost. */
const MOST_OPEN = 200;

/** Replays, newest first: so many, and besides each older one that is under way. */
export async function listRuns({ runs, clock }: Records, limit: number): Promise<ListedRuns> {
  await clock(); // by which one is called lost
  const open = await runs.openIds({ limit: MOST_OPEN });
  // of more than this at least one is not open, so that it is not listed
  const newest = await runs.list({ limit: limit + open.length + 1 });
  const known = new Set([...newest.runs.map(({ id }) => id), ...newest.unreadable]);
  const older = await runs.readAll(open.filter((id) => !known.has(id)));
  const listed = [...newest.runs, ...older.runs].filter((run, index) => index < limit || isUnderWay(run));
  return {
    runs: listed,
    unreadable: [...newest.unreadable, ...older.unreadable],
    hasMore: newest.runs.some((run) => !listed.includes(run)),
  };
}

function isUnderWay({ status }: ReplayRun): boolean {
  return !hasEnded(status) && status !== 'lost';
}

/**
 * Finds a replay by its id, or a beginning of it that no other has.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.NotFound`, also where its record cannot be read;
 * `MaintenanceWindow.Usage` where several fit
 */
export async function runNamed(archive: Records, named: string): Promise<ReplayRun> {
  await archive.clock();
  const id = await runIdNamed(archive, named);
  const run = id === undefined ? undefined : await archive.runs.read(id);
  if (run) return run;
  const isThere = id !== undefined && (await archive.runs.findBeginning(id)).length > 0;
  throw isThere ? unreadableRun(id) : noSuchRun(named);
}

/** The id of the replay that was named; undefined where there is none. */
async function runIdNamed({ runs }: Records, named: string): Promise<string | undefined> {
  if (!/^[0-9a-f]{1,8}$/.test(named)) throw noSuchRun(named);
  if (named.length === 8) return named;
  const [found, ...more] = await runs.findBeginning(named);
  if (more.length === 0) return found;
  const names = [found, ...more].slice(0, MOST_NAMED).join(' or ');
  const others = more.length + 1 - MOST_NAMED;
  throw new MaintenanceWindowError(
    'MaintenanceWindow.Usage',
    `the ids of ${more.length + 1} replays begin with ${named}: say which one is meant, ${names}${others > 0 ? `, or one of ${others} more` : ''}`,
  );
}

const MOST_NAMED = 3;

function noSuchRun(named: string): MaintenanceWindowError {
  return new MaintenanceWindowError(
    'MaintenanceWindow.NotFound',
    `there is no replay ${shown(named)}: replays list shows the ids of those that there are, for 90 days`,
  );
}

function unreadableRun(id: string): MaintenanceWindowError {
  return new MaintenanceWindowError(
    'MaintenanceWindow.NotFound',
    `the record of the replay ${id} cannot be read: a newer version may have written it, so update this tool; or it was changed by hand`,
  );
}

/** What somebody may want of a replay that is under way. */
export type RunChange =
  | { readonly kind: 'pause' | 'resume' | 'cancel' }
  | {
      readonly kind: 'set';
      /** Infinity for no limit. */
      readonly ratePerSecond?: number;
      readonly concurrency?: number;
    };

/** What became of a wish. */
export type RunChanged =
  /** Whoever does it hears of it within 5 s. */
  | { readonly kind: 'changed' }
  /** Nobody was at work on it, so it has ended by this. */
  | { readonly kind: 'ended' }
  /** It was so before. */
  | { readonly kind: 'as-before' }
  /** Nothing can be wanted of it any more. */
  | { readonly kind: 'over'; readonly status: RunStatus };

/** Says what is wanted of a replay, to whoever does it. */
export async function changeRun(archive: Records, run: ReplayRun, change: RunChange): Promise<RunChanged> {
  const { runs, worker } = archive;
  const { status } = run;
  if (hasEnded(status)) return { kind: 'over', status };
  if (status === 'lost' && change.kind !== 'cancel' && !(change.kind === 'resume' && isDrained(run)))
    return { kind: 'over', status };
  if (run.wishes.wanted === 'stopped' && change.kind !== 'cancel') return { kind: 'over', status: 'stopping' };
  const now = (await archive.clock()).now();
  const isNobodyAtWork = isUnattended(run, now);
  const by = { by: worker.by, at: now };
  const wanted = change.kind === 'set' ? undefined : WANTED[change.kind];
  if (wanted !== undefined && wanted === run.wishes.wanted && !isNobodyAtWork) return { kind: 'as-before' };
  const { kind: _, ...pace } = change;
  const wished = await runs.wish(run.id, { ...by, ...pace, ...(wanted && { wanted }) });
  if (wished !== 'wished') return { kind: 'over', status: wished === 'stopping' ? 'stopping' : 'stopped' };
  if (change.kind !== 'cancel' || !isNobodyAtWork) return { kind: 'changed' };
  const isOurs = await runs.end(run.id, { status: 'stopped', counts: run.counts, why: `cancelled by ${worker.by}` });
  return isOurs ? { kind: 'ended' } : { kind: 'changed' };
}

/** Whether an execution can be started that goes on with it. */
function isDrained({ from, execution }: ReplayRun): boolean {
  return from === FROM_DRAIN && execution !== undefined;
}

const WANTED = { pause: 'paused', resume: 'running', cancel: 'stopped' } as const;

/** Whether no process is at work that could end it: it is lost, or its drain's shares all wait. */
function isUnattended(run: ReplayRun, now: number): boolean {
  return run.status === 'lost' || (run.from === FROM_DRAIN && !isAnyAtWork(run, now));
}
