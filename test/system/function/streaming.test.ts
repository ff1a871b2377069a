import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExampleEvent } from '../../data/events.ts';
import { type RecordedRequest, type ServedInvocation, startRuntimeApi } from '../../fakes/runtime-api.ts';
import { type Client, patchedClient, startClient, stockClient } from '../../worlds/client-process.ts';
import { activeWindows, type Surroundings, startSurroundings } from '../../worlds/surroundings.ts';

// A function whose handler streams, inside a window. Outside one: same-as-stock-streaming.test.ts.

const POLICY = { http: { defer: ['* /webhooks/*'] } };
const SEVERAL = { AWS_LAMBDA_MAX_CONCURRENCY: '64', AWS_LAMBDA_NODEJS_WORKER_COUNT: '2' };
const EIGHT_NULS = '\0'.repeat(8);

let aws: Surroundings;
let ofStock: RecordedRequest;
beforeAll(async () => {
  aws = await startSurroundings(activeWindows({ policy: POLICY }));
  ofStock = await answerOf('streams.prelude', { text: '{}' }, {}, stockClient());
});
afterAll(() => aws[Symbol.asyncDispose]());

/** The request with which the client answers the one invocation that it has. */
async function answerOf(
  handler: string,
  invocation: ServedInvocation,
  environment: Readonly<Record<string, string>> = {},
  client: Client = patchedClient(),
): Promise<RecordedRequest> {
  await using api = await startRuntimeApi({ invocations: [invocation], afterwards: 'hold' });
  await using _client = startClient({
    client,
    handler,
    runtimeApi: api.address,
    environment: { ...aws.environment, ...environment },
  });
  await api.seen('answer');
  const answer = api.requests.find(({ kind }) => kind === 'response' || kind === 'error');
  if (!answer) throw new Error('there is no answer');
  return answer;
}

/** All headers but the Runtime API's own address. */
function headersOf({ rawHeaders }: RecordedRequest): string[] {
  const lines = Array.from({ length: rawHeaders.length / 2 }, (_, i) => rawHeaders.slice(2 * i, 2 * i + 2).join(': '));
  return lines.filter((line) => !line.startsWith('Host: '));
}

function eventTo(name: string, path: string): string {
  return readExampleEvent(name).replaceAll('/orders', path);
}

describe('a streaming function whose caller reads the stream', () => {
  it.each(['function-url', 'function-url-iam', 'api-gateway-rest'])(
    '%s is told to come back, as a handler of stock’s would tell it',
    async (name) => {
      const answer = await answerOf('streams.plain', { id: 'r-1', text: readExampleEvent(name) });
      expect(answer.kind).toBe('response');
      expect(headersOf(answer)).toEqual(headersOf(ofStock));
      expect(answer.headers['content-type']).toBe('application/vnd.awslambda.http-integration-response');
      expect(answer.headers['lambda-runtime-function-response-mode']).toBe('streaming');
      expect(answer.headers['trailer']).toBe('Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body');
      expect(answer.rawTrailers).toEqual([]); // it is no failure of the function's
      expect(answer.complete).toBe(true);

      const [prelude = '', body] = `${answer.body}`.split(EIGHT_NULS);
      const { statusCode, headers, ...others } = JSON.parse(prelude);
      expect(others).toEqual({});
      expect(statusCode).toBe(503);
      expect(headers).toEqual({
        'Content-Type': 'application/json',
        'Cache-Control': 'no-store',
        'Retry-After': expect.stringMatching(/^\d+$/),
      });
      expect(body).toBe('{"message":"under maintenance"}');
      expect(Number(headers['Retry-After'])).toBeGreaterThan(3 * 3_600);
      expect(Number(headers['Retry-After'])).toBeLessThanOrEqual(1.1 * 4 * 3_600);
    },
  );

  it.each<[string, Readonly<Record<string, string>>]>([
    ['one-at-a-time', {}],
    ['several-at-once', SEVERAL],
  ])('gets 202 for a request that is stored, %s', async (id, environment) => {
    const text = eventTo('function-url', '/webhooks/git');
    const answer = await answerOf('streams.plain', { id, text }, environment);
    const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
    const prelude = JSON.stringify({ statusCode: 202, headers });
    expect(`${answer.body}`).toBe(`${prelude}${EIGHT_NULS}{"deferred":true,"id":"${id}"}`);
    expect((await aws.storedBytes(id)).toString()).toBe(text);
  });

  it.each(['function-url-preflight', 'api-gateway-rest-preflight'])(
    '%s is answered by a prelude alone, for there is no body',
    async (name) => {
      const answer = await answerOf('streams.plain', { text: readExampleEvent(name) });
      const prelude = JSON.stringify({ statusCode: 204, headers: { 'Cache-Control': 'no-store' } });
      expect([`${answer.body}`, answer.complete]).toEqual([`${prelude}${EIGHT_NULS}`, true]);
    },
  );

  it('gets 503 for a request that was to be stored and is not', async () => {
    const text = eventTo('function-url', '/webhooks/git');
    const answer = await answerOf('streams.plain', { text }, { MAINTENANCE_WINDOW_TABLE: 'no-such-table' });
    expect(JSON.parse(`${answer.body}`.split(EIGHT_NULS)[0] ?? '').statusCode).toBe(503);
  });
});

describe('a streaming function whose caller reads no stream', () => {
  it.each([
    ['alb-single-value-headers', { statusCode: 503, statusDescription: '503 Service Unavailable' }],
    ['alb-multi-value-headers', { statusCode: 503, multiValueHeaders: { 'Content-Type': ['application/json'] } }],
    ['alb-health-check', { statusCode: 200, statusDescription: '200 OK' }],
    ['api-gateway-http-payload-1', { statusCode: 503 }],
    ['api-gateway-http-payload-2', { statusCode: 503 }],
    ['lattice-v2', { statusCode: 503 }],
    ['websocket-connect', { statusCode: 503 }],
    ['sqs', { batchItemFailures: [] }],
  ])('%s gets one JSON text', async (name, said) => {
    const answer = await answerOf('streams.plain', { text: readExampleEvent(name) });
    expect([answer.kind, answer.headers['content-type']]).toEqual(['response', 'application/json']);
    expect(answer.headers['lambda-runtime-function-response-mode']).toBeUndefined();
    expect(JSON.parse(`${answer.body}`)).toMatchObject(said);
  });

  it('gets an error where it may be waiting, and the event is stored', async () => {
    const answer = await answerOf('streams.plain', { id: 'direct', text: '{"name":"Ada"}' });
    expect(answer.kind).toBe('error');
    expect(JSON.parse(`${answer.body}`)).toMatchObject({
      errorType: 'MaintenanceWindow.Active',
      errorMessage: expect.stringContaining('stored as direct'),
      trace: [],
    });
    expect((await aws.storedBytes('direct')).toString()).toBe('{"name":"Ada"}');
  });
});

describe('a streaming function after a window', () => {
  it('streams chunk by chunk, also where the table was asked first', async () => {
    const ended = new Date(Date.now() - 60_000).toISOString();
    await using after = await startSurroundings(`2026-01-01T00:00:00Z,${ended}`);
    const answer = await answerOf('streams.plain', { text: '{"name":"Ada"}' }, after.environment);
    expect(answer.pieces.map(String)).toEqual(['hello Ada, ', 'and ', 'goodbye']);
    expect(answer.headers['content-type']).toBe('text/plain');
  });
});
