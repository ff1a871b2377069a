import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExampleEvent } from '../../data/events.ts';
import { startTlsFront } from '../../fakes/over-tls.ts';
import { type ServedInvocation, startRuntimeApi } from '../../fakes/runtime-api.ts';
import { type LoopbackServer, TEST_CERTIFICATE } from '../../fakes/scripted-service.ts';
import { type Client, FUNCTIONS_FOLDER, patchedClient, startClient, stockClient } from '../../worlds/client-process.ts';
import { activeWindows, type Surroundings, sha256, startSurroundings } from '../../worlds/surroundings.ts';

/**
 * A handler shares its world with the runtime. Whatever it does to that world, while it is loaded or because of an event,
 * the gate stores, answers and lets pass as ever. What Node itself does not survive: docs/architecture.md.
 */

const { ways, beyond }: Readonly<Record<string, object>> = await import(join(FUNCTIONS_FOLDER, 'hostile.mjs'));
const WAYS = Object.keys(ways ?? {});
const BEYOND = Object.keys(beyond ?? {});
/** What no JSON parser would keep. */
const EXACT = '{ "n": 9007199254740993, "s": "é😀\\u0000", "n": 1e400 }';
/** Longer than what is packed in place. */
const LONG = JSON.stringify({ long: 'packed on a pool of threads; '.repeat(1_000) });
/** Active at every instant, by recurrence alone: one that is arithmetic, and one whose dates are searched. */
const ALWAYS = JSON.stringify({
  version: 1,
  windows: [
    { schedule: 'cron(0 * * * ? *)', timezone: 'Europe/Rome', duration: 'PT2H' },
    { schedule: 'cron(0 0 L * ? *)', timezone: 'Europe/Rome', duration: 'PT1H' },
  ],
});

let aws: Surroundings;
let ssm: LoopbackServer;
let dynamoDb: LoopbackServer;
let runs = 0;
beforeAll(async () => {
  aws = await startSurroundings();
  const { AWS_ENDPOINT_URL_SSM = '', AWS_ENDPOINT_URL_DYNAMODB = '' } = aws.environment;
  ssm = await startTlsFront(AWS_ENDPOINT_URL_SSM);
  dynamoDb = await startTlsFront(AWS_ENDPOINT_URL_DYNAMODB);
});
afterAll(async () => {
  await Promise.all([ssm, dynamoDb].map((front) => front[Symbol.asyncDispose]()));
  await aws[Symbol.asyncDispose]();
});

/** As in Lambda: over TLS. */
const overTls = () => ({
  AWS_ENDPOINT_URL_SSM: ssm.url,
  AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url,
  NODE_EXTRA_CA_CERTS: TEST_CERTIFICATE,
});

/** The name of a window parameter of a test's own. */
async function parameterWith(text?: string): Promise<string> {
  const name = `windows-${++runs}`;
  if (text !== undefined) await write(name, text);
  return name;
}

async function write(Name: string, Value: string): Promise<void> {
  await aws.ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
}

interface Story {
  readonly client?: Client;
  readonly handler?: string;
  readonly parameter: string;
  readonly invocations: Iterable<ServedInvocation> | AsyncIterable<ServedInvocation>;
  /** How many are answered before the client is ended. */
  readonly count: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a client through invocations, and tells how each was answered: `<kind> <body>`. Less than all where it ends before. */
async function answersTo({
  client = patchedClient(),
  handler = 'hostile.handler',
  parameter,
  invocations,
  count,
  environment,
}: Story): Promise<string[]> {
  await using api = await startRuntimeApi({ invocations, afterwards: 'hold' });
  await using process = startClient({
    client,
    handler,
    runtimeApi: api.address,
    environment: {
      ...overTls(),
      MAINTENANCE_WINDOW_PARAMETER: parameter,
      MAINTENANCE_WINDOW_TTL: '1',
      ...environment,
    },
  });
  await Promise.race([api.seen('answer', count), process.exited]);
  return api.requests
    .toSorted(({ id: one = '' }, { id: other = '' }) => one.localeCompare(other)) // several at once have no order
    .filter(({ kind }) => kind === 'response' || kind === 'error' || kind === 'init-error')
    .map(({ kind, body }) => `${kind} ${body}`);
}

/** A server that ends every connection before TLS begins. */
async function startHangingUp() {
  const server = createServer((socket) =>
    socket
      .on('error', () => undefined)
      .resume()
      .end(),
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((closed) => server.close(() => closed())),
  };
}

/** Four events of different sources, with ids of their own. */
function fourEvents(): (ServedInvocation & { id: string; text: string })[] {
  const texts = [EXACT, readExampleEvent('sns'), readExampleEvent('api-gateway-http-payload-2'), LONG];
  const run = ++runs;
  return texts.map((text, index) => ({ id: `run-${run}-${index}`, text }));
}

async function expectDeferred(answers: readonly string[], events: readonly { id: string; text: string }[]) {
  const [exact, sns, , long] = events;
  expect(answers).toEqual([
    expect.stringContaining(`error {"errorType":"MaintenanceWindow.Active","errorMessage":"stored as ${exact?.id}`),
    'response null',
    expect.stringMatching(/^response \{"statusCode":503,.*"Retry-After"/),
    expect.stringContaining(`error {"errorType":"MaintenanceWindow.Active","errorMessage":"stored as ${long?.id}`),
  ]);
  for (const event of [exact, sns, long]) {
    expect(sha256(await aws.storedBytes(event?.id ?? ''))).toBe(sha256(event?.text ?? ''));
  }
}

it('there are at least forty ways', () => expect(WAYS.length).toBeGreaterThanOrEqual(40));

/** Who makes the connections. What the handler does to Node's own modules meets the second alone. */
const SOCKETS = ['native', 'node'];

describe.each(SOCKETS)('with %s sockets', { concurrent: true }, (MAINTENANCE_WINDOW_SOCKETS) => {
  it.each(WAYS)('%s while the handler is loaded: inside a window, everything is stored and answered', async (way) => {
    const parameter = await parameterWith(activeWindows());
    const events = fourEvents();
    const answers = await answersTo({
      parameter,
      invocations: events,
      count: events.length,
      environment: { SPOILED_AT_LOAD: way, MAINTENANCE_WINDOW_SOCKETS },
    });
    await expectDeferred(answers, events);
  });

  it.each(WAYS)(
    '%s because of an event: as under stock until the first window is begun, and deferred then',
    async (way) => {
      const parameter = await parameterWith();
      const outside = [{ text: JSON.stringify({ spoil: way }) }, { text: '{"order":1}' }];
      const inside = fourEvents();
      async function* invocations() {
        yield* outside;
        await write(parameter, ALWAYS);
        await new Promise((resolve) => setTimeout(resolve, 1_200)); // until the reading is old
        yield* inside;
      }
      const [answers, ofStock] = await Promise.all([
        answersTo({ parameter, invocations: invocations(), count: 6, environment: { MAINTENANCE_WINDOW_SOCKETS } }),
        answersTo({ client: stockClient(), parameter, invocations: outside, count: 2 }),
      ]);
      expect(answers.slice(0, 2)).toEqual(ofStock);
      // Some ways end upstream's client, and with it the environment: a new one defers.
      if (ofStock.length < 2) return;
      await expectDeferred(answers.slice(2), inside);
    },
  );
});

describe.concurrent('a handler that spoils its world while it is loaded', () => {
  it.each(WAYS)('by %s: outside a window, it is answered as under the stock client', async (way) => {
    const story = {
      parameter: await parameterWith(),
      invocations: [{ text: EXACT }, { text: '{"order":1}' }],
      count: 2,
      environment: { SPOILED_AT_LOAD: way },
    };
    expect(await answersTo(story)).toEqual(await answersTo({ ...story, client: stockClient() }));
  });
});

/** One of each kind: a request, a polyfill, a mock, what hardens a process. */
const SOME_WAYS = [
  'an unsafe deep merge of {"__proto__":{"isAdmin":true}}',
  'JSON.parse that boxes numbers',
  'a Date that stands still',
  'a frozen Error.prototype',
  'every method of Map and Set',
  'Symbol.iterator of Array.prototype that is traced',
  'an environment of its own',
];

const FUNCTIONS_OF_MODULES = 'the functions of net, tls, dns, crypto, zlib, fs, vm and timers';

describe.concurrent('whoever stores', () => {
  // Each thread has sockets of its own, and makes none before its handler.
  it.each([...SOME_WAYS, FUNCTIONS_OF_MODULES])('several at once: %s', async (way) => {
    const events = fourEvents();
    const answers = await answersTo({
      parameter: await parameterWith(activeWindows()),
      invocations: events,
      count: events.length,
      environment: {
        SPOILED_AT_LOAD: way,
        AWS_LAMBDA_MAX_CONCURRENCY: '4',
        AWS_LAMBDA_NODEJS_WORKER_COUNT: '1',
      },
    });
    await expectDeferred(answers, events);
  });

  it.each(SOME_WAYS)('for a handler that streams: %s', async (way) => {
    const events = fourEvents();
    const [, , overHttp] = events;
    if (overHttp) overHttp.text = readExampleEvent('function-url');
    const [exact, sns, http, long] = await answersTo({
      parameter: await parameterWith(activeWindows()),
      handler: 'hostile.streaming',
      invocations: events,
      count: events.length,
      environment: { SPOILED_AT_LOAD: way },
    });
    expect(http).toMatch(/^response \{"statusCode":503,.*\}\0{8}\{"message":"under maintenance"\}$/);
    await expectDeferred([exact, sns, 'response {"statusCode":503,"Retry-After"', long].map(String), events);
  });

  // A frozen Error.prototype is beyond the SDK: it writes names on the errors of Node's sockets.
  it.each(SOME_WAYS.filter((way) => way !== 'a frozen Error.prototype'))(
    'with the SDK, where the keys are not in the environment: %s',
    async (way) => {
      const events = fourEvents();
      const answers = await answersTo({
        parameter: await parameterWith(activeWindows()),
        invocations: events,
        count: events.length,
        environment: {
          SPOILED_AT_LOAD: way,
          AWS_SHARED_CREDENTIALS_FILE: join(import.meta.dirname, '../../data/aws-credentials'),
          AWS_PROFILE: 'test-only',
        },
      });
      await expectDeferred(answers, events);
    },
  );
});

describe.concurrent('where the table hangs up on everybody', () => {
  it.each(SOME_WAYS)('the caller is told so in spite of %s', async (way) => {
    await using table = await startHangingUp();
    const answers = await answersTo({
      parameter: await parameterWith(activeWindows()),
      invocations: arriving(),
      count: 1,
      environment: { SPOILED_AT_LOAD: way, AWS_ENDPOINT_URL_DYNAMODB: table.url },
    });
    expect(answers).toEqual([expect.stringContaining('"errorType":"MaintenanceWindow.DeferralFailed"')]);

    /** Its time begins when it is asked for, however long the start takes. */
    function* arriving() {
      yield { text: EXACT, deadlineAt: Date.now() + 5_000 };
    }
  });
});

describe.concurrent('a handler that spoils what Node itself does not work without', () => {
  it.each(BEYOND)('%s is not called inside a window all the same', async (way) => {
    const events = fourEvents();
    const answers = await answersTo({
      parameter: await parameterWith(activeWindows()),
      invocations: events,
      count: events.length,
      environment: { SPOILED_AT_LOAD: way },
    });
    for (const answer of answers) expect(answer).not.toBe('response 42');
  });
});
