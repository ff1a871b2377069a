import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Behaviour, type DynamoDbProxy, startDynamoDbProxy } from '../../fakes/dynamodb-proxy.ts';
import { type ServedInvocation, startRuntimeApi } from '../../fakes/runtime-api.ts';
import {
  breaksDown,
  breaksOff,
  denies,
  holds,
  inTurn,
  isSilent,
  resets,
  type Script,
  startMisbehavingSsm,
  talksNonsense,
  throttles,
} from '../../fakes/ssm-misbehaving.ts';
import { startClient } from '../../worlds/client-process.ts';
import { LAYOUTS } from '../../worlds/managed-runtime.ts';
import { activeWindows, type Surroundings, sha256, startSurroundings } from '../../worlds/surroundings.ts';

/**
 * The real client against an AWS that misbehaves over real connections. Whatever happens: the runtime lives on to its
 * last invocation, nothing is acknowledged that is not in the table, and no request id is in it twice.
 */

const ORDER = '{"order":9007199254740993}';

for (const { layout, skipped, prepare } of LAYOUTS)
  describe.skipIf(skipped)(layout, () => {
    let prepared: ReturnType<typeof prepare>;
    let aws: Surroundings;
    let table: DynamoDbProxy;
    beforeAll(async () => {
      prepared = prepare();
      aws = await startSurroundings();
      table = await startDynamoDbProxy(aws.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '');
      table.behave((request) => {
        for (const behaviour of behaviours) {
          const chosen = behaviour(request);
          if (chosen) return chosen;
        }
        return undefined;
      });
    });
    afterAll(async () => {
      await table.close();
      await aws[Symbol.asyncDispose]();
      prepared[Symbol.dispose]();
    });

    /** What becomes of the events of each story: they run side by side, and wait for the most part. */
    type TableBehaviour = (request: { operation: string; pk: string }) => Behaviour | undefined;
    const behaviours = new Set<TableBehaviour>();
    let runs = 0;
    interface Story {
      readonly ssm: Script;
      readonly table?: TableBehaviour;
      readonly settings?: Readonly<Record<string, string>>;
      /** Each has `timeoutMs`. */
      readonly invocations?: readonly (ServedInvocation & { readonly afterMs?: number; readonly timeoutMs?: number })[];
    }

    /** Runs the client through its invocations, and tells what became of each and how it ended. */
    async function play({ ssm: script, table: behaviour, settings = {}, invocations = [{}, {}] }: Story) {
      const run = ++runs;
      const served = invocations.map((one, index) => ({ id: `run-${run}-${index}`, text: ORDER, ...one }));
      async function* inTime() {
        for (const { afterMs = 0, timeoutMs = 30_000, ...one } of served) {
          await new Promise((resolve) => setTimeout(resolve, afterMs));
          yield { deadlineAt: Date.now() + timeoutMs, ...one };
        }
      }
      await using api = await startRuntimeApi({ invocations: inTime() });
      const ssm = await startMisbehavingSsm(script);
      if (behaviour) behaviours.add(behaviour);
      await using client = startClient({
        client: prepared.client,
        handler: 'values.echo',
        runtimeApi: api.address,
        environment: { AWS_ENDPOINT_URL_SSM: ssm.url, AWS_ENDPOINT_URL_DYNAMODB: table.url, ...settings },
      });
      const { stdout } = await client.exited;
      await ssm.close();

      const answers = api.requests.filter(({ kind }) => kind === 'response' || kind === 'error');
      expect(answers.map(({ id }) => id)).toEqual(served.map(({ id }) => id)); // each exactly once, in order: nobody died
      const outcomes = answers.map(({ kind, body }) => {
        const said = JSON.parse(body.toString());
        return kind === 'error'
          ? `${said.errorType}: ${said.errorMessage}`
          : body.toString() === ORDER || said?.order
            ? 'handled'
            : body.toString();
      });
      for (const [index, { id }] of served.entries()) {
        const stored = await aws.eventItem(id);
        if (outcomes[index]?.includes('stored as')) expect(sha256(await aws.storedBytes(id))).toBe(sha256(ORDER));
        if (outcomes[index] === 'handled') expect(stored).toBeUndefined();
      }
      return { outcomes, stdout, requests: ssm.requests.length, ids: served.map(({ id }) => id) };
    }

    const DEFERRED = expect.stringMatching(/^MaintenanceWindow\.Active: stored as [a-z]+-/);
    const NOT_STORED = expect.stringMatching(/^MaintenanceWindow\.DeferralFailed: /);

    describe.concurrent('an SSM that never gives a good answer', () => {
      it.each<[string, Script, string]>([
        ['denies', denies, 'AccessDeniedException'],
        ['throttles', throttles, 'ThrottlingException'],
        ['answers 500', breaksDown, 'InternalServerError'],
        ['is silent', isSilent, 'no answer within'],
        ['cuts its answers off', breaksOff, 'closed before the answer was whole'],
        ['resets connections', resets, 'ECONNRESET'],
        ['talks nonsense', talksNonsense, 'not JSON'],
        [
          'holds a malformed document',
          holds({ 'maintenance-window': '{"version":1,"windows":[{"start":"now"}]}' }),
          'windows[0]',
        ],
        [
          'holds a document that is too long to be one',
          holds({ 'maintenance-window': `{"version":1,"x":"${'x'.repeat(9_000)}"}` }),
          'maintenance-window',
        ],
      ])(
        'and %s: the handler runs, or the events are stored where the function asks for that',
        async (_, script, words) => {
          const [dispatching, deferring] = await Promise.all([
            play({ ssm: script }),
            play({ ssm: script, settings: { MAINTENANCE_WINDOW_ON_ERROR: 'defer' } }),
          ]);
          expect(dispatching.outcomes).toEqual(['handled', 'handled']);
          // The last try is told of, and on a busy machine no time may have been left for that one.
          const told = dispatching.stdout.includes('no answer within') ? 'no answer within' : words;
          expect(dispatching.stdout).toContain(told);
          expect(dispatching.stdout).toContain('"WindowReadFailed":1');
          expect(deferring.outcomes).toEqual([DEFERRED, DEFERRED]);
        },
      );

      it('because the parameter does not exist: the handler runs, and one line warns', async () => {
        const { outcomes, stdout } = await play({ ssm: holds({}), settings: { MAINTENANCE_WINDOW_ON_ERROR: 'defer' } });
        expect(outcomes).toEqual(['handled', 'handled']);
        expect(stdout.match(/does not exist/g)?.length).toBe(1);
      });
    });

    describe.concurrent('an SSM that recovers while the function starts', () => {
      it.each<[string, Script]>([
        ['throttling', throttles],
        ['500', breaksDown],
        ['a reset', resets],
        ['a broken answer', breaksOff],
      ])('from %s: nothing runs inside the window', async (_, fault) => {
        const { outcomes } = await play({
          ssm: inTurn(fault, fault, fault, holds({ 'maintenance-window': activeWindows() })),
        });
        expect(outcomes).toEqual([DEFERRED, DEFERRED]);
      });
    });

    describe.concurrent('an SSM that fails after a good answer', () => {
      it.each<[string, Script]>([
        ['denies', denies],
        ['throttles', throttles],
        ['is silent', isSilent],
        ['resets', resets],
        ['has lost the parameter', holds({})],
        ['holds a malformed document', holds({ 'maintenance-window': '{' })],
      ])('and %s: the last good windows stay in force', async (_, script) => {
        const { outcomes, requests } = await play({
          ssm: inTurn(holds({ 'maintenance-window': activeWindows() }), script),
          settings: { MAINTENANCE_WINDOW_TTL: '1' },
          invocations: [{}, { afterMs: 1_200 }, {}],
        });
        expect(outcomes).toEqual([DEFERRED, DEFERRED, DEFERRED]);
        expect(requests).toBeGreaterThan(1);
      });
    });

    describe.concurrent('a table that fails inside a window', () => {
      const ssm = holds({ 'maintenance-window': activeWindows() });
      const putsOf = (id: string, behaviour: Behaviour, times = Number.POSITIVE_INFINITY) => {
        let left = times;
        return ({ operation, pk }: { operation: string; pk: string }) =>
          operation === 'PutItem' && pk.startsWith(`orders#${id}`) && left-- > 0 ? behaviour : undefined;
      };

      it.each<[string, Behaviour]>([
        ['is missing', { kind: 'fail', code: 'ResourceNotFoundException', message: 'Requested resource not found' }],
        [
          'denies',
          { kind: 'fail', code: 'AccessDeniedException', message: 'not authorized to perform: dynamodb:PutItem' },
        ],
        ['throttles for ever', { kind: 'fail', code: 'ProvisionedThroughputExceededException' }],
        ['answers 500 for ever', { kind: 'fail', code: 'InternalServerError' }],
        ['hangs', { kind: 'hang', when: 'before' }],
        ['resets every connection', { kind: 'cut', when: 'before' }],
      ])('and %s: the caller is told before the deadline, and the next event is stored', async (_, behaviour) => {
        const id = `failing-${++runs}`;
        const { outcomes, stdout } = await play({
          ssm,
          table: putsOf(id, behaviour),
          invocations: [{ id, timeoutMs: 3_000 }, {}],
        });
        expect(outcomes).toEqual([NOT_STORED, DEFERRED]);
        expect(await aws.eventItem(id)).toBeUndefined();
        expect(stdout).toContain('"DeferralFailed":1');
        expect(stdout).toContain('maintenance-window-events'); // the log names the table, and what to do
      });

      it.each<[string, Behaviour, number]>([
        ['throttles for a while', { kind: 'fail', code: 'ThrottlingException' }, 3],
        ['answers 500 once', { kind: 'fail', code: 'InternalServerError' }, 1],
        ['hangs once', { kind: 'hang', when: 'before' }, 1],
        ['resets one connection', { kind: 'cut', when: 'before' }, 1],
        ['writes, and its answer is lost', { kind: 'cut', when: 'after' }, 1],
        ['writes, and hangs', { kind: 'hang', when: 'after' }, 1],
        ['writes, and cuts its answer off', { kind: 'cut', when: 'during' }, 2],
      ])('and %s: the event is stored once', async (_, behaviour, times) => {
        const id = `recovering-${++runs}`;
        const { outcomes } = await play({ ssm, table: putsOf(id, behaviour, times), invocations: [{ id }] });
        expect(outcomes).toEqual([DEFERRED]);
        expect((await aws.items()).filter((item) => item['pk']?.S === `orders#${id}`).length).toBe(1);
      });

      it('holds the environment for ten seconds at most, however long the function may run', async () => {
        const id = `patient-${++runs}`;
        const startedAt = Date.now();
        const { outcomes } = await play({
          ssm,
          table: putsOf(id, { kind: 'cut', when: 'before' }),
          invocations: [{ id, timeoutMs: 60_000 }],
        });
        expect(outcomes).toEqual([NOT_STORED]);
        expect(Date.now() - startedAt).toBeLessThan(40_000); // and not for the minute that it has
      });

      it('tells an HTTP caller to come back, in the form that its source understands', async () => {
        const id = `webhook-${++runs}`;
        const text = JSON.stringify({
          version: '2.0',
          routeKey: 'POST /webhooks/{proxy+}',
          rawPath: '/webhooks/git',
          rawQueryString: '',
          headers: { host: 'a.execute-api.eu-south-1.amazonaws.com' },
          requestContext: {
            accountId: '123456789012',
            apiId: 'a',
            domainName: 'a.execute-api.eu-south-1.amazonaws.com',
            domainPrefix: 'a',
            http: {
              method: 'POST',
              path: '/webhooks/git',
              protocol: 'HTTP/1.1',
              sourceIp: '192.0.2.1',
              userAgent: 'u',
            },
            requestId: 'r',
            routeKey: 'POST /webhooks/{proxy+}',
            stage: '$default',
            time: '21/Nov/2026:00:00:00 +0000',
            timeEpoch: 1795219200000,
          },
          isBase64Encoded: false,
        });
        const windows = activeWindows({ policy: { http: { defer: ['POST /webhooks/*'] } } });
        const { outcomes } = await play({
          ssm: holds({ 'maintenance-window': windows }),
          table: putsOf(id, { kind: 'fail', code: 'ResourceNotFoundException' }),
          invocations: [{ id, text }, { text }],
        });
        expect(outcomes.map((text = '') => JSON.parse(text).statusCode)).toEqual([503, 202]);
      });

      it('is no fault where Lambda tries again what is stored: one event, and an answer that ends its retries', async () => {
        const id = `retried-${++runs}`;
        const { outcomes } = await play({ ssm, invocations: [{ id }, { id }, { id }] });
        expect(outcomes).toEqual([DEFERRED, 'null', 'null']);
      });
    });
  });
