/** Which IAM actions an operation of the console ends without: all buttons that take one are grey once it was refused. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answer, FILE_HEADER } from '../../../../operator/console/answer.ts';
import { NEEDS } from '../../../../operator/console/page/parts/needs.ts';
import { startRecordingProxy } from '../../../fakes/recording-proxy.ts';
import type { LoopbackServer } from '../../../fakes/scripted-service.ts';
import { runCli } from '../../../worlds/cli.ts';
import { buildConsole, type ConsoleWorld, startConsoleWorld, type Told } from '../../../worlds/console.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';

const world = cliWorldForEach();
const SERVICES = ['SSM', 'DYNAMODB', 'LAMBDA'].map((service) => `AWS_ENDPOINT_URL_${service}`);
let environment: Record<string, string>;
let console_: ConsoleWorld;
let proxies: readonly LoopbackServer[] = [];
let refused: string | undefined;
const called = new Set<string>();

beforeAll(async () => {
  buildConsole();
  const isAllowed = (action: string) => {
    called.add(action);
    return action !== refused;
  };
  proxies = await Promise.all(SERVICES.map((name) => startRecordingProxy(world.environment[name] ?? '', isAllowed)));
  const urls = Object.fromEntries(SERVICES.map((name, index) => [name, proxies[index]?.url ?? '']));
  environment = { ...world.environment, ...urls };
  console_ = await startConsoleWorld(environment);
});
afterAll(async () => {
  await console_?.close();
  for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
});
interface Attempt {
  /** Makes what it is done to, and says how it is asked for. */
  readonly given: () => Promise<object>;
  /** `tool`: what is begun in a process of its own tells the console no more how it ends. */
  readonly by: 'plan' | 'change' | 'file' | 'tool';
}

const own = () => ({ function: [world.functionName] });
const edited = { edit: ['maintenance-window'] };
/** As a window that is active is listed. */
async function activeWindow(): Promise<string> {
  await world.clearWindows();
  const { results } = await console_.carryOut('begin', { options: { for: ['1h'], ...own() } });
  return (results[0] as { window: { id: string } }).window.id;
}
async function discarded(): Promise<string> {
  const { id } = await world.store();
  await console_.carryOut('events discard', { names: [id] });
  return id;
}
/** A replay that goes on for as long as it is let. */
async function running(): Promise<string> {
  await world.storeMany(100);
  const { results } = await console_.carryOut('replay', { options: { ...own(), rate: ['1/s'] } });
  return (results[0] as { run: string }).run;
}

const ATTEMPTS: Readonly<Record<string, Attempt>> = {
  begin: { by: 'plan', given: async () => ({ options: { for: ['1h'], ...own() } }) },
  extend: {
    by: 'plan',
    given: async () => ({ names: [await activeWindow()], options: { ...edited, for: ['30m'] } }),
  },
  end: { by: 'plan', given: async () => ({ names: [await activeWindow()], options: edited }) },
  'schedule add': {
    by: 'plan',
    given: async () => ({ names: ['cron(0 2 ? * SUN *)'], options: { for: ['1h'], ...own() } }),
  },
  'schedule edit': {
    by: 'plan',
    given: async () => ({ names: [await activeWindow()], options: { ...edited, reason: ['another'] } }),
  },
  'schedule remove': { by: 'plan', given: async () => ({ names: [await activeWindow()], options: edited }) },
  'events discard': {
    by: 'plan',
    async given() {
      await world.store();
      return { options: own() };
    },
  },
  replay: {
    by: 'tool',
    async given() {
      await world.store();
      return {};
    },
  },
  'events export': {
    by: 'file',
    async given() {
      await world.store();
      return { options: own() };
    },
  },
  'events restore': { by: 'change', given: async () => ({ names: [await discarded()] }) },
  'replays pause': { by: 'change', given: async () => ({ names: [await running()] }) },
  'replays resume': {
    by: 'change',
    async given() {
      const id = await running();
      await console_.ask('/api/change/replays%20pause', { body: { names: [id] } });
      return { names: [id] };
    },
  },
  'replays cancel': { by: 'change', given: async () => ({ names: [await running()] }) },
  'replays set': { by: 'change', given: async () => ({ names: [await running()], options: { rate: ['2/s'] } }) },
  invoke: { by: 'change', given: async () => ({ names: [world.functionName] }) },
};

/**
 * Does it once all has been made ready.
 *
 * @param without the action that is refused
 * @returns the action that it is said to have ended for
 */
async function attempted(name: string, { by, given }: Attempt, without?: string): Promise<string | undefined> {
  const asked = await given();
  called.clear();
  refused = without;
  try {
    const { exitCode, denied } = await done(name, by, asked);
    if (without === undefined) expect([name, exitCode]).toEqual([name, 0]);
    return denied;
  } finally {
    refused = undefined;
  }
}

async function done(name: string, by: Attempt['by'], asked: object): Promise<Pick<Answer, 'exitCode' | 'denied'>> {
  if (by === 'tool') {
    const { code, err } = await runCli([name, '--function', world.functionName], { environment });
    const [, denied] = /([\w-]+:\w+)/.exec(err.match(/not authorized to perform: (.*)/)?.[1] ?? '') ?? [];
    return { exitCode: code ?? 1, ...(code !== 0 && denied !== undefined && { denied }) };
  }
  if (by === 'plan') {
    const { plan, typed, shown } = await console_.plan(name, asked);
    if (plan === undefined) return shown;
    return (await console_.ask('/api/do', { body: { plan, typed } })).json() as Answer;
  }
  const told: Told = await console_.ask(`/api/${by}/${encodeURIComponent(name)}`, { body: asked });
  if (by === 'change') return told.json() as Answer;
  return (await console_.ask(`/api/filed/${told.headers[FILE_HEADER]}`)).json() as Answer;
}

it.each(Object.entries(ATTEMPTS))('%s ends without these, and without these alone', async (name, attempt) => {
  await attempted(name, attempt);
  const needed: string[] = [];
  for (const action of [...called].sort()) {
    const denied = await attempted(name, attempt, action);
    if (denied === undefined) continue;
    expect(denied).toBe(action);
    needed.push(action);
  }
  expect(needed).toEqual(NEEDS[name]);
});

it('has every operation that is no look', () => {
  expect(Object.keys(NEEDS).sort()).toEqual(Object.keys(ATTEMPTS).sort());
});
