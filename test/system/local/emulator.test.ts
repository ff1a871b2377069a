import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator } from '../../../local/emulator/emulator.ts';
import { emulatorFile, type RunningFunction, runFunction } from '../../worlds/emulator.ts';

const CODE = `
  import { spawn } from 'node:child_process';
  export const handler = async (event, context) => {
    if (event.say) console.log(event.say);
    if (event.write) process.stdout.write(event.write);
    if (event.throw) throw Object.assign(new Error('no such order'), { name: 'Orders.Unknown' });
    if (event.exit !== undefined) process.exit(event.exit);
    if (event.sleepMs) await new Promise((resolve) => setTimeout(resolve, event.sleepMs));
    if (event.bytes) return 'x'.repeat(event.bytes);
    if (event.child) return spawn('sleep', ['600'], { stdio: 'ignore' }).pid;
    if (event.what === 'context') return { id: context.awsRequestId, clientContext: context.clientContext, tenantId: context.tenantId };
    if (event.what === 'environment') return process.env;
    if (event.what === 'pid') return process.pid;
    return event.result ?? null;
  };
`;

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('the real emulator', () => {
  let orders: RunningFunction;
  beforeAll(async () => {
    orders = await runFunction({ code: CODE, timeoutSeconds: 2, environment: { LOG_LEVEL: 'SILENT' } });
  });
  afterAll(() => orders.close());

  async function invoke(event: unknown, more: { clientContext?: string; tenantId?: string } = {}) {
    const { failed, payload, requestId } = await orders.emulator.invoke({ payload: json(event), ...more });
    return { failed, requestId, text: payload.toString(), value: JSON.parse(payload.toString()) };
  }

  it.each([[null], [0], ['text'], [{ a: [1, { b: 'ü€𝄞' }] }]])('gives the result %j of a handler', async (result) => {
    expect(await invoke({ result })).toMatchObject({ failed: false, value: result });
  });

  it('tells the request id that the function sees', async () => {
    const { value, requestId } = await invoke({ what: 'context' });
    expect(requestId).toBe(value.id);
  });

  it('passes the client context on', async () => {
    const clientContext = Buffer.from('{"custom":{"maintenance-window.replay":"r-1"}}').toString('base64');
    const { value } = await invoke({ what: 'context' }, { clientContext });
    expect(value.clientContext).toEqual({ custom: { 'maintenance-window.replay': 'r-1' } });
  });

  it('passes the tenant id on', async () => {
    expect((await invoke({ what: 'context' }, { tenantId: 'blue' })).value.tenantId).toBe('blue');
  });

  it('tells a handler that throws from one that returns the very same object', async () => {
    const thrown = await invoke({ throw: true });
    expect(thrown).toMatchObject({
      failed: true,
      value: { errorType: 'Orders.Unknown', errorMessage: 'no such order' },
    });
    const returned = await invoke({ result: thrown.value });
    expect(returned).toMatchObject({ failed: false, value: thrown.value });
  });

  it('reports a runtime that exits, and starts another one for the next invocation', async () => {
    expect(await invoke({ exit: 3 })).toMatchObject({ failed: true, value: { errorType: 'Runtime.ExitError' } });
    expect(await invoke({ result: 1 })).toMatchObject({ failed: false, value: 1 });
  });

  it('reports a time-out as Lambda does, with the request id', async () => {
    const { failed, value, requestId } = await invoke({ sleepMs: 10_000 });
    expect({ failed, value }).toEqual({
      failed: true,
      value: {
        errorType: 'Sandbox.Timedout',
        errorMessage: `RequestId: ${requestId} Error: Task timed out after 2.00 seconds`,
      },
    });
  });

  it('takes a result that reads like a time-out for a result', async () => {
    const result = 'Task timed out after 2.00 seconds';
    expect(await invoke({ result })).toMatchObject({ failed: false, value: result });
  });

  it('reports a response of more than 6 MB, and no smaller one', async () => {
    expect(await invoke({ bytes: 6_200_000 })).toMatchObject({ failed: false });
    expect(await invoke({ bytes: 6_400_000 })).toMatchObject({
      failed: true,
      value: { errorType: 'Function.ResponseSizeTooLarge' },
    });
  });

  it('writes the function’s lines and none of its own, also behind an unfinished line', async () => {
    orders.lines.length = 0;
    await invoke({ say: 'order A-1 booked' });
    await invoke({ write: 'no newline' });
    expect(orders.lines).toEqual([expect.stringMatching(/INFO\torder A-1 booked$/), 'no newline']);
  });

  it('leaves LOG_LEVEL to the function, although the emulator would stumble over it', async () => {
    expect((await invoke({ what: 'environment' })).value.LOG_LEVEL).toBe('SILENT');
  });

  it('gives the function what Lambda gives, and no real credentials', async () => {
    expect((await invoke({ what: 'environment' })).value).toMatchObject({
      _HANDLER: 'index.handler',
      LAMBDA_TASK_ROOT: orders.taskRoot,
      AWS_LAMBDA_FUNCTION_NAME: 'orders',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
  });
});

describe('ending the emulator', () => {
  it('ends the runtime and its children, in the middle of an invocation', async () => {
    const orders = await runFunction({ code: CODE });
    const runtime = await pidFrom(orders, { what: 'pid' });
    const child = await pidFrom(orders, { child: true });
    const broken = orders.emulator.invoke({ payload: json({ sleepMs: 60_000 }) }).catch(() => 'broken off');
    await sleep(50);
    expect([runtime, child].map(isAlive)).toEqual([true, true]);
    await orders.close();
    expect([runtime, child].map(isAlive)).toEqual([false, false]);
    expect(await broken).toBe('broken off');
  });

  it('may be asked for twice', async () => {
    const orders = await runFunction({ code: CODE });
    await orders.emulator.close();
    await orders.close();
  });

  it('is told of, when the emulator ends by itself', async () => {
    const orders = await runFunction({ code: CODE });
    const runtime = await pidFrom(orders, { what: 'pid' });
    process.kill(parentOf(runtime), 'SIGKILL');
    await orders.emulator.ended;
    expect(isAlive(runtime)).toBe(false);
    await orders.close();
  });

  it('happens also when the process that started it is killed with SIGKILL', async () => {
    const starter = spawn(process.execPath, ['--input-type=module', '-e', STARTER], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(starter.stdout, 'data');
    const { runtime, emulator, taskRoot } = JSON.parse(line);
    expect([runtime, emulator].map(isAlive)).toEqual([true, true]);
    starter.kill('SIGKILL');
    await until(() => ![runtime, emulator].some(isAlive));
    rmSync(taskRoot, { recursive: true });
  });

  const STARTER = `
    import { readFileSync } from 'node:fs';
    import { runFunction } from ${JSON.stringify(join(import.meta.dirname, '../../worlds/emulator.ts'))};
    const { emulator, taskRoot } = await runFunction({ code: ${JSON.stringify(CODE)} });
    const { payload } = await emulator.invoke({ payload: Buffer.from('{"what":"pid"}') });
    const runtime = Number(payload);
    void emulator.invoke({ payload: Buffer.from('{"sleepMs":60000}') });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const stat = readFileSync('/proc/' + runtime + '/stat', 'utf8');
    console.log(JSON.stringify({ runtime, taskRoot, emulator: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }));
  `;
});

it('says what the emulator said when it does not start', async () => {
  const options = {
    command: ['true'],
    taskRoot: '/',
    environment: { PATH: process.env['PATH'] },
    write: () => undefined,
  };
  await expect(startEmulator({ ...options, file: '/bin/false' })).rejects.toMatchObject({
    name: 'MaintenanceWindow.Missing',
    message: 'The emulator /bin/false did not start: it said nothing',
  });
  await expect(startEmulator({ ...options, file: '/no/such/file' })).rejects.toThrow(/did not start: .*not found/);
});

it('runs several emulators side by side', async () => {
  const functions = await Promise.all(Array.from({ length: 4 }, () => runFunction({ code: CODE })));
  const answers = await Promise.all(
    functions.map((each, result) => each.emulator.invoke({ payload: json({ result: result + 1 }) })),
  );
  expect(answers.map(({ payload }) => payload.toString())).toEqual(['1', '2', '3', '4']);
  await Promise.all(functions.map((each) => each.close()));
});

it('has an emulator to run', async () => {
  expect(await emulatorFile()).toMatch(/aws-lambda-rie/);
});

async function pidFrom({ emulator }: RunningFunction, event: unknown): Promise<number> {
  const { payload } = await emulator.invoke({ payload: json(event) });
  return Number(payload.toString());
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(10);
}

/** A process that has ended and waits for its parent to notice is no process any more. */
function isAlive(pid: number): boolean {
  try {
    return statOf(pid)[0] !== 'Z';
  } catch {
    return false;
  }
}

function parentOf(pid: number): number {
  return Number(statOf(pid)[1]);
}

function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
