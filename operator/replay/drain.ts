import { MaintenanceWindowError } from '../../core/errors.ts';
import type { ReplayPlan } from '../../core/replay/plan.ts';
import type { RunMade } from '../../core/runs/drain-input.ts';
import { freeOfRun } from '../../core/runs/executions.ts';
import { FROM_DRAIN, NEXT_STRETCH_MS, type ReplayRun, type RunFacts, runPlanOf } from '../../core/runs/run.ts';
import type { OpenArchive } from '../access/archive.ts';
import type { Operator } from '../access/operator.ts';
import { OperatorFault } from '../access/remedy.ts';
import { lookOf, machineOf } from './executions.ts';
import { nameOfRun, type RecordOptions } from './record.ts';

/** Runs among which one tells of the drain. */
const LATEST_RUNS = 20;

/**
 * Hands a replay over to the drain: makes its record, and starts an execution for it.
 *
 * @param machine ARN of the drain's state machine; absent: as the table tells
 * @returns the id of the run
 * @throws MaintenanceWindowError `MaintenanceWindow.NotFound` where no drain is known; `MaintenanceWindow.Conflict` where
 * another replay has its id
 */
export async function detachReplay(
  operator: Operator,
  archive: OpenArchive,
  plan: ReplayPlan,
  { name, reason, selection }: RecordOptions,
  machine: string | undefined,
): Promise<string> {
  const stateMachineArn = machine ?? (await drainOf(archive));
  const { by, runId: id } = archive.worker;
  const now = (await archive.clock()).now();
  const facts: RunFacts = {
    id,
    name: name ?? nameOfRun(selection),
    ...(reason !== undefined && { reason }),
    by,
    from: FROM_DRAIN,
    selection: { untilAt: now, ...selection },
    plan: runPlanOf(plan),
    startedAt: now,
    execution: `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${executionNameOf(id)}`,
  };
  // An id is short: whatever has this one is somebody else's, and the drain would go on with that.
  if (!(await archive.runs.create(facts, 0, now + NEXT_STRETCH_MS)))
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Conflict',
      `another replay has the id ${id} already, so nothing was handed over: run the same command again, which takes another id`,
    );
  try {
    await start(operator, stateMachineArn, executionNameOf(id), { run: id });
  } catch (fault) {
    const { counts } = (await archive.runs.read(id)) ?? {};
    if (counts) await archive.runs.end(id, { status: 'stopped', counts, why: 'the drain could not be started' });
    throw fault;
  }
  return id;
}

/** Of the execution that begins a run. */
function executionNameOf(id: string): string {
  return `replay-${id}`;
}

/** What became of a run that is wanted to go on. */
export type Resumed =
  /** Another execution goes on with it. */
  | { readonly kind: 'begun' }
  /** Whoever has it in hand does; `unknown`: why that is not known, where it is not. */
  | { readonly kind: 'in-hand'; readonly unknown?: string };

/**
 * A run that is paused has no execution that turns, and one whose execution was ended has none any more: this starts one.
 * Where there is none to be had, it is wanted as it was before.
 *
 * @param run as it was before it was wanted to go on
 */
export async function resumeDrain(
  operator: Operator,
  { runs, worker, clock }: Pick<OpenArchive, 'runs' | 'worker' | 'clock'>,
  run: ReplayRun,
): Promise<Resumed> {
  const { id, from, execution, wishes } = run;
  if (from !== FROM_DRAIN || execution === undefined) return { kind: 'in-hand' };
  const now = (await clock()).now();
  try {
    const free = await freeOfRun(run, lookOf(operator), now);
    if (free.kind === 'none' && wishes.wanted === 'running') return { ...free, kind: 'in-hand' };
    const ended = free.kind === 'some' && free.ended.length > 0 ? { ended: free.ended } : {};
    await start(operator, machineOf(execution), `resume-${id}-${wishes.at ?? 0}`, { run: id, ...ended });
    return { kind: 'begun' };
  } catch (fault) {
    // else one that was paused would be called running, with nobody at work on it
    await runs.wish(id, { wanted: wishes.wanted, by: worker.by, at: (await clock()).now() });
    throw fault;
  }
}

/**
 * A run that has ended while nobody was at work on it: this starts an execution, which finds it ended, and tells the event bus.
 * An operator tells nobody. Once for each run, whoever asks and however often, as executions have names.
 */
export async function tellEnded(operator: Operator, { id, from, execution }: ReplayRun): Promise<void> {
  if (from !== FROM_DRAIN || execution === undefined) return;
  await start(operator, machineOf(execution), `ended-${id}`, { run: id });
}

async function start(operator: Operator, machine: string, name: string, input: RunMade): Promise<void> {
  const { createExecutions } = await import('../../aws/drain/executions.ts');
  const executions = createExecutions(operator.clientSettings, machine);
  const asked = {
    service: 'Step Functions',
    action: 'states:StartExecution',
    what: `the state machine ${machine}`,
  } as const;
  try {
    await operator.asking(asked, () => executions.start(name, input));
  } finally {
    executions.close();
  }
}

async function drainOf(archive: OpenArchive): Promise<string> {
  const told = await archive.drain();
  if (told !== undefined) return told;
  const { runs } = await archive.runs.list({ limit: LATEST_RUNS });
  const execution = runs.find(({ from, execution }) => from === FROM_DRAIN && execution !== undefined)?.execution;
  if (execution !== undefined) return machineOf(execution);
  throw new OperatorFault('MaintenanceWindow.NotFound', 'the table tells of no drain', { kind: 'absent-drain' });
}
