/**
 * The drain's state machine, executed: by moto, whose tasks reach Lambda's endpoint of our own, behind which the drain runs in
 * processes of its own. What moto cannot do: it checks no permission, and a thousand children at once are too many for it.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { drainMachine } from '../../core/deployment/drain-machine.ts';
import { STAND_IN } from '../contract/events/event-store-table.ts';
import { DRAIN_ARN, type DrainWorld, startDrainWorld } from '../worlds/drain-world.ts';
import { type Container, describeWithEngine, REPOSITORY, startContainer } from './containers.ts';

const [, IMAGE = ''] =
  /image: (motoserver\/moto:\S+)/.exec(readFileSync(join(REPOSITORY, 'docker-compose.yml'), 'utf8')) ?? [];

let moto: Container;
let motoPort = 0;
let world: DrainWorld;
let steps: SFNClient;
let stateMachineArn: string;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts an execution for a run, and waits for its end. */
async function drain(run: string, name = `run-${run}`) {
  const { executionArn } = await steps.send(
    new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify({ run }) }),
  );
  for (;;) {
    const execution = await steps.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== 'RUNNING') return execution;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describeWithEngine('the drain', () => {
  beforeAll(async () => {
    world = await startDrainWorld(() => motoPort);
    motoPort = await freePort();
    const options = ['--network', 'host', '--env', `MOTO_PORT=${world.lambda.port}`];
    moto = await startContainer(IMAGE, options, ['-H', '127.0.0.1', '-p', String(motoPort)]);
    await moto.wrote('Running on');
    const endpoint = `http://127.0.0.1:${motoPort}`;
    await fetch(`${endpoint}/moto-api/config`, {
      method: 'POST',
      body: JSON.stringify({ stepfunctions: { execute_state_machine: true } }),
    });
    steps = new SFNClient({ ...STAND_IN, endpoint });
    const machine = await steps.send(
      new CreateStateMachineCommand({
        name: 'drain',
        roleArn: 'arn:aws:iam::123456789012:role/drain',
        definition: JSON.stringify(drainMachine({ functionArn: DRAIN_ARN })),
      }),
    );
    stateMachineArn = machine.stateMachineArn ?? '';
  });
  afterAll(async () => {
    steps?.destroy();
    await moto?.[Symbol.asyncDispose]();
    await world?.close();
  });
  beforeEach(() => {
    world.onTask = () => undefined;
  });

  it('replays what is pending, and ends its run', async () => {
    world.addFunction('orders');
    await world.store('orders', 50);
    const run = await world.createRun({ functions: ['orders'] });
    const execution = await drain(run);
    expect(execution.status).toBe('SUCCEEDED');
    expect(await world.statuses('orders')).toEqual({ replayed: 50 });
    expect(await world.runs.read(run)).toMatchObject({ status: 'done', counts: { replayed: 50 } });
    expect(world.lambda.words.map(({ type }) => type)).toEqual(['Replay Started', 'Replay Finished']);
  });
});
