import { connect, createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { startDynamoDbProxy } from '../../fakes/dynamodb-proxy.ts';
import { type RawConnection, startRawServer } from '../../fakes/raw-server.ts';
import { type RuntimeApi, startRuntimeApi } from '../../fakes/runtime-api.ts';
import { startSlowSsm } from '../../fakes/slow-ssm.ts';
import { hasProxy, startProxy } from '../../worlds/proxy.ts';
import { activeWindows, startSurroundings } from '../../worlds/surroundings.ts';

const NEXT = 'GET /2018-06-01/runtime/invocation/next';
const PLAIN = `${NEXT} HTTP/1.1\r\nHost: lambda\r\n\r\n`;
const TWO_EVENTS = [
  { id: 'first', text: '{"n":1}' },
  { id: 'second', text: '{"n":2}' },
];
/** Both are stored, and the runtime's one poll goes on until Lambda has no more. */
const BOTH_ANSWERED = ['next', 'error first', 'next', 'error second', 'next'];

const told = ({ requests }: RuntimeApi) => requests.map(({ kind, id }) => [kind, id].join(' ').trim());

/** Sends a poll as it stands here, and waits for a response to it. */
async function poll(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(request);
  const [response] = await Promise.race([
    new Promise<[Buffer]>((resolve) => socket.once('data', (bytes) => resolve([bytes]))),
    buffer(socket).then((bytes): [Buffer] => [bytes]),
  ]);
  socket.destroy();
  return response.toString().split('\r\n')[0] ?? '';
}

/** The table, before which an event may be held. */
async function startTable(url: string | undefined) {
  const dynamoDb = await startDynamoDbProxy(url ?? '');
  const { promise: reached, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: free, resolve: letGo } = Promise.withResolvers<void>();
  dynamoDb.behave(async ({ operation, pk }) => {
    if (operation !== 'PutItem' || !pk.endsWith('#first')) return undefined;
    arrive();
    await free;
    return undefined;
  });
  return { url: dynamoDb.url, reached, letGo, [Symbol.asyncDispose]: () => dynamoDb.close() };
}

/** A way to the Runtime API whose connections can be ended. */
async function startWay(address: string) {
  const [host, port] = address.split(':');
  const ends = new Set<() => void>();
  const server = createServer((runtime) => {
    const lambda = connect(Number(port), host);
    for (const socket of [runtime, lambda]) socket.on('error', () => undefined);
    runtime.pipe(lambda);
    lambda.pipe(runtime);
    ends.add(() => {
      runtime.destroy();
      lambda.destroy();
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const endAll = () => {
    for (const end of ends) end();
  };
  return {
    address: `127.0.0.1:${(server.address() as { port: number }).port}`,
    endAll,
    async [Symbol.asyncDispose]() {
      endAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe.skipIf(!hasProxy)('a poll through the proxy, inside a window', () => {
  it.each([
    ['keeps its connection', PLAIN],
    ['closes its connection', `${NEXT} HTTP/1.1\r\nHost: lambda\r\nConnection: close\r\n\r\n`],
    ['speaks HTTP/1.0', `${NEXT} HTTP/1.0\r\n\r\n`],
    ['has a body', `${NEXT} HTTP/1.1\r\nHost: lambda\r\nContent-Length: 2\r\n\r\n{}`],
    ['has an empty body in chunks', `${NEXT} HTTP/1.1\r\nHost: lambda\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ])('of a runtime that %s goes on behind stored events', async (_, request) => {
    await using aws = await startSurroundings(activeWindows());
    await using api = await startRuntimeApi({ invocations: TWO_EVENTS });
    await using proxy = await startProxy(api.address, aws.environment);
    expect(await poll(proxy.port, request)).toBe('HTTP/1.1 410 Gone');
    expect(told(api)).toEqual(BOTH_ANSWERED);
  });

  it('waits in an image, too, for a first read of the windows that takes long', async () => {
    await using aws = await startSurroundings(activeWindows());
    const { promise: over, resolve: letGo } = Promise.withResolvers<void>();
    let reads = 0;
    const ssm = await startSlowSsm(aws.environment['AWS_ENDPOINT_URL_SSM'] ?? '', async () => {
      reads += 1;
      // Each is given up after 1.5 s: together, that is longer than any later read is waited for.
      if (reads <= 2) await over;
    });
    try {
      await using api = await startRuntimeApi({ invocations: TWO_EVENTS });
      await using proxy = await startProxy(api.address, { ...aws.environment, AWS_ENDPOINT_URL_SSM: ssm.url });
      expect(await poll(proxy.port, PLAIN)).toBe('HTTP/1.1 410 Gone');
      expect(told(api)).toEqual(BOTH_ANSWERED);
    } finally {
      letGo();
      await ssm.close();
    }
  });

  it('is answered where the address of the Runtime API is one of IPv6', async () => {
    await using aws = await startSurroundings(activeWindows());
    await using api = await startRuntimeApi({ invocations: TWO_EVENTS });
    await using proxy = await startProxy(api.address.replace(/^[\d.]+/, '[::ffff:$&]'), aws.environment);
    expect(await poll(proxy.port, PLAIN)).toBe('HTTP/1.1 410 Gone');
    expect(told(api)).toEqual(BOTH_ANSWERED);
  });

  it('goes on where Lambda has ended the connection while its event was stored', async () => {
    await using aws = await startSurroundings(activeWindows());
    await using table = await startTable(aws.environment['AWS_ENDPOINT_URL_DYNAMODB']);
    await using api = await startRuntimeApi({ invocations: TWO_EVENTS });
    await using way = await startWay(api.address);
    await using proxy = await startProxy(way.address, { ...aws.environment, AWS_ENDPOINT_URL_DYNAMODB: table.url });
    const polled = poll(proxy.port, PLAIN);
    await table.reached;
    way.endAll();
    table.letGo();
    expect(await polled).toBe('HTTP/1.1 410 Gone');
    expect(told(api)).toEqual(BOTH_ANSWERED);
  });

  it('goes on where Lambda has taken an answer, and its confirmation is lost on the way', async () => {
    await using aws = await startSurroundings(activeWindows());
    const tries: Record<string, number> = {};
    await using api = await startRuntimeApi({
      invocations: TWO_EVENTS,
      answer({ kind, id = '' }) {
        if (kind !== 'error') return undefined;
        tries[id] = (tries[id] ?? 0) + 1;
        if (tries[id] === 1) return 'reset';
        return { status: 403, body: '{"errorType":"InvalidStateTransition"}' };
      },
    });
    await using proxy = await startProxy(api.address, aws.environment);
    expect(await poll(proxy.port, PLAIN)).toBe('HTTP/1.1 410 Gone');
    expect(tries).toEqual({ first: 2, second: 2 });
    expect(proxy.output()).not.toMatch(/GateFault|DeferralFailed|\tERROR\t/);
    for (const { id } of TWO_EVENTS) expect((await aws.eventItem(id))?.['status']?.S).toBe('pending');
  });

  it('ends, and the log says why, where an event is broken off', async () => {
    await using aws = await startSurroundings(activeWindows());
    const breakOff = async (connection: RawConnection) => {
      await connection.until((received) => received.includes('\r\n\r\n'));
      await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half":');
      connection.end();
    };
    await using lambda = await startRawServer((connection) => void breakOff(connection));
    await using proxy = await startProxy(lambda.address, aws.environment);
    expect(await poll(proxy.port, PLAIN)).toBe('');
    await expect.poll(proxy.output).toContain("a connection of the runtime's is closed: an event was broken off");
  });

  it('takes no further event for a runtime that has gone away meanwhile', async () => {
    await using aws = await startSurroundings(activeWindows());
    await using table = await startTable(aws.environment['AWS_ENDPOINT_URL_DYNAMODB']);
    await using api = await startRuntimeApi({ invocations: TWO_EVENTS });
    await using proxy = await startProxy(api.address, { ...aws.environment, AWS_ENDPOINT_URL_DYNAMODB: table.url });
    const impatient = connect(proxy.port, '127.0.0.1');
    impatient.write(PLAIN);
    await table.reached;
    impatient.destroy();
    table.letGo();
    await api.seen('error');
    expect(await poll(proxy.port, PLAIN)).toBe('HTTP/1.1 410 Gone');
    expect(told(api)).toEqual(BOTH_ANSWERED);
  });
});
