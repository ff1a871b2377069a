import { setFlagsFromString } from 'node:v8';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createQuickDynamoDb } from '../../aws/dynamodb/dynamodb-following-sdk.ts';
import { createEventArchive } from '../../aws/events/event-archive.ts';
import { createRunStore } from '../../aws/events/run-store.ts';
import { createFunctions } from '../../aws/lambda/functions.ts';
import { createInvoker } from '../../aws/lambda/invoker.ts';
import { ANSWER_LIMITS } from '../../aws/request/sdk-client.ts';
import { createAwsClock } from '../../aws/time/aws-clock.ts';
import { steadyClock } from '../../aws/time/steady-clock.ts';
import { createParameterStore } from '../../aws/windows/parameter-store.ts';
import { createEventBus } from '../../aws/words/event-bus.ts';
import { DRAIN_TIMEOUT_SECONDS } from '../../core/deployment/drain-machine.ts';
import { parseFunctionArn } from '../../core/events/function-arn.ts';
import { readConfig } from '../../core/gate/config.ts';
import { HEAP_FLAGS } from '../../core/replay/heap-flags.ts';
import { skewText } from '../../core/time/time-text.ts';
import { begin } from './begin.ts';
import { end, fail } from './end.ts';
import type { DrainParts } from './parts.ts';
import { runStretch } from './stretch.ts';
import type { DrainTask } from './task.ts';

for (const [flag, value] of Object.entries(HEAP_FLAGS)) setFlagsFromString(`--${flag}=${value}`);
const { parameters, table } = readConfig(process.env);
const write = (line: string) => process.stdout.write(`${line}\n`);
/** Leases, windows and heartbeats are by the time that whoever else works on the table has, too. */
const clock = createAwsClock({ now: Date.now, random: Math.random }, (aheadMs) => write(skewText(aheadMs)));
const dynamoDb = createQuickDynamoDb(new DynamoDBClient({ maxAttempts: 1 }), clock.hear);

const parts: DrainParts = {
  runs: createRunStore({ dynamoDb, table, clock }),
  archive: (by) => createEventArchive({ dynamoDb, table, clock, by }),
  lambda: (concurrency) => createInvoker({}, concurrency),
  functions: createFunctions({ requestHandler: ANSWER_LIMITS }),
  parameterStore: createParameterStore({ requestHandler: ANSWER_LIMITS }),
  parameters,
  announcer: createEventBus({ requestHandler: ANSWER_LIMITS }, table),
  clock,
  timer: steadyClock,
  wholeMs: DRAIN_TIMEOUT_SECONDS * 1_000,
  write,
};

/** What Lambda tells of an invocation. */
interface Context {
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

/** The drain's entry: one task of its state machine. */
export async function handler(task: DrainTask, context: Context): Promise<object> {
  const account = parseFunctionArn(context.invokedFunctionArn)?.account;
  const own = { ...parts, account };
  switch (task.task) {
    case 'begin':
      return begin(own, task);
    case 'stretch':
      return runStretch(own, task, () => context.getRemainingTimeInMillis());
    case 'failed':
      await fail(own, task);
      return {};
    case 'end':
      return end(own, task);
    default:
      throw new Error(`the drain knows the tasks begin, stretch, failed and end, not ${JSON.stringify(task)}`);
  }
}
