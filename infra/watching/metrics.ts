import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { type Dimension, type MonitorMetric, NAMESPACE } from '../../cloud/monitor/metrics.ts';

/** What the client counts, with the statistic that says something about it. It writes them itself: `host/log.ts`. */
export const CLIENT_METRICS = {
  /** Invocations that were stored. */
  Deferred: cloudwatch.Stats.SUM,
  /** Invocations that were turned away, and not stored. */
  Rejected: cloudwatch.Stats.SUM,
  /** Invocations that should have been stored and could not be; their callers were told. */
  DeferralFailed: cloudwatch.Stats.SUM,
  /** How long storing took, in milliseconds. */
  DeferralLatency: cloudwatch.Stats.p(99),
  /** Readings of the window parameters that failed. */
  WindowReadFailed: cloudwatch.Stats.SUM,
  /** Times that the client's own code failed. Inside a window each counts as a failed deferral, too. */
  GateFault: cloudwatch.Stats.SUM,
} as const;

/** The name of one of them. */
export type ClientMetric = keyof typeof CLIENT_METRICS;

/** A metric of one protected function. Every 5 minutes, unless the options say otherwise. */
export function clientMetric(
  metricName: ClientMetric,
  functionName: string,
  options: cloudwatch.MetricOptions = {},
): cloudwatch.Metric {
  return metricOf({ FunctionName: functionName }, { metricName, statistic: CLIENT_METRICS[metricName], ...options });
}

/** A metric of the table as a whole. The monitor writes it every 5 minutes. */
export function monitorMetric(
  metricName: MonitorMetric,
  tableName: string,
  options: cloudwatch.MetricOptions = {},
): cloudwatch.Metric {
  const isSum = metricName === 'SweptParts' || metricName === 'Measured';
  const statistic = isSum ? cloudwatch.Stats.SUM : cloudwatch.Stats.MAXIMUM;
  return metricOf({ TableName: tableName }, { metricName, statistic, ...options });
}

/** A metric of every function that has it, one line each: in the whole account and region. */
export function metricOfEveryFunction(
  metricName: ClientMetric | MonitorMetric,
  statistic: string,
): cloudwatch.MathExpression {
  return new cloudwatch.MathExpression({
    expression: `SEARCH('{${NAMESPACE},FunctionName} MetricName="${metricName}"', '${statistic}', 300)`,
    label: '',
    usingMetrics: {},
  });
}

function metricOf(dimension: Dimension, props: Omit<cloudwatch.MetricProps, 'namespace'>): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace: NAMESPACE, dimensionsMap: { ...dimension }, ...props });
}
