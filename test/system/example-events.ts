import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { EmulatorAnswer } from '../../local/emulator/invocation.ts';
import { EXAMPLE_EVENTS, EXAMPLE_REASON, readExampleEvent } from '../data/events.ts';
import type { RunningFunction } from '../worlds/emulator.ts';
import { replyWords } from '../worlds/example-replies.ts';
import { type Surroundings, sha256 } from '../worlds/surroundings.ts';

// The table of events, as each host of the gate is held to it under the real emulator.

const END = new Date(Math.ceil(Date.now() / 1000) * 1000 + 4 * 3_600_000).toISOString();
/** A window that is active for as long as a test runs, by the reason that the examples' replies have. */
export const EXAMPLE_WINDOW = {
  version: 1,
  windows: [{ start: new Date(Date.now() - 60_000).toISOString(), end: END, reason: EXAMPLE_REASON }],
};
const NO_WINDOWS = '{"version":1,"windows":[]}';

/** A running function and its AWS. Its handler leaves a file `called` in its folder, and answers `{ handled: event }`. */
export interface UnderTest {
  readonly aws: Surroundings;
  readonly underTest: RunningFunction;
}

/** Invokes as the emulator's only caller, and tells whether the handler was called. */
export async function invoke(
  { taskRoot, emulator }: RunningFunction,
  text: string,
): Promise<EmulatorAnswer & { readonly called: boolean }> {
  const mark = join(taskRoot, 'called');
  rmSync(mark, { force: true });
  const answer = await emulator.invoke({ payload: Buffer.from(text) });
  return { ...answer, called: existsSync(mark) };
}

/** Declares the tests inside {@link EXAMPLE_WINDOW}: the first that invoke the function. */
export function holdsExamplesInside(world: () => UnderTest): void {
  it.each(EXAMPLE_EVENTS)('$name: $action', async ({ name, key, action, reply }) => {
    const { aws, underTest } = world();
    const text = readExampleEvent(name);
    const { called, requestId = '', payload, failed } = await invoke(underTest, text);
    expect(called).toBe(action === 'dispatch');
    if (action === 'dispatch') return;

    expect(replyWords({ payload, failed, id: requestId, sent: text, end: END })).toBe(reply);
    const item = await aws.eventItem(requestId);
    expect(item?.['source']?.S).toBe(action === 'defer' ? key : undefined);
    if (action !== 'defer') return;
    expect(item?.['status']?.S).toBe('pending');
    expect(sha256(await aws.storedBytes(requestId))).toBe(sha256(text));
    expect(item?.['sha256']?.S).toBe(sha256(text));
  });

  it('has written one line for each invocation that the handler did not have, and nothing of any event', () => {
    const { underTest } = world();
    const kinds = underTest.lines.flatMap(
      (line) => /"maintenanceWindow":"(deferred|reject|answer)"/.exec(line)?.[1] ?? [],
    );
    expect(kinds.length).toBe(EXAMPLE_EVENTS.filter(({ action }) => action !== 'dispatch').length);
    expect(underTest.lines.filter((line) => /receiptHandle|authorizationToken|password/i.test(line))).toEqual([]);
  });
}

/** Declares the tests that take the window away, and outside it. */
export function holdsExamplesOutside(world: () => UnderTest): void {
  it('runs the handler again once the window is taken away, within the TTL', async () => {
    const { aws, underTest } = world();
    await aws.setWindows(NO_WINDOWS);
    while (!(await invoke(underTest, '{"order":1}')).called) await new Promise((go) => setTimeout(go, 100));
    expect(await invoke(underTest, '{"order":1}')).toMatchObject({ called: true, failed: false });
  });

  it.each(EXAMPLE_EVENTS)('$name runs the handler, which gets it as it is', async ({ name }) => {
    const { aws, underTest } = world();
    const { called, payload, requestId = '' } = await invoke(underTest, readExampleEvent(name));
    expect(called).toBe(true);
    expect(JSON.parse(payload.toString())).toEqual({ handled: JSON.parse(readExampleEvent(name)) });
    expect(await aws.eventItem(requestId)).toBeUndefined();
  });
}
