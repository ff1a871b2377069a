/** The clock of the operator's machine may be wrong: what is active is decided by AWS's, as the functions have it. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../core/units.ts';
import { startScriptedSsm } from '../../fakes/scripted-ssm.ts';
import { runCli } from '../../worlds/cli.ts';
import { type CliWorld, startCli, startCliWorld } from '../../worlds/replay-cli.ts';
import {
  activeDocument,
  iso,
  NO_WINDOWS,
  startWindowOperator,
  type WindowOperator,
} from '../../worlds/window-operator.ts';

const SET_CLOCK = pathToFileURL(join(import.meta.dirname, '../../worlds/set-clock.mjs')).href;
/** A process that starts takes some seconds where many do; a clock that is believed is off by ten minutes. */
const TOLERANCE_MS = 60_000;

const AHEAD = 600_000;
const BEHIND = -600_000;

/** The environment of a machine whose clock is off. */
function off(byMs: number): Record<string, string> {
  return { NODE_OPTIONS: `--import ${SET_CLOCK}`, SET_CLOCK_MS: String(byMs) };
}

const said = (byMs: number) =>
  new RegExp(
    `^warning: this machine’s clock is (?:9|10) min(?: \\d+ s)? ${byMs > 0 ? 'ahead of' : 'behind'} AWS’s: .*\\n$`,
  );

describe.each([
  ['ahead', AHEAD],
  ['behind', BEHIND],
])('with a clock that is %s', (_direction, byMs) => {
  let operator: WindowOperator;
  beforeAll(async () => {
    operator = await startWindowOperator();
  });
  afterAll(() => operator[Symbol.asyncDispose]());
  beforeEach(() => operator.another());
  const environment = off(byMs);

  it('begin begins now', async () => {
    await operator.put(NO_WINDOWS);
    const { code, err, window } = await operator.json(['begin', '--for', '1h'], { environment });
    expect(code).toBe(0);
    expect(err).toMatch(said(byMs));
    expect(Math.abs(Date.parse(window.start) - Date.now())).toBeLessThan(TOLERANCE_MS);
    expect(await operator.text()).toContain(`"start":"${window.start}"`);
  });

  it('begin --until takes an instant that is still to come, and no other', async () => {
    await operator.put(NO_WINDOWS);
    const [soon, gone] = [iso(Date.now() + 300_000), iso(Date.now() - 300_000)];
    expect((await operator.piped(['begin', '--until', soon], { environment })).code).toBe(0);
    expect((await operator.piped(['begin', '--until', gone], { environment })).code).toBe(64);
  });

  it('end ends what is active, now', async () => {
    await operator.put(activeDocument());
    const { code, ended } = await operator.json(['end'], { environment });
    expect({ code, ended }).toMatchObject({ code: 0, ended: [{}] });
    const { windows } = JSON.parse(await operator.text());
    expect(Math.abs(Date.parse(windows[0].end) - Date.now())).toBeLessThan(TOLERANCE_MS);
  });

  it('end, status, next and schedule list know what is not active any more, or not yet', async () => {
    const over = { start: iso(Date.now() - HOUR_MS), end: iso(Date.now() - 300_000) };
    const coming = { start: iso(Date.now() + 300_000), end: iso(Date.now() + HOUR_MS) };
    await operator.put(JSON.stringify({ version: 1, windows: [over, coming] }));
    expect(await operator.json(['end'], { environment })).toMatchObject({ ended: [], written: false });
    expect(await operator.json(['status'], { environment })).toMatchObject({ active: false, next: coming });
    expect((await operator.json(['next'], { environment })).next).toMatchObject([coming]);
    const { windows } = await operator.json(['schedule', 'list'], { environment });
    expect(windows).toMatchObject([{ active: false }, { active: false, next: coming.start }]);
    expect(windows[0]).not.toHaveProperty('next');
  });

  it('schedule add warns of what begins in the past, and history tells how long ago it was', async () => {
    await operator.put(NO_WINDOWS);
    const words = ['schedule', 'add', '--start', iso(Date.now() + 300_000), '--for', '1h'];
    expect((await operator.piped(words, { environment })).err).toMatch(said(byMs));
    expect((await operator.piped(['history'], { environment })).out).toMatch(
      /^WHEN .*\n\S+Z \((?:\d+ s|[1-5] min(?: \d+ s)?) ago\) {2}operator {2}added /,
    );
  });

  it('is told of on a refusal as well', async () => {
    const run = await operator.piped(['history', '--parameter', 'none'], { environment });
    expect(run).toMatchObject({
      code: 66,
      err: expect.stringMatching(/clock is .* the parameter none does not exist/s),
    });
  });
});

describe('answers that do not tell the time', () => {
  it.each([
    ['have no date', null],
    ['have one that is none', 'now'],
  ])('leave the clock of this machine, which is said (%s)', async (_what, date) => {
    const Value = JSON.stringify({
      version: 1,
      windows: [{ start: iso(Date.now() + 300_000), end: iso(Date.now() + HOUR_MS) }],
    });
    const body = { Parameters: [{ Name: 'maintenance-window', Type: 'String', Value, Version: 1 }] };
    await using ssm = await startScriptedSsm(() => ({ status: 200, body, date }));
    const environment = { ...off(AHEAD), AWS_ENDPOINT_URL_SSM: ssm.url };
    expect(await runCli(['status', '-o', 'json'], { environment })).toMatchObject({
      code: 0,
      out: expect.stringContaining('"active": true'),
      err: 'note: AWS’s answers have no date: times are by the clock of this machine\n',
    });
  });
});

it('nothing is written that no function could read, by whatever clock', async () => {
  const body = { Parameters: [{ Name: 'maintenance-window', Type: 'String', Value: NO_WINDOWS, Version: 1 }] };
  await using ssm = await startScriptedSsm(() => ({ status: 200, body, date: null }));
  const environment = { ...off(Date.UTC(9999, 11, 31, 23, 30) - Date.now()), AWS_ENDPOINT_URL_SSM: ssm.url };
  const { code, out, err } = await runCli(['begin', '--for', '1h'], { environment });
  expect({ code, out }).toEqual({ code: 64, out: '' });
  expect(err).toMatch(/no function could read what this would write \(windows\[0\]\.end: .*\): nothing was written/);
  expect(ssm.requests.map(({ operation }) => operation)).not.toContain('PutParameter');
});

describe.each([
  ['ahead', AHEAD],
  ['behind', BEHIND],
])('a replay by a machine whose clock is %s', (_direction, byMs) => {
  let world: CliWorld;
  beforeAll(async () => {
    world = await startCliWorld();
  });
  afterAll(() => world.close());
  beforeEach(() => world.begin());

  it('waits inside a window, and not behind it', async () => {
    await world.storeMany(2);
    const start = iso(Date.now() - HOUR_MS);
    const windowTo = (end: number) => JSON.stringify({ version: 1, windows: [{ start, end: iso(end) }] });
    await world.setWindows(windowTo(Date.now() + 300_000));
    const cli = startCli(['replay', '--function', world.functionName], { ...world.environment, ...off(byMs) });
    await cli.said('waits until ');
    expect(world.lambda.ran).toEqual([]);
    await world.setWindows(windowTo(Date.now()));
    expect(await cli.ended()).toBe(0);
    expect(world.lambda.ran).toHaveLength(2);
    await world.clearWindows();
  });

  it('leaves alone what another one has in hand', async () => {
    const [id = ''] = await world.storeMany(1);
    const claim = await world.archive.claim(id, ['pending']);
    const cli = startCli(['replay', '--function', world.functionName], { ...world.environment, ...off(byMs) });
    expect(await cli.ended()).toBe(1);
    expect(cli.out).toMatch(/1 {2}may still be running/);
    expect(world.lambda.ran).toEqual([]);
    if (claim) await world.archive.end(claim, { status: 'released' });
  });

  it('claims by AWS’s time, so that another one knows when its lease is over', async () => {
    const [id = ''] = await world.storeMany(1);
    const seen = Promise.withResolvers<void>();
    world.lambda.behave(async () => {
      await seen.promise;
      return { kind: 'reply' };
    });
    const cli = startCli(['replay', id, '--during-window'], { ...world.environment, ...off(byMs) });
    let leaseUntilAt: number | undefined;
    while (leaseUntilAt === undefined && cli.child.exitCode === null) {
      const found = await world.archive.look(id);
      if (found?.status === 'replaying') leaseUntilAt = found.leaseUntilAt;
    }
    seen.resolve();
    const timeoutMs = (await world.archive.look(id))?.timeoutMs ?? 0;
    expect(await cli.ended()).toBe(0);
    expect(Math.abs((leaseUntilAt ?? 0) - Date.now() - timeoutMs - 60_000)).toBeLessThan(TOLERANCE_MS);
    const { doneAt = 0 } = (await world.archive.look(id)) ?? {};
    expect(Math.abs(doneAt - Date.now())).toBeLessThan(TOLERANCE_MS);
  });

  it('discards what was stored by now, and nothing that is still to come', async () => {
    const ids = await world.storeMany(2);
    const words = ['events', 'discard', '--function', world.functionName, '--yes'];
    const cli = startCli(words, { ...world.environment, ...off(byMs) });
    expect(await cli.ended()).toBe(0);
    expect(cli.out).toMatch(`${ids.length} events discarded`);
  });

  it('keeps its pace where the clock is set while it works', async () => {
    await world.storeMany(30);
    const environment = { ...world.environment, ...off(byMs), SET_CLOCK_AFTER_MS: '1500' };
    const cli = startCli(
      ['replay', '--function', world.functionName, '--rate', '100/s', '--concurrency', '4', '-o', 'json'],
      environment,
    );
    expect(await cli.ended()).toBe(0);
    const { summary } = cli.lines().at(-1) as { summary: { replayed: number; tookMs: number } };
    expect(summary.replayed).toBe(30);
    expect(summary.tookMs).toBeGreaterThan(500);
    expect(summary.tookMs).toBeLessThan(120_000);
  });
});
