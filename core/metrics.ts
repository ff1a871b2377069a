/** The namespace of all our metrics. */
export const NAMESPACE = 'MaintenanceWindow';

/** What the client counts in a protected function, with CloudWatch's units. */
export const CLIENT_METRICS = {
  /** Invocations that were stored. */
  Deferred: 'Count',
  /** Invocations that were rejected, and not stored. */
  Rejected: 'Count',
  /** Invocations that could not be stored; each caller got an error. */
  DeferralFailed: 'Count',
  /** How long storing took. */
  DeferralLatency: 'Milliseconds',
  /** Failed reads of the window parameters. */
  WindowReadFailed: 'Count',
  /** Faults of the client's own code. Inside a window each counts as a failed deferral, too. */
  GateFault: 'Count',
} as const;

/** What the monitor measures, with CloudWatch's units. */
export const MONITOR_METRICS = {
  /** Events that are stored and not finished. */
  PendingEvents: 'Count',
  /** Age of the oldest pending event; 0 where there is none. */
  OldestPendingAge: 'Seconds',
  /** 1 while a window is active for any function; else 0. */
  WindowActive: 'Count',
  /** Time since the window became active; 0 while none is. */
  WindowActiveAge: 'Seconds',
  /** 1 when everything above could be measured. Missing while the monitor fails, or does not run. */
  Measured: 'Count',
  /** Replays that are under way. Missing while there is none, as the next two. */
  RunsUnderWay: 'Count',
  /** Replays that stopped by themselves within the last five minutes. */
  RunsStopped: 'Count',
  /** Replays of the last day of which nobody has heard since they should have told of themselves. */
  RunsLost: 'Count',
  /** Orphaned parts that a sweep deleted. */
  SweptParts: 'Count',
} as const;

/** The name of a metric of the client's. */
export type ClientMetric = keyof typeof CLIENT_METRICS;

/** The name of a metric of the monitor's. */
export type MonitorMetric = keyof typeof MONITOR_METRICS;

/** Values of one instant, by their metrics' names. */
export type MetricValues = Readonly<Partial<Record<ClientMetric | MonitorMetric, number>>>;

/** What the values are of: one function, or the table as a whole. */
export type Dimension = { readonly TableName: string } | { readonly FunctionName: string };

const UNITS: Readonly<Record<ClientMetric | MonitorMetric, string>> = { ...CLIENT_METRICS, ...MONITOR_METRICS };

/**
 * One line of CloudWatch's embedded metric format.
 * Source: CloudWatch user guide, "Specification: Embedded metric format".
 *
 * @param at epoch milliseconds
 * @param facts searchable in the log, and no metrics
 */
export function metricsLine(
  dimension: Dimension,
  values: MetricValues,
  at: number,
  facts: Readonly<Record<string, string>> = {},
): string {
  const metrics = (Object.keys(values) as (keyof typeof UNITS)[]).map((Name) => ({ Name, Unit: UNITS[Name] }));
  const directive = { Namespace: NAMESPACE, Dimensions: [Object.keys(dimension)], Metrics: metrics };
  return JSON.stringify({ _aws: { Timestamp: at, CloudWatchMetrics: [directive] }, ...dimension, ...values, ...facts });
}
