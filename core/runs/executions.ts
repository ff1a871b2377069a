import { isFinal, NEXT_STRETCH_MS, type ReplayRun, type RunShare } from './run.ts';

/** Says how an execution is, as Step Functions has it; `undefined` where there is none, or no more. */
export type ExecutionLook = (executionArn: string) => Promise<string | undefined>;

/**
 * Executions that are asked about in a look, and at once. A run has one, and another one each time that it is resumed.
 * Step Functions takes some 15 such questions a second.
 */
const MOST_ASKED = 200;
const AT_ONCE = 20;

/** No state comes after these, and none of them is that of an execution that came to its end. */
const DEAD: ReadonlySet<string | undefined> = new Set(['ABORTED', 'FAILED', 'TIMED_OUT', undefined]);

/**
 * These runs, with what Step Functions says of those of a drain of which nobody has heard: one whose execution was ended is
 * lost, at once, and one whose execution goes on waits. What cannot be asked is told as not known. Where there is none of
 * them, nothing is asked.
 */
export async function withExecutions(runs: readonly ReplayRun[], look: ExecutionLook): Promise<readonly ReplayRun[]> {
  const told = await askOf(runs.flatMap(executionsInDoubt), look);
  return runs.map((run) =>
    withTold(
      run,
      executionsInDoubt(run).flatMap((execution) => told.get(execution) ?? []),
    ),
  );
}

/** What there is of a run for another execution to go on with. */
export type FreeOfRun =
  /** `ended`: ARNs of executions that should have gone on with some of it. */
  | { readonly kind: 'some'; readonly ended: readonly string[] }
  /** Whoever has it in hand goes on with it; `unknown`: why that is not known, where it is not. */
  | { readonly kind: 'none'; readonly unknown?: string };

/** Asks whether some of a drain's run has nobody in hand: at once, and not only where nobody has heard of it for long. */
export async function freeOfRun(run: ReplayRun, look: ExecutionLook, now: number): Promise<FreeOfRun> {
  const isBegun = run.shareCount > 0;
  const told = await askOf(isBegun ? openShares(run).flatMap(executionOf(run)) : [run.execution ?? []].flat(), look);
  const ended = [...told].flatMap(([execution, { kind }]) => (kind === 'dead' ? [execution] : []));
  const isSomeFree = isBegun
    ? run.shares.some((share) => isFreeShare(share, run, ended, now))
    : ended.length > 0 || run.aliveUntil < now;
  if (isSomeFree) return { kind: 'some', ended };
  const unknown = [...told.values()].find((each) => each.kind === 'unknown');
  return { kind: 'none', ...(unknown && { unknown: unknown.why }) };
}

/**
 * Whether nobody has a share in hand: somebody has paused it, its process has not been heard of, or its execution has ended.
 *
 * @param ended ARNs of executions
 */
export function isFreeShare(
  share: RunShare,
  run: Pick<ReplayRun, 'execution'>,
  ended: readonly string[],
  now: number,
): boolean {
  if (isFinal(share.state)) return false;
  const isEnded = executionOf(run)(share).some((execution) => ended.includes(execution));
  return share.state === 'paused' || share.aliveUntil < now || isEnded;
}

async function askOf(executions: readonly string[], look: ExecutionLook): Promise<ReadonlyMap<string, Told>> {
  const told = new Map<string, Told>();
  const all = [...new Set(executions)];
  let rest: Told = { kind: 'not-asked' };
  for (let from = 0; from < Math.min(all.length, MOST_ASKED); from += AT_ONCE) {
    const batch = await Promise.all(
      all.slice(from, from + AT_ONCE).map(async (execution) => {
        const one = await look(execution).then(toldOf, (fault): Told => ({ kind: 'unknown', why: textOf(fault) }));
        told.set(execution, one);
        return one;
      }),
    );
    // It does not answer, or not us: the others would say the same, each batch after some 15 s.
    const [first] = batch;
    if (first && batch.every(({ kind }) => kind === 'unknown')) {
      rest = first;
      break;
    }
  }
  for (const execution of all) if (!told.has(execution)) told.set(execution, rest);
  return told;
}

type Told =
  | { readonly kind: 'dead' | 'over' | 'alive'; readonly status: string }
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'not-asked' };

function toldOf(status: string | undefined): Told {
  const kind = DEAD.has(status) ? 'dead' : status === 'SUCCEEDED' ? 'over' : 'alive';
  return { kind, status: status ?? 'gone' };
}

/** Those that have to go on with what nobody has heard of. */
function executionsInDoubt(run: ReplayRun): readonly string[] {
  const { status, silentSinceAt, execution } = run;
  if (silentSinceAt === undefined || (status !== 'running' && status !== 'stopping')) return [];
  const open = openShares(run);
  return open.length === 0 ? [execution ?? []].flat() : [...new Set(open.flatMap(executionOf(run)))];
}

function openShares({ shares }: ReplayRun): readonly RunShare[] {
  return shares.filter(({ state }) => !isFinal(state));
}

/** That which a share was given to. */
function executionOf({ execution }: Pick<ReplayRun, 'execution'>): (share: RunShare) => readonly string[] {
  return ({ progress }) => [progress?.execution ?? execution ?? []].flat();
}

function withTold(run: ReplayRun, told: readonly Told[]): ReplayRun {
  const { waiting, silentSinceAt = 0 } = run;
  if (!waiting || told.length === 0) return run;
  const dead = told.flatMap((each) => (each.kind === 'dead' ? [each.status] : []));
  if (dead.length === told.length) {
    const { waiting: _, ...rest } = run;
    const why = `its execution has ended (${[...new Set(dead)].join(', ')}), so nobody goes on with it`;
    return { ...rest, status: 'lost', why, aliveUntil: silentSinceAt + NEXT_STRETCH_MS };
  }
  return { ...run, waiting: { ...waiting, why: `${waiting.why}; ${alsoOf(told)}` } };
}

function alsoOf(told: readonly Told[]): string {
  if (told.some(({ kind }) => kind === 'alive')) return 'its execution goes on';
  const unknown = told.find((each) => each.kind === 'unknown');
  if (unknown) return `whether its execution goes on is not known (${unknown.why})`;
  if (told.some(({ kind }) => kind === 'not-asked'))
    return 'whether its execution goes on was not asked: there are many such replays';
  return 'its execution has ended, so another one goes on with it, or nobody';
}

function textOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
