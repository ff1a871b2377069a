/** Variables of the monitor's environment, beside those that name the windows and the table. */
export const MONITOR_SETTINGS = {
  /** From which age on a backlog is old, in seconds; absent: a day. */
  oldPendingSeconds: 'OLD_PENDING_SECONDS',
  /** The longest TTL of the functions under the windows, in seconds; absent: the default one. */
  longestTtlSeconds: 'LONGEST_TTL_SECONDS',
} as const;

/** One run of the monitor, as its schedule sends it: `infra/monitor.ts`. */
export interface MonitorTask {
  readonly task: 'measure' | 'sweep' | 'watch';
}
