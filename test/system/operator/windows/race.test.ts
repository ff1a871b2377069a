/** Editors of one parameter at the same time: nobody's edit goes without somebody being told. */

import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EditOutcome, replaceText } from '../../../../aws/windows/parameter-edit.ts';
import { createParameterStore, type ParameterStore } from '../../../../aws/windows/parameter-store.ts';
import { HOUR_MS } from '../../../../core/units.ts';
import { editWindows } from '../../../../core/windows/edit.ts';
import { type OneOffWindow, parseWindows } from '../../../../core/windows/window.ts';
import { type LocalSsm, startSsm } from '../../../../local/aws/ssm.ts';
import type { LoopbackServer } from '../../../fakes/scripted-service.ts';
import { aWhile, type BeforePassing, type PassingRequest, startSlowSsm } from '../../../fakes/slow-ssm.ts';
import { buildCli, type CliRun, runCli } from '../../../worlds/cli.ts';

const ACCESS = { region: 'eu-south-1', credentials: { accessKeyId: 'ada', secretAccessKey: 'secret' } };
/** A window of before, which no editor means to touch. */
const KEPT = { start: '2030-01-01T00:00:00Z', end: '2030-01-01T02:00:00Z', reason: 'kept' };

let ssm: LocalSsm;
let slow: LoopbackServer;
let client: SSMClient;
let store: ParameterStore;
/** What a test does before a request is passed on. */
let before: BeforePassing;

beforeAll(async () => {
  buildCli();
  ssm = await startSsm();
  slow = await startSlowSsm(ssm.url, (request) => before(request));
  client = new SSMClient({ ...ACCESS, endpoint: ssm.url });
  store = createParameterStore({ ...ACCESS, endpoint: slow.url });
});
afterAll(async () => {
  client.destroy();
  store.close();
  await slow[Symbol.asyncDispose]();
  await ssm.close();
});

function windowOf(reason: string): OneOffWindow {
  const startAt = Date.UTC(2030, 0, 2);
  return { kind: 'one-off', startAt, endAt: startAt + HOUR_MS, reason };
}

async function put(name: string, text: string): Promise<void> {
  await client.send(new PutParameterCommand({ Name: name, Value: text, Type: 'String', Overwrite: true }));
}

async function makeParameter(name: string): Promise<string> {
  await put(name, JSON.stringify({ version: 1, windows: [KEPT] }));
  return name;
}

async function reasonsIn(name: string): Promise<readonly (string | undefined)[]> {
  const parsed = parseWindows((await store.read(name))?.text ?? '');
  return parsed.kind === 'windows' ? parsed.document.windows.map(({ reason }) => reason) : [];
}

/** Adds a window as the tool does. */
async function addWindow(name: string, reason: string): Promise<EditOutcome> {
  const base = (await store.history(name)).at(-1);
  if (!base) throw new Error('no parameter');
  return replaceText(store, name, base, editWindows(base.text, { added: [windowOf(reason)] }));
}

/** Adds a window as somebody does who only overwrites: with the console, or with the AWS CLI. */
async function overwrite(name: string, reason: string): Promise<string> {
  const text = (await store.read(name))?.text ?? '';
  const edited = editWindows(text, { added: [windowOf(reason)] });
  await put(name, edited);
  return edited;
}

/** Does something between an edit's write and the look that it takes afterwards. */
function onceWritten(work: () => Promise<unknown>): BeforePassing {
  let isWritten = false;
  return async ({ operation }) => {
    if (operation === 'PutParameter') {
      isWritten = true;
    } else if (isWritten) {
      before = async () => undefined;
      await work();
    }
  };
}

/** The writes of one parameter, held until so many editors have looked and are about to write, and `work` is done. */
function heldUntilAllLooked(parameter: string, editors: number, work = async (): Promise<unknown> => undefined) {
  let arrived = 0;
  const { promise, resolve } = Promise.withResolvers<unknown>();
  return async (request: PassingRequest): Promise<unknown> => {
    if (request.parameter !== parameter || request.operation !== 'PutParameter') return undefined;
    arrived += 1;
    if (arrived === editors) resolve(work());
    return promise;
  };
}

describe('an edit that meets another one', () => {
  it('writes nothing where somebody was faster', async () => {
    before = async () => undefined;
    const name = await makeParameter('faster');
    const base = (await store.history(name)).at(-1);
    await overwrite(name, 'theirs');
    expect(
      base && (await replaceText(store, name, base, editWindows(base.text, { added: [windowOf('ours')] }))),
    ).toMatchObject({
      kind: 'changed-before',
      by: { version: 2, modifiedBy: expect.stringContaining('user/ada') },
    });
    expect(await reasonsIn(name)).toEqual(['kept', 'theirs']);
  });

  it('puts back what it covered in the moment of writing, and says so', async () => {
    const name = await makeParameter('same-moment');
    let once = true;
    before = async ({ operation }) => {
      if (operation !== 'PutParameter' || !once) return;
      once = false;
      before = async () => undefined;
      await overwrite(name, 'theirs');
    };
    expect(await addWindow(name, 'ours')).toMatchObject({
      kind: 'lost',
      covered: [{ version: 2 }],
      restored: { from: { version: 2 }, version: 4 },
    });
    expect(await reasonsIn(name)).toEqual(['kept', 'theirs']);
  });

  it.each([
    ['history', 2, { kind: 'lost', restored: { from: { version: 2 } } }, ['kept', 'theirs']],
    ['write', 2, { kind: 'lost', restored: { from: { version: 2 } } }, ['kept', 'theirs']],
    ['history', 99, { kind: 'lost' }, ['kept', 'ours']],
  ] as const)('puts it back although SSM throttles its %s %i times, and tells where it cannot', async (...row) => {
    const [operation, times, expected, inForce] = row;
    const name = await makeParameter(`throttled-${operation}-${times}`);
    const base = (await store.history(name)).at(-1);
    before = async (request) => {
      if (request.operation !== 'PutParameter') return;
      before = async () => undefined;
      await overwrite(name, 'theirs');
    };
    let writes = 0;
    let left: number = times;
    const throttled = async () => {
      left -= 1;
      if (left >= 0) throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
    };
    const troubled: ParameterStore = {
      ...store,
      async history(...words) {
        if (operation === 'history' && writes > 0) await throttled();
        return store.history(...words);
      },
      async write(...words) {
        writes += 1;
        if (operation === 'write' && writes > 1) await throttled();
        return store.write(...words);
      },
    };
    const edited = editWindows(base?.text ?? '', { added: [windowOf('ours')] });
    expect(base && (await replaceText(troubled, name, base, edited))).toMatchObject(expected);
    expect(await reasonsIn(name)).toEqual(inForce);
  });

  it('says that it is written where nothing tells afterwards whether it is in force', async () => {
    before = async () => undefined;
    const name = await makeParameter('unchecked');
    const base = (await store.history(name)).at(-1);
    let isWritten = false;
    const refuse = <Value>(request: () => Promise<Value>) =>
      isWritten ? Promise.reject(new Error('Rate exceeded')) : request();
    const troubled: ParameterStore = {
      ...store,
      read: (...words) => refuse(() => store.read(...words)),
      history: (...words) => refuse(() => store.history(...words)),
      async write(...words) {
        const version = await store.write(...words);
        isWritten = true;
        return version;
      },
    };
    const edited = editWindows(base?.text ?? '', { added: [windowOf('ours')] });
    const outcome = base && (await replaceText(troubled, name, base, edited));
    expect(outcome).toEqual({ kind: 'written', version: 2, unchecked: true });
  });

  it('puts back the last of several that were made one on another', async () => {
    const name = await makeParameter('several');
    before = async ({ operation }) => {
      if (operation !== 'PutParameter') return;
      before = async () => undefined;
      await overwrite(name, 'first');
      await overwrite(name, 'second');
    };
    expect(await addWindow(name, 'ours')).toMatchObject({ kind: 'lost', restored: { from: { version: 3 } } });
    expect(await reasonsIn(name)).toEqual(['kept', 'first', 'second']);
  });

  it('does not put back the write of somebody who has lost, too', async () => {
    const name = await makeParameter('two-losers');
    const base = (await store.history(name)).at(-1)?.text ?? '';
    before = async ({ operation }) => {
      if (operation !== 'PutParameter') return;
      before = async () => undefined;
      await overwrite(name, 'winner');
      await put(name, editWindows(base, { added: [windowOf('loser')] }));
    };
    expect(await addWindow(name, 'ours')).toMatchObject({
      kind: 'lost',
      covered: [{ version: 2 }, { version: 3 }],
      restored: { from: { version: 2 } },
    });
    expect(await reasonsIn(name)).toEqual(['kept', 'winner']);
  });

  it('hears of it where somebody covers it without looking', async () => {
    before = async () => undefined;
    const name = await makeParameter('covered');
    const stale = (await store.read(name))?.text ?? '';
    before = onceWritten(() => put(name, editWindows(stale, { added: [windowOf('blind')] })));
    expect(await addWindow(name, 'ours')).toMatchObject({ kind: 'undone', version: 2, by: { version: 3 } });
  });

  it('is content where somebody built on it', async () => {
    const name = await makeParameter('built-on');
    before = onceWritten(() => overwrite(name, 'theirs'));
    expect(await addWindow(name, 'ours')).toEqual({ kind: 'written', version: 2 });
    expect(await reasonsIn(name)).toEqual(['kept', 'ours', 'theirs']);
  });
});

it.each([2, 3, 5])('of %d tools at once, whose edit is not in force at the end has heard of it', async (editors) => {
  const meet = heldUntilAllLooked(`tools-${editors}-0`, editors); // in the others, chance decides
  before = async (request) => {
    await aWhile(request.operation === 'PutParameter' ? 250 : 50);
    await meet(request);
  };
  const rounds = Array.from({ length: 24 }, async (_, round) => {
    const name = await makeParameter(`tools-${editors}-${round}`);
    const reasons = Array.from({ length: editors }, (_each, editor) => `editor ${editor}`);
    const outcomes = await Promise.all(
      reasons.map(async (reason) => {
        await aWhile(100);
        return { reason, outcome: await addWindow(name, reason) };
      }),
    );
    const inForce = await reasonsIn(name);
    const history = (await store.history(name)).map(({ version, text }) => `${version}: ${text}`).join('\n');
    expect(
      inForce.filter((reason) => reason === 'kept'),
      history,
    ).toHaveLength(1);
    for (const { reason, outcome } of outcomes) {
      if (outcome.kind === 'written') expect(inForce, `${reason} of\n${history}`).toContain(reason);
    }
    return outcomes.map(({ outcome }) => outcome.kind);
  });
  const kinds = (await Promise.all(rounds)).flat();
  expect(new Set(kinds)).toContain('lost');
});

it('what somebody overwrites blindly is in force at the end, or a tool has told of it', async () => {
  const meet = heldUntilAllLooked('blind-0', 2, () => overwrite('blind-0', 'console')); // in the others, chance decides
  before = async (request) => {
    await aWhile(request.operation === 'PutParameter' ? 250 : 50);
    await meet(request);
  };
  const rounds = Array.from({ length: 24 }, async (_, round) => {
    const name = await makeParameter(`blind-${round}`);
    const [one, other] = await Promise.all([
      addWindow(name, 'a tool'),
      addWindow(name, 'another tool'),
      round > 0 && aWhile(300).then(() => overwrite(name, 'console')),
    ]);
    const told = [one, other].flatMap((outcome) => (outcome.kind === 'lost' ? (outcome.covered ?? []) : []));
    const isTold = told.some(({ text }) => text.includes('"console"'));
    const inForce = await reasonsIn(name);
    const isHeld = inForce.includes('console');
    expect(isHeld || isTold, (await store.history(name)).map(({ text }) => text).join('\n')).toBe(true);
    return isTold;
  });
  expect(await Promise.all(rounds)).toContain(true);
});

it('two operators begin at once: both windows stand there, or whose does not is told with exit code 75', async () => {
  before = ({ operation }) => aWhile(operation === 'PutParameter' ? 400 : 20);
  const rounds = Array.from({ length: 6 }, async (_, round) => {
    const name = await makeParameter(`operators-${round}`);
    const environment = { AWS_ENDPOINT_URL_SSM: slow.url, MAINTENANCE_WINDOW_PARAMETER: name };
    const begin = (reason: string) => runCli(['begin', '--for', '1h', '--reason', reason], { environment });
    const [ada, bob] = await Promise.all([begin('ada'), begin('bob')]);
    const inForce = await reasonsIn(name);
    expect(inForce).toContain('kept');
    expectTold(ada, inForce.includes('ada'));
    expectTold(bob, inForce.includes('bob'));
    return [ada.code, bob.code];
  });
  expect((await Promise.all(rounds)).flat()).toContain(0);
});

function expectTold({ code, err }: CliRun, isInForce: boolean): void {
  expect([0, 75]).toContain(code);
  if (code === 0) expect(isInForce, err).toBe(true);
  else
    expect(err).toMatch(
      /maintenance-window: operators-\d+ was changed (?:meanwhile|in the same moment)|does not hold any more/,
    );
}
