/**
 * Monitor and drain, as bundles in processes of their own whose clocks are off by ten minutes: windows, leases and heartbeats
 * are by AWS's.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DRAIN_VARIABLE } from '../../../core/deployment/drain-machine.ts';
import { ALIVE_MS } from '../../../core/runs/run.ts';
import { MINUTE_MS } from '../../../core/units.ts';
import { createEnvironments, type Environments } from '../../../local/drain/environments.ts';
import { answers, type ScriptedService, startScriptedService } from '../../fakes/scripted-service.ts';
import { DRAIN_ARN, type DrainWorld, startDrainWorld } from '../../worlds/drain-world.ts';

const SET_CLOCK = pathToFileURL(join(import.meta.dirname, '../../worlds/set-clock.mjs')).href;
const DIST = join(import.meta.dirname, '../../../dist');
const OFF_MS = 10 * MINUTE_MS;
/** A machine may be slow; a clock that is believed is off by ten minutes. */
const TOLERANCE_MS = 2 * MINUTE_MS;

const open: Environments[] = [];
let world: DrainWorld;
let stepFunctions: ScriptedService;
beforeAll(async () => {
  world = await startDrainWorld();
  stepFunctions = await startScriptedService(() => answers(200, { executionArn: 'arn', startDate: 1_795_000_000 }));
});
afterAll(async () => {
  for (const each of open) each.close();
  await Promise.all([world?.close(), stepFunctions?.close()]);
});

/** A window of a function: from and until are minutes from now. */
function windowOf(functionName: string, from: number, until: number, more: object = {}): Promise<void> {
  const [start, end] = [from, until].map((minutes) => new Date(Date.now() + minutes * MINUTE_MS).toISOString());
  return world.setWindows(
    JSON.stringify({ version: 1, windows: [{ start, end, functions: [functionName], ...more }] }),
  );
}

const OFF = [
  ['ahead', OFF_MS],
  ['behind', -OFF_MS],
] as const;

/** A function of `cloud/` on a machine whose clock is off. */
function startFunction(name: 'drain' | 'monitor', byMs: number) {
  const lines: string[] = [];
  const environments = createEnvironments({
    file: join(DIST, name, 'index.js'),
    functionArn: DRAIN_ARN.replace(/drain$/, name),
    environment: {
      ...world.environment,
      PATH: process.env['PATH'],
      NODE_OPTIONS: `--import ${SET_CLOCK}`,
      SET_CLOCK_MS: String(byMs),
      AWS_ENDPOINT_URL_SFN: stepFunctions.url,
      [DRAIN_VARIABLE]: 'arn:aws:states:eu-south-1:123456789012:stateMachine:drain',
    },
    write: (line) => lines.push(line),
  });
  open.push(environments);
  return { invoke: environments.invoke, lines };
}

/** A run of one function that has begun, and the drain that is to do it. */
async function begun(functionName: string, byMs: number) {
  const drain = startFunction('drain', byMs);
  const run = await world.createRun({ functions: [functionName] });
  const execution = `arn:aws:states:eu-south-1:123456789012:execution:drain:${run}`;
  const input = { run };
  await drain.invoke({ task: 'begin', execution, startedAt: new Date().toISOString(), input });
  return { run, drain, stretch: () => drain.invoke({ task: 'stretch', run, share: { number: 0, functionName } }) };
}

// Before any window is edited: what was edited a moment ago holds everything back.
it.each(OFF)(
  'leases and heartbeats of a drain whose clock is %s last as long as any other’s, and it says so',
  async (direction, byMs) => {
    const name = `leases-${direction}`;
    let isHeld = true;
    let asked = 0;
    world.addFunction(name);
    const fn = world.lambda.functions.get(name);
    world.lambda.functions.set(name, {
      timeoutSeconds: 3,
      async handle(...given) {
        asked += 1;
        while (isHeld) await new Promise((resolve) => setTimeout(resolve, 20));
        return fn?.handle(...given) ?? '';
      },
    });
    await world.store(name, 1);
    const { run, drain, stretch } = await begun(name, byMs);
    const stretching = stretch();
    while (asked === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const leases = (await world.table.items()).flatMap(({ pk, leaseUntil }) =>
      pk?.S?.startsWith(`${name}#`) && leaseUntil ? [Number(leaseUntil.N)] : [],
    );
    const record = await world.runs.read(run);
    isHeld = false;
    expect(leases.map((untilAt) => Math.abs(untilAt - Date.now() - MINUTE_MS) < TOLERANCE_MS)).toEqual([true]);
    expect(record?.status).toBe('running');
    expect(Math.abs((record?.shares[0]?.aliveUntil ?? 0) - Date.now() - ALIVE_MS)).toBeLessThan(TOLERANCE_MS);
    expect(await stretching).toMatchObject({ result: { state: 'over' } });
    expect(await world.statuses(name)).toEqual({ replayed: 1 });
    expect(drain.lines.join('\n')).toMatch(new RegExp(`clock is (?:9|10) min(?: \\d+ s)? ${direction}(?: of)? AWS’s`));
  },
);

describe.each(OFF)('with a clock that is %s', (direction, byMs) => {
  it('a drain is held by a window that began a while ago, and ends soon', async () => {
    const name = `held-${direction}`;
    world.addFunction(name);
    await world.store(name, 2);
    await windowOf(name, -5, 5);
    const { run, stretch } = await begun(name, byMs);
    expect(await stretch()).toMatchObject({ result: { state: 'held' } });
    expect(await world.statuses(name)).toEqual({ pending: 2 });
    expect((await world.runs.read(run))?.status).toBe('running');
  });

  it('the monitor starts nothing while a window is active, or a replay is under way', async () => {
    const name = `watched-${direction}`;
    world.addFunction(name);
    await world.store(name, 1);
    const monitor = startFunction('monitor', byMs);
    await windowOf(name, -5, 5, { replay: {} });
    const [asked, told] = [stepFunctions.requests.length, world.lambda.words.length];
    expect(await monitor.invoke({ task: 'watch' })).toEqual({});
    const said = world.lambda.words.slice(told).map(({ type, detail }) => [type, detail['functions']]);
    expect(said.filter(([, functions]) => String(functions) === name)).toEqual([['Window Began', [name]]]);

    await windowOf(name, -90, -60, { replay: {} });
    const run = await world.createRun({ functions: [name] });
    await world.runs.begun(run, { shareCount: 1, aliveUntil: Date.now() + 5 * MINUTE_MS });
    expect(await monitor.invoke({ task: 'watch' })).toEqual({});
    expect(stepFunctions.requests.slice(asked)).toEqual([]);
  });
});
