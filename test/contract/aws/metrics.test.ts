/** Metrics of ours, over a CloudWatch on loopback. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMetrics, type Metrics } from '../../../aws/metrics/metrics.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../core/units.ts';
import { type CloudWatch, startCloudWatch } from '../../fakes/cloudwatch.ts';
import { answers, fails } from '../../fakes/scripted-service.ts';
import { STAND_IN } from '../events/event-store-table.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const NOTHING_OWN = { onlyStandIn: true };

let cloudWatch: CloudWatch;
let metrics: Metrics;
beforeAll(async () => {
  cloudWatch = await startCloudWatch();
  metrics = createMetrics({ ...STAND_IN, endpoint: cloudWatch.url }, NOTHING_OWN);
});
afterAll(async () => {
  metrics.close();
  await cloudWatch.close();
});
beforeEach(() => {
  cloudWatch.data = [];
  cloudWatch.pageSize = 2;
  cloudWatch.instead = () => undefined;
});

const rejected = (functionName: string, at: number, value: number) =>
  ({ functionName, metric: 'Rejected', at, value }) as const;
const query = { functionNames: ['orders'], metrics: ['Rejected'], fromAt: NOON, untilAt: NOON + HOUR_MS } as const;

describe('sums of metrics', () => {
  it('are of one function and metric each, of all pages, and 0 where there is none', async () => {
    cloudWatch.data = [
      rejected('orders', NOON, 1),
      rejected('orders', NOON + 59 * MINUTE_MS, 2),
      rejected('billing', NOON, 4),
      { ...rejected('orders', NOON, 8), metric: 'DeferralFailed' },
    ];
    const functionNames = ['orders', 'billing', 'web'];
    const names = ['Rejected', 'DeferralFailed'] as const;
    const found = await metrics.sums({ ...query, functionNames, metrics: names, now: NOON + HOUR_MS });
    expect(found[0]?.values).toEqual([
      { at: NOON, value: 1 },
      { at: NOON + 59 * MINUTE_MS, value: 2 },
    ]);
    expect(found.map(({ values: _, ...of }) => of)).toEqual([
      { functionName: 'orders', metric: 'Rejected', sum: 3 },
      { functionName: 'orders', metric: 'DeferralFailed', sum: 8 },
      { functionName: 'billing', metric: 'Rejected', sum: 4 },
      { functionName: 'billing', metric: 'DeferralFailed', sum: 0 },
      { functionName: 'web', metric: 'Rejected', sum: 0 },
      { functionName: 'web', metric: 'DeferralFailed', sum: 0 },
    ]);
  });

  it.each([
    ['minutes', 0, MINUTE_MS],
    ['five minutes, after 15 days', 20 * DAY_MS, 5 * MINUTE_MS],
    ['hours, after 63 days', 70 * DAY_MS, HOUR_MS],
  ])('are of whole %s around that time', async (_, ageMs, periodMs) => {
    const [fromAt, untilAt] = [NOON + periodMs / 2, NOON + 1.5 * periodMs];
    cloudWatch.data = [
      rejected('orders', NOON - 1, 100),
      rejected('orders', NOON, 1),
      rejected('orders', NOON + 2 * periodMs - 1, 2),
      rejected('orders', NOON + 2 * periodMs, 200),
    ];
    const [only] = await metrics.sums({ ...query, fromAt, untilAt, now: untilAt + ageMs });
    expect(only?.sum).toBe(3);
  });

  it('are asked for by 500 at once', async () => {
    const functionNames = Array.from({ length: 501 }, (_, index) => `function-${index}`);
    cloudWatch.data = [rejected('function-500', NOON, 7)];
    cloudWatch.pageSize = 300;
    const before = cloudWatch.requests.length;
    const all = await metrics.sums({ ...query, functionNames, now: NOON });
    expect(all.filter(({ sum }) => sum > 0)).toEqual([
      { functionName: 'function-500', metric: 'Rejected', sum: 7, values: [{ at: NOON, value: 7 }] },
    ]);
    const sizes = cloudWatch.requests.slice(before).map(({ body }) => JSON.parse(body).MetricDataQueries.length);
    expect(Math.max(...sizes)).toBe(500);
  });

  it.each([
    ['Forbidden', 'AccessDenied'],
    ['InternalError', 'InternalServiceFault'],
  ])('are none where an answer has %s for a part of it', async (StatusCode, name) => {
    cloudWatch.instead = () => answers(200, { MetricDataResults: [{ Id: 'q0', StatusCode, Values: [] }] });
    await expect(metrics.sums({ ...query, now: NOON })).rejects.toMatchObject({ name });
  });

  it('are none where CloudWatch refuses', async () => {
    cloudWatch.instead = () => fails(400, 'AccessDeniedException', { message: 'no' });
    await expect(metrics.sums({ ...query, now: NOON })).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('are not asked of AWS where SSM is a stand-in', async () => {
    const elsewhere = createMetrics(STAND_IN, NOTHING_OWN);
    await expect(elsewhere.sums({ ...query, now: NOON })).rejects.toThrow('none was given for CloudWatch');
    elsewhere.close();
  });
});

describe('courses of a metric', () => {
  const measured = (at: number, value: number, of: { functionName?: string; tableName?: string }) =>
    ({ ...of, metric: 'PendingEvents', at, value }) as const;
  const span = { fromAt: NOON, untilAt: NOON + 15 * MINUTE_MS, periodMs: 5 * MINUTE_MS };
  const asked = { ...span, metric: 'PendingEvents' } as const;

  it('are the highest value of each period, and a gap where there is none', async () => {
    cloudWatch.data = [
      measured(NOON - 1, 100, { functionName: 'orders' }),
      measured(NOON + MINUTE_MS, 3, { functionName: 'orders' }),
      measured(NOON + 4 * MINUTE_MS, 2, { functionName: 'orders' }),
      measured(NOON + 14 * MINUTE_MS, 7, { functionName: 'orders' }),
      measured(NOON + 15 * MINUTE_MS, 100, { functionName: 'orders' }),
      measured(NOON + 5 * MINUTE_MS, 9, { tableName: 'events' }),
    ];
    const of = [{ TableName: 'events' }, { FunctionName: 'orders' }, { FunctionName: 'billing' }];
    expect(await metrics.courses({ ...asked, of })).toEqual([
      [undefined, 9, undefined],
      [3, undefined, 7],
      [undefined, undefined, undefined],
    ]);
  });

  it('are none where CloudWatch refuses', async () => {
    cloudWatch.instead = () => fails(400, 'AccessDeniedException', { message: 'no' });
    const refused = metrics.courses({ ...asked, of: [{ FunctionName: 'orders' }] });
    await expect(refused).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
