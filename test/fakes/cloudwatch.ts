/** CloudWatch, as far as it has sums and maxima of metrics. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
import type { ClientMetric, MonitorMetric } from '../../core/metrics.ts';
import {
  answers,
  type Behaviour,
  fails,
  operationOf,
  type ScriptedService,
  startScriptedService,
} from './scripted-service.ts';

/** A value of one metric of one function, or of a table. */
export interface Datapoint {
  readonly functionName?: string;
  readonly tableName?: string;
  readonly metric: ClientMetric | MonitorMetric;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly value: number;
}

/** A CloudWatch that has these values. */
export interface CloudWatch extends ScriptedService {
  /** What it has; in the namespace of ours. */
  data: readonly Datapoint[];
  /** Metrics on one page: two, so that a few make several pages. */
  pageSize: number;
  /** What becomes of a request instead of its answer. Undefined: it is answered. */
  instead: () => Behaviour | undefined;
}

interface Query {
  readonly Id: string;
  readonly MetricStat: {
    readonly Metric: {
      readonly Namespace: string;
      readonly MetricName: string;
      readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
    };
    readonly Period: number;
    readonly Stat: string;
  };
}

const STATS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
  Maximum: (values) => Math.max(...values),
};

/** Starts it on a free port. */
export async function startCloudWatch(): Promise<CloudWatch> {
  const service = await startScriptedService((request) => {
    const instead = cloudWatch.instead();
    if (instead) return instead;
    if (operationOf(request) !== 'GetMetricData') return fails(400, 'UnknownOperationException');
    const { MetricDataQueries, StartTime, EndTime, NextToken = '0' } = JSON.parse(request.body);
    const from = Number(NextToken);
    const page: readonly Query[] = MetricDataQueries.slice(from, from + cloudWatch.pageSize);
    return answers(200, {
      MetricDataResults: page.map((query) => resultOf(query, StartTime * 1_000, EndTime * 1_000)),
      ...(from + cloudWatch.pageSize < MetricDataQueries.length && { NextToken: String(from + cloudWatch.pageSize) }),
    });
  });
  const cloudWatch: CloudWatch = Object.assign(service, { data: [], pageSize: 2, instead: () => undefined });
  return cloudWatch;

  /** One value for each period that has some; the start of a period counts, its end does not. */
  function resultOf({ Id, MetricStat }: Query, startAt: number, endAt: number): object {
    const { Metric, Period, Stat } = MetricStat;
    const [dimension] = Metric.Dimensions;
    const own = cloudWatch.data.filter(
      ({ functionName, tableName, metric, at }) =>
        Metric.Namespace === 'MaintenanceWindow' &&
        dimension?.Value === (dimension?.Name === 'FunctionName' ? functionName : tableName) &&
        Metric.MetricName === metric &&
        startOf(at) >= startAt &&
        startOf(at) < endAt,
    );
    const periods = Map.groupBy(own, ({ at }) => startOf(at));
    return {
      Id,
      Label: Metric.MetricName,
      StatusCode: 'Complete',
      Timestamps: [...periods.keys()].map((at) => at / 1_000),
      Values: [...periods.values()].map((each) => STATS[Stat]?.(each.map(({ value }) => value))),
    };

    function startOf(at: number): number {
      return Math.floor(at / (Period * 1_000)) * Period * 1_000;
    }
  }
}
