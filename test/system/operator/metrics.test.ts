/** `metrics`: what functions counted in the last hour, by a CloudWatch on loopback. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { FAULTS } from '../../../core/errors.ts';
import { type CloudWatch, startCloudWatch } from '../../fakes/cloudwatch.ts';
import { fails } from '../../fakes/scripted-service.ts';
import { runCli } from '../../worlds/cli.ts';
import { cliWorldForEach } from '../../worlds/replay-cli.ts';

const world = cliWorldForEach();
const MINUTE_MS = 60_000;
let cloudWatch: CloudWatch;
beforeAll(async () => {
  cloudWatch = await startCloudWatch();
});
afterAll(() => cloudWatch.close());
beforeEach(() => {
  cloudWatch.instead = () => undefined;
});

const tool = (...words: string[]) =>
  runCli(words, { environment: { ...world.environment, AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch.url } });

it('counts each function that the table knows, in all and by the minute', async () => {
  await world.storeMany(1);
  const { functionName } = world;
  const counted = (
    metric: 'Deferred' | 'Rejected' | 'DeferralFailed' | 'WindowReadFailed',
    ago: number,
    value: number,
  ) => ({ functionName, metric, at: Date.now() - ago * MINUTE_MS, value }) as const;
  cloudWatch.data = [
    counted('Deferred', 30, 4),
    counted('Deferred', 10, 3),
    counted('Rejected', 10, 2),
    counted('DeferralFailed', 5, 1),
    counted('WindowReadFailed', 5, 6),
    counted('Deferred', 90, 100),
  ];
  const { code, out } = await tool('metrics', '-o', 'json');
  const { functions, from, until } = JSON.parse(out);
  expect({ code, hours: (Date.parse(until) - Date.parse(from)) / 3_600_000 }).toEqual({ code: 0, hours: 1 });
  const own = functions.find(({ name }: { name: string }) => name === functionName);
  expect(own).toMatchObject({ deferred: 7, rejected: 2, deferralFailed: 1, windowReadFailed: 6 });
  expect(own.deferredPerMinute).toHaveLength(60);
  expect(own.deferredPerMinute.filter((count: number) => count > 0)).toEqual([4, 3]);
  const shown = await tool('metrics', '--function', functionName);
  expect(shown.out).toMatch(new RegExp(`${functionName} +7 +2 +1 +6`));
});

it('names the permission that is missing', async () => {
  cloudWatch.instead = () => fails(400, 'AccessDeniedException', { message: 'not authorized' });
  const { code, err } = await tool('metrics', '--function', 'orders');
  expect(code).toBe(FAULTS['MaintenanceWindow.Denied'].exitCode);
  expect(err).toContain('cloudwatch:GetMetricData on the metrics of client and monitor is not allowed');
});
