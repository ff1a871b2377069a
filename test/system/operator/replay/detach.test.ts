/** A replay that is handed over to the drain, followed and steered from a terminal: the tool and the drain as processes. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FAULTS } from '../../../../core/errors.ts';
import { noCounts } from '../../../../core/replay/progress/news.ts';
import { FROM_DRAIN, NEXT_STRETCH_MS, runPlanOf } from '../../../../core/runs/run.ts';
import { HOUR_MS } from '../../../../core/units.ts';
import { type LocalDrain, type LocalDrainParts, startLocalDrain } from '../../../../local/drain/local-drain.ts';
import { NOT_ALL_DONE, STOPPED } from '../../../../operator/cli/exit-code.ts';
import { PLAN } from '../../../fakes/memory/simulated-replay.ts';
import { fails, startScriptedService } from '../../../fakes/scripted-service.ts';
import { buildCli, runCli } from '../../../worlds/cli.ts';
import { type DrainWorld, startDrainWorld } from '../../../worlds/drain-world.ts';

let world: DrainWorld;
let drain: LocalDrain;
let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  buildCli();
  world = await startDrainWorld();
  drain = await startLocalDrain(drainParts());
  environment = { ...world.environment, AWS_ENDPOINT_URL_SFN: drain.url };
});
afterAll(async () => {
  await drain?.close();
  await world?.close();
});

function drainParts(): LocalDrainParts {
  return {
    bundles: join(import.meta.dirname, '../../../../dist'),
    environment: { ...world.environment, PATH: process.env['PATH'] },
    account: '123456789012',
    write: () => undefined,
  };
}

const tool = (...words: string[]) => runCli(words, { environment });

const detached = (name: string, ...words: string[]) => detachedBy(drain, name, ...words);

async function detachedBy({ url }: LocalDrain, name: string, ...words: string[]): Promise<string> {
  const all = ['replay', '--function', name, '--detach', '--yes', '-o', 'json', ...words];
  const { code, out, err } = await runCli(all, { environment: { ...environment, AWS_ENDPOINT_URL_SFN: url } });
  expect({ code, err }).toMatchObject({ code: 0 });
  return JSON.parse(out).id;
}

it('is found in the table, replays without the terminal, and is followed to its end', async () => {
  world.addFunction('orders');
  await world.store('orders', 30);
  const id = await detached('orders', '--name', 'after CHG-1042', '--reason', 'upgrade');
  const { code, out } = await tool('replays', 'watch', id);
  expect(code).toBe(0);
  expect(out.trimEnd().split('\n').at(-1)).toMatch(/done: 30 replayed$/);
  expect(await world.statuses('orders')).toEqual({ replayed: 30 });
  const shown = JSON.parse((await tool('replays', 'show', id, '-o', 'json')).out);
  expect(shown).toMatchObject({ name: 'after CHG-1042', reason: 'upgrade', from: 'drain', status: 'done' });
  const listed = JSON.parse((await tool('events', 'list', '--run', id, '-o', 'json')).out);
  expect(listed.events).toHaveLength(30);
});

it('says of its end what its events came to: where some failed, and where all were refused', async () => {
  world.addFunction('partly', { fails: (text) => text.includes('bad') });
  await world.store('partly', 4, ['{"order":1}', '{"bad":1}']);
  const partly = await detached('partly', '--stop-after-failures', '9');
  const elsewhere = await startLocalDrain({ ...drainParts(), account: '210987654321' });
  try {
    world.addFunction('foreign');
    await world.store('foreign', 12);
    const foreign = await detachedBy(elsewhere, 'foreign');
    for (const [id, outcomes, events] of [
      [partly, /^.*incomplete: 2 replayed, 2 failed$/m, { replayed: 2, failed: 2 }],
      [foreign, /^.*incomplete: 12 refused$/m, { pending: 12 }],
    ] as const) {
      const watched = await tool('replays', 'watch', id);
      expect(watched).toMatchObject({ code: NOT_ALL_DONE, out: expect.stringMatching(outcomes) });
      expect((await tool('replays', 'show', id)).out).toMatch(/^status +incomplete: .*not all of its events are done/m);
      const { replays } = JSON.parse((await tool('replays', 'list', '-o', 'json')).out);
      expect(replays.find((run: { id: string }) => run.id === id)?.status).toBe('incomplete');
      expect(await world.statuses(id === partly ? 'partly' : 'foreign')).toEqual(events);
      expect((await tool('replays', 'pause', id)).code).toBe(NOT_ALL_DONE);
    }
  } finally {
    await elsewhere.close();
  }
});

it('is paused, resumed and cancelled by the same commands as any other', async () => {
  world.addFunction('steered');
  await world.store('steered', 900);
  const id = await detached('steered', '--rate', '20/s');
  const statusOf = async () => JSON.parse((await tool('replays', 'show', id, '-o', 'json')).out);
  const until = async (isSo: (run: { status: string; counts: { replayed?: number } }) => boolean) => {
    for (let run = await statusOf(); !isSo(run); run = await statusOf()) await new Promise((r) => setTimeout(r, 100));
  };
  await until(({ counts }) => (counts.replayed ?? 0) > 3);
  expect((await tool('replays', 'pause', id)).code).toBe(0);
  await until(({ status }) => status === 'paused');
  const { replayed: before = 0 } = (await statusOf()).counts;
  expect((await tool('replays', 'set', id, '--rate', '40/s')).code).toBe(0);
  expect((await tool('replays', 'resume', id)).code).toBe(0);
  await until(({ counts }) => (counts.replayed ?? 0) > before + 30);
  expect((await tool('replays', 'cancel', id)).code).toBe(0);
  const watched = await tool('replays', 'watch', id);
  expect(watched.code).toBe(STOPPED);
  expect(watched.out).toMatch(/stopped: .* \(.*cancelled by .*\)/);
});

it('stays paused where nobody can be had who would go on with it', async () => {
  world.addFunction('stuck');
  await world.store('stuck', 600);
  const id = await detached('stuck', '--rate', '20/s');
  const statusOf = async () => JSON.parse((await tool('replays', 'show', id, '-o', 'json')).out).status;
  expect((await tool('replays', 'pause', id)).code).toBe(0);
  while ((await statusOf()) !== 'paused') await new Promise((r) => setTimeout(r, 100));
  const away = { environment: { ...environment, AWS_ENDPOINT_URL_SFN: 'http://127.0.0.1:1' } };
  expect((await runCli(['replays', 'resume', id], away)).code).toBe(FAULTS['MaintenanceWindow.Unreachable'].exitCode);
  expect(await statusOf()).toBe('paused');
  expect((await tool('replays', 'resume', id)).code).toBe(0);
  while ((await statusOf()) !== 'running') await new Promise((r) => setTimeout(r, 100));
  expect((await tool('replays', 'cancel', id)).code).toBe(0);
  expect((await tool('replays', 'watch', id)).code).toBe(STOPPED);
});

it('waits where Lambda has no room for it, and says so; is lost where its execution was ended', {
  timeout: 120_000,
}, async () => {
  world.addFunction('slow');
  await world.store('slow', 900);
  const alive = await detached('slow', '--rate', '1/s');
  const execution = String((await world.runs.read(alive))?.execution);
  expect(execution).toMatch(new RegExp(`:execution:drain:replay-${alive}$`));
  const saidAt = Date.now() - HOUR_MS;
  const silent = async (id: string, of: string) => {
    const selection = { functions: ['slow'], untilAt: saidAt };
    const facts = { id, name: id, by: 'monitor', from: FROM_DRAIN, selection, startedAt: saidAt, execution: of };
    await world.runs.create({ ...facts, plan: runPlanOf(PLAN) }, 1, saidAt);
    const share = { number: 0, functionName: 'slow', counts: { ...noCounts(), replayed: 7 }, at: saidAt };
    await world.runs.beat(id, { ...share, state: 'more', aliveUntil: saidAt + NEXT_STRETCH_MS });
  };
  const ended = `${execution}-ended`;
  await silent('aaaa0001', execution);
  await silent('aaaa0002', ended);
  const { replays } = JSON.parse((await tool('replays', 'list', '-o', 'json')).out);
  const told = (id: string) => replays.find((run: { id: string }) => run.id === id);
  const since = new Date(saidAt).toISOString();
  const why = 'its next stretch has not begun: Lambda may have no room for it; its execution goes on';
  expect(told('aaaa0001')).toMatchObject({ status: 'running', waiting: { why, function: 'slow', since } });
  const gone = 'its execution has ended (gone), so nobody goes on with it';
  expect(told('aaaa0002')).toMatchObject({ status: 'lost', why: gone, counts: { replayed: 7 } });
  expect((await tool('replays', 'show', 'aaaa0001')).out).toMatch(
    /^waits +slow: its next stretch has not begun: Lambda .*; its execution goes on, since \d{4}/m,
  );
  expect((await tool('replays', 'show', 'aaaa0002')).out).toMatch(
    /^status +lost: .*\n(.*\n)*why +its execution has ended/m,
  );
  expect((await tool('replays', 'watch', 'aaaa0002')).code).toBe(STOPPED);
  await using denying = await startScriptedService(() => fails(400, 'AccessDeniedException', { message: 'no' }));
  const denied = { environment: { ...environment, AWS_ENDPOINT_URL_SFN: denying.url } };
  expect((await runCli(['replays', 'show', 'aaaa0002'], denied)).out).toMatch(
    /^waits .*whether its execution goes on is not known \(states:DescribeExecution is not allowed\), since/m,
  );
  const paused = await tool('replays', 'pause', 'aaaa0002');
  expect([paused.code, paused.err]).toEqual([
    NOT_ALL_DONE,
    expect.stringMatching(/; replays resume has it go on, and /),
  ]);
  expect((await tool('replays', 'resume', alive)).out).toMatch(/^Was to go on before: /);
  expect(await runCli(['replays', 'resume', alive], denied)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Was to go on before: /),
    err: expect.stringMatching(/not known \(states:DescribeExecution is not allowed\): if it was ended, resume begins/),
  });
  expect(await tool('replays', 'resume', 'aaaa0002')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Goes on/),
  });
  while ((await world.runs.read('aaaa0002'))?.shares[0]?.progress?.execution === undefined)
    await new Promise((r) => setTimeout(r, 100));
  for (const id of ['aaaa0001', 'aaaa0002', alive]) expect((await tool('replays', 'cancel', id)).code).toBe(0);
  expect((await world.runs.read('aaaa0001'))?.status).toBe('stopped');
  expect((await tool('replays', 'watch', 'aaaa0002')).code).toBe(STOPPED);
});

it('is refused where a terminal alone can do it, and where there is no drain', async () => {
  const refused = await tool('replay', '--detach', '--grep', 'x', '--yes');
  expect(refused).toMatchObject({ code: FAULTS['MaintenanceWindow.Usage'].exitCode });
  expect(refused.err).toContain('the drain knows no --grep');
  const elsewhere = 'arn:aws:states:eu-south-1:123456789012:stateMachine:other';
  await world.store('orders', 1);
  const gone = await runCli(['replay', '--function', 'orders', '--detach', elsewhere, '--yes'], {
    environment: { ...environment, AWS_ENDPOINT_URL_SFN: 'http://127.0.0.1:1' },
  });
  expect(gone.code).toBe(FAULTS['MaintenanceWindow.Unreachable'].exitCode);
  const [last] = JSON.parse((await tool('replays', 'list', '--limit', '1', '-o', 'json')).out).replays;
  expect(last).toMatchObject({ status: 'stopped', why: 'the drain could not be started' });
});
