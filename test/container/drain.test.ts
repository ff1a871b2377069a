/**
 * The drain's state machine, executed: by moto, whose tasks reach Lambda's endpoint of our own, behind which the drain runs in
 * processes of its own. What moto cannot do: it checks no permission, and a thousand children at once are too many for it.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { App, Stack } from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { DRAIN_VARIABLE, drainMachine } from '../../core/deployment/drain-machine.ts';
import { HOUR_MS, MINUTE_MS } from '../../core/units.ts';
import { Drain } from '../../infra/drain.ts';
import { STAND_IN } from '../contract/events/event-store-table.ts';
import { faultsOfEvent } from '../data/event-schema.ts';
import type { Resource } from '../infra/stacks.ts';
import { buildCli, runCli } from '../worlds/cli.ts';
import { DRAIN_ARN, type DrainWorld, startDrainWorld } from '../worlds/drain-world.ts';
import { createCloudFormation } from './cloudformation.ts';
import { type Container, describeWithEngine, MOTO_IMAGE, REPOSITORY, startContainer } from './containers.ts';

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

/** Whether moto executes machines, or only keeps them. */
async function executing(isOn: boolean): Promise<void> {
  await fetch(`http://127.0.0.1:${motoPort}/moto-api/config`, {
    method: 'POST',
    body: JSON.stringify({ stepfunctions: { execute_state_machine: isOn } }),
  });
}

/** Starts an execution for a run, and waits for its end. */
async function drain(run: string, name = `run-${run}`, machine = stateMachineArn) {
  const { executionArn } = await steps.send(
    new StartExecutionCommand({ stateMachineArn: machine, name, input: JSON.stringify({ run }) }),
  );
  for (;;) {
    const execution = await steps.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== 'RUNNING') return execution;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The monitor's look at the windows, as its schedule asks for it: the bundle that is deployed, in a process of its own. */
async function watchOnce(): Promise<void> {
  const script = `
    const { handler } = require(${JSON.stringify(join(REPOSITORY, 'dist/monitor/index.js'))});
    handler({ task: 'watch' }, { getRemainingTimeInMillis: () => 300000 }).catch((error) => {
      process.exitCode = 1;
      console.error(error);
    });`;
  const env = { ...world.environment, PATH: process.env['PATH'], [DRAIN_VARIABLE]: stateMachineArn };
  await promisify(execFile)(process.execPath, ['-e', script], { env });
}

/** Names of executions for a function's windows. */
async function startedFor(functionName: string): Promise<readonly string[]> {
  const { executions = [] } = await steps.send(new ListExecutionsCommand({ stateMachineArn }));
  return executions.flatMap(({ name = '' }) => (name.startsWith(`${functionName}-`) ? [name] : []));
}

describeWithEngine('the drain', () => {
  beforeAll(async () => {
    buildCli();
    world = await startDrainWorld(() => motoPort);
    motoPort = await freePort();
    const options = ['--network', 'host', '--env', `MOTO_PORT=${world.lambda.port}`];
    moto = await startContainer(MOTO_IMAGE, options, ['-H', '127.0.0.1', '-p', String(motoPort)]);
    await moto.wrote('Running on');
    const endpoint = `http://127.0.0.1:${motoPort}`;
    await executing(true);
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
    const words = world.lambda.words.filter(({ detail }) => detail['run'] === run);
    expect(words.map(({ type }) => type)).toEqual(['Replay Started', 'Replay Finished']);
  });

  it('is deployed by its template, and that machine replays as well', async () => {
    const app = new App();
    const stack = new Stack(app, 'Drained');
    const table = Table.fromTableName(stack, 'Events', world.table.name);
    new Drain(stack, 'Drain', { scope: stack, parameters: [], table: { construct: table, ...NAMES_OF_TABLE } }, {});
    const { template } = app.synth().getStackArtifact(stack.artifactId);
    const cloudFormation = createCloudFormation(`http://127.0.0.1:${motoPort}`, STAND_IN.region);
    await cloudFormation.deploy('Drained', machineAlone(template));
    const name = await cloudFormation.nameOf('Drained', 'AWS::StepFunctions::StateMachine');
    // moto keeps what CloudFormation makes apart from what it executes.
    await executing(false);
    const made = await steps.send(new DescribeStateMachineCommand({ stateMachineArn: name }));
    await executing(true);
    const { definition = '', roleArn = '' } = made;
    const copy = await steps.send(new CreateStateMachineCommand({ name: 'deployed', roleArn, definition }));
    expect(JSON.parse(definition)).toEqual(drainMachine({ functionArn: DRAIN_ARN }));
    world.addFunction('deployed');
    await world.store('deployed', 10);
    const run = await world.createRun({ functions: ['deployed'] });
    expect((await drain(run, `run-${run}`, copy.stateMachineArn)).status).toBe('SUCCEEDED');
    expect(await world.statuses('deployed')).toEqual({ replayed: 10 });
  });

  it('5,000 events of mixed sources drain to the end, each once, although a stretch is killed in the middle', async () => {
    const functions = ['mixed-a', 'mixed-b', 'mixed-c', 'mixed-d', 'mixed-e'];
    for (const name of functions) world.addFunction(name);
    await Promise.all(functions.map((name) => world.store(name, 1_000, MIXED)));
    let killed = 0;
    world.onTask = (child, { task, share }) => {
      if (task !== 'stretch' || share?.functionName !== 'mixed-c' || killed > 0) return;
      killed += 1;
      setTimeout(() => child.kill('SIGKILL'), 1_500).unref();
      child.once('exit', () => void world.passLeases());
    };
    const run = await world.createRun({ functions }, { concurrency: 50 });
    const execution = await drain(run);
    expect(execution.status).toBe('SUCCEEDED');
    for (const name of functions) expect(await world.statuses(name)).toEqual({ replayed: 1_000 });
    expect(await world.runs.read(run)).toMatchObject({ status: 'done', shareCount: 5 });
    expect(killed).toBe(1);
    // What the killed stretch had in hand may have run: those events, and no other, ran again.
    const twice = [...world.ran].filter(([, times]) => times > 1).map(([key]) => key);
    expect(twice.filter((key) => !key.startsWith('mixed-c#'))).toEqual([]);
    expect(twice.length).toBeLessThanOrEqual(10);
  });

  it('a function that fails stops by the rule of its run, and the others go on', async () => {
    world.addFunction('fails', { fails: () => true });
    world.addFunction('works');
    await Promise.all([world.store('fails', 60), world.store('works', 60)]);
    const run = await world.createRun({ functions: ['fails', 'works'] }, { stopAfter: { kind: 'count', failures: 5 } });
    await drain(run);
    const { failed = 0, pending = 0 } = await world.statuses('fails');
    expect(failed).toBeGreaterThanOrEqual(5);
    expect(failed + pending).toBe(60);
    expect(pending).toBeGreaterThan(0);
    expect(await world.statuses('works')).toEqual({ replayed: 60 });
    expect(await world.runs.read(run)).toMatchObject({
      status: 'stopped',
      why: expect.stringMatching(/^fails: \d+ of \d+ failed$/),
      shares: [
        { functionName: 'fails', state: 'stopped' },
        { functionName: 'works', state: 'done' },
      ],
    });
    expect(world.lambda.words.at(-1)).toMatchObject({ type: 'Replay Stopped', detail: { run } });
  });

  it('a function whose time-out does not fit a stretch is named, and its events stay for a terminal', async () => {
    world.addFunction('slow', { timeoutSeconds: 900 });
    await world.store('slow', 3);
    const run = await world.createRun({ functions: ['slow'] });
    await drain(run);
    expect(await world.statuses('slow')).toEqual({ pending: 3 });
    expect(await world.runs.read(run)).toMatchObject({
      status: 'stopped',
      why: 'slow: its time-out of 900 s does not fit a stretch of 900 s: replay its events from a terminal',
    });
  });

  it('a function whose reserved concurrency is 0 is not begun with', async () => {
    world.addFunction('shut', { reserved: 0 });
    await world.store('shut', 3);
    const run = await world.createRun({ functions: ['shut'] });
    await drain(run);
    expect(await world.statuses('shut')).toEqual({ pending: 3 });
    expect(await world.runs.read(run)).toMatchObject({ status: 'stopped', why: expect.stringMatching(/concurrency/) });
  });

  it('a window that begins holds it, and it goes on at its end', async () => {
    world.addFunction('held');
    await world.store('held', 150);
    const run = await world.createRun({ functions: ['held'] }, { ratePerSecond: 40 });
    const draining = drain(run);
    await until(async () => ((await world.statuses('held')).replayed ?? 0) > 5);
    const [start, end] = [Date.now() - 1_000, Date.now() + 12_000];
    await world.setWindows(windows(start, end));
    const held = await until(async () => (await world.runs.read(run))?.shares.find(({ state }) => state === 'held'));
    expect(held.waiting?.why).toMatch(/maintenance window/);
    expect((await world.statuses('held')).pending).toBeGreaterThan(0);
    await draining;
    expect(Date.now()).toBeGreaterThanOrEqual(end);
    expect(await world.statuses('held')).toEqual({ replayed: 150 });
    expect([...world.ran].filter(([key, times]) => key.startsWith('held#') && times !== 1)).toEqual([]);
    expect(await world.runs.read(run)).toMatchObject({ status: 'done', counts: { replayed: 150 } });
  });

  it('what a window left drains by itself, once, and is told on the event bus', async () => {
    world.addFunction('by-itself');
    // It was over a while ago, and edited before: every environment has seen its end.
    const [start, end] = [Date.now() - HOUR_MS, Date.now() - MINUTE_MS].map((at) => new Date(at).toISOString());
    const store = (count: number) => world.store('by-itself', count, ['{"order":1}'], Date.parse(start ?? ''));
    await store(40);
    const replay = { rate: '100/s', canary: 5, stopAfter: '10%' };
    const windows = [{ start, end, functions: ['by-itself'], replay }];
    await world.setWindows(JSON.stringify({ version: 1, windows }), HOUR_MS);
    await watchOnce();
    expect(await startedFor('by-itself')).toHaveLength(1);
    await until(async () => (await world.statuses('by-itself')).replayed === 40);
    const [run] = await until(async () => {
      const { runs } = await world.runs.list({ limit: 100 });
      const own = runs.filter(
        ({ selection, status }) => selection.functions.includes('by-itself') && status === 'done',
      );
      return own.length > 0 ? own : undefined;
    });
    expect(run).toMatchObject({ counts: { replayed: 40 }, ratePerSecond: 100, plan: { canary: 5 } });
    await store(1);
    await watchOnce();
    expect(await startedFor('by-itself')).toHaveLength(1);
    expect(await world.statuses('by-itself')).toEqual({ replayed: 40, pending: 1 });
    const told = world.lambda.words.filter(({ detail }) => detail['run'] === run?.id).map(({ type }) => type);
    expect(told).toEqual(['Replay Started', 'Replay Finished']);
    for (const { type, detail } of world.lambda.words) {
      const envelope = { source: 'maintenance-window', account: '1', region: 'r', time: '2026-11-21T00:00:00Z' };
      expect([type, faultsOfEvent({ ...envelope, 'detail-type': type, detail })]).toEqual([type, []]);
    }
  });

  it('two runs and a terminal at once: each event once', async () => {
    world.addFunction('shared', { takesMs: 5 });
    await world.store('shared', 400);
    const runs = await Promise.all([
      world.createRun({ functions: ['shared'] }),
      world.createRun({ functions: ['shared'] }),
    ]);
    const terminal = runCli(['replay', '--function', 'shared', '--yes'], { environment: world.environment });
    await Promise.all([...runs.map((run) => drain(run)), terminal]);
    expect(await world.statuses('shared')).toEqual({ replayed: 400 });
    const times = [...world.ran].filter(([key]) => key.startsWith('shared#')).map(([, count]) => count);
    expect(times).toEqual(Array(400).fill(1));
  });

  it('is paused, resumed, set to another rate and cancelled from another process', async () => {
    world.addFunction('steered');
    await world.store('steered', 1_500);
    const run = await world.createRun({ functions: ['steered'] }, { ratePerSecond: 20 });
    const draining = drain(run);
    const done = async () => (await world.statuses('steered')).replayed ?? 0;
    await until(async () => (await done()) > 3);
    await world.runs.wish(run, { wanted: 'paused', by: 'alice@laptop', at: Date.now() });
    await until(async () => (await world.runs.read(run))?.status === 'paused');
    expect((await draining).status).toBe('SUCCEEDED');
    const paused = await done();
    expect(paused).toBeLessThan(1_500);
    expect((await world.runs.read(run))?.shares[0]?.waiting?.why).toBe('paused by alice@laptop');

    await world.runs.wish(run, { wanted: 'running', ratePerSecond: 60 });
    const resumed = drain(run, `resume-${run}`);
    await until(async () => (await done()) > paused + 20);
    await world.runs.wish(run, { wanted: 'stopped', by: 'alice@laptop' });
    await resumed;
    expect(await world.runs.read(run)).toMatchObject({
      status: 'stopped',
      why: 'steered: cancelled by alice@laptop',
      counts: { replayed: await done() },
    });
    expect((await world.statuses('steered')).pending).toBeGreaterThan(0);
    const said = world.lambda.words.filter(({ detail }) => detail['run'] === run).map(({ type }) => type);
    expect(said).toEqual(['Replay Started', 'Replay Paused', 'Replay Stopped']);
  });

  it('a canary holds all shares of its function until it has ended well', async () => {
    world.addFunction('canary', { fails: (text) => text.includes('bad') });
    await world.store('canary', 40, ['{"order":1}', '{"bad":1}']);
    const run = await world.createRun({ functions: ['canary'] }, { canary: 6 });
    await drain(run);
    const { pending = 0 } = await world.statuses('canary');
    expect(pending).toBe(34);
    expect(await world.runs.read(run)).toMatchObject({ status: 'stopped', why: expect.stringMatching(/canary/) });
  });
});

const NAMES_OF_TABLE = { arn: 'arn:aws:dynamodb:eu-south-1:123456789012:table/events', reference: 'events' };

/**
 * The machine with its roles and policies, as the template has them. Its function and that one's log are behind Lambda's
 * endpoint here: moto would want its code, and Docker inside of Docker to run it.
 */
function machineAlone(template: { readonly Resources: Readonly<Record<string, Resource>> }): object {
  const kept = Object.entries(template.Resources).filter(
    ([, { Type }]) => !['AWS::Lambda::Function', 'AWS::Logs::LogGroup'].includes(Type),
  );
  const text = JSON.stringify({ Resources: Object.fromEntries(kept) })
    .replace(/\{"Fn::GetAtt":\["DrainFunction\w*","Arn"\]\}/g, JSON.stringify(DRAIN_ARN))
    .replace(/\{"Fn::GetAtt":\["DrainLog\w*","Arn"\]\}/g, '"arn:aws:logs:eu-south-1:123456789012:log-group:drain"');
  return JSON.parse(text);
}

/** Events as their sources send them. */
const MIXED = [
  readFileSync(join(REPOSITORY, 'handler', 'events', 'sqs.json'), 'utf8'),
  '{"source":"shop","detail-type":"order","detail":{"id":1},"time":"2026-11-21T00:00:00Z","version":"0","id":"1","account":"123456789012","region":"eu-south-1","resources":[]}',
  '{"order":1}',
];

function windows(start: number, end: number): string {
  const [from, to] = [start, end].map((at) => new Date(at).toISOString());
  return JSON.stringify({ version: 1, windows: [{ start: from, end: to, reason: 'CHG-1042' }] });
}

/** Looks until there is something, and gives it. A hang is the test's time-out. */
async function until<Value>(look: () => Promise<Value>): Promise<NonNullable<Value>> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
