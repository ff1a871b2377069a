/** `report`: what happened in one window. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloudWatch, startCloudWatch } from '../../../fakes/cloudwatch.ts';
import { startLambdaFunctions } from '../../../fakes/lambda-functions.ts';
import { startRecordingProxy } from '../../../fakes/recording-proxy.ts';
import { fails } from '../../../fakes/scripted-service.ts';
import { runCli, runOnTerminal } from '../../../worlds/cli.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';
import { iso } from '../../../worlds/window-operator.ts';

const world = cliWorldForEach();
let cloudWatch: CloudWatch;
beforeAll(async () => {
  cloudWatch = await startCloudWatch();
});
afterAll(() => cloudWatch.close());
beforeEach(async () => {
  cloudWatch.data = [];
  cloudWatch.instead = () => undefined;
  await world.clearWindows();
});

const HOUR_MS = 3_600_000;
const environment = () => ({
  ...world.environment,
  AWS_ACCESS_KEY_ID: 'ada',
  AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch.url,
});
const tool = (...words: string[]) => runCli(words, { environment: environment() });
const json = async (...words: string[]) => {
  const { code, out, err } = await tool(...words, '-o', 'json');
  if (!out.startsWith('{')) throw new Error(`no JSON, exit code ${code}: ${out}${err}`);
  return { code, err, ...JSON.parse(out) };
};

/** Begins a window for the function of this test; gives back its id, and its start in epoch milliseconds. */
async function begin(reason: string): Promise<{ readonly id: string; readonly startAt: number }> {
  const { window } = await json('begin', '--for', '2h', '--reason', reason, '--function', world.functionName);
  return { id: window.id, startAt: Date.parse(window.start) };
}

/** Stores so many events that the window of this start had stored. */
async function storeIn(startAt: number, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    ids.push((await world.store({ windowStartAt: startAt, deferredAt: startAt + index })).id);
  }
  return ids;
}

/** Text without what differs from run to run: instants, durations, ids, names, and the width of columns. */
function withoutTimes(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'INSTANT')
    .replaceAll(/\b\d+ (?:h|min|s)(?: \d+ (?:min|s))?\b/g, 'TIME')
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, 'EVENT')
    .replaceAll(/\borders-\d+\b/g, 'orders')
    .replaceAll(/\w+@\S+(?= \()/g, 'somebody@somewhere')
    .replaceAll(/ {2,}/g, ' ')
    .replaceAll(/-{3,}/g, '---');
}

describe('a window that was begun, extended and ended', () => {
  it('is told in Markdown: times, who and why, and what became of each event', { timeout: 120_000 }, async () => {
    const { id, startAt } = await begin('CHG-1042 | <b>');
    const [discarded = '', replayed = '', failed = ''] = await storeIn(startAt, 5);
    await world.store({ windowStartAt: startAt - HOUR_MS, deferredAt: startAt - HOUR_MS }); // of another window
    cloudWatch.data = [
      { functionName: world.functionName, metric: 'Deferred', at: startAt, value: 5 },
      { functionName: world.functionName, metric: 'Rejected', at: startAt, value: 2 },
      { functionName: world.functionName, metric: 'Rejected', at: startAt - HOUR_MS, value: 40 },
      { functionName: world.functionName, metric: 'DeferralFailed', at: startAt, value: 1 },
      { functionName: 'another', metric: 'Rejected', at: startAt, value: 80 },
    ];
    await tool('extend', '--for', '30m');
    await tool('end', '--reason', 'failed over');
    expect(await tool('events', 'discard', discarded, '--yes')).toMatchObject({ code: 0 });
    expect(await tool('replay', replayed)).toMatchObject({ code: 0 });
    await world.table.setStatus(failed, 'failed', world.functionName);

    const { code, out, err } = await tool('report');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(withoutTimes(out)).toBe(`# Maintenance window ${id}: CHG-1042 \\| \\<b>

- Planned: INSTANT to INSTANT, for TIME
- Actual: INSTANT to INSTANT, for TIME
- Functions: orders
- Parameter: maintenance-window
- State: ended, as of INSTANT

## Who and why

| When | Who | What | Why |
| --- | --- | --- | --- |
| INSTANT | ada | began ${id} (orders, CHG-1042 \\| \\<b>), for TIME | - |
| INSTANT | ada | extended ${id} (orders, CHG-1042 \\| \\<b>) until INSTANT, TIME later than before | - |
| INSTANT | ada | ended ${id} (orders, CHG-1042 \\| \\<b>), TIME earlier than before | failed over |

## Events

| Events | Number | Meaning |
| --- | --- | --- |
| pending | 2 | not replayed yet |
| replaying | 0 | being replayed |
| failed | 1 | the function ran, and failed |
| unknown | 0 | sent, and no answer came: it may have run |
| taken-back | 0 | Lambda’s own retry ran it |
| replayed | 1 | the function ran, later |
| accepted | 0 | handed to Lambda’s own queue |
| discarded | 1 | given up by an operator |
| **deferred** | **5** | stored instead of handled: the sum of the rows above |
| rejected | 2 | turned away and not stored: the caller has it |
| not stored | 1 | storing failed: the caller got an error |

| Function | pending | failed | replayed | discarded | deferred | rejected | not stored |
| --- | --- | --- | --- | --- | --- | --- | --- |
| orders | 2 | 1 | 1 | 1 | 5 | 2 | 1 |

- Longest wait of an event: TIME (orders, EVENT, failed)
- Replayed or discarded by: somebody@somewhere (2 events)
- Rejected and not stored: the sums of CloudWatch’s metrics, by whole minutes around the window
`);

    const told = await json('report', id.slice(0, 4));
    const { code: exitCode, events, functions, history, window, rejected, notStored, longestWait, operators } = told;
    expect(exitCode).toBe(0);
    const { deferred, rests, shared, ...byStatus } = events;
    expect({ deferred, rests, shared }).toEqual({ deferred: 5, rests: 0, shared: 0 });
    expect(Object.values<number>(byStatus).reduce((sum, count) => sum + count)).toBe(deferred);
    expect(functions).toEqual([{ name: world.functionName, deferred, ...byStatus, rejected: 2, notStored: 1 }]);
    expect({ rejected, notStored }).toEqual({ rejected: 2, notStored: 1 });
    expect(told).not.toHaveProperty('rejectedUnknown');
    expect(window).toMatchObject({
      id,
      state: 'ended',
      start: iso(startAt),
      plannedEnd: iso(startAt + 2 * HOUR_MS),
      functions: [world.functionName],
    });
    expect(Date.parse(window.end)).toBeLessThan(startAt + HOUR_MS);
    expect(history).toMatchObject([
      { by: expect.stringMatching(/user\/ada$/), change: { kind: 'began', id } },
      { change: { kind: 'extended', id } },
      { reason: 'failed over', change: { kind: 'ended', id } },
    ]);
    expect(longestWait).toMatchObject({ function: world.functionName, status: 'failed', id: failed });
    expect(operators).toEqual([{ who: expect.stringContaining('@'), events: 2 }]);
  });

  it('has local times beside UTC on a terminal, and in a pipe UTC alone', async () => {
    const { startAt } = await begin('at night');
    await storeIn(startAt, 1);
    const here = { environment: { ...environment(), NO_COLOR: '1', TZ: 'Europe/Rome' } };
    const { code, out } = await runOnTerminal(['report'], here);
    expect(code).toBe(0);
    expect(out).toMatch(/^(?:[^#]*)# Maintenance window [0-9a-f]{6}: at night\n/);
    const inRome = String.raw`\S+Z \((?:\d{4}-\d\d-\d\d )?\d\d:\d\d Europe\/Rome\)`; // with its day where that is not the day in UTC
    expect(out).toMatch(new RegExp(`- Planned: ${inRome} to ${inRome}, for 2 h\\n`));
    expect(out).toContain('- State: active, as of ');
    const piped = await runCli(['report'], here);
    expect(piped.out).not.toContain('Europe/Rome');
    expect(piped.err).toBe('');
  });
});

describe('which window it is', () => {
  it('is the one that ended last where none is active, and any that SSM still remembers by its id', async () => {
    const at = Date.now();
    const first = { start: iso(at - 5 * HOUR_MS), end: iso(at - 4 * HOUR_MS), reason: 'the first' };
    const second = { start: iso(at - 3 * HOUR_MS), end: iso(at - 2 * HOUR_MS), reason: 'the second' };
    const coming = { start: iso(at + 5 * HOUR_MS), end: iso(at + 6 * HOUR_MS), reason: 'to come' };
    await world.setWindows(JSON.stringify({ version: 1, windows: [first, second, coming] }));
    const { windows } = await json('schedule', 'list');
    const idOf = (reason: string) => windows.find((each: { reason: string }) => each.reason === reason).id;
    await world.setWindows('{"version":1,"windows":[]}');
    expect((await json('report')).window).toMatchObject({ reason: 'the second', id: idOf('the second') });
    expect((await json('report', idOf('the first'))).window).toMatchObject({ reason: 'the first', state: 'ended' });
    expect((await json('report', idOf('to come'))).window).toMatchObject({ state: 'never-active' });
    expect((await tool('report', idOf('to come'))).out).toContain('\n- Actual: none\n');
  });

  it('is the one that was active at a time, where --at says one', async () => {
    const at = Date.now();
    const first = { start: iso(at - 5 * HOUR_MS), end: iso(at - 4 * HOUR_MS), reason: 'the first' };
    const second = { start: iso(at - 3 * HOUR_MS), end: iso(at - 2 * HOUR_MS), reason: 'the second' };
    await world.setWindows(JSON.stringify({ version: 1, windows: [first, second] }));
    const told = await json('report', '--at', '270m ago');
    expect(told.window).toMatchObject({ reason: 'the first' });
    expect((await json('report', told.window.id, '--at', first.start)).window).toEqual(told.window);
    const { code, out, err } = await tool('report', told.window.id, '--at', first.end);
    expect({ code, out }).toEqual({ code: 66, out: '' });
    expect(err).toBe(
      `maintenance-window: window ${told.window.id} of maintenance-window was not active at ${first.end}, as far as SSM remembers\n`,
    );
    expect(await tool('report', '--at', '210m ago')).toMatchObject({ code: 66, out: '' });
    expect(await tool('report', '--at', '+2h')).toMatchObject({ code: 64, out: '' });
  });

  it('is the last occurrence of a window that comes again, also where somebody ended that one alone', async () => {
    const begun = new Date(Date.now() - HOUR_MS / 2);
    const schedule = `cron(${begun.getUTCMinutes()} ${begun.getUTCHours()} * * ? *)`;
    const daily = { schedule, duration: 'PT1H', reason: 'daily', functions: [world.functionName] };
    await world.setWindows(JSON.stringify({ version: 1, windows: [daily] }));
    const { windows } = await json('schedule', 'list');
    const [{ id }] = windows;
    const active = await json('report', id);
    expect(active.window).toMatchObject({ id, state: 'active', reason: 'daily' });
    await storeIn(Date.parse(active.window.start), 2);
    expect(await tool('end', id, '--reason', 'done early')).toMatchObject({ code: 0 });
    const ended = await json('report', id);
    expect(ended.window).toMatchObject({
      scheduleId: id,
      state: 'ended',
      start: active.window.start,
      plannedEnd: active.window.plannedEnd,
    });
    expect(ended.events.deferred).toBe(2);
    expect(ended.history.at(-1)).toMatchObject({ reason: 'done early', change: { kind: 'ended', id } });
    expect((await json('report', ended.window.id)).window).toEqual(ended.window);
    expect((await tool('report', id)).out).toContain(`\n- One occurrence of: ${id}\n`);
  });

  it('may have no end', async () => {
    const always = { schedule: 'cron(0 * * * ? *)', duration: 'PT1H' };
    const inTurns = ['0/2', '1/2'].map((hours) => ({ schedule: `cron(0 ${hours} * * ? *)`, duration: 'PT1H' }));
    await world.setWindows(JSON.stringify({ version: 1, windows: inTurns }));
    expect(await json('report')).toMatchObject({ code: 0, window: { state: 'active', end: expect.anything() } });
    await world.setWindows(JSON.stringify({ version: 1, windows: [always] }));
    const { code, window } = await json('report');
    expect({ code, window }).toMatchObject({ code: 0, window: { state: 'active' } });
    expect(window).not.toHaveProperty('end');
    expect((await tool('report')).out).toMatch(/\n- Planned: \S+Z, without an end\n- Actual: \S+Z, without an end\n/);
  });

  it('is refused in one line where there is none', async () => {
    const parameter = ['--parameter', 'nobody-wrote-this'];
    expect(await tool('report', 'abcdef')).toEqual({
      code: 66,
      out: '',
      err:
        'maintenance-window: no window abcdef in maintenance-window: see  maintenance-window history, ' +
        'and name its parameter with --parameter\n',
    });
    expect(await tool('report', 'CHG-1042')).toMatchObject({
      code: 64,
      out: '',
      err: expect.stringMatching(/^[^\n]+\n$/),
    });
    expect(await tool('report', ...parameter)).toEqual({
      code: 66,
      out: '',
      err: 'maintenance-window: no window of nobody-wrote-this is active or has ended yet\n',
    });
  });
});

describe('what was rejected', () => {
  it('is said to be missing, and why, where CloudWatch does not tell', async () => {
    await begin('no metrics');
    const said = async () => {
      const [{ out }, told] = [await tool('report'), await json('report')];
      expect(out).toContain(`| rejected     | not known | ${told.rejectedUnknown}`);
      expect(told.code).toBe(0);
      expect(told).not.toHaveProperty('rejected');
      return told.rejectedUnknown;
    };
    expect(await said()).toMatch(/^CloudWatch has no metrics of these functions for that time/);
    cloudWatch.instead = () => fails(400, 'AccessDeniedException', { message: 'not authorized' });
    expect(await said()).toMatch(/^cloudwatch:GetMetricData on the metrics of client and monitor is not allowed/);
    await cloudWatch.close();
    try {
      expect(await said()).toMatch(/^CloudWatch cannot be reached/);
    } finally {
      cloudWatch = await startCloudWatch();
    }
    const { AWS_ENDPOINT_URL_CLOUDWATCH: _, ...elsewhere } = environment();
    const without = { ...elsewhere, AWS_ENDPOINT_URL_CLOUDWATCH: undefined };
    const { out } = await runCli(['report', '-o', 'json'], { environment: without });
    expect(JSON.parse(out).rejectedUnknown).toBe('SSM’s endpoint is not AWS’s own, and none was given for CloudWatch');
  });

  it('is counted of functions that never stored an event, or said to be a part of it', async () => {
    const start = iso(Date.now() - HOUR_MS);
    const end = iso(Date.now() + HOUR_MS);
    await world.setWindows(JSON.stringify({ version: 1, windows: [{ start, end, functions: ['web-*'] }] }));
    await world.store({ functionName: 'web-shop', windowStartAt: Date.parse(start), deferredAt: Date.parse(start) });
    const at = Date.parse(start);
    cloudWatch.data = [
      { functionName: 'web-shop', metric: 'Deferred', at, value: 1 },
      { functionName: 'web-api', metric: 'Rejected', at, value: 7 },
    ];
    const part = await json('report');
    expect(part).toMatchObject({ rejected: 0, atLeastBecause: expect.stringContaining('Lambda') });
    expect((await tool('report')).out).toMatch(/\| rejected +\| at least 0 \|/);

    const reading = { Variables: { MAINTENANCE_WINDOW_PARAMETER: 'maintenance-window' } };
    await using lambda = await startLambdaFunctions([
      { FunctionName: 'web-api', Timeout: 3, PackageType: 'Image', Environment: reading },
    ]);
    const here = { ...environment(), AWS_ENDPOINT_URL_LAMBDA: lambda.url };
    const { out } = await runCli(['report', '-o', 'json'], { environment: here });
    const all = JSON.parse(out);
    expect(all).toMatchObject({
      rejected: 7,
      functions: [
        { name: 'web-shop', deferred: 1 },
        { name: 'web-api', deferred: 0, rejected: 7 },
      ],
    });
    expect(all).not.toHaveProperty('atLeastBecause');
  });
});

describe('what cannot be read', () => {
  it('is said where it is the history: the window is known all the same', async () => {
    await begin('no history');
    const mayNot = (action: string) => action !== 'ssm:GetParameterHistory';
    await using ssm = await startRecordingProxy(world.environment['AWS_ENDPOINT_URL_SSM'] ?? '', mayNot);
    const here = { environment: { ...environment(), AWS_ENDPOINT_URL_SSM: ssm.url } };
    const { code, out } = await runCli(['report'], here);
    expect(code).toBe(0);
    expect(out).toMatch(/^# Maintenance window [0-9a-f]{6}: no history\n/);
    expect(out).toMatch(/\n## Who and why\n\nNot known: ssm:GetParameterHistory on .* is not allowed/);
    const told = JSON.parse((await runCli(['report', '-o', 'json'], here)).out);
    expect(told).toMatchObject({ history: [], historyUnknown: expect.stringContaining('ssm:GetParameterHistory') });
  });

  it('ends it where it is the table, with one message', async () => {
    await begin('no table');
    const { code, out, err } = await tool('report', '--table', 'no-such-table');
    expect({ code, out, err }).toEqual({
      code: 66,
      out: '',
      err: expect.stringMatching(/^maintenance-window: [^\n]+\n$/),
    });
  });
});
