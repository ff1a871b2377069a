import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { sha256Of } from '../core/events/body.ts';
import { HOUR_MS } from '../core/units.ts';
import { NO_WINDOWS } from '../core/windows/window.ts';
import type { Invoked, Stage } from './demo-stage.ts';
import { instant } from './guide.ts';

/** A window that is over while somebody watches: an edit is seen within two seconds. */
const SHORT_MS = 8_000;

/** The two events of the story, for the sample function. */
export interface DemoEvents {
  readonly sqs: string;
  readonly http: string;
}

/**
 * Plays a maintenance window: what is handled before, not handled inside and handled after, what the callers get, and the
 * replay of what was stored.
 *
 * @param editSeenMs how long an edit of the parameter may take to be seen
 * @param say gets a line for each step that held (✓) or did not (✗)
 * @returns whether every step held
 */
export async function playDemo(
  stage: Stage,
  { sqs, http }: DemoEvents,
  editSeenMs: number,
  say: (line: string) => void,
): Promise<boolean> {
  let allHeld = true;
  let storedId = '';
  let written: readonly string[] = [];

  say('Outside of a maintenance window');
  await step('an SQS batch of two orders is invoked, and the handler books them', async () => {
    const { failed, reply, lines } = await invoke(sqs);
    assert.deepEqual({ failed, reply: JSON.parse(reply) }, { failed: false, reply: { batchItemFailures: [] } });
    return bookedLine(lines);
  });

  const now = Date.now();
  const window = `${instant(now)},${instant(now + HOUR_MS)}`;
  say('A maintenance window begins');
  await step('the window parameter is written', async () => {
    await setWindows(window);
    return window;
  });
  await step(
    'the same batch is invoked, and the handler is not called; SQS gets the answer that it understands',
    async () => {
      const { id, failed, reply, lines } = await invoke(sqs);
      assert.deepEqual({ failed, reply }, { failed: false, reply: '{"batchItemFailures":[]}' });
      assertNotBooked(lines);
      storedId = id;
      return reply;
    },
  );
  await step('the event lies in the table, pending, byte for byte as it was sent', async () => {
    const stored = await stage.storedEvent(storedId);
    assert.ok(stored, `there is no item ${storedId}`);
    assert.deepEqual({ status: stored.status, source: stored.source }, { status: 'pending', source: 'sqs' });
    assert.equal(sha256Of(stored.text), sha256Of(sqs));
    return `${storedId}, ${Buffer.byteLength(sqs)} bytes, SHA-256 ${sha256Of(sqs).slice(0, 16)}…`;
  });
  await step('an HTTP request is not stored: its caller waits, so it is told to come back', async () => {
    const { id, failed, reply, lines } = await invoke(http);
    assertNotBooked(lines);
    const { statusCode, headers } = JSON.parse(reply);
    assert.deepEqual({ failed, statusCode }, { failed: false, statusCode: 503 });
    const retryAfterSeconds = Number(new Headers(headers).get('retry-after'));
    assert.ok(retryAfterSeconds > 3_000 && retryAfterSeconds < 4_000, `Retry-After is ${retryAfterSeconds}`);
    assert.equal(await stage.storedEvent(id), undefined);
    return `503, Retry-After: ${retryAfterSeconds}`;
  });

  say('The maintenance window ends');
  await step('the window parameter is written', async () => {
    await setWindows(NO_WINDOWS);
    return NO_WINDOWS;
  });
  await step('the next batch is handled again', async () => {
    const { failed, reply, lines } = await invoke(sqs);
    assert.deepEqual({ failed, reply: JSON.parse(reply) }, { failed: false, reply: { batchItemFailures: [] } });
    return bookedLine(lines);
  });
  await step('so is the next HTTP request', async () => {
    const { reply, lines } = await invoke(http);
    assert.equal(JSON.parse(reply).statusCode, 201);
    return bookedLine(lines);
  });
  say('What was stored is replayed');
  await step('it waits for that, pending', async () => {
    const stored = await stage.storedEvent(storedId);
    assert.equal(stored?.status, 'pending');
    return `${storedId} is pending`;
  });
  await step('the operator’s tool gives it to the function, and the handler books it', async () => {
    written = [];
    const { exitCode, text, lines } = await stage.replay();
    written = lines;
    assert.equal(exitCode, 0, `the tool ended with ${exitCode}:\n${text}`);
    const booked = bookedLine(lines);
    const stored = await stage.storedEvent(storedId);
    assert.equal(stored?.status, 'replayed');
    return booked;
  });

  const [from, until] = [Date.now(), Date.now() + SHORT_MS].map(instant);
  const itself = JSON.stringify({ version: 1, windows: [{ start: from, end: until }], policy: { replay: {} } });
  say('A short maintenance window begins, whose policy says that it is replayed by itself');
  await step('the window parameter is written', async () => {
    await setWindows(itself);
    return itself;
  });
  await step('the same batch is invoked, and stored', async () => {
    const { id, lines } = await invoke(sqs);
    assertNotBooked(lines);
    storedId = id;
    assert.equal((await stage.storedEvent(storedId))?.status, 'pending');
    return `${storedId} is pending`;
  });
  await step('the window ends, and the drain gives it to the function: nobody has asked for it', async () => {
    const lines = await stage.drained(storedId);
    written = lines;
    assert.equal((await stage.storedEvent(storedId))?.status, 'replayed');
    return [bookedLine(lines), ...lines.filter((line) => FINISHED.test(line))].join('\n      ');
  });
  return allHeld;

  async function step(what: string, play: () => Promise<string>): Promise<void> {
    try {
      const detail = await play();
      say(`  ✓ ${what}\n      ${detail}`);
    } catch (error) {
      allHeld = false;
      const reason = error instanceof Error ? error.message : String(error);
      const account = [reason, ...written.map((line) => `the function wrote: ${line}`)].join('\n');
      say(`  ✗ ${what}\n${account.replaceAll(/^/gm, '      ')}`);
    }
  }

  async function invoke(event: string): Promise<Invoked> {
    written = [];
    const invoked = await stage.invoke(event);
    written = invoked.lines;
    return invoked;
  }

  async function setWindows(value: string): Promise<void> {
    await stage.setWindows(value);
    await pause(editSeenMs);
  }
}

/** The handler's own line is the proof that it ran: its reply to SQS is the same as the gate's. */
function bookedLine(lines: readonly string[]): string {
  const line = lines.find((each) => BOOKED.test(each));
  assert.ok(line, 'the handler wrote nothing');
  return line.slice(line.search(BOOKED));
}

function assertNotBooked(lines: readonly string[]): void {
  assert.ok(!lines.some((line) => BOOKED.test(line)), 'the handler was called');
}

const FINISHED = /^Replay Finished/;
const BOOKED = /\bbooked A-\d/;
