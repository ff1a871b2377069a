import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { type ClientMetric, type Dimension, type MonitorMetric, NAMESPACE } from '../../core/metrics.ts';

/** The statistic that says something about a metric of the client's. */
const CLIENT_STATISTICS: Readonly<Record<ClientMetric, string>> = {
  Deferred: cloudwatch.Stats.SUM,
  Rejected: cloudwatch.Stats.SUM,
  DeferralFailed: cloudwatch.Stats.SUM,
  DeferralLatency: cloudwatch.Stats.p(99),
  WindowReadFailed: cloudwatch.Stats.SUM,
  GateFault: cloudwatch.Stats.SUM,
};

/** A metric of one protected function. Every 5 minutes, unless the options say otherwise. */
export function clientMetric(
  metricName: ClientMetric,
  functionName: string,
  options: cloudwatch.MetricOptions = {},
): cloudwatch.Metric {
  return metricOf({ FunctionName: functionName }, { metricName, statistic: CLIENT_STATISTICS[metricName], ...options });
}

/** A metric of the table as a whole. The monitor writes it every 5 minutes. */
export function monitorMetric(
  metricName: MonitorMetric,
  tableName: string,
  options: cloudwatch.MetricOptions = {},
): cloudwatch.Metric {
  const isSum = ['SweptParts', 'Measured', 'RunsStopped'].includes(metricName);
  const statistic = isSum ? cloudwatch.Stats.SUM : cloudwatch.Stats.MAXIMUM;
  return metricOf({ TableName: tableName }, { metricName, statistic, ...options });
}

/** A metric of every function that has it, one line each: in the whole account and region. */
export function metricOfEveryFunction(metricName: ClientMetric): cloudwatch.MathExpression {
  const statistic = CLIENT_STATISTICS[metricName];
  return new cloudwatch.MathExpression({
    expression: `SEARCH('{${NAMESPACE},FunctionName} MetricName="${metricName}"', '${statistic}', 300)`,
    label: '',
    usingMetrics: {},
  });
}

function metricOf(dimension: Dimension, props: Omit<cloudwatch.MetricProps, 'namespace'>): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace: NAMESPACE, dimensionsMap: { ...dimension }, ...props });
}
