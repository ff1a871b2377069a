import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type InvokeEndpoint, startInvokeEndpoint } from '../../../local/aws/invoke-endpoint.ts';
import { type RunningFunction, runFunction } from '../../worlds/emulator.ts';

/** Says what it was called with, so that a test sees asynchronous invocations too. */
const CODE = `
  let under = 0;
  export const handler = async (event, context) => {
    const { awsRequestId: id, clientContext } = context;
    console.log('CALL ' + JSON.stringify({ event: typeof event === 'string' ? event.slice(0, 99) : event, id, clientContext }));
    if (event?.what === 'overlap') {
      under += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { number: event.number, under: under--};
    }
    if (event?.throw) throw Object.assign(new Error('no such order'), { name: 'Orders.Unknown' });
    return { event, clientContext: context.clientContext };
  };
`;
const ARN = 'arn:aws:lambda:us-east-1:012345678912:function:orders';

describe('the Invoke endpoint in front of the real emulator', () => {
  let orders: RunningFunction;
  let endpoint: InvokeEndpoint;
  let client: LambdaClient;
  const written: string[] = [];

  beforeAll(async () => {
    orders = await runFunction({ code: CODE });
    endpoint = await startInvokeEndpoint({
      functionName: 'orders',
      configuration: { timeoutSeconds: 7, environment: { MAINTENANCE_WINDOW_TTL: '1' } },
      invoke: orders.emulator.invoke,
      retryDelaysMs: [20, 40],
      write: (line) => written.push(line),
    });
    client = new LambdaClient({
      endpoint: endpoint.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    });
  });
  afterAll(async () => {
    client.destroy();
    await endpoint.close();
    await orders.close();
  });
  beforeEach(() => {
    orders.lines.length = 0;
    written.length = 0;
  });

  async function invoke(input: Partial<InvokeCommandInput>) {
    const { Payload, $metadata, ...rest } = await client.send(new InvokeCommand({ FunctionName: 'orders', ...input }));
    const text = Payload && Payload.length > 0 ? Buffer.from(Payload).toString() : undefined;
    return { ...rest, text, value: text && JSON.parse(text), requestId: $metadata.requestId };
  }
  const calls = () => orders.lines.flatMap((line) => line.split('CALL ')[1] ?? []).map((text) => JSON.parse(text));
  const post = (path: string, init: RequestInit = {}) => fetch(`${endpoint.url}${path}`, { method: 'POST', ...init });

  it('answers the SDK with the result, the version and the function’s request id', async () => {
    const { StatusCode, ExecutedVersion, FunctionError, value, requestId } = await invoke({
      Payload: '{"order":"A-1"}',
    });
    expect({ StatusCode, ExecutedVersion, FunctionError }).toEqual({
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      FunctionError: undefined,
    });
    expect(value.event).toEqual({ order: 'A-1' });
    expect(requestId).toBe(calls()[0].id);
  });

  it('says what Lambda says of the function, by name and in a list', async () => {
    const described = {
      FunctionName: 'orders',
      FunctionArn: ARN,
      Timeout: 7,
      PackageType: 'Image',
      State: 'Active',
      Environment: { Variables: { MAINTENANCE_WINDOW_TTL: '1' } },
    };
    expect(await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'orders' }))).toMatchObject(described);
    expect((await client.send(new ListFunctionsCommand({}))).Functions).toMatchObject([described]);
    const { ReservedConcurrentExecutions } = await client.send(
      new GetFunctionConcurrencyCommand({ FunctionName: 'orders' }),
    );
    expect(ReservedConcurrentExecutions).toBeUndefined();
    const settings = client.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: 'orders' }));
    await expect(settings).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const other = client.send(new GetFunctionConfigurationCommand({ FunctionName: 'billing' }));
    await expect(other).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('marks the answer of a handler that throws', async () => {
    const { StatusCode, FunctionError, value } = await invoke({ Payload: '{"throw":true}' });
    expect({ StatusCode, FunctionError }).toEqual({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(value).toMatchObject({ errorType: 'Orders.Unknown', errorMessage: 'no such order' });
  });

  it.each(['orders:live', 'orders:7', 'orders:$LATEST', '012345678912:function:orders', ARN, `${ARN}:live`])(
    'finds the function as %s',
    async (FunctionName) => {
      expect((await invoke({ FunctionName, Payload: '{"a":1}' })).value.event).toEqual({ a: 1 });
    },
  );

  it('takes a qualifier', async () => {
    expect(await invoke({ Qualifier: 'live', Payload: '1' })).toMatchObject({
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
    });
  });

  it.each(['order', 'orders2', 'arn:aws:lambda:us-east-1:012345678912:function:invoices'])(
    'does not know the function %s',
    async (FunctionName) => {
      await expect(invoke({ FunctionName })).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        $metadata: { httpStatusCode: 404 },
      });
      expect(calls()).toEqual([]);
    },
  );

  it('takes no body for an empty object', async () => {
    expect((await invoke({})).value.event).toEqual({});
  });

  it('passes the client context on', async () => {
    const context = { custom: { 'maintenance-window.replay': 'r-1' } };
    const ClientContext = Buffer.from(JSON.stringify(context)).toString('base64');
    expect((await invoke({ ClientContext })).value.clientContext).toEqual(context);
  });

  it.each([
    ['no Base64', '!!'],
    ['no JSON', Buffer.from('no JSON').toString('base64')],
    ['a list', Buffer.from('[]').toString('base64')],
    ['nothing', Buffer.from('null').toString('base64')],
    ['too long', Buffer.from(JSON.stringify({ custom: 'x'.repeat(2_700) })).toString('base64')],
  ])('refuses a client context that is %s', async (_what, ClientContext) => {
    await expect(invoke({ ClientContext })).rejects.toMatchObject({ name: 'InvalidRequestContentException' });
    expect(calls()).toEqual([]);
  });

  it('refuses a body that is no JSON, which would end the runtime', async () => {
    await expect(invoke({ Payload: '{"a":' })).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
      message: expect.stringMatching(/^Could not parse request body into json: /),
    });
  });

  it('refuses a body that is no UTF-8, of which the function would get another text', async () => {
    await expect(invoke({ Payload: Buffer.from('"Hauptstraße"', 'latin1') })).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
    });
    expect(calls()).toEqual([]);
  });

  it('takes 6 MB and refuses a byte more', async () => {
    const fits = `"${'x'.repeat(6_291_454)}"`;
    expect((await invoke({ Payload: fits })).value.event).toHaveLength(6_291_454);
    expect(calls()).toHaveLength(1);
    await expect(invoke({ Payload: `${fits} ` })).rejects.toMatchObject({
      name: 'RequestEntityTooLargeException',
      message: '6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)',
      $metadata: { httpStatusCode: 413 },
    });
  });

  it('refuses an asynchronous invocation of more than 1 MB', async () => {
    await expect(invoke({ InvocationType: 'Event', Payload: `"${'x'.repeat(1_048_575)}"` })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 413 },
    });
  });

  it('only looks, for a dry run', async () => {
    expect(await invoke({ InvocationType: 'DryRun', Payload: '{"a":1}' })).toMatchObject({
      StatusCode: 204,
      text: undefined,
    });
    await expect(invoke({ InvocationType: 'DryRun', FunctionName: 'order' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    expect(calls()).toEqual([]);
  });

  it('answers an asynchronous invocation at once, and runs it once, without its client context', async () => {
    const ClientContext = Buffer.from('{}').toString('base64');
    expect(await invoke({ InvocationType: 'Event', Payload: '{"order":"A-1"}', ClientContext })).toMatchObject({
      StatusCode: 202,
      text: undefined,
    });
    await invoke({ Payload: '"the next one"' });
    expect(calls()).toMatchObject([{ event: { order: 'A-1' } }, { event: 'the next one' }]);
    expect(calls()[0].clientContext).toBeUndefined();
    await sleep(200);
    expect(calls()).toHaveLength(2);
  });

  it('tries a failed asynchronous invocation twice again with the same body, and then says where it would go', async () => {
    await invoke({ InvocationType: 'Event', Payload: '{"throw":"twice more"}' });
    while (written.length < 3) await sleep(10);
    expect(calls().map(({ event }) => event)).toEqual(Array(3).fill({ throw: 'twice more' }));
    expect(written).toEqual([
      expect.stringMatching(/^An asynchronous invocation failed; again in 0.02 s: .*no such order/),
      expect.stringMatching(/^An asynchronous invocation failed; again in 0.04 s: .*no such order/),
      expect.stringMatching(/^An asynchronous invocation failed for good; .* dead-letter queue: .*no such order/),
    ]);
  });

  it('runs 20 concurrent calls one at a time, in the order of their arrival, each with its own answer', async () => {
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    const answers = await Promise.all(
      numbers.map((number) => invoke({ Payload: JSON.stringify({ what: 'overlap', number }) })),
    );
    expect(answers.map(({ value }) => value)).toEqual(numbers.map((number) => ({ number, under: 1 })));
    expect(new Set(answers.map(({ requestId }) => requestId)).size).toBe(20);
  });

  it('knows no other operation and no other invocation type', async () => {
    expect((await fetch(`${endpoint.url}/2015-03-31/layers/`)).status).toBe(404);
    expect((await post('////', {})).status).toBe(404);
    const unknownType = await post('/2015-03-31/functions/orders/invocations', {
      headers: { 'x-amz-invocation-type': 'Later' },
    });
    expect(unknownType.status).toBe(400);
    expect(unknownType.headers.get('x-amzn-errortype')).toBe('InvalidParameterValueException');
  });
});

describe('the Invoke endpoint alone', () => {
  const nothing = { functionName: 'orders', write: () => undefined };

  it('keeps the order of arrival', async () => {
    const order: string[] = [];
    const invoke = async ({ payload }: { payload: Buffer }) => {
      await sleep(order.length === 0 ? 30 : 1);
      order.push(payload.toString());
      return { failed: false, payload };
    };
    const endpoint = await startInvokeEndpoint({ ...nothing, invoke });
    const request = (body: string) =>
      `POST /2015-03-31/functions/orders/invocations HTTP/1.1\r\nHost: here\r\nContent-Length: 1\r\n\r\n${body}`;
    // On one connection, one behind the other: requests on several arrive in any order.
    const connection = connect(Number(new URL(endpoint.url).port), '127.0.0.1');
    connection.write(['1', '2', '3', '4'].map(request).join(''));
    while (order.length < 4) await sleep(5);
    connection.destroy();
    await endpoint.close();
    expect(order).toEqual(['1', '2', '3', '4']);
  });

  it('has several functions, and neither waits for the other', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const answering = (text: string) => ({ failed: false, payload: Buffer.from(`"${text}"`) });
    const python = { functionName: 'python', invoke: async () => answering('python') };
    await using endpoint = await disposable({
      ...nothing,
      invoke: () => released.then(() => answering('orders')),
      others: [python],
    });
    const post = (name: string) =>
      fetch(`${endpoint.url}/2015-03-31/functions/${name}/invocations`, { method: 'POST', body: '{}' });
    const slow = post('orders');
    expect(await (await post('python')).json()).toBe('python');
    release();
    expect(await (await slow).json()).toBe('orders');

    const { Functions } = (await (await fetch(`${endpoint.url}/2015-03-31/functions/`)).json()) as {
      Functions: readonly { readonly FunctionName: string }[];
    };
    expect(Functions.map(({ FunctionName }) => FunctionName)).toEqual(['orders', 'python']);
    const described = await fetch(`${endpoint.url}/2015-03-31/functions/python/configuration`);
    expect(await described.json()).toMatchObject({ FunctionName: 'python' });
    const unknown = await post('shop');
    expect({ status: unknown.status, text: await unknown.text() }).toEqual({
      status: 404,
      text: expect.stringContaining('Function not found: shop. The functions here are orders and python.'),
    });
  });

  async function disposable(options: Parameters<typeof startInvokeEndpoint>[0]) {
    const endpoint = await startInvokeEndpoint(options);
    return { ...endpoint, [Symbol.asyncDispose]: () => endpoint.close() };
  }

  it('answers 500 while the emulator is gone, and goes on', async () => {
    const endpoint = await startInvokeEndpoint({
      ...nothing,
      invoke: () => Promise.reject(new Error('connect ECONNREFUSED')),
    });
    for (const _ of [1, 2]) {
      const response = await fetch(`${endpoint.url}/2015-03-31/functions/orders/invocations`, {
        method: 'POST',
        body: '{}',
      });
      expect([response.status, await response.json()]).toEqual([
        500,
        { Type: 'Service', Message: 'The emulator did not answer: Error: connect ECONNREFUSED' },
      ]);
    }
    await endpoint.close();
  });

  it.each([
    ['stored as r-1, to be replayed after 2026-11-21T04:00:00Z; do not send it again (CHG "1")', 'r-1', 1],
    ['under maintenance; stored as r-1, do not send it again', 'r-1', 1],
    ['stored as r-1, to be replayed after the maintenance; do not send it again', undefined, 1],
    ['stored as r-2, to be replayed after the maintenance; do not send it again', 'r-1', 3],
    ['under maintenance', 'r-1', 3],
  ])('tries again only what is not stored: %j', async (errorMessage, requestId, expected) => {
    let calls = 0;
    const payload = Buffer.from(JSON.stringify({ errorType: 'MaintenanceWindow.Active', errorMessage, trace: [] }));
    const invoke = async () => {
      calls += 1;
      return { failed: true, payload, ...(requestId && { requestId }) };
    };
    const endpoint = await startInvokeEndpoint({ ...nothing, invoke, retryDelaysMs: [5, 5] });
    const headers = { 'x-amz-invocation-type': 'Event' };
    await fetch(`${endpoint.url}/2015-03-31/functions/orders/invocations`, { method: 'POST', body: '{}', headers });
    while (calls < expected) await sleep(5);
    await sleep(50);
    await endpoint.close();
    expect(calls).toBe(expected);
  });

  it('forgets the retries when it is closed', async () => {
    let calls = 0;
    const invoke = async () => {
      calls += 1;
      return { failed: true, payload: Buffer.from('{}') };
    };
    const endpoint = await startInvokeEndpoint({ ...nothing, invoke, retryDelaysMs: [30, 30] });
    const headers = { 'x-amz-invocation-type': 'Event' };
    await fetch(`${endpoint.url}/2015-03-31/functions/orders/invocations`, { method: 'POST', body: '{}', headers });
    await endpoint.close();
    await sleep(100);
    expect(calls).toBe(1);
  });

  it('says that its port is in use, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(startInvokeEndpoint({ ...nothing, invoke: () => Promise.reject(), port })).rejects.toMatchObject({
      name: 'MaintenanceWindow.Missing',
      message: expect.stringContaining(`Port ${port} is in use.`),
    });
    other.close();
  });
});
