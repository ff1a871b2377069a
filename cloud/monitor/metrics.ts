/** Where every metric of ours is. The client writes there too: `host/log.ts`. */
export const NAMESPACE = 'MaintenanceWindow';

/** What the monitor measures, with CloudWatch's units. */
export const MONITOR_METRICS = {
  /** Events that are stored and not finished. */
  PendingEvents: 'Count',
  /** Since the oldest of them was deferred; 0 where there is none. */
  OldestPendingAge: 'Seconds',
  /** 1 while a window is active, for whichever functions; else 0. */
  WindowActive: 'Count',
  /** Since it became active; 0 while none is. */
  WindowActiveAge: 'Seconds',
  /** 1 when all of this could be measured. Missing while the monitor fails, or does not run. */
  Measured: 'Count',
  /** Orphaned parts that a sweep deleted. */
  SweptParts: 'Count',
} as const;

/** The name of one of them. */
export type MonitorMetric = keyof typeof MONITOR_METRICS;

/** What a value is told of: the table as a whole, or one function. */
export type Dimension = { readonly TableName: string } | { readonly FunctionName: string };

/**
 * One line of CloudWatch's embedded metric format.
 * Source: CloudWatch user guide, "Specification: Embedded metric format".
 *
 * @param at epoch milliseconds
 */
export function metricsLine(dimension: Dimension, values: Partial<Record<MonitorMetric, number>>, at: number): string {
  const metrics = (Object.keys(values) as MonitorMetric[]).map((Name) => ({ Name, Unit: MONITOR_METRICS[Name] }));
  const directive = { Namespace: NAMESPACE, Dimensions: [Object.keys(dimension)], Metrics: metrics };
  return JSON.stringify({ _aws: { Timestamp: at, CloudWatchMetrics: [directive] }, ...dimension, ...values });
}
