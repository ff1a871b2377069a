/** One run of the monitor, as its schedule sends it: `infra/monitor.ts`. */
export interface MonitorTask {
  readonly task: 'measure' | 'sweep';
}
