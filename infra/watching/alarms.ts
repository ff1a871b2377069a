import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { MEASURE_INTERVAL } from '../monitor.ts';
import { clientMetric, monitorMetric } from './metrics.ts';

/** Which alarms there are, and whom they call. */
export interface AlarmsProps {
  /** What an alarm does, such as telling an SNS topic. Default: nothing; it can be seen in CloudWatch. */
  readonly actions?: readonly cloudwatch.IAlarmAction[];
  /** From this age on the oldest pending event is too old. Needs the monitor. Default: 24 hours. */
  readonly oldestPendingAge?: Duration;
  /** A window that has been active for this long is too long. Needs the monitor. Default: 12 hours. */
  readonly windowActiveAge?: Duration;
}

/** The alarms of one protected function, from what its client counts. They stand beside it, in its own stack. */
export function alarmOnFunction(fn: lambda.Function, { actions = [] }: AlarmsProps): void {
  raise(fn, 'MaintenanceDeferralFailed', actions, {
    alarmDescription:
      'An invocation inside a maintenance window could not be stored, and was answered with an error. Its event source ' +
      'may send it again, or have given it up: look for "deferral failed" in the log of the function.',
    metric: clientMetric('DeferralFailed', fn.functionName, { period: Duration.minutes(1) }),
    threshold: 1,
    evaluationPeriods: 1,
  });
  raise(fn, 'MaintenanceGateFault', actions, {
    alarmDescription:
      'The code of the maintenance window client failed in a way it does not foresee. Outside a window the handler ran all ' +
      'the same; inside one the caller got an error. Look for "a fault of the maintenance window gate" in the log, and report it.',
    metric: clientMetric('GateFault', fn.functionName),
    threshold: 1,
    evaluationPeriods: 1,
  });
  // Single readings fail under throttling, and do no harm: the client goes on with the last good one.
  raise(fn, 'MaintenanceWindowUnreadable', actions, {
    alarmDescription:
      'The function keeps failing to read a window parameter. It goes on with its last good reading; a fresh environment ' +
      'has none, and may run inside a window. Look for "cannot be read" in the log of the function: it says which and why.',
    metric: clientMetric('WindowReadFailed', fn.functionName),
    threshold: 1,
    evaluationPeriods: 12,
    datapointsToAlarm: 3,
  });
}

/** The alarms that rest on the monitor, and one on the monitor itself: without it the others say nothing. */
export function alarmOnMonitor(
  scope: Construct,
  tableName: string,
  { actions = [], oldestPendingAge = Duration.hours(24), windowActiveAge = Duration.hours(12) }: AlarmsProps,
): void {
  const once = { period: MEASURE_INTERVAL };
  raise(scope, 'OldestPendingAge', actions, {
    alarmDescription: `A deferred event has been pending for over ${oldestPendingAge.toHumanString()}. Replay it, or discard it.`,
    metric: monitorMetric('OldestPendingAge', tableName, once),
    threshold: oldestPendingAge.toSeconds(),
    evaluationPeriods: 1,
  });
  raise(scope, 'WindowActiveAge', actions, {
    alarmDescription: `A maintenance window has been active for over ${windowActiveAge.toHumanString()}. End it, if it was forgotten.`,
    metric: monitorMetric('WindowActiveAge', tableName, once),
    threshold: windowActiveAge.toSeconds(),
    evaluationPeriods: 1,
  });
  raise(scope, 'MonitorFailed', actions, {
    alarmDescription:
      'The monitor has told nothing three times in a row: it fails, or does not run. The alarms on pending events and on long ' +
      'windows say nothing meanwhile. Look at its log, its schedule and its concurrency.',
    metric: monitorMetric('Measured', tableName, once),
    comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold: 1,
    evaluationPeriods: 3,
    treatMissingData: cloudwatch.TreatMissingData.BREACHING,
  });
}

/**
 * Silence is no alarm: the client writes nothing while there is nothing to tell. An id is no other alarm's, since an action may
 * make something of its own by it: a `LambdaAction` makes a permission.
 */
function raise(
  scope: Construct,
  id: string,
  actions: readonly cloudwatch.IAlarmAction[],
  props: cloudwatch.AlarmProps,
): void {
  const alarm = new cloudwatch.Alarm(scope, `${id}${scope.node.addr.slice(-8)}`, {
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    ...props,
  });
  alarm.addAlarmAction(...actions);
}
