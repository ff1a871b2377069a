/** A stretch of the drain that is killed by SIGKILL, in a process of its own, over a table: what others see of it, and what the next one makes of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { drainMachine } from '../../../core/deployment/drain-machine.ts';
import { createMachine, type EndedExecution, TaskFault } from '../../../local/drain/machine.ts';
import { buildCli, runCli } from '../../worlds/cli.ts';
import { DRAIN_ARN, type DrainWorld, startDrainWorld } from '../../worlds/drain-world.ts';

let world: DrainWorld;
beforeAll(async () => {
  buildCli();
  world = await startDrainWorld();
});
afterAll(() => world?.close());

/** The drain's machine, whose waits are over at once. */
async function drain(run: string): Promise<EndedExecution> {
  const machine = createMachine({
    definition: drainMachine({ functionArn: DRAIN_ARN }),
    async invoke(task) {
      const answered = await world.lambda.functions.get('drain')?.handle(JSON.stringify(task), undefined);
      if (typeof answered === 'object' && 'result' in answered) return answered.result;
      throw new TaskFault('Runtime.ExitError', JSON.stringify(answered));
    },
    timer: { now: () => performance.now(), sleep: () => new Promise((resolve) => setImmediate(resolve)) },
    now: Date.now,
  });
  return machine.execute(`arn:aws:states:eu-south-1:123456789012:execution:drain:${run}`, { run });
}

it('is tried again: its run comes to its end, and counts what each event of it has become', async () => {
  const [events, name] = [500, 'killed'];
  // Four at once: they outlast the first heartbeat that counts, of two seconds, on any machine.
  world.addFunction(name, { fails: (text) => text.includes('bad'), takesMs: 30 });
  await world.store(name, events, ['{"order":1}', '{"order":2}', '{"bad":1}']);
  const run = await world.createRun({ functions: [name] }, { concurrency: 4 });
  const share = async () => (await world.runs.read(run))?.shares[0];
  const told: number[] = [];
  world.onTask = (child, { task }) => {
    if (task !== 'stretch' || told.length > 0) return;
    told.push(0);
    void (async () => {
      // Not before there is something that it has not told.
      for (;;) {
        const { replayed = 0, failed = 0 } = await world.statuses(name);
        const { counts } = (await share()) ?? {};
        await sleep(50);
        if (counts && counts.replayed > 0 && replayed + failed > counts.replayed + counts.failed + 10) break;
      }
      child.kill('SIGKILL');
    })();
    child.once('exit', () => void share().then((before) => told.splice(0, 1, before?.counts.replayed ?? 0)));
    child.once('exit', () => void world.passLeases());
  };
  expect(await drain(run)).toMatchObject({ status: 'SUCCEEDED' });
  const statuses = await world.statuses(name);
  const [bad, good] = [Math.floor(events / 3), events - Math.floor(events / 3)];
  expect(statuses).toEqual({ replayed: good, failed: bad });
  expect(told[0]).toBeGreaterThan(0);
  const ended = await world.runs.read(run);
  expect(ended).toMatchObject({ status: 'incomplete', counts: { replayed: good, failed: bad, unknown: 0 } });
  expect(ended?.shares[0]?.progress).not.toHaveProperty('uncounted');
  const count = async (status: string) => {
    const words = ['events', 'list', '--run', run, '--status', status, '--limit', String(events), '-o', 'json'];
    return JSON.parse((await runCli(words, { environment: world.environment })).out).events.length;
  };
  expect([await count('replayed'), await count('failed')]).toEqual([good, bad]);
  // What it had in hand may have run twice; nothing else did.
  expect([...world.ran.values()].filter((times) => times > 1).length).toBeLessThanOrEqual(4);
});
