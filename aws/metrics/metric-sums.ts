import {
  CloudWatchClient,
  type CloudWatchClientConfig,
  GetMetricDataCommand,
  type GetMetricDataCommandOutput,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { type ClientMetric, NAMESPACE } from '../../core/metrics.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/units.ts';
import { hearAnswers, type SdkRequest, seeRequests } from '../request/sdk-client.ts';
import type { Hear } from '../time/aws-clock.ts';

/** Which sums of the client's metrics. Instants are epoch milliseconds. */
export interface MetricQuery {
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
}

/** Sums of metrics, by CloudWatch. Faults are the SDK's own. */
export interface MetricSums {
  /** One for each function and metric; 0 where CloudWatch has none. Needs `cloudwatch:GetMetricData`; a request for every 500. */
  read(query: MetricQuery): Promise<readonly MetricSum[]>;
  close(): void;
}

/** Source: CloudWatch API reference, "GetMetricData". */
const QUERIES_A_REQUEST = 500;

/**
 * @param config region, credentials, endpoint
 * @param options `onlyStandIn`: SSM is a stand-in, and AWS's own CloudWatch knows nothing of what happened there
 * @param hear told of each answer
 */
export function createMetricSums(
  config: CloudWatchClientConfig,
  { onlyStandIn }: { readonly onlyStandIn: boolean },
  hear?: Hear,
): MetricSums {
  const client = new CloudWatchClient({ ...config, maxAttempts: 2 });
  if (onlyStandIn) seeRequests(client, refuseAwsOwn);
  if (hear) hearAnswers(client, hear);
  return { read, close: () => client.destroy() };

  async function read({ functionNames, metrics, ...times }: MetricQuery): Promise<readonly MetricSum[]> {
    const wanted = functionNames.flatMap((functionName) => metrics.map((metric) => ({ functionName, metric })));
    const sums: MetricSum[] = [];
    for (let first = 0; first < wanted.length; first += QUERIES_A_REQUEST) {
      const some = wanted.slice(first, first + QUERIES_A_REQUEST);
      const found = await sumsOf(some, times);
      sums.push(...some.map((each, index) => ({ ...each, sum: found[index] ?? 0 })));
    }
    return sums;
  }

  async function sumsOf(
    wanted: readonly Omit<MetricSum, 'sum'>[],
    { fromAt, untilAt, now }: Pick<MetricQuery, 'fromAt' | 'untilAt' | 'now'>,
  ): Promise<readonly number[]> {
    const periodMs = periodOf(now - fromAt);
    const sums = wanted.map(() => 0);
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
      for (const { Id = '', Values = [], StatusCode } of page.MetricDataResults ?? []) {
        refusePart(StatusCode);
        const index = Number(Id.slice(1));
        sums[index] = Values.reduce((sum, value) => sum + value, sums[index] ?? 0);
      }
      from = page.NextToken;
    } while (from);
    return sums;
  }
}

function refuseAwsOwn({ protocol, hostname }: SdkRequest): void {
  if (protocol !== 'https:' || !/^monitoring(?:-fips)?\./.test(hostname)) return;
  const words = 'SSM’s endpoint is not AWS’s own, and none was given for CloudWatch';
  throw new MaintenanceWindowError('MaintenanceWindow.Unreachable', words);
}

/** An answer of 200 may have failed for some of the metrics: their sums would be too low. */
function refusePart(statusCode: string | undefined): void {
  if (statusCode !== 'InternalError' && statusCode !== 'Forbidden') return;
  const name = statusCode === 'Forbidden' ? 'AccessDenied' : 'InternalServiceFault';
  const $metadata = { httpStatusCode: statusCode === 'Forbidden' ? 403 : 500 };
  throw Object.assign(new Error(`a metric’s status is ${statusCode}`), { name, $metadata });
}

function queryOf({ functionName, metric }: Omit<MetricSum, 'sum'>, index: number, Period: number): MetricDataQuery {
  const Dimensions = [{ Name: 'FunctionName', Value: functionName }];
  return {
    Id: `q${index}`,
    MetricStat: { Metric: { Namespace: NAMESPACE, MetricName: metric, Dimensions }, Period, Stat: 'Sum' },
  };
}

/** The shortest period that CloudWatch still has of that time. Source: CloudWatch user guide, "Metrics retention". */
function periodOf(ageMs: number): number {
  if (ageMs < 15 * DAY_MS) return MINUTE_MS;
  return ageMs < 63 * DAY_MS ? 5 * MINUTE_MS : HOUR_MS;
}
