import type { MonitorMemory } from '../../aws/events/monitor-memory.ts';
import { MEASURE_INTERVAL_SECONDS } from '../../core/deployment/alarms.ts';
import { type ExecutionLook, withExecutions } from '../../core/runs/executions.ts';
import type { RunStore } from '../../core/runs/ports.ts';
import { hasEnded, isRunOver, type ReplayRun } from '../../core/runs/run.ts';
import { at, listAt } from '../../core/text/shape.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../core/units.ts';

/** What a look at the replays needs. */
export interface LookedRunsParts {
  readonly runs: Pick<RunStore, 'openIds' | 'idsSince' | 'readAll'>;
  readonly memory: MonitorMemory;
  /** Absent where there is no drain. */
  readonly executionOf?: ExecutionLook | undefined;
}

/** What a look at the replays came to: the names are those of the metrics. */
export interface LookedRuns {
  readonly counts: Readonly<Record<'RunsUnderWay' | 'RunsStopped' | 'RunsLost', number>>;
  /** There are more that have not ended than are looked at. */
  readonly isMore: boolean;
  /** Once this is told: what is told is told once. */
  remember(): Promise<void>;
}

/**
 * Replays that have not ended, and that have begun since the last look: the newest so many. Those of terminals that were
 * killed stay for 90 days. The ids that a look remembers take a seventh of an item's 400 KB then.
 */
export const MOST_RUNS = 5_000;
/** An index, and who begins a run, may be behind by so much. */
const BEHIND_MS = MINUTE_MS;

/**
 * Looks at the replays that have not ended, at those that had not when it looked last, and at those that have begun since: so
 * each is seen to end, once, however many others there are, and however old it is.
 */
export async function lookAtRuns({ runs, memory, executionOf }: LookedRunsParts, now: number): Promise<LookedRuns> {
  const remembered = await memory.read();
  const lookedAt = Number(at(remembered.value, 'at') ?? now - MEASURE_INTERVAL_SECONDS * SECOND_MS);
  const before = new Set(listAt(remembered.value, 'open').filter((id) => typeof id === 'string'));
  const limit = { limit: MOST_RUNS };
  const [open, begun] = await Promise.all([runs.openIds(limit), runs.idsSince(lookedAt - BEHIND_MS, limit)]);
  const { runs: kept } = await runs.readAll([...new Set([...open, ...before, ...begun])]);
  const found = executionOf ? await withExecutions(kept, executionOf) : kept;
  const counts = {
    RunsUnderWay: found.filter(({ status }) => !isRunOver(status)).length,
    RunsStopped: found.filter((run) => hasStopped(run) && (before.has(run.id) || (run.endedAt ?? 0) > lookedAt)).length,
    RunsLost: found.filter(({ status, aliveUntil }) => status === 'lost' && aliveUntil > now - DAY_MS).length,
  };
  const left = found.filter(({ status }) => !hasEnded(status)).map(({ id }) => id);
  const next = { at: now, open: left.slice(0, MOST_RUNS) };
  return { counts, isMore: open.length >= MOST_RUNS, remember: () => memory.write(remembered, next) };
}

/** Not by somebody who wanted it to. */
function hasStopped({ status, wishes }: ReplayRun): boolean {
  return status === 'stopped' && wishes.wanted !== 'stopped';
}
