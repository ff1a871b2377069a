import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { ClientMetric } from '../../core/metrics.ts';
import type { Drain } from '../drain.ts';
import { metricOfEveryFunction, monitorMetric } from './metrics.ts';

const HALF_WIDTH = 12;

/**
 * A dashboard that answers, from top to bottom: is a window active, what waits, what happens, what fails.
 * The lower rows show every function of the account and region that runs the client, so that they know of functions in
 * other stacks too.
 *
 * @param tableName of a table with a monitor; without one there is no upper row
 * @param drain without one there is no row of replays
 */
export function createDashboard(
  scope: Construct,
  id: string,
  tableName: string | undefined,
  drain: Drain | undefined,
): cloudwatch.Dashboard {
  return new cloudwatch.Dashboard(scope, id, {
    widgets: [
      ...(tableName === undefined ? [] : [monitorRow(tableName)]),
      ...(drain ? [drainRow(drain)] : []),
      [functionGraph('Deferred: stored, not handled', 'Deferred'), functionGraph('Rejected', 'Rejected')],
      [
        functionGraph('Deferral failed: should be none', 'DeferralFailed'),
        functionGraph('Window parameter not readable: should be none', 'WindowReadFailed'),
      ],
      [
        functionGraph('Time to store an event, p99, milliseconds', 'DeferralLatency'),
        functionGraph('Faults of the client itself: should be none', 'GateFault'),
      ],
    ],
  });
}

function monitorRow(tableName: string): cloudwatch.IWidget[] {
  return [
    new cloudwatch.GraphWidget({
      title: 'Maintenance window active',
      width: HALF_WIDTH,
      left: [monitorMetric('WindowActive', tableName, { label: 'active' })],
      right: [monitorMetric('WindowActiveAge', tableName, { label: 'for, seconds' })],
      leftYAxis: { min: 0, max: 1 },
    }),
    new cloudwatch.GraphWidget({
      title: 'Pending events',
      width: HALF_WIDTH,
      left: [monitorMetric('PendingEvents', tableName, { label: 'events' })],
      right: [monitorMetric('OldestPendingAge', tableName, { label: 'age of the oldest, seconds' })],
      leftYAxis: { min: 0 },
    }),
  ];
}

function drainRow({ function: fn, stateMachine }: Drain): cloudwatch.IWidget[] {
  return [
    new cloudwatch.GraphWidget({
      title: 'Replays of the drain',
      width: HALF_WIDTH,
      left: [
        stateMachine.metricStarted({ label: 'started' }),
        stateMachine.metricSucceeded({ label: 'came to their end' }),
        stateMachine.metricFailed({ label: 'failed: should be none' }),
      ],
      leftYAxis: { min: 0 },
    }),
    new cloudwatch.GraphWidget({
      title: 'Stretches of the drain',
      width: HALF_WIDTH,
      left: [
        fn.metric('ConcurrentExecutions', { statistic: cloudwatch.Stats.MAXIMUM, label: 'at once' }),
        fn.metricErrors({ label: 'cut off or failed' }),
      ],
      leftYAxis: { min: 0 },
    }),
  ];
}

function functionGraph(title: string, metric: ClientMetric): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title,
    width: HALF_WIDTH,
    left: [metricOfEveryFunction(metric)],
    leftYAxis: { min: 0 },
  });
}
