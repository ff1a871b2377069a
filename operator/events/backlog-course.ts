import { MEASURE_INTERVAL_SECONDS } from '../../core/deployment/alarms.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import type { EventRow } from '../../core/events/archive.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../core/units.ts';
import type { OpenArchive } from '../access/archive.ts';
import type { Operator } from '../access/operator.ts';
import { type Backlog, type BacklogQuery, readBacklog } from './backlog.ts';

/** How a backlog came about: numbers of events in each period from `fromAt` until `untilAt`. Epoch milliseconds. */
export interface BacklogCourse {
  readonly fromAt: number;
  readonly untilAt: number;
  readonly periodMs: number;
  readonly measured: Measured;
  /** Of the events that were counted, how many had been deferred by the end of each period. What was replayed since is not among them. */
  readonly deferred: readonly DeferredCourse[];
}

/** What the monitor measured, with every status and every source; or why that is not known. */
export type Measured =
  | { readonly kind: 'known'; readonly functions: readonly MeasuredCourse[] }
  | { readonly kind: 'unknown'; readonly why: string };

export interface MeasuredCourse {
  readonly functionName: string;
  /** The most in each period; undefined where the monitor has not measured. */
  readonly events: readonly (number | undefined)[];
}

interface DeferredCourse {
  readonly functionName: string;
  readonly source: string;
  readonly events: readonly number[];
}

/** None is shorter than what the monitor measures by. */
const PERIODS_MS = [MEASURE_INTERVAL_SECONDS * SECOND_MS, 15 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS];
const MOST_PERIODS = 300;
/** One request of CloudWatch's, the table's own metric among them. */
const MOST_FUNCTIONS = 499;

const NOT_BY_SOURCE: Measured = { kind: 'unknown', why: 'the monitor measures by function, and not by source' };
const NOT_MEASURED =
  'CloudWatch has no PendingEvents of this table for that time: the monitor is not deployed, or does not run';

/**
 * Counts what waits, and finds how it came about over the last time. What the monitor measured costs as much for a million events as
 * for one; that it may not be asked is an answer as well.
 *
 * @param lastMs how long ago it begins
 * @throws MaintenanceWindowError as {@link readBacklog}
 */
export async function readBacklogCourse(
  operator: Operator,
  archive: OpenArchive,
  query: BacklogQuery,
  lastMs: number,
): Promise<Backlog & { readonly course: BacklogCourse }> {
  const span = spanOf((await archive.clock()).now(), lastMs);
  const deferred = createDeferredCourses(span);
  const backlog = await readBacklog(operator, archive, query, deferred.add);
  const measured = query.source ? NOT_BY_SOURCE : await readMeasured(operator, backlog.functionNames, span);
  return { ...backlog, course: { ...span, measured, deferred: deferred.courses() } };
}

type Span = Pick<BacklogCourse, 'fromAt' | 'untilAt' | 'periodMs'>;

/** Whole periods: what is shown again and again does not move. The one that `now` is in is the last. */
function spanOf(now: number, lastMs: number): Span {
  const periodMs = PERIODS_MS.find((each) => lastMs / each <= MOST_PERIODS) ?? DAY_MS;
  const untilAt = (Math.floor(now / periodMs) + 1) * periodMs;
  const periods = Math.min(MOST_PERIODS, Math.ceil(lastMs / periodMs));
  return { fromAt: untilAt - periods * periodMs, untilAt, periodMs };
}

function createDeferredCourses({ fromAt, untilAt, periodMs }: Span) {
  const periods = (untilAt - fromAt) / periodMs;
  const groups = new Map<
    string,
    { readonly functionName: string; readonly source: string; readonly added: number[] }
  >();
  return {
    add({ functionName, source, deferredAt }: EventRow): void {
      const key = `${functionName} ${source}`;
      const group = groups.get(key) ?? { functionName, source, added: Array.from({ length: periods }, () => 0) };
      groups.set(key, group);
      // a function's clock may be ahead
      const period = Math.min(periods - 1, Math.max(0, Math.floor((deferredAt - fromAt) / periodMs)));
      group.added[period] = (group.added[period] ?? 0) + 1;
    },
    courses(): readonly DeferredCourse[] {
      return [...groups.values()].map(({ added, ...group }) => {
        let sum = 0;
        return {
          ...group,
          events: added.map((events) => {
            sum += events;
            return sum;
          }),
        };
      });
    },
  };
}

/** A function of which the monitor wrote nothing, while it wrote of the table, had nothing that waits. */
async function readMeasured(operator: Operator, functionNames: readonly string[], span: Span): Promise<Measured> {
  const names = functionNames.slice(0, MOST_FUNCTIONS);
  try {
    const [ofTable = [], ...ofFunctions] = await (await operator.metrics()).courses({
      metric: 'PendingEvents',
      of: [
        { TableName: operator.settings.table.replace(/^.*\//, '') },
        ...names.map((FunctionName) => ({ FunctionName })),
      ],
      ...span,
    });
    if (ofTable.every((events) => events === undefined)) return { kind: 'unknown', why: NOT_MEASURED };
    return {
      kind: 'known',
      functions: names.map((functionName, index) => ({
        functionName,
        events: ofTable.map((all, period) => (all === undefined ? undefined : (ofFunctions[index]?.[period] ?? 0))),
      })),
    };
  } catch (fault) {
    if (!(fault instanceof MaintenanceWindowError)) throw fault;
    return { kind: 'unknown', why: fault.message };
  }
}
