import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { readBacklogs } from '../../aws/events/backlog.ts';
import { sweepParts } from '../../aws/events/sweep.ts';
import type { ParameterStore } from '../../aws/windows/parameter-store.ts';
import type { ActiveWindow } from '../../core/calendar/calendar.ts';
import { MOST_STRAYS } from '../../core/events/archive.ts';
import { metricsLine } from '../../core/metrics.ts';
import { readWindowActivity } from './active-window.ts';
import { type LookedRunsParts, lookAtRuns, MOST_RUNS } from './look-at-runs.ts';
import { type OldBacklogsParts, tellOldBacklogs } from './old-backlogs.ts';

/** What the monitor looks at, and where its lines go. */
export interface MonitorParts {
  readonly dynamoDb: DynamoDBClient;
  readonly parameterStore: Pick<ParameterStore, 'read'>;
  /** The deferred events table, by name or ARN. */
  readonly table: string;
  /** The window parameters, one to ten. */
  readonly parameters: readonly string[];
  readonly oldBacklogs: OldBacklogsParts;
  readonly lookedRuns: LookedRunsParts;
  /** Epoch milliseconds. */
  now(): number;
  /** Takes a whole line without its end. */
  write(line: string): void;
}

/** Two tasks of the monitor, whose results are lines of embedded metrics. The third one is `watch.ts`. */
export interface Monitor {
  /** Measures pending events and active windows. Rejects where something could not be measured, after all that could be. */
  measure(): Promise<void>;
  /** Deletes orphaned parts until `isTimeUp`; the next sweep goes on. */
  sweep(isTimeUp: () => boolean): Promise<void>;
}

/** Makes the monitor of one table and its window parameters. */
export function createMonitor(parts: MonitorParts): Monitor {
  const { dynamoDb, parameterStore, table, parameters, oldBacklogs, lookedRuns, now, write } = parts;
  /** Alarms and dashboard ask for the table's name; the setting may be its ARN. */
  const ofTable = { TableName: table.replace(/^.*\//, '') };

  return { measure, sweep };

  async function measure(): Promise<void> {
    const outcomes = await Promise.allSettled([measureBacklogs(), measureWindows(), measureRuns()]);
    const faults = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    if (faults.length > 0) throw new AggregateError(faults, faults.map(String).join('\n'));
    write(metricsLine(ofTable, { Measured: 1 }, now()));
  }

  /** Per function only while something is pending, since a metric costs while it is written; for the table always, for the alarms. */
  async function measureBacklogs(): Promise<void> {
    const at = now();
    const { backlogs, strays } = await readBacklogs(dynamoDb, table);
    if (strays > 0) write(`passed by ${numberOf(strays)} of the index that no client of ours put there: ${READ_MORE}`);
    const ageOf = (oldestAt = at) => Math.max(0, (at - oldestAt) / 1_000);
    for (const { functionName, events, oldestAt } of backlogs) {
      if (events === 0) continue;
      const values = { PendingEvents: events, OldestPendingAge: ageOf(oldestAt) };
      write(metricsLine({ FunctionName: functionName }, values, at));
    }
    const whole = {
      PendingEvents: backlogs.reduce((sum, { events }) => sum + events, 0),
      OldestPendingAge: Math.max(0, ...backlogs.map(({ oldestAt }) => ageOf(oldestAt))),
    };
    write(metricsLine(ofTable, whole, at));
    await tellOldBacklogs(oldBacklogs, backlogs, at);
  }

  /** One active window is enough to say so; that none is active takes all parameters. */
  async function measureWindows(): Promise<void> {
    const at = now();
    const { active, faults } = await readWindowActivity(parameterStore, parameters, at);
    if (active || faults.length === 0) write(metricsLine(ofTable, activityOf(active, at), at));
    if (faults.length > 0) throw new Error(faults.join('\n'));
  }

  /** Only what there is: a metric costs while it is written. */
  async function measureRuns(): Promise<void> {
    const { counts, isMore, remember } = await lookAtRuns(lookedRuns, now());
    if (isMore) write(`more than ${MOST_RUNS} replays have not ended: "replays cancel" ends those that are lost`);
    const some = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
    if (Object.keys(some).length > 0) write(metricsLine(ofTable, some, now()));
    await remember();
  }

  async function sweep(isTimeUp: () => boolean): Promise<void> {
    const { deleted, strays, complete } = await sweepParts(dynamoDb, table, now(), isTimeUp);
    write(metricsLine(ofTable, { SweptParts: deleted }, now()));
    if (strays > 0) write(`passed by ${strays} items among the parts that are none: ${READ_MORE}`);
    if (!complete) write('time ran out before all parts were looked at: the next sweep goes on');
  }
}

const READ_MORE = 'see docs/security.md';

function numberOf(strays: number): string {
  return strays < MOST_STRAYS ? `${strays} items` : `${MOST_STRAYS} items or more`;
}

function activityOf(active: ActiveWindow | undefined, at: number) {
  return { WindowActive: active ? 1 : 0, WindowActiveAge: active ? (at - active.startAt) / 1_000 : 0 };
}
