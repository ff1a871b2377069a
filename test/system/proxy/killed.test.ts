import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askOf, type ScriptedService, startScriptedService } from '../../fakes/scripted-service.ts';
import { stockClient } from '../../worlds/client-process.ts';
import { type RunningFunction, runFunction } from '../../worlds/emulator.ts';
import { hasProxy, PROXY_LAYER, type ProxyPort, pidOfExtension, proxyPort, withOpt } from '../../worlds/proxy.ts';
import { activeWindows, type Surroundings, sha256, startSurroundings } from '../../worlds/surroundings.ts';

// The proxy's process is killed, as when memory runs out. Whoever has called is told of a failure: nothing is swallowed.

const NO_WINDOWS = '{"version":1,"windows":[]}';
/** Says by a file that it is called, and waits for ever if it is told to. */
const CODE = `import { writeFileSync } from 'node:fs';
export const handler = async (event) => {
  writeFileSync(process.env.LAMBDA_TASK_ROOT + '/' + event.name, '');
  if (event.waits) await new Promise((resolve) => setTimeout(resolve, 600_000));
  return event;
};
`;

describe.skipIf(!hasProxy)('a function whose proxy is killed, under the real emulator', () => {
  let aws: Surroundings;
  let dynamoDb: ScriptedService;
  let underTest: RunningFunction;
  let port: ProxyPort;
  const opt = withOpt(PROXY_LAYER);
  beforeAll(async () => {
    aws = await startSurroundings(NO_WINDOWS);
    const { AWS_ENDPOINT_URL_DYNAMODB: target = '' } = aws.environment;
    dynamoDb = await startScriptedService((request) => askOf(target, request));
    port = await proxyPort();
    underTest = await runFunction({
      code: CODE,
      command: ['/opt/maintenance-window/wrapper', ...stockClient().command],
      environment: {
        ...aws.environment,
        ...port,
        AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url,
        MAINTENANCE_WINDOW_TTL: '1',
      },
      emulatorIn: opt.around,
    });
  });
  afterAll(async () => {
    await underTest?.close();
    await Promise.all([dynamoDb.close(), aws[Symbol.asyncDispose]()]);
    opt.remove();
  });

  const invoke = (event: object) => underTest.emulator.invoke({ payload: Buffer.from(JSON.stringify(event)) });
  const isDeferred = async () => `${(await invoke({ name: 'another' })).payload}`.includes('stored as');
  const isCalled = (name: string) => existsSync(join(underTest.taskRoot, name));

  /** Kills the one process that is this function's proxy. */
  function kill(): void {
    process.kill(pidOfExtension(port), 'SIGKILL');
  }

  /** Lambda starts another environment. An invocation that fails until then was not run: nothing runs unguarded. */
  async function recovers(): Promise<void> {
    for (let attempts = 1; ; attempts++) {
      const name = randomUUID();
      const { failed, payload } = await invoke({ name });
      expect(isCalled(name)).toBe(!failed);
      if (!failed) return expect(JSON.parse(`${payload}`)).toEqual({ name });
      expect(attempts, `no recovery:\n${underTest.lines.join('\n')}`).toBeLessThan(5);
    }
  }

  it('answers while it lives', async () => {
    expect(await invoke({ name: 'first' })).toMatchObject({ failed: false });
    expect(pidOfExtension(port)).toBeGreaterThan(0);
  });

  it('runs nothing unguarded after it was killed while idle, and recovers', async () => {
    kill();
    await recovers();
  });

  it('fails the invocation in which it is killed, and recovers', async () => {
    const answer = invoke({ name: 'waiting', waits: true });
    await expect.poll(() => isCalled('waiting'), { timeout: 60_000 }).toBe(true);
    kill();
    expect(await answer).toMatchObject({ failed: true });
    await recovers();
  });

  it('fails an invocation whose event was stored just before, and the event is there whole', async () => {
    await aws.setWindows(activeWindows());
    await expect.poll(isDeferred, { timeout: 60_000 }).toBe(true);
    const event = { name: 'stored', order: 4711 };
    const hash = sha256(JSON.stringify(event));
    const { AWS_ENDPOINT_URL_DYNAMODB: target = '' } = aws.environment;
    let killsAtPut = true;
    dynamoDb.behave(async (request) => {
      const answer = await askOf(target, request);
      if (!killsAtPut || !request.body.includes(hash) || answer.status !== 200) return answer;
      killsAtPut = false;
      kill();
      return { kind: 'cut' };
    });
    expect(await invoke(event)).toMatchObject({ failed: true });
    expect(killsAtPut).toBe(false);
    expect(isCalled('stored')).toBe(false);
    const items = (await aws.items()).filter((item) => item['sha256']?.S === hash);
    expect(items.map((item) => item['status']?.S)).toEqual(['pending']);
    const id = items[0]?.['pk']?.S?.split('#')[1] ?? '';
    expect(`${await aws.storedBytes(id)}`).toBe(JSON.stringify(event));
  });

  it('stores the next one and says so: it lives again', async () => {
    await expect.poll(isDeferred, { timeout: 60_000 }).toBe(true);
  });
});
