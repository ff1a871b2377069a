/** The drain in processes of its own, over a table: what its simulation says of order, with the records of a stream. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { drainMachine } from '../../../core/deployment/drain-machine.ts';
import type { TaskAnswer } from '../../../local/drain/environments.ts';
import { createMachine, TaskFault } from '../../../local/drain/machine.ts';
import { type DrainWorld, startDrainWorld } from '../../worlds/drain-world.ts';

const SHARDS = 4;
const OF_EACH = 90;
const RATE = 40;
/** Before the pause. */
const BAD = 9;

let world: DrainWorld;
beforeAll(async () => {
  world = await startDrainWorld();
});
afterAll(() => world?.close());

it('keeps the order of each shard, although a stretch is killed and the run paused; what fails holds its own shard', async () => {
  const ran = new Map<string, number[]>();
  let count = 0;
  const isBad = ({ shard, sequence }: Place) => shard === 'shardId-3' && sequence === BAD;
  world.addFunction('ordered', {
    fails(text) {
      const place = placeOf(text);
      const before = ran.get(place.shard) ?? [];
      ran.set(place.shard, [...before, place.sequence]);
      count += 1;
      return isBad(place);
    },
  });
  await world.store('ordered', SHARDS * OF_EACH, records());
  const run = await world.createRun({ functions: ['ordered'] }, { ordered: true, ratePerSecond: RATE });
  let killed = 0;
  world.onTask = (child, { task }) => {
    if (task !== 'stretch' || killed > 0) return;
    killed += 1;
    child.once('exit', () => void world.passLeases());
    void until(() => count > 20).then(() => child.kill('SIGKILL'));
  };
  const machine = drainOf(world);
  const draining = machine.execute('run', { run });
  await until(() => count > 60);
  await world.runs.wish(run, { wanted: 'paused', by: 'test' });
  await draining;
  expect((await world.runs.read(run))?.status).toBe('paused');
  const atPause = count;
  expect(atPause).toBeLessThan(SHARDS * OF_EACH);
  await world.runs.wish(run, { wanted: 'running', by: 'test' });
  await machine.execute('resumed', { run });

  expect(killed).toBe(1);
  expect(count).toBeGreaterThan(atPause);
  const held = OF_EACH - BAD - 1;
  expect(await world.statuses('ordered')).toEqual({ failed: 1, pending: held, replayed: SHARDS * OF_EACH - 1 - held });
  expect(await world.runs.read(run)).toMatchObject({ status: 'incomplete', counts: { failed: 1, held } });
  expect([...ran.keys()].sort()).toEqual(['shardId-0', 'shardId-1', 'shardId-2', 'shardId-3']);
  for (const [shard, sequences] of ran) {
    // What was under way when the stretch was killed may have run twice: before what comes next.
    const once = sequences.filter((each, index) => each !== sequences[index - 1]);
    const last = shard === 'shardId-3' ? BAD : OF_EACH - 1;
    expect([shard, once]).toEqual([shard, Array.from({ length: last + 1 }, (_, index) => index)]);
  }
});

interface Place {
  readonly shard: string;
  readonly sequence: number;
}

function placeOf(text: string): Place {
  const [shard = '', sequence] = JSON.parse(text).Records[0].eventID.split(':');
  return { shard, sequence: Number(sequence) };
}

/** Each two neighbours of a shard are deferred in the wrong order: by two environments whose clocks differ. */
function records(): readonly string[] {
  return Array.from({ length: SHARDS * OF_EACH }, (_, index) => {
    const [shard, sequence] = [index % SHARDS, Math.floor(index / SHARDS) ^ 1];
    const record = {
      eventID: `shardId-${shard}:${sequence}`,
      eventSource: 'aws:kinesis',
      eventSourceARN: 'arn:aws:kinesis:eu-south-1:123456789012:stream/orders',
      kinesis: { partitionKey: '1', sequenceNumber: String(sequence), data: '' },
    };
    return JSON.stringify({ Records: [record] });
  });
}

function drainOf({ lambda }: DrainWorld) {
  return createMachine({
    definition: drainMachine({ functionArn: 'drain' }),
    async invoke(task) {
      const answered = (await lambda.functions.get('drain')?.handle(JSON.stringify(task), '')) as TaskAnswer;
      if ('result' in answered) return answered.result;
      throw new TaskFault(answered.error.errorType, answered.error.errorMessage);
    },
    timer: { now: () => performance.now(), sleep: (ms) => pause(ms) },
    now: Date.now,
  });
}

/** A hang is the test's time-out. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(20);
}
