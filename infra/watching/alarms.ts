import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { type AlarmFacts, DRAIN_ALARMS, FUNCTION_ALARMS, monitorAlarms } from '../../core/deployment/alarms.ts';
import { NAMESPACE } from '../../core/metrics.ts';

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
  for (const alarm of FUNCTION_ALARMS) raise(fn, NAMESPACE, { FunctionName: fn.functionName }, alarm, actions);
}

/** The alarms that rest on the monitor, and one on the monitor itself. */
export function alarmOnMonitor(
  scope: Construct,
  tableName: string,
  { actions = [], oldestPendingAge = Duration.hours(24), windowActiveAge = Duration.hours(12) }: AlarmsProps,
): void {
  const ages = { oldestPending: oldestPendingAge.toSeconds(), windowActive: windowActiveAge.toSeconds() };
  for (const alarm of monitorAlarms(ages)) raise(scope, NAMESPACE, { TableName: tableName }, alarm, actions);
}

/** The alarm of the drain's state machine. */
export function alarmOnDrain(scope: Construct, machine: sfn.IStateMachine, { actions = [] }: AlarmsProps): void {
  const dimensions = { StateMachineArn: machine.stateMachineArn };
  for (const alarm of DRAIN_ALARMS) raise(scope, 'AWS/States', dimensions, alarm, actions);
}

const COMPARISONS = {
  GreaterThanOrEqualToThreshold: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  LessThanThreshold: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
} as const;
const MISSING_DATA = {
  notBreaching: cloudwatch.TreatMissingData.NOT_BREACHING,
  breaching: cloudwatch.TreatMissingData.BREACHING,
} as const;

/** An id is no other alarm's, since an action may make something of its own by it: a `LambdaAction` makes a permission. */
function raise(
  scope: Construct,
  namespace: string,
  dimensionsMap: Record<string, string>,
  { id, metric, statistic, periodSeconds, comparison, missingData, description, ...counts }: AlarmFacts,
  actions: readonly cloudwatch.IAlarmAction[],
): void {
  const alarm = new cloudwatch.Alarm(scope, `${id}${scope.node.addr.slice(-8)}`, {
    ...counts,
    alarmDescription: description,
    metric: new cloudwatch.Metric({
      namespace,
      metricName: metric,
      dimensionsMap,
      statistic,
      period: Duration.seconds(periodSeconds),
    }),
    comparisonOperator: COMPARISONS[comparison],
    treatMissingData: MISSING_DATA[missingData],
  });
  alarm.addAlarmAction(...actions);
}
