import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RuntimeApi, startRuntimeApi } from '../../../fakes/runtime-api.ts';
import { startClient } from '../../../worlds/client-process.ts';
import { LAYOUTS } from '../../../worlds/managed-runtime.ts';
import { activeWindows, type Surroundings, startSurroundings } from '../../../worlds/surroundings.ts';

// The poll of each worker thread holds a thread of libuv's pool: the pool must be larger than the workers are many.

for (const { layout, skipped, prepare } of LAYOUTS)
  describe.skipIf(skipped)(layout, () => {
    let prepared: ReturnType<typeof prepare>;
    let aws: Surroundings;
    beforeAll(async () => {
      prepared = prepare();
      aws = await startSurroundings(activeWindows());
    });
    afterAll(async () => {
      await aws[Symbol.asyncDispose]();
      prepared[Symbol.dispose]();
    });

    const NO_WINDOWS = { MAINTENANCE_WINDOW_PARAMETER: 'there-is-none' };

    function start(api: RuntimeApi, handler: string, environment: Readonly<Record<string, string>>) {
      return startClient({
        client: prepared.client,
        handler,
        runtimeApi: api.address,
        environment: { ...aws.environment, ...environment },
      });
    }

    describe('with eight workers', () => {
      const EIGHT = { AWS_LAMBDA_MAX_CONCURRENCY: '64', AWS_LAMBDA_NODEJS_WORKER_COUNT: '8' };

      it('all polls are open at once, and an event is looked up, packed and stored while they are', async () => {
        // By name, so that it is looked up; of more than 16 KB, so that the pool packs it.
        const table = (aws.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '').replace('127.0.0.1', 'localhost');
        const text = JSON.stringify({ order: randomBytes(40_000).toString('hex') });
        await using api = await startRuntimeApi({ invocations: afterPolls(8), afterwards: 'hold' });
        await using _client = start(api, 'values.echo', { ...EIGHT, AWS_ENDPOINT_URL_DYNAMODB: table });
        await api.seen('answer');
        await api.seen('next', 9); // the ninth takes the place of the one that brought the event
        expect((await aws.storedBytes('packed')).toString()).toBe(text);

        async function* afterPolls(polls: number) {
          await api.seen('next', polls);
          yield { id: 'packed', text };
        }
      });

      it('only four are where the function itself asks for a pool of four', async () => {
        await using api = await startRuntimeApi({ afterwards: 'hold' });
        await using _client = start(api, 'values.echo', { ...EIGHT, ...NO_WINDOWS, UV_THREADPOOL_SIZE: '4' });
        await api.seen('next', 4);
        await new Promise((resolve) => setTimeout(resolve, 500));
        expect(api.count('next')).toBe(4);
      });
    });

    describe('the size of the pool', () => {
      const SEVERAL = { AWS_LAMBDA_MAX_CONCURRENCY: '64' };

      it.each<[string, Readonly<Record<string, string>>, string | undefined]>([
        ['one for each worker that is asked for, and four', { ...SEVERAL, AWS_LAMBDA_NODEJS_WORKER_COUNT: '3' }, '+7'],
        ['what the function says', { ...SEVERAL, UV_THREADPOOL_SIZE: '30' }, '30'],
        ['left alone with one invocation at a time', {}, undefined],
        ['left alone there too where the function says', { UV_THREADPOOL_SIZE: '5' }, '5'],
      ])('is %s', async (_, environment, expected) => {
        await using api = await startRuntimeApi({ afterwards: 'hold' });
        await using client = start(api, 'values.echo', { ...NO_WINDOWS, ...environment });
        await api.seen('next');
        expect(poolSizeOf(client.pid)).toBe(expected);
      });

      it.each(['', '03', '2.5'])(
        'is enough for what upstream makes of AWS_LAMBDA_NODEJS_WORKER_COUNT="%s"',
        async (count) => {
          await using api = await startRuntimeApi({ afterwards: 'hold' });
          const several = { ...SEVERAL, ...NO_WINDOWS, AWS_LAMBDA_NODEJS_WORKER_COUNT: count };
          await using client = start(api, 'values.echo', several);
          await api.seen('next');
          // Were the pool too small, as many polls would come as it has threads.
          for (let polls = 0; polls < api.count('next'); await new Promise((resolve) => setTimeout(resolve, 500)))
            polls = api.count('next');
          expect(Number(poolSizeOf(client.pid))).toBeGreaterThanOrEqual(api.count('next') + 4);
        },
      );

      /** As libuv finds it, and no handler. From `/proc`: Linux alone, as the client is. */
      function poolSizeOf(pid: number): string | undefined {
        const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        return variables.find((variable) => variable.startsWith('UV_THREADPOOL_SIZE='))?.split('=')[1];
      }
    });
  });
