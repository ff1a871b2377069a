import { isFinal, NEXT_STRETCH_MS, type ReplayRun } from './run.ts';

/** Says how an execution is, as Step Functions has it; `undefined` where there is none, or no more. */
export type ExecutionLook = (executionArn: string) => Promise<string | undefined>;

/** Executions that are asked about, at once. A run has one, and another one each time that it is resumed. */
const MOST_ASKED = 20;

/** No state comes after these, and none of them is that of an execution that came to its end. */
const DEAD: ReadonlySet<string | undefined> = new Set(['ABORTED', 'FAILED', 'TIMED_OUT', undefined]);

/**
 * These runs, with what Step Functions says of those of a drain of which nobody has heard: one whose execution was ended is
 * lost, at once, and one whose execution goes on waits. What cannot be asked is told as not known. Where there is none of
 * them, nothing is asked.
 */
export async function withExecutions(runs: readonly ReplayRun[], look: ExecutionLook): Promise<readonly ReplayRun[]> {
  const asked = [...new Set(runs.flatMap(executionsInDoubt))].slice(0, MOST_ASKED);
  const told = new Map<string, Told>();
  await Promise.all(
    asked.map(async (execution) => {
      told.set(execution, await look(execution).then(toldOf, (fault) => ({ kind: 'unknown', why: textOf(fault) })));
    }),
  );
  return runs.map((run) =>
    withTold(
      run,
      executionsInDoubt(run).flatMap((execution) => told.get(execution) ?? []),
    ),
  );
}

type Told =
  | { readonly kind: 'dead' | 'over' | 'alive'; readonly status: string }
  | { readonly kind: 'unknown'; readonly why: string };

function toldOf(status: string | undefined): Told {
  const kind = DEAD.has(status) ? 'dead' : status === 'SUCCEEDED' ? 'over' : 'alive';
  return { kind, status: status ?? 'gone' };
}

/** Those that have to go on with what nobody has heard of. */
function executionsInDoubt({ status, silentSinceAt, shares, execution }: ReplayRun): readonly string[] {
  if (silentSinceAt === undefined || (status !== 'running' && status !== 'stopping')) return [];
  const open = shares.filter(({ state }) => !isFinal(state));
  const theirs = open.length === 0 ? [execution] : open.map(({ progress }) => progress?.execution ?? execution);
  return [...new Set(theirs)].flatMap((each) => each ?? []);
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
  return 'its execution has ended, so another one goes on with it, or nobody';
}

function textOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
