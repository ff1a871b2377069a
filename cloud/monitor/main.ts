import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createParameterStore } from '../../aws/windows/parameter-store.ts';
import { readConfig } from '../../core/gate/config.ts';
import { createMonitor } from './monitor.ts';
import type { MonitorTask } from './task.ts';

/** How much of the invocation's time a sweep leaves when it stops by itself. */
const SWEEP_MARGIN_MS = 20_000;

const { parameters, table } = readConfig(process.env);
const monitor = createMonitor({
  dynamoDb: new DynamoDBClient(),
  parameterStore: createParameterStore({}),
  table,
  parameters,
  now: Date.now,
  // Not the console, whose prefix would hide the metrics from CloudWatch.
  write: (line) => process.stdout.write(`${line}\n`),
});

/** The monitor's entry: measures, or sweeps. */
export async function handler({ task }: MonitorTask, context: { getRemainingTimeInMillis(): number }): Promise<void> {
  switch (task) {
    case 'measure':
      return monitor.measure();
    case 'sweep':
      return monitor.sweep(() => context.getRemainingTimeInMillis() < SWEEP_MARGIN_MS);
    default:
      throw new Error(`the monitor knows the tasks measure and sweep, not ${JSON.stringify(task)}`);
  }
}
