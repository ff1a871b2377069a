import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readExampleEvent } from '../../../data/events.ts';
import { type DynamoDbProxy, startDynamoDbProxy } from '../../../fakes/dynamodb-proxy.ts';
import {
  type RecordedRequest,
  type RuntimeApi,
  type ServedInvocation,
  startRuntimeApi,
} from '../../../fakes/runtime-api.ts';
import { holds, type MisbehavingSsm, startMisbehavingSsm } from '../../../fakes/ssm-misbehaving.ts';
import { patchedClient, startClient } from '../../../worlds/client-process.ts';
import { activeWindows, type Surroundings, startSurroundings } from '../../../worlds/surroundings.ts';

/**
 * A worker thread dies of its handler's fault while it has events to store. Lambda gets no answer for those, and sends
 * them again under their ids. A worker that the handler kills takes its poll with it only with the alternative client;
 * with the native one the process ends as soon as that poll brings something, which is stock's own way.
 */

const WORKERS = 3;
const EVENTS = 24;
const IDS = Array.from({ length: EVENTS }, (_, n) => `event-${n}`);
const EVENT = readExampleEvent('direct-object');
/** Has the handler run inside a window. */
const DISPATCH = `{"custom":{"maintenance-window.dispatch":"true","maintenance-window.proof":"${'K'.repeat(22)}"}}`;

let taskRoot: string;
let aws: Surroundings;
let table: DynamoDbProxy;
let ssm: MisbehavingSsm;
let parameter: string;
beforeEach(async () => {
  taskRoot = mkdtempSync(join(tmpdir(), 'dying-function-'));
  writeFileSync(
    join(taskRoot, 'index.mjs'),
    `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(process.env.LAMBDA_TASK_ROOT + '/died', ''));
export const handler = async ({ die }) => {
  if (die) setImmediate(() => { throw new Error('a fault of the handler'); });
  return 'handled';
};`,
  );
  parameter = activeWindows();
  aws = await startSurroundings();
  table = await startDynamoDbProxy(aws.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '');
  ssm = await startMisbehavingSsm((request) => holds({ 'maintenance-window': parameter })(request));
});
afterEach(async () => {
  await Promise.all([table.close(), ssm.close(), aws[Symbol.asyncDispose]()]);
  rmSync(taskRoot, { recursive: true });
});

describe('a worker that dies with events at the gate loses none of them, and the others hear of what the operator does', () => {
  it.each([
    ['the alternative', { AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true' }, 1],
    ['the native', {}, WORKERS],
  ] as const)('with %s client', async (_, environment, mostStarts) => {
    let lost = 0;
    await using api = await startRuntimeApi({ invocations: story(), afterwards: 'hold' });
    for (let starts = 1; !hasHandled(); starts++) {
      expect(starts).toBeLessThanOrEqual(mostStarts);
      await using client = start(api, environment);
      await Promise.race([client.exited, until(hasHandled)]);
    }

    expect(lost).toBeGreaterThan(0);
    const stored = (await aws.items()).filter(({ pk }) => IDS.includes(idOf(pk)));
    expect(stored.map(({ pk, status }) => `${idOf(pk)} ${status?.S}`).sort()).toEqual(
      IDS.map((id) => `${id} pending`).sort(),
    );
    for (const { id = '', body } of api.requests.filter(isAnswer)) {
      if (IDS.includes(id)) expect(`${body}`).toMatch(/stored as event-|^null$/);
    }

    async function* story(): AsyncGenerator<ServedInvocation> {
      const released = Promise.withResolvers<undefined>();
      table.behave(({ operation, pk }) =>
        operation === 'PutItem' && pk.startsWith('orders#event-') ? released.promise : undefined,
      );
      await api.seen('next', WORKERS); // so that each of them gets an event
      for (const id of IDS) yield { id, text: EVENT };
      await until(() => table.requests.filter(({ pk }) => pk.startsWith('orders#event-')).length === EVENTS);
      yield { id: 'killer', text: '{"die":true}', clientContext: DISPATCH };
      await until(() => existsSync(join(taskRoot, 'died')));
      released.resolve(undefined);
      await pause(1_000);
      lost = unanswered().length;

      while (unanswered().length > 0) {
        for (const id of unanswered()) yield { id, text: EVENT };
        await pause(1_000);
      }
      parameter = '{"version":1,"windows":[]}';
      for (let n = 0; !hasHandled(); n++) {
        yield { id: `later-${n}`, text: EVENT };
        await pause(100);
      }
    }

    function unanswered(): string[] {
      const answered = new Set(api.requests.filter(isAnswer).map(({ id }) => id));
      return IDS.filter((id) => !answered.has(id));
    }

    function hasHandled(): boolean {
      return api.requests.some(({ kind, body }) => kind === 'response' && `${body}` === '"handled"');
    }
  });
});

function start(api: RuntimeApi, environment: Readonly<Record<string, string>>) {
  return startClient({
    client: patchedClient(),
    handler: 'index.handler',
    taskRoot,
    runtimeApi: api.address,
    environment: {
      AWS_ENDPOINT_URL_SSM: ssm.url,
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
      AWS_LAMBDA_MAX_CONCURRENCY: '64',
      AWS_LAMBDA_NODEJS_WORKER_COUNT: String(WORKERS),
      MAINTENANCE_WINDOW_TTL: '1',
      ...environment,
    },
  });
}

function idOf(key: { readonly S?: string } | undefined): string {
  return key?.S?.split('#')[1] ?? '';
}

function isAnswer({ kind }: RecordedRequest): boolean {
  return kind === 'response' || kind === 'error';
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(20);
}
