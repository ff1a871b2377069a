import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { instantText } from '../../../../core/time/time-text.ts';
import { HOUR_MS, MINUTE_MS } from '../../../../core/units.ts';
import { type CloudWatch, startCloudWatch } from '../../../fakes/cloudwatch.ts';
import { startDynamoDbProxy } from '../../../fakes/dynamodb-proxy.ts';
import { answers, fails } from '../../../fakes/scripted-service.ts';
import { runCli } from '../../../worlds/cli.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';

const world = cliWorldForEach();
let cloudWatch: CloudWatch;
beforeAll(async () => {
  cloudWatch = await startCloudWatch();
});
afterAll(() => cloudWatch.close());
beforeEach(() => {
  cloudWatch.data = [];
  cloudWatch.instead = () => undefined;
});

const environment = () => ({ ...world.environment, AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch.url });
const tool = (...words: string[]) =>
  runCli(['events', 'backlog', '--function', world.functionName, ...words], { environment: environment() });
const json = async (...words: string[]) => JSON.parse((await tool(...words, '-o', 'json')).out);

describe('events backlog', () => {
  it('has what waits by function, source and status, with its size and the oldest', async () => {
    const [failed = ''] = await world.storeMany(3);
    await world.table.setStatus(failed, 'failed');
    const queued = await world.store({ source: 'sqs' }, '{"a":"longer one"}');
    await world.table.setStatus((await world.store()).id, 'replayed');
    const own = { function: world.functionName };
    const { at, groups, ...told } = await json();
    expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(MINUTE_MS);
    expect(told).toEqual({ events: 4, bytes: 3 * '{"order":0}'.length + queued.bytes });
    expect(groups).toHaveLength(3);
    expect(groups).toEqual(
      expect.arrayContaining([
        { ...own, source: 'direct', status: 'pending', events: 2, bytes: 22, oldestAt: expect.any(String) },
        { ...own, source: 'direct', status: 'failed', events: 1, bytes: 11, oldestAt: expect.any(String) },
        {
          ...own,
          source: 'sqs',
          status: 'pending',
          events: 1,
          bytes: queued.bytes,
          oldestAt: instantText(queued.deferredAt),
        },
      ]),
    );
    const { out } = await tool('--source', 'sqs');
    expect(out.split('\n').slice(1)).toEqual([
      expect.stringMatching(new RegExp(`^${world.functionName} +sqs +pending +1 +18 B +2026-`)),
      '1 event, 18 B',
      '',
    ]);
  });

  it('says that it counted a part where the table takes longer, and counts to the end where it is told to', async () => {
    await world.storeMany(40);
    await using proxy = await startDynamoDbProxy(world.tableUrl);
    let [asked, release] = [0, () => {}];
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    proxy.behave(async ({ input }) => {
      const isOfEvents = String(input['KeyConditionExpression']).includes('BETWEEN');
      asked += isOfEvents ? 1 : 0;
      if (isOfEvents && asked > 4) await released;
      return undefined;
    });
    const words = ['events', 'backlog', '--function', world.functionName];
    const slow = (...more: string[]) => {
      asked = 0;
      return runCli([...words, ...more], {
        environment: { ...environment(), AWS_ENDPOINT_URL_DYNAMODB: proxy.url },
      });
    };
    const { out, err } = await slow('-o', 'json');
    const part = JSON.parse(out);
    expect(part.atLeast).toBe(true);
    expect(part.events).toBeGreaterThan(0);
    expect(part.events).toBeLessThan(40);
    expect(err).toContain('counted in part: add  --count-all ');
    expect((await slow()).out).toMatch(/\nat least \d+ events?, /);
    const whole = slow('--count-all', '-o', 'json');
    setTimeout(release, 1_500);
    const { atLeast, events } = JSON.parse((await whole).out);
    expect([atLeast, events]).toEqual([undefined, 40]);
  });
});

describe('how a backlog came about', () => {
  /** Now is within the first of two periods; the monitor measured in the two before. */
  const measured = async () => {
    const period = 5 * MINUTE_MS;
    const start = Math.floor(Date.now() / period) * period;
    const tableName = world.table.name.replace(/^.*\//, '');
    const [first, second] = [start - 3 * period, start - 2 * period];
    cloudWatch.data = [
      { tableName, metric: 'PendingEvents', at: first, value: 9 },
      { tableName, metric: 'PendingEvents', at: second, value: 0 },
      { functionName: world.functionName, metric: 'PendingEvents', at: first, value: 7 },
    ];
    return { first, second };
  };

  it('is what the monitor measured: nothing where it wrote of the table alone, and a gap where it wrote of nothing', async () => {
    await world.store({ deferredAt: Date.now() - 12 * MINUTE_MS });
    await world.store({ deferredAt: Date.now() - HOUR_MS, source: 'sqs' });
    const { first } = await measured();
    const { course } = await json('--last', '30m');
    expect(course).toMatchObject({ periodSeconds: 300, measured: [{ function: world.functionName }] });
    expect(course.measuredUnknown).toBeUndefined();
    const index = (first - Date.parse(course.from)) / (5 * MINUTE_MS);
    const { events } = course.measured[0];
    expect(events).toHaveLength(6);
    expect(events.slice(index, index + 3)).toEqual([7, 0, null]);
    expect((Date.parse(course.until) - Date.parse(course.from)) / (5 * MINUTE_MS)).toBe(6);
    const deferred = (source: string) =>
      course.deferred.find((each: { source: string }) => each.source === source).events;
    expect(deferred('sqs')).toEqual([1, 1, 1, 1, 1, 1]);
    expect(deferred('direct')).toEqual([0, 0, expect.any(Number), 1, 1, 1]);
    const { out } = await tool('--last', '30m');
    expect(out).toMatch(/^FROM +WAITED$/m);
    expect(out).toMatch(/^2.*Z +7$/m);
  });

  it('is what the index tells, and says why, where the monitor has not measured or may not be asked', async () => {
    await world.store({ deferredAt: Date.now() - 20 * MINUTE_MS });
    expect((await json('--last', '30m')).course.measuredUnknown).toMatch(/^CloudWatch has no PendingEvents/);
    cloudWatch.instead = () => fails(400, 'AccessDeniedException', { message: 'no' });
    const { out, err } = await tool('--last', '30m');
    expect(err).toContain('what the monitor measured is not known: cloudwatch:GetMetricData');
    expect(out).toMatch(/^FROM +OF THEM DEFERRED$/m);
    expect(out).toMatch(/Z +0\n(?:.*\n)*.*Z +1\n/);
    cloudWatch.instead = () => answers(200, {});
    expect((await json('--last', '30m', '--source', 'direct')).course.measuredUnknown).toContain('not by source');
  });

  it.each([
    ['6h', 300, 72],
    ['3d', 900, 288],
    ['7d', 3_600, 168],
  ])('over %s is told each %i s', async (last, periodSeconds, periods) => {
    await world.storeMany(1);
    const { course } = await json('--last', last);
    expect(course.periodSeconds).toBe(periodSeconds);
    expect(course.deferred[0].events).toHaveLength(periods);
  });
});
