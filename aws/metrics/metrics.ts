import {
  CloudWatchClient,
  type CloudWatchClientConfig,
  GetMetricDataCommand,
  type GetMetricDataCommandOutput,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { type ClientMetric, type Dimension, type MonitorMetric, NAMESPACE } from '../../core/metrics.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/units.ts';
import { hearAnswers, type SdkRequest, seeRequests } from '../request/sdk-client.ts';
import type { Hear } from '../time/aws-clock.ts';

/** Which sums of the client's metrics. Instants are epoch milliseconds. */
export interface SumsQuery {
  readonly functionNames: readonly string[];
  readonly metrics: readonly ClientMetric[];
  /** CloudWatch has whole minutes, and whole hours of what is months ago: the time is widened to those. */
  readonly fromAt: number;
  readonly untilAt: number;
  readonly now: number;
}

/** One metric of one function. */
export interface MetricSum {
  readonly functionName: string;
  readonly metric: ClientMetric;
  readonly sum: number;
  /** Of each period that has some, in no order: a minute, and what is older a longer one. */
  readonly values: readonly Datapoint[];
}

/** Which values of a metric of the monitor's. Instants are epoch milliseconds. */
export interface CourseQuery {
  readonly metric: MonitorMetric;
  readonly of: readonly Dimension[];
  /** A multiple of the period. */
  readonly fromAt: number;
  readonly untilAt: number;
  /** A multiple of five minutes, and not shorter than CloudWatch still has of that time. */
  readonly periodMs: number;
}

/** The highest values of a metric, period by period from `fromAt` on; undefined where there is none. */
export type MetricCourse = readonly (number | undefined)[];

/** Metrics of ours, by CloudWatch. Needs `cloudwatch:GetMetricData`; a request for every 500. Faults are the SDK's own. */
export interface Metrics {
  /** One for each function and metric; 0 where CloudWatch has none. */
  sums(query: SumsQuery): Promise<readonly MetricSum[]>;
  /** One for each of what was asked for, in its order. */
  courses(query: CourseQuery): Promise<readonly MetricCourse[]>;
  close(): void;
}

/** One metric, and what of it: CloudWatch's words. */
interface Wanted {
  readonly name: string;
  readonly of: Dimension;
  readonly stat: 'Sum' | 'Maximum';
}

interface Span {
  readonly fromAt: number;
  readonly untilAt: number;
  readonly periodMs: number;
}

/** A value of one period. */
export interface Datapoint {
  /** Its beginning: epoch milliseconds. */
  readonly at: number;
  readonly value: number;
}

/** Source: CloudWatch API reference, "GetMetricData". */
const QUERIES_A_REQUEST = 500;

/**
 * @param config region, credentials, endpoint
 * @param options `onlyStandIn`: SSM is a stand-in, and AWS's own CloudWatch knows nothing of what happened there
 * @param hear told of each answer
 */
export function createMetrics(
  config: CloudWatchClientConfig,
  { onlyStandIn }: { readonly onlyStandIn: boolean },
  hear?: Hear,
): Metrics {
  const client = new CloudWatchClient({ ...config, maxAttempts: 2 });
  if (onlyStandIn) seeRequests(client, refuseAwsOwn);
  if (hear) hearAnswers(client, hear);
  return {
    async sums({ functionNames, metrics, fromAt, untilAt, now }) {
      const meant = functionNames.flatMap((functionName) => metrics.map((metric) => ({ functionName, metric })));
      const found = await read(
        meant.map(({ functionName, metric }) => ({ name: metric, of: { FunctionName: functionName }, stat: 'Sum' })),
        { fromAt, untilAt, periodMs: shortestPeriodMs(now - fromAt) },
      );
      return meant.map((each, index) => {
        const values = found[index] ?? [];
        return { ...each, sum: values.reduce((sum, { value }) => sum + value, 0), values };
      });
    },
    async courses({ metric, of, ...span }) {
      const found = await read(
        of.map((dimension) => ({ name: metric, of: dimension, stat: 'Maximum' })),
        span,
      );
      const { fromAt, untilAt, periodMs } = span;
      return found.map((points) => {
        const values = new Map(points.map(({ at, value }) => [Math.floor((at - fromAt) / periodMs), value]));
        return Array.from({ length: Math.ceil((untilAt - fromAt) / periodMs) }, (_, index) => values.get(index));
      });
    },
    close: () => client.destroy(),
  };

  async function read(wanted: readonly Wanted[], span: Span): Promise<readonly (readonly Datapoint[])[]> {
    const found: (readonly Datapoint[])[] = [];
    for (let first = 0; first < wanted.length; first += QUERIES_A_REQUEST)
      found.push(...(await readSome(wanted.slice(first, first + QUERIES_A_REQUEST), span)));
    return found;
  }

  async function readSome(
    wanted: readonly Wanted[],
    { fromAt, untilAt, periodMs }: Span,
  ): Promise<readonly (readonly Datapoint[])[]> {
    const points: Datapoint[][] = wanted.map(() => []);
    let from: string | undefined;
    do {
      const page: GetMetricDataCommandOutput = await client.send(
        new GetMetricDataCommand({
          MetricDataQueries: wanted.map((each, index) => queryOf(each, index, periodMs / 1_000)),
          StartTime: new Date(Math.floor(fromAt / periodMs) * periodMs),
          EndTime: new Date(Math.ceil(untilAt / periodMs) * periodMs),
          ...(from && { NextToken: from }),
        }),
      );
      for (const { Id = '', Timestamps = [], Values = [], StatusCode } of page.MetricDataResults ?? []) {
        refusePart(StatusCode);
        const own = points[Number(Id.slice(1))];
        for (const [index, value] of Values.entries()) own?.push({ at: Timestamps[index]?.getTime() ?? 0, value });
      }
      from = page.NextToken;
    } while (from);
    return points;
  }
}

function refuseAwsOwn({ protocol, hostname }: SdkRequest): void {
  if (protocol !== 'https:' || !/^monitoring(?:-fips)?\./.test(hostname)) return;
  const words = 'SSM’s endpoint is not AWS’s own, and none was given for CloudWatch';
  throw new MaintenanceWindowError('MaintenanceWindow.Unreachable', words);
}

/** An answer of 200 may have failed for some of the metrics: their values would be too low. */
function refusePart(statusCode: string | undefined): void {
  if (statusCode !== 'InternalError' && statusCode !== 'Forbidden') return;
  const name = statusCode === 'Forbidden' ? 'AccessDenied' : 'InternalServiceFault';
  const $metadata = { httpStatusCode: statusCode === 'Forbidden' ? 403 : 500 };
  throw Object.assign(new Error(`a metric’s status is ${statusCode}`), { name, $metadata });
}

function queryOf({ name, of, stat }: Wanted, index: number, Period: number): MetricDataQuery {
  const Dimensions = Object.entries(of).map(([Name, Value]) => ({ Name, Value }));
  return {
    Id: `q${index}`,
    MetricStat: { Metric: { Namespace: NAMESPACE, MetricName: name, Dimensions }, Period, Stat: stat },
  };
}

/** The shortest period that CloudWatch still has of that time. Source: CloudWatch user guide, "Metrics retention". */
function shortestPeriodMs(ageMs: number): number {
  if (ageMs < 15 * DAY_MS) return MINUTE_MS;
  return ageMs < 63 * DAY_MS ? 5 * MINUTE_MS : HOUR_MS;
}
