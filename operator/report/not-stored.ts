import { MaintenanceWindowError } from '../../core/errors.ts';
import { SETTINGS } from '../../core/gate/config.ts';
import { seenAt } from '../../core/gate/freshness.ts';
import { matchesGlob } from '../../core/text/glob.ts';
import { DAY_MS } from '../../core/units.ts';
import { lookUpFunctions } from '../access/function-lookup.ts';
import type { Operator } from '../access/operator.ts';
import { slowestTtl } from '../windows/quiet-time.ts';
import type { WindowLife } from './window-life.ts';

/** CloudWatch keeps no metric for longer: 455 days. Source: CloudWatch user guide, "Metrics retention". */
const METRICS_KEPT_MS = 455 * DAY_MS;

/** Invocations that were not stored, by the client's own metrics; or why they could not be counted. */
export type NotStored =
  | {
      readonly kind: 'counted';
      /** Each caller got a reply or an error, and keeps the request itself. */
      readonly rejected: number;
      /** Each caller got an error, since the event could not be stored. */
      readonly failed: number;
      /** Functions that have some of either, by name. */
      readonly functions: readonly NotStoredOfFunction[];
      /** Why there may be more: functions that rejected and never stored an event could not be listed. */
      readonly partBecause?: string;
    }
  | { readonly kind: 'missing'; readonly why: string };

export interface NotStoredOfFunction {
  readonly functionName: string;
  readonly rejected: number;
  readonly failed: number;
}

const WILDCARD = /[*?]/;

const NO_METRICS =
  'CloudWatch has no metrics of these functions for that time: nothing was rejected, or the metrics did not arrive';

/**
 * Asks CloudWatch how many invocations were not stored, by whole minutes around the window, until every function has seen its
 * end. That it is denied, or not answered, is an answer as well: it can be done without.
 *
 * @param stored names of functions that the table has
 */
export async function countNotStored(
  operator: Operator,
  { startAt, endAt, functions, parameter }: WindowLife,
  stored: readonly string[],
  now: number,
): Promise<NotStored> {
  if (startAt > now || endAt <= startAt) return { kind: 'counted', rejected: 0, failed: 0, functions: [] };
  if (startAt < now - METRICS_KEPT_MS) return { kind: 'missing', why: 'CloudWatch keeps metrics for 455 days' };
  const lookup = await lookUpFunctions(operator, functions);
  const listed =
    lookup.kind === 'known'
      ? lookup.functions
          .filter(({ environment, mayHoldClient }) => mayHoldClient || SETTINGS.parameters.name in environment)
          .map(({ name }) => name)
      : [];
  const byName = functions?.filter((glob) => !WILDCARD.test(glob));
  const isNamedAlone = byName !== undefined && byName.length === functions?.length;
  const functionNames = [...new Set([...namedBy(functions, stored), ...(byName ?? []), ...listed])].sort();
  const untilAt = Math.min(now, seenAt(Math.min(endAt, now), slowestTtl(lookup, [parameter])));
  try {
    const sums = await (await operator.metrics()).sums({
      functionNames,
      metrics: ['Deferred', 'Rejected', 'DeferralFailed'],
      fromAt: startAt,
      untilAt,
      now,
    });
    const sumOf = (metric: string, functionName?: string) =>
      sums
        .filter((each) => each.metric === metric && (functionName ?? each.functionName) === each.functionName)
        .reduce((sum, each) => sum + each.sum, 0);
    if (sums.length > 0 && sums.every(({ sum }) => sum === 0)) {
      return { kind: 'missing', why: NO_METRICS };
    }
    return {
      kind: 'counted',
      rejected: sumOf('Rejected'),
      failed: sumOf('DeferralFailed'),
      functions: functionNames
        .map((functionName) => ({
          functionName,
          rejected: sumOf('Rejected', functionName),
          failed: sumOf('DeferralFailed', functionName),
        }))
        .filter(({ rejected, failed }) => rejected + failed > 0),
      ...(lookup.kind === 'unknown' && !isNamedAlone && { partBecause: lookup.why }),
    };
  } catch (fault) {
    if (!(fault instanceof MaintenanceWindowError)) throw fault;
    return { kind: 'missing', why: fault.message };
  }
}

/** Of these functions those that a window names. */
export function namedBy(globs: readonly string[] | undefined, names: readonly string[]): readonly string[] {
  return globs ? names.filter((name) => globs.some((glob) => matchesGlob(glob, name))) : names;
}
