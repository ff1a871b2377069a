import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createInvocations, type Invocations } from '../../../local/emulator/invocation.ts';
import { type Behaviour, type ScriptedService, startScriptedService } from '../../fakes/scripted-service.ts';

const ID = '654bd735-e6e8-4ddd-9de0-f545b3600365';
const START = `START RequestId: ${ID} Version: $LATEST`;
const END = `END RequestId: ${ID}`;
const posted = (what: 'response' | 'error') =>
  `21 Nov 2026 10:01:39,121 [DEBUG] (rapid) API request - POST /2018-06-01/runtime/invocation/${ID}/${what}, Headers:map[]`;
const ERROR = '{"errorType":"Orders.Unknown","errorMessage":"no such order","trace":["Orders.Unknown: no such order"]}';

let server: ScriptedService;
afterEach(() => server.close());

/** An emulator that answers like this, and writes nothing but what the test lets it hear. */
async function emulator(behaviour: Behaviour): Promise<Invocations & { written: string[] }> {
  server = await startScriptedService(() => behaviour);
  const written: string[] = [];
  return { ...createInvocations(server.url, (line) => written.push(line)), written };
}
const answering = (body: string, status = 200) => emulator({ kind: 'answer', status, body });
const invoke = async ({ invoke }: Invocations) => {
  const { payload, ...rest } = await invoke({ payload: Buffer.from('{}') });
  return { ...rest, text: payload.toString() };
};

describe('an answer and the lines about it', () => {
  it('belong together also when the lines come later', async () => {
    const invocations = await answering(ERROR);
    const answer = invoke(invocations);
    await sleep(30);
    invocations.hearFunction(START);
    invocations.hearFunction('order A-1 booked');
    invocations.hearFunction(END);
    await sleep(30);
    invocations.hearEmulator(posted('response'));
    expect(await answer).toEqual({ failed: false, requestId: ID, text: ERROR });
    expect(invocations.written).toEqual(['order A-1 booked']);
  });

  it('are not mixed with those of the invocation before', async () => {
    const invocations = await answering('1');
    const hear = (what: 'response' | 'error') => {
      for (const line of [START, END]) invocations.hearFunction(line);
      invocations.hearEmulator(posted(what));
    };
    const first = invoke(invocations);
    await sleep(10);
    hear('error');
    expect((await first).failed).toBe(true);
    const second = invoke(invocations);
    await sleep(10);
    hear('response');
    expect((await second).failed).toBe(false);
  });

  it.each([
    [ERROR, true],
    ['{"errorType":"Orders.Unknown","errorMessage":"no such order"}', false],
    ['{"errorType":"Orders.Unknown","errorMessage":"no such order","trace":[],"more":1}', false],
    ['{"errorType":1,', false],
    ['"text"', false],
    ['', false],
  ])('are made up for by the shape of %s where the emulator writes none', async (text, failed) => {
    expect(await invoke(await answering(text))).toEqual({ failed, text });
  });

  it('are not waited for when the runtime has gone', async () => {
    const text = '{"errorType":"Runtime.ExitError","errorMessage":"Runtime exited with error: exit status 3"}';
    expect(await invoke(await answering(text, 502))).toEqual({ failed: true, text });
    expect(await invoke(await answering('', 502))).toEqual({
      failed: true,
      text: expect.stringContaining('Runtime.ExitError'),
    });
  });

  it('are of no use when the connection breaks', async () => {
    const invocations = await emulator({ kind: 'cut' });
    await expect(invoke(invocations)).rejects.toThrow('socket hang up');
  });
});
