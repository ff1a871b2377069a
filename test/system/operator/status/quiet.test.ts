/** Waits until it is quiet: `begin --wait` and `status --wait-quiet`. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LambdaFunctions, startLambdaFunctions } from '../../../fakes/lambda-functions.ts';
import { startCli } from '../../../worlds/replay-cli.ts';
import { activeDocument, NO_WINDOWS, windowOperatorForEach } from '../../../worlds/window-operator.ts';

const operator = windowOperatorForEach();
/** Of functions that are quiet some seconds after an edit, and of one that never is while a test runs. */
let quick: LambdaFunctions;
let slow: LambdaFunctions;

const reading = (Timeout: number) => ({
  FunctionName: 'orders-api',
  Timeout,
  PackageType: 'Image' as const,
  Environment: { Variables: { MAINTENANCE_WINDOW_PARAMETER: 'orders', MAINTENANCE_WINDOW_TTL: '1' } },
});

beforeAll(async () => {
  [quick, slow] = await Promise.all([startLambdaFunctions([reading(1)]), startLambdaFunctions([reading(900)])]);
});
afterAll(() => Promise.all([quick[Symbol.asyncDispose](), slow[Symbol.asyncDispose]()]));
beforeEach(() => {
  for (const lambda of [quick, slow]) lambda.alsoRead = operator.parameter;
});

const at = (lambda: LambdaFunctions) => ({ ...operator.environment, AWS_ENDPOINT_URL_LAMBDA: lambda.url });

describe('begin --wait', () => {
  it('returns once it is quiet, and says at once what it waits for', async () => {
    await operator.put(NO_WINDOWS);
    const { code, out, err } = await operator.piped(['begin', '--for', '1h', '--wait'], {
      environment: at(quick),
      keepsWaiting: true,
    });
    expect(code).toBe(0);
    expect(out).toMatch(/^Under maintenance: every function[\s\S]*\nQuiet: no handler runs any more\n$/);
    expect(err).toMatch(
      /^note: still waiting: not quiet before 2\S+Z: functions see the edit within .*\(orders-api\)\n/,
    );
    const { maintenance, at: now } = await operator.json(['status'], { environment: at(quick) });
    expect(maintenance).toHaveLength(1);
    expect(Date.parse(maintenance[0].quietFrom)).toBeLessThanOrEqual(Date.parse(now));
  });

  it('says at once that a window ends before it is quiet, and waits for nothing', async () => {
    await operator.put(NO_WINDOWS);
    const environment = at(slow);
    const { code, out, err } = await operator.piped(['begin', '--for', '10m', '--wait'], { environment });
    expect(code).toBe(1);
    const [, id] = /window {2}(\w{6}) in/.exec(out) ?? [];
    expect(out).toMatch(/^ {2}not quiet before it ends, 2\S+Z \(in \d+ min[^)]*\): functions see the edit within .*$/m);
    expect(err).toMatch(
      new RegExp(`warning: it does not become quiet: maintenance ends 2\\S+Z, .*:  maintenance-window extend ${id}\n$`),
    );
    const status = await operator.piped(['status', '--wait-quiet'], { environment });
    expect(status).toMatchObject({ code: 1, out: expect.stringContaining('  not quiet before it ends, ') });
    expect(status.err).toContain('warning: it does not become quiet: maintenance ends ');
    const { maintenance } = await operator.json(['status'], { environment });
    expect(maintenance).toEqual([expect.not.objectContaining({ quietFrom: expect.anything() })]);
    expect(await operator.json(['begin', '--for', '10m', '--wait'], { environment })).toMatchObject({
      code: 1,
      isQuiet: false,
    });
  });

  it('counts down on a terminal', async () => {
    await operator.put(NO_WINDOWS);
    const environment = { ...at(quick), NO_COLOR: '1' };
    const { code, out } = await operator.terminal(['begin', '--for', '1h', '--yes', '--wait'], { environment });
    expect(code).toBe(0);
    expect(out).toMatch(/quiet in \d+ s: functions see the edit/);
    expect(out).not.toContain('still waiting');
    expect(out).toMatch(/Quiet: no handler runs any more\n$/);
  });

  it('has one value of JSON', async () => {
    await operator.put(NO_WINDOWS);
    const run = await operator.json(['begin', '--for', '1h', '--wait'], { environment: at(quick) });
    expect(run).toMatchObject({ code: 0, written: true, isQuiet: true });
  });

  it('leaves the window on Ctrl-C, and says so with the command that ends it', async () => {
    await operator.put(NO_WINDOWS);
    const words = ['begin', '--for', '1h', '--wait', '--parameter', operator.parameter];
    const waiting = startCli(words, { AWS_REGION: 'eu-south-1', ...at(slow) });
    await waiting.said('still waiting');
    waiting.child.kill('SIGINT');
    expect(await waiting.ended()).toBe(130);
    const [, id] = /window {2}(\w{6}) in/.exec(waiting.out) ?? [];
    expect(waiting.err).toContain(
      `the window goes on; to end it:  maintenance-window end ${id} --parameter ${operator.parameter}\n`,
    );
    expect(await operator.json(['status'])).toMatchObject({ active: true });
  });

  it('gives up after --timeout, and leaves the window', async () => {
    await operator.put(NO_WINDOWS);
    const words = ['begin', '--for', '1h', '--wait', '--timeout', '1s'];
    const { code, out, err } = await operator.piped(words, { environment: at(slow) });
    expect({ code, out }).toEqual({ code: 1, out: expect.not.stringContaining('Quiet') });
    expect(err).toMatch(/warning: it is not quiet after 1 s, and not before .*; the window goes on; to end it: /);
    expect(await operator.json(['status'])).toMatchObject({ active: true });
  });

  it('says that somebody has ended the window meanwhile', async () => {
    await operator.put(NO_WINDOWS);
    const waiting = startCli(['begin', '--for', '1h', '--wait'], { AWS_REGION: 'eu-south-1', ...at(slow) });
    await waiting.said('still waiting');
    expect(await operator.piped(['end'])).toMatchObject({ code: 0 });
    expect(await waiting.ended()).toBe(1);
    expect(waiting.err).toContain('warning: the window has ended meanwhile: handlers run again\n');
  });
});

describe('status --wait-quiet', () => {
  it('returns once it is quiet, with the status of then', async () => {
    await operator.put(activeDocument());
    const { code, out } = await operator.piped(['status', '--wait-quiet'], { environment: at(quick) });
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/\n {2}quiet since /) });
  });

  it('gives up after --timeout; with --exit-code by the code of what is', async () => {
    await operator.put(activeDocument());
    const words = ['status', '--wait-quiet', '--timeout', '1s'];
    const { code, out, err } = await operator.piped(words, { environment: at(slow) });
    expect({ code, out }).toEqual({ code: 1, out: expect.stringMatching(/\n {2}quiet from /) });
    expect(err).toMatch(/^warning: it is not quiet after 1 s, and not before /);
    expect(await operator.piped([...words, '--exit-code'], { environment: at(slow) })).toMatchObject({ code: 11 });
  });

  it('ends with 1 where no window is active', async () => {
    await operator.put(NO_WINDOWS);
    const { code, out, err } = await operator.piped(['status', '--wait-quiet']);
    expect({ code, out }).toEqual({ code: 1, out: expect.stringMatching(/^Not under maintenance\n/) });
    expect(err).toBe('warning: no window is active: handlers run, and it does not become quiet\n');
  });
});

it.each([
  [['status', '--watch', '--at', '+2h'], '--at is another time: leave it out, or --watch'],
  [['status', '--wait-quiet', '--at', '+2h'], '--at is another time: leave it out, or --wait-quiet'],
  [['status', '--watch', '--exit-code'], '--watch ends by Ctrl-C alone: leave it out, or --exit-code'],
  [['status', '--timeout', '5m'], '--timeout is of --wait-quiet: add it'],
  [['status', '--interval', '5s'], '--interval is of --watch: add it'],
  [['begin', '--timeout', '5m'], '--timeout is of --wait: add it'],
])('refuses %j', async (words, message) => {
  expect(await operator.piped(words)).toEqual({ code: 64, out: '', err: `maintenance-window: ${message}\n` });
});
