import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ServedInvocation, startRuntimeApi } from '../../fakes/runtime-api.ts';
import { patchedClient, startClient } from '../../worlds/client-process.ts';
import { HANG_LIMIT_MS } from '../../worlds/hang-limit.ts';
import { activeWindows, sha256, startSurroundings } from '../../worlds/surroundings.ts';

/** A function that leaves a mark when it is loaded and when it is called, and at SIGUSR2 one of the bytes that the process holds. */
const taskRoot = realpathSync(mkdtempSync(join(tmpdir(), 'marking-function-')));
const marks = () => readFileSync(join(taskRoot, 'marks'), { encoding: 'utf8', flag: 'a+' });
writeFileSync(
  join(taskRoot, 'index.mjs'),
  `import { appendFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
const mark = (word) => appendFileSync(process.env.LAMBDA_TASK_ROOT + '/marks', word + '\\n');
mark('loaded');
process.on('SIGUSR2', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  // A buffer's memory goes a turn after the buffer, and one invocation is under way all the time.
  for (let n = 0; n < 5; n += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  mark('holds ' + process.memoryUsage().heapUsed);
});
export const handler = async (event) => { mark('called'); return event; };`,
);
const forgetMarks = () => rmSync(join(taskRoot, 'marks'), { force: true });
afterAll(() => rmSync(taskRoot, { recursive: true }));

const run = (runtimeApi: string, environment: Readonly<Record<string, string>>, limitMs = HANG_LIMIT_MS) =>
  startClient({ client: patchedClient(), handler: 'index.handler', taskRoot, runtimeApi, environment, limitMs });

const sqs = (body: string) =>
  JSON.stringify({
    Records: [
      {
        messageId: '0f1d2c3b-0000-4000-8000-000000000001',
        receiptHandle: 'h',
        body,
        attributes: { ApproximateReceiveCount: '1' },
        messageAttributes: {},
        md5OfBody: 'd41d8cd98f00b204e9800998ecf8427e',
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:eu-south-1:123456789012:orders',
        awsRegion: 'eu-south-1',
      },
    ],
  });

describe('a deferral by the real client', () => {
  it('stores an event of 6 MiB byte for byte', async () => {
    forgetMarks();
    const filler = randomBytes(3 * 1024 * 1024).toString('hex');
    const text = sqs(filler.slice(0, 6_291_456 - sqs('').length));
    expect(Buffer.byteLength(text)).toBe(6_291_456);
    await using aws = await startSurroundings(activeWindows());
    await using api = await startRuntimeApi({ invocations: [{ id: 'six-mebibytes', text }] });
    await using client = run(api.address, aws.environment);
    await client.exited;
    expect(api.requests.map(({ kind }) => kind)).toEqual(['next', 'response', 'next']);
    expect(api.requests[1]?.body.toString()).toBe('{"batchItemFailures":[]}');
    expect(sha256(await aws.storedBytes('six-mebibytes'))).toBe(sha256(text));
    expect(marks()).toBe('loaded\n');
  });

  it('keeps what no JSON parser would: numbers beyond 2^53, escapes, spaces, the order of keys', async () => {
    const text = '{ "z":9007199254740993,"a" :1.10, "é":"\\ud800 \\u00e9 😀","a":2}';
    await using aws = await startSurroundings(activeWindows());
    await using api = await startRuntimeApi({ invocations: [{ id: 'odd', text }] });
    await using client = run(api.address, aws.environment);
    await client.exited;
    expect((await aws.storedBytes('odd')).toString()).toBe(text);
  });

  // A minute of work, which a busy machine makes many of.
  it('happens ten thousand times in one environment: one start, flat memory', {
    timeout: 5 * HANG_LIMIT_MS,
  }, async () => {
    forgetMarks();
    await using aws = await startSurroundings(activeWindows());
    let residentAtEnd = Number.NaN;
    function* many(): Generator<ServedInvocation> {
      for (let n = 1; n <= 10_000; n++) {
        if (n === 2_000 || n === 9_990) process.kill(client.pid, 'SIGUSR2');
        if (n === 10_000) residentAtEnd = residentBytes(client.pid);
        yield { id: `many-${n}`, text: sqs(`{"order":${n}}`) };
      }
    }
    await using api = await startRuntimeApi({ invocations: many(), record: 'counts' });
    // A heap as small as a function of 128 MB has, new space included (a twentieth, by AWS's own bootstrap): with all of this
    // machine's memory V8 would put off collecting it.
    const NODE_OPTIONS = '--max-old-space-size=64 --max-semi-space-size=6';
    const client = run(api.address, { ...aws.environment, NODE_OPTIONS }, 4 * HANG_LIMIT_MS);
    await client.exited;
    expect([api.count('response'), api.count('error')]).toEqual([10_000, 0]);
    const [loaded, ...held] = marks().trim().split('\n');
    expect([loaded, held.length]).toEqual(['loaded', 2]);
    const events = (await aws.items()).filter((item) => item['status']);
    expect(new Set(events.map((item) => item['pk']?.S)).size).toBe(10_000);
    const [early = Number.NaN, late = Number.NaN] = held.map((mark) => Number(mark.replace('holds ', '')));
    expect(late - early).toBeLessThan(2_000_000); // 250 bytes of each event
    expect(residentAtEnd).toBeLessThan(128 * 1024 * 1024); // what the smallest function has
  });

  it('that is killed between the write and the reply is answered with null when Lambda tries again: one event', async () => {
    const invocation = { id: 'killed', text: '{"order":1}' };
    await using aws = await startSurroundings(activeWindows());
    await using api = await startRuntimeApi({
      invocations: [invocation, invocation],
      answer: ({ kind }) => {
        if (kind !== 'error') return undefined;
        first.kill('SIGKILL'); // the reply to the first try is on its way: the event is stored, Lambda never hears of it
        return 'reset';
      },
    });
    const first = run(api.address, aws.environment);
    await first.exited;
    await using second = run(api.address, aws.environment);
    await second.exited;
    expect(api.requests.filter(({ kind }) => kind === 'response').map(({ body }) => body.toString())).toEqual(['null']);
    expect((await aws.items()).filter((item) => item['pk']?.S === 'orders#killed').length).toBe(1);
    expect((await aws.storedBytes('killed')).toString()).toBe(invocation.text);
  });
});

/** From `/proc`: Linux alone, as the client is. */
function residentBytes(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
