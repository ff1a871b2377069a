/** Drain and monitor, each in a process of its own, where one of AWS's services takes what it is asked and never answers. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DRAIN_VARIABLE } from '../../../core/deployment/drain-machine.ts';
import { createEnvironments, type TaskAnswer } from '../../../local/drain/environments.ts';
import { answers, type ScriptedService, startScriptedService } from '../../fakes/scripted-service.ts';
import { type DrainWorld, startDrainWorld } from '../../worlds/drain-world.ts';

const DIST = join(import.meta.dirname, '..', '..', '..', 'dist');
const MACHINE = 'arn:aws:states:eu-south-1:123456789012:stateMachine:drain';

let world: DrainWorld;
let silent: ScriptedService;
let stepFunctions: ScriptedService;
beforeAll(async () => {
  [world, silent, stepFunctions] = await Promise.all([
    startDrainWorld(),
    startScriptedService(() => ({ kind: 'hang' })),
    startScriptedService(() => answers(200, { executionArn: `${MACHINE}:one`, startDate: 1_795_000_000 })),
  ]);
});
afterAll(() => Promise.all([world?.close(), silent?.close(), stepFunctions?.close()]));

/** Asks the function of this name once, where these services are elsewhere than the others. */
async function asked(name: 'drain' | 'monitor', elsewhere: Record<string, string>, task: object): Promise<TaskAnswer> {
  const environments = createEnvironments({
    file: join(DIST, name, 'index.js'),
    functionArn: `arn:aws:lambda:eu-south-1:123456789012:function:${name}`,
    environment: { ...world.environment, PATH: process.env['PATH'], ...elsewhere },
    write: () => undefined,
  });
  try {
    return await environments.invoke(task);
  } finally {
    environments.close();
  }
}

it('begins a replay where the event bus is silent: nobody has to be told', async () => {
  world.addFunction('untold');
  await world.store('untold', 1);
  const run = await world.createRun({ functions: ['untold'] });
  const execution = `arn:aws:states:eu-south-1:123456789012:execution:drain:${run}`;
  const startedAt = new Date().toISOString();
  const task = { task: 'begin', execution, startedAt, input: { run } };
  expect(await asked('drain', { AWS_ENDPOINT_URL_EVENTBRIDGE: silent.url }, task)).toEqual({
    result: { run, shares: [{ number: 0, functionName: 'untold' }] },
  });
});

it('starts what is due where the event bus is silent, and fails in the end', async () => {
  await world.store('due', 1);
  world.addFunction('due');
  const fromNow = (ms: number) => `${new Date(Date.now() + ms).toISOString().slice(0, 19)}Z`;
  const windows = [
    // Its event was deferred inside.
    { start: '2026-11-20T00:00:00Z', end: fromNow(-3_600_000), functions: ['due'], replay: {} },
    { start: fromNow(-60_000), end: fromNow(3_600_000), functions: ['told-of'] },
  ];
  await world.setWindows(JSON.stringify({ version: 1, windows }), 2 * 86_400_000);
  const elsewhere = {
    AWS_ENDPOINT_URL_EVENTBRIDGE: silent.url,
    AWS_ENDPOINT_URL_SFN: stepFunctions.url,
    [DRAIN_VARIABLE]: MACHINE,
  };
  expect(await asked('monitor', elsewhere, { task: 'watch' })).toMatchObject({ error: {} });
  expect(stepFunctions.requests.map(({ body }) => JSON.parse(body).stateMachineArn)).toEqual([MACHINE]);
});

it.each([
  ['SSM', /^the windows cannot be read: /],
  ['LAMBDA', /^Lambda does not tell its time-out$/],
])('a stretch waits, and asks again, where %s is silent', async (service, why) => {
  const name = `silent-${service}`;
  world.addFunction(name);
  await world.store(name, 1);
  const run = await world.createRun({ functions: [name] });
  const task = { task: 'stretch', run, share: { number: 0, functionName: name } };
  const answered = await asked('drain', { [`AWS_ENDPOINT_URL_${service}`]: silent.url }, task);
  expect(answered).toMatchObject({ result: { state: 'held' } });
  expect((await world.runs.share(run, 0))?.share?.waiting?.why).toMatch(why);
});
