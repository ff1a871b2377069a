import type { MetricSum } from '../../aws/metrics/metrics.ts';
import type { ClientMetric } from '../../core/metrics.ts';
import { HOUR_MS, MINUTE_MS } from '../../core/units.ts';
import { withArchive } from '../access/archive.ts';
import type { Operator } from '../access/operator.ts';
import { meteredFunctions } from './which-functions.ts';

/** What functions counted of themselves in the last hour, by CloudWatch. */
export interface LastHour {
  /** Epoch milliseconds: a whole minute, as the metrics have them. */
  readonly fromAt: number;
  readonly untilAt: number;
  readonly functions: readonly FunctionCounts[];
  /** Why there may be more: functions that never stored an event could not be listed. */
  readonly partBecause?: string;
}

export interface FunctionCounts {
  readonly functionName: string;
  /** Invocations that were stored: each minute, from {@link LastHour.fromAt} on. */
  readonly deferred: readonly number[];
  /** Invocations that were turned away. */
  readonly rejected: readonly number[];
  /** Invocations that could not be stored; each caller got an error. */
  readonly deferralFailed: number;
  /** Times that the windows could not be read; the last good reading stays in force. */
  readonly windowReadFailed: number;
}

const METRICS = ['Deferred', 'Rejected', 'DeferralFailed', 'WindowReadFailed'] as const;

/**
 * Asks CloudWatch what functions counted in the last hour, all with one request for every 125 of them.
 *
 * @param named absent: those that the table, or Lambda's list, knows of
 * @throws MaintenanceWindowError where the table or CloudWatch does not tell
 */
export async function readLastHour(operator: Operator, named: readonly string[] | undefined): Promise<LastHour> {
  const { names, now, ...part } = await withArchive(operator, async (archive) => {
    const meant = named ? { names: named } : await meteredFunctions(operator, await archive.functionNames());
    return { ...meant, now: (await archive.clock()).now() };
  });
  const untilAt = Math.ceil(now / MINUTE_MS) * MINUTE_MS;
  const fromAt = untilAt - HOUR_MS;
  const query = { functionNames: names, metrics: METRICS, fromAt, untilAt, now };
  const sums = names.length === 0 ? [] : await (await operator.metrics()).sums(query);
  const functions = names.map((functionName): FunctionCounts => {
    const own = (metric: ClientMetric) =>
      sums.find((each) => each.functionName === functionName && each.metric === metric);
    return {
      functionName,
      deferred: minutesOf(own('Deferred'), fromAt),
      rejected: minutesOf(own('Rejected'), fromAt),
      deferralFailed: own('DeferralFailed')?.sum ?? 0,
      windowReadFailed: own('WindowReadFailed')?.sum ?? 0,
    };
  });
  return { fromAt, untilAt, functions, ...part };
}

function minutesOf(sum: MetricSum | undefined, fromAt: number): readonly number[] {
  const minutes = Array.from({ length: HOUR_MS / MINUTE_MS }, () => 0);
  for (const { at, value } of sum?.values ?? []) {
    const minute = Math.floor((at - fromAt) / MINUTE_MS);
    if (minute in minutes) minutes[minute] = (minutes[minute] ?? 0) + value;
  }
  return minutes;
}
