import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { ActiveWindow } from '../../core/calendar/calendar.ts';
import { readConfig } from '../../core/gate/config.ts';
import { readBacklogs } from './backlog.ts';
import { metricsLine } from './metrics.ts';
import { sweepParts } from './sweep.ts';
import { readWindowActivity } from './windows.ts';

/** What the schedule asks for. */
export interface MonitorTask {
  readonly task: 'measure' | 'sweep';
}

/** What is left of the invocation's time when a sweep stops by itself. */
const SWEEP_MARGIN_MS = 20_000;

const { parameters, table } = readConfig(process.env);
/** What is told of the table is told under its name, as alarms and dashboard ask for it; the setting may be its ARN. */
const ofTable = { TableName: table.replace(/^.*\//, '') };
const dynamodb = new DynamoDBClient();
const ssm = new SSMClient();

/** The monitor's entry: measures, or sweeps. Fails where something could not be measured, after all that could be. */
export async function handler({ task }: MonitorTask, context: { getRemainingTimeInMillis(): number }): Promise<void> {
  switch (task) {
    case 'measure':
      return measure();
    case 'sweep':
      return sweep(() => context.getRemainingTimeInMillis() < SWEEP_MARGIN_MS);
    default:
      throw new Error(`the monitor knows the tasks measure and sweep, not ${JSON.stringify(task)}`);
  }
}

async function measure(): Promise<void> {
  const outcomes = await Promise.allSettled([measureBacklogs(), measureWindows()]);
  const faults = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (faults.length > 0) throw new AggregateError(faults, faults.map(String).join('\n'));
  write(metricsLine(ofTable, { Measured: 1 }, Date.now()));
}

/** Per function while something is pending: a metric costs as long as it is written. For the table always: alarms rest on it. */
async function measureBacklogs(): Promise<void> {
  const now = Date.now();
  const { backlogs, strays } = await readBacklogs(dynamodb, table);
  if (strays > 0)
    write(`passed by ${strays} items of the index that no client of ours put there: see docs/security.md`);
  const ageOf = (oldestAt = now) => Math.max(0, (now - oldestAt) / 1_000);
  for (const { functionName, events, oldestAt } of backlogs) {
    if (events === 0) continue;
    write(
      metricsLine({ FunctionName: functionName }, { PendingEvents: events, OldestPendingAge: ageOf(oldestAt) }, now),
    );
  }
  const whole = {
    PendingEvents: backlogs.reduce((sum, { events }) => sum + events, 0),
    OldestPendingAge: Math.max(0, ...backlogs.map(({ oldestAt }) => ageOf(oldestAt))),
  };
  write(metricsLine(ofTable, whole, now));
}

/** An active window is one, whatever is not known of other parameters; that none is active takes all of them. */
async function measureWindows(): Promise<void> {
  const now = Date.now();
  const { active, faults } = await readWindowActivity(ssm, parameters, now);
  if (active || faults.length === 0) writeActivity(active, now);
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

function writeActivity(active: ActiveWindow | undefined, now: number): void {
  const values = { WindowActive: active ? 1 : 0, WindowActiveAge: active ? (now - active.startAt) / 1_000 : 0 };
  write(metricsLine(ofTable, values, now));
}

async function sweep(isTimeUp: () => boolean): Promise<void> {
  const { deleted, strays, complete } = await sweepParts(dynamodb, table, Date.now(), isTimeUp);
  write(metricsLine(ofTable, { SweptParts: deleted }, Date.now()));
  if (strays > 0) write(`passed by ${strays} items among the parts that are none: see docs/security.md`);
  if (!complete) write('time ran out before all parts were looked at: the next sweep goes on');
}

/** Not through the console, whose prefix would hide the metrics from CloudWatch. */
function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
