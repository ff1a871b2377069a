import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmulatorAnswer } from '../../../local/emulator/invocation.ts';
import { EXAMPLE_END, EXAMPLE_EVENTS, EXAMPLE_ID, EXAMPLE_REASON, readExampleEvent } from '../../data/events.ts';
import { patchedClient } from '../../worlds/client-process.ts';
import { type RunningFunction, runFunction } from '../../worlds/emulator.ts';
import { type Surroundings, sha256, startSurroundings } from '../../worlds/surroundings.ts';

/** The handler leaves a file when it is called, and answers with what it was given. */
const CODE = `import { writeFileSync } from 'node:fs';
export const handler = async (event) => {
  writeFileSync(process.env.LAMBDA_TASK_ROOT + '/called', '');
  return { handled: event };
};`;

const NO_WINDOWS = '{"version":1,"windows":[]}';
const END = new Date(Math.ceil(Date.now() / 1000) * 1000 + 4 * 3_600_000).toISOString();
const ACTIVE = JSON.stringify({
  version: 1,
  windows: [{ start: new Date(Date.now() - 60_000).toISOString(), end: END, reason: EXAMPLE_REASON }],
});

let aws: Surroundings;
let underTest: RunningFunction;
beforeAll(async () => {
  aws = await startSurroundings(ACTIVE);
  underTest = await runFunction({
    code: CODE,
    command: [...patchedClient().command, 'index.handler'],
    environment: { ...aws.environment, MAINTENANCE_WINDOW_TTL: '1' },
  });
});
afterAll(async () => {
  await underTest.close();
  await aws[Symbol.asyncDispose]();
});

const mark = () => join(underTest.taskRoot, 'called');

/** Invokes as the emulator's only caller, and tells whether the handler was called. */
async function invoke(text: string): Promise<EmulatorAnswer & { readonly called: boolean }> {
  rmSync(mark(), { force: true });
  const answer = await underTest.emulator.invoke({ payload: Buffer.from(text) });
  return { ...answer, called: existsSync(mark()) };
}

describe('inside a window, under the real emulator', () => {
  it.each(EXAMPLE_EVENTS)('$name: $action', async ({ name, key, action, reply }) => {
    const text = readExampleEvent(name);
    const { called, requestId = '', payload, failed } = await invoke(text);
    expect(called).toBe(action === 'dispatch');
    if (action === 'dispatch') return;

    expect(wordsOf(payload, failed, requestId, text)).toBe(reply);
    const item = await aws.eventItem(requestId);
    expect(item?.['source']?.S).toBe(action === 'defer' ? key : undefined);
    if (action !== 'defer') return;
    expect(item?.['status']?.S).toBe('pending');
    expect(sha256(await aws.storedBytes(requestId))).toBe(sha256(text));
    expect(item?.['sha256']?.S).toBe(sha256(text));
  });

  it('has written one line for each invocation that the handler did not have, and nothing of any event', () => {
    const kinds = underTest.lines.flatMap(
      (line) => /"maintenanceWindow":"(deferred|reject|answer)"/.exec(line)?.[1] ?? [],
    );
    expect(kinds.length).toBe(EXAMPLE_EVENTS.filter(({ action }) => action !== 'dispatch').length);
    expect(underTest.lines.filter((line) => /receiptHandle|authorizationToken|password/i.test(line))).toEqual([]);
  });
});

describe('outside a window, under the real emulator', () => {
  it('runs the handler again once the window is taken away, within the TTL', async () => {
    await aws.setWindows(NO_WINDOWS);
    while (!(await invoke('{"order":1}')).called) await new Promise((go) => setTimeout(go, 100));
    expect(await invoke('{"order":1}')).toMatchObject({ called: true, failed: false });
  });

  it.each(EXAMPLE_EVENTS)('$name runs the handler, which gets it as it is', async ({ name }) => {
    const { called, payload, requestId = '' } = await invoke(readExampleEvent(name));
    expect(called).toBe(true);
    expect(JSON.parse(payload.toString())).toEqual({ handled: JSON.parse(readExampleEvent(name)) });
    expect(await aws.eventItem(requestId)).toBeUndefined();
  });
});

/** A reply as the examples word it: with their id and their end instead of the real ones. */
function wordsOf(payload: Buffer, failed: boolean, id: string, sent: string): string {
  const value = JSON.parse(payload.toString());
  if (failed)
    return `${value.errorType}: ${value.errorMessage}`
      .replace(id, EXAMPLE_ID)
      .replace(END.replace('.000', ''), EXAMPLE_END)
      .replace(END, EXAMPLE_END);
  if (JSON.stringify(value) === JSON.stringify(JSON.parse(sent))) return 'the event’s own text';
  if (typeof value?.body === 'string') return `${value.statusCode} ${value.body}`;
  return JSON.stringify(value);
}
