import type { ClientMetric, MonitorMetric } from '../metrics.ts';
import { durationText } from '../time/time-text.ts';

/** An alarm of CloudWatch, in its own words but for the name of whom it is about. */
export interface AlarmFacts {
  readonly id: string;
  readonly metric: ClientMetric | MonitorMetric | 'ExecutionsFailed';
  readonly statistic: 'Sum' | 'Maximum';
  readonly periodSeconds: number;
  readonly comparison: 'GreaterThanOrEqualToThreshold' | 'LessThanThreshold';
  readonly threshold: number;
  readonly evaluationPeriods: number;
  /** Default: all of them. */
  readonly datapointsToAlarm?: number;
  readonly missingData: 'notBreaching' | 'breaching';
  /** What it means and where to look, in ASCII: CloudFormation replaces other characters in some places. */
  readonly description: string;
}

/** How often the monitor measures. */
export const MEASURE_INTERVAL_SECONDS = 300;

/** Silence is no alarm: the client writes nothing while there is nothing to tell. */
const USUAL = {
  statistic: 'Sum',
  periodSeconds: 300,
  comparison: 'GreaterThanOrEqualToThreshold',
  threshold: 1,
  evaluationPeriods: 1,
  missingData: 'notBreaching',
} as const;

/** The alarms of one protected function, from what its client counts under `FunctionName`. */
export const FUNCTION_ALARMS: readonly AlarmFacts[] = [
  {
    ...USUAL,
    id: 'MaintenanceDeferralFailed',
    metric: 'DeferralFailed',
    periodSeconds: 60,
    description:
      'An invocation inside a maintenance window could not be stored, and was answered with an error. Its event source ' +
      'may send it again, or have given it up: look for "deferral failed" in the log of the function.',
  },
  {
    ...USUAL,
    id: 'MaintenanceGateFault',
    metric: 'GateFault',
    description:
      'The code of the maintenance window client failed in a way it does not foresee. Outside a window the handler ran all ' +
      'the same; inside one the caller got an error. Look for "a fault of the maintenance window gate" in the log, and report it.',
  },
  // Single readings fail under throttling, and do no harm: the client goes on with the last good one.
  {
    ...USUAL,
    id: 'MaintenanceWindowUnreadable',
    metric: 'WindowReadFailed',
    evaluationPeriods: 12,
    datapointsToAlarm: 3,
    description:
      'The function keeps failing to read a window parameter. It goes on with its last good reading; a fresh environment ' +
      'has none, and may run inside a window. Look for "cannot be read" in the log of the function: it says which and why.',
  },
];

/**
 * The alarm of the drain's state machine, from what Step Functions counts under `StateMachineArn`.
 * Source: Step Functions developer guide, "Execution metrics".
 */
export const DRAIN_ALARMS: readonly AlarmFacts[] = [
  {
    ...USUAL,
    id: 'DrainFailed',
    metric: 'ExecutionsFailed',
    description:
      'An execution of the drain failed, so a replay may not have begun, or has a share that nobody works on. What it left is ' +
      'pending. Look at the failed execution of the state machine, and at "maintenance-window replays list".',
  },
];

/**
 * The alarms that rest on the monitor, under `TableName`, and one on the monitor itself: without it the others say nothing.
 *
 * @param ages in seconds: from which on the oldest pending event, and an active window, are too old
 */
export function monitorAlarms(ages: {
  readonly oldestPending: number;
  readonly windowActive: number;
}): readonly AlarmFacts[] {
  const once = { ...USUAL, periodSeconds: MEASURE_INTERVAL_SECONDS };
  return [
    {
      ...once,
      id: 'OldestPendingAge',
      metric: 'OldestPendingAge',
      statistic: 'Maximum',
      threshold: ages.oldestPending,
      description: `A deferred event has been pending for over ${durationText(ages.oldestPending * 1_000)}. Replay it, or discard it.`,
    },
    {
      ...once,
      id: 'WindowActiveAge',
      metric: 'WindowActiveAge',
      statistic: 'Maximum',
      threshold: ages.windowActive,
      description: `A maintenance window has been active for over ${durationText(ages.windowActive * 1_000)}. End it, if it was forgotten.`,
    },
    {
      ...once,
      id: 'RunsStopped',
      metric: 'RunsStopped',
      description:
        'A replay has stopped by itself, by its rule or for a fault, and is not begun again by itself. What it left is pending ' +
        'or failed. Look at "maintenance-window replays list" and "events failures".',
    },
    {
      ...once,
      id: 'RunsLost',
      metric: 'RunsLost',
      statistic: 'Maximum',
      description:
        'Nobody has heard of a replay since it should have told of itself, or its execution was ended. What it had in hand may have run or not: look at ' +
        '"maintenance-window replays list" and at events that are "replaying" or "unknown".',
    },
    {
      ...once,
      id: 'MonitorFailed',
      metric: 'Measured',
      comparison: 'LessThanThreshold',
      evaluationPeriods: 3,
      missingData: 'breaching',
      description:
        'The monitor has told nothing three times in a row: it fails, or does not run. The alarms on pending events and on long ' +
        'windows say nothing meanwhile. Look at its log, its schedule and its concurrency.',
    },
  ];
}
