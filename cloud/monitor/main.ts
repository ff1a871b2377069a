import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { createExecutions, type Executions } from '../../aws/drain/executions.ts';
import { dynamoDbOf } from '../../aws/dynamodb/dynamodb-sdk.ts';
import { createEventIndex } from '../../aws/events/event-rows.ts';
import { createMonitorMemory } from '../../aws/events/monitor-memory.ts';
import { createRunStore } from '../../aws/events/run-store.ts';
import { createFunctionInspector } from '../../aws/lambda/function-inspector.ts';
import { ANSWER_LIMITS, hearAnswers } from '../../aws/request/sdk-client.ts';
import { createAwsClock } from '../../aws/time/aws-clock.ts';
import { createParameterStore } from '../../aws/windows/parameter-store.ts';
import { createEventBus } from '../../aws/words/event-bus.ts';
import { DRAIN_VARIABLE } from '../../core/deployment/drain-machine.ts';
import { readConfig, SETTINGS } from '../../core/gate/config.ts';
import type { WindowOver } from '../../core/runs/drain-input.ts';
import type { DueRun } from '../../core/runs/due.ts';
import { instantToText } from '../../core/time/instant.ts';
import { skewText } from '../../core/time/time-text.ts';
import { DAY_MS, SECOND_MS } from '../../core/units.ts';
import { createDueFacts } from './due-facts.ts';
import { createMonitor } from './monitor.ts';
import { MONITOR_SETTINGS, type MonitorTask } from './task.ts';
import { type WatchParts, watch } from './watch.ts';

/** How much of the invocation's time a sweep leaves when it stops by itself. */
const SWEEP_MARGIN_MS = 20_000;
/** The same of a look at the windows: of the last functions each may take this long, where Lambda does not answer for one. */
const WATCH_MARGIN_MS = 100_000;

const { parameters, table } = readConfig(process.env);
// Not the console, whose prefix would hide the metrics from CloudWatch.
const write = (line: string) => process.stdout.write(`${line}\n`);
/** A clock that is ahead would see a window end before the functions do, and take a replay for lost that is under way. */
const clock = createAwsClock({ now: Date.now, random: Math.random }, (aheadMs) => write(skewText(aheadMs)));
const dynamoDb = new DynamoDBClient({ requestHandler: ANSWER_LIMITS });
hearAnswers(dynamoDb, clock.hear);
const parameterStore = createParameterStore({ requestHandler: ANSWER_LIMITS });
const announcer = createEventBus({ requestHandler: ANSWER_LIMITS }, table);
const oldAfterMs = Number(process.env[MONITOR_SETTINGS.oldPendingSeconds] ?? DAY_MS / SECOND_MS) * SECOND_MS;
const longestTtlSeconds = Number(process.env[MONITOR_SETTINGS.longestTtlSeconds] ?? SETTINGS.ttlSeconds.default);
const oldBacklogs = { memory: createMonitorMemory(dynamoDb, table, 'backlogs'), announcer, oldAfterMs };
const runs = createRunStore({ dynamoDb: dynamoDbOf(dynamoDb), table, clock });
const machine = process.env[DRAIN_VARIABLE];
const executions = machine === undefined ? undefined : createExecutions({ requestHandler: ANSWER_LIMITS }, machine);
const monitor = createMonitor({
  dynamoDb,
  parameterStore,
  table,
  parameters,
  oldBacklogs,
  lookedRuns: { runs, memory: createMonitorMemory(dynamoDb, table, 'runs'), executionOf: executions?.look },
  now: clock.now,
  write,
});
const drain = drainOf(executions);

/** The monitor's entry: measures, sweeps, or watches. */
export async function handler({ task }: MonitorTask, context: { getRemainingTimeInMillis(): number }): Promise<void> {
  switch (task) {
    case 'measure':
      return monitor.measure();
    case 'sweep':
      return monitor.sweep(() => context.getRemainingTimeInMillis() < SWEEP_MARGIN_MS);
    case 'watch':
      await tellDrain();
      return watch({
        parameterStore,
        parameters,
        memory: createMonitorMemory(dynamoDb, table, 'windows'),
        announcer,
        longestTtlSeconds,
        ...(drain && { drain: drain() }),
        now: clock.now,
        isTimeUp: () => context.getRemainingTimeInMillis() < WATCH_MARGIN_MS,
        write,
      });
    default:
      throw new Error(`the monitor knows the tasks measure, sweep and watch, not ${JSON.stringify(task)}`);
  }
}

/** Leaves in the table where the drain is, so that the operator's tool needs no setting for that. */
async function tellDrain(): Promise<void> {
  const place = { stateMachineArn: machine };
  const memory = createMonitorMemory(dynamoDb, table, 'drain');
  const known = await memory.read();
  if (JSON.stringify(known.value ?? {}) !== JSON.stringify(place)) await memory.write(known, place);
}

/** What starts runs, anew for each look: facts hold for one. */
function drainOf(executions: Executions | undefined): (() => NonNullable<WatchParts['drain']>) | undefined {
  if (!executions) return undefined;
  const index = createEventIndex(table, (input) => dynamoDb.send(new QueryCommand(input)), clock);
  const functions = createFunctionInspector({ requestHandler: ANSWER_LIMITS });
  return () => ({
    starter: { start: (run) => executions.start(run.name, inputOf(run)) },
    facts: createDueFacts({ functions, index, runs, executionOf: executions.look, write }),
    functionNames: () => index.functionNames(),
  });
}

function inputOf({ window: { startAt, endAt, nextAt, underFromAt }, ...run }: DueRun): WindowOver {
  return {
    ...run,
    window: {
      startAt: instantToText(startAt),
      endAt: instantToText(endAt),
      ...(nextAt !== undefined && { nextAt: instantToText(nextAt) }),
      underFromAt: instantToText(underFromAt),
    },
  };
}
