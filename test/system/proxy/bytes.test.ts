import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasProxy, type RunningProxy, startProxy } from '../../worlds/proxy.ts';
import { activeWindows, type Surroundings, startSurroundings } from '../../worlds/surroundings.ts';

const NEXT = 'GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n';
const RESPONSE = 'POST /2018-06-01/runtime/invocation/1/response HTTP/1.1\r\nHost: x\r\n';
const TAKEN = 'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}';

/** One end of a connection, as bytes. */
interface End {
  readonly socket: Socket;
  /** Resolves with all that has come, once it ends so. */
  until(end: string | RegExp): Promise<string>;
  /** Resolves with all that has come, once the other end has closed. */
  readonly closed: Promise<string>;
}

function endOf(socket: Socket): End {
  let text = '';
  let changed: () => void = () => undefined;
  socket.setNoDelay().on('error', () => undefined);
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
    changed();
  });
  return {
    socket,
    closed: new Promise((resolve) => socket.once('close', () => resolve(text))),
    until: (end) =>
      new Promise((resolve) => {
        changed = () => {
          if (typeof end === 'string' ? text.endsWith(end) : end.test(text)) resolve(text);
        };
        changed();
      }),
  };
}

/** A Runtime API of bytes: a test takes the connections that come, and says what goes over them. */
async function startLambda() {
  const come: End[] = [];
  const waiting: ((end: End) => void)[] = [];
  const server = createServer((socket) => {
    const end = endOf(socket);
    const first = waiting.shift();
    if (first) first(end);
    else come.push(end);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  return {
    address: `127.0.0.1:${port}`,
    taken: (): Promise<End> => {
      const first = come.shift();
      return first ? Promise.resolve(first) : new Promise((resolve) => waiting.push(resolve));
    },
    close: () => server.close(),
  };
}

describe.skipIf(!hasProxy)('bytes through the proxy', () => {
  let aws: Surroundings;
  let lambda: Awaited<ReturnType<typeof startLambda>>;
  let proxy: RunningProxy;
  beforeAll(async () => {
    aws = await startSurroundings();
    lambda = await startLambda();
    proxy = await startProxy(lambda.address, aws.environment);
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    lambda.close();
    await aws[Symbol.asyncDispose]();
  });

  function runtime(): End {
    return endOf(connect(proxy.port, '127.0.0.1'));
  }

  it('pass as they came, whatever the names, the order and the framing, split at every byte', async () => {
    const sent = `${RESPONSE}X-odd:  a\r\ntrailer: T\r\nTRANSFER-ENCODING: chunked\r\nx-odd: b\r\n\r\n5;name="v"\r\nhello\r\n0001\r\n!\r\n0;last\r\nT: 1\r\nU: 2\r\n\r\n`;
    const answer =
      'HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\nDATE: x\r\n\r\n2;x=y\r\n{}\r\n0\r\nEnd: yes\r\n\r\n';
    const client = runtime();
    for (const byte of sent) await new Promise<void>((go) => client.socket.write(byte, 'latin1', () => go()));
    const server = await lambda.taken();
    expect(await server.until('U: 2\r\n\r\n')).toBe(sent);
    for (const byte of answer) await new Promise<void>((go) => server.socket.write(byte, 'latin1', () => go()));
    expect(await client.until('yes\r\n\r\n')).toBe(answer);
    client.socket.destroy();
  });

  it('wait for the interim answer that the runtime waits for', async () => {
    const client = runtime();
    client.socket.write(`${RESPONSE}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
    const server = await lambda.taken();
    await server.until('\r\n\r\n');
    server.socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    await client.until('HTTP/1.1 100 Continue\r\n\r\n');
    client.socket.write('hello');
    await server.until('hello');
    server.socket.write(TAKEN);
    expect(await client.until('{}')).toBe(`HTTP/1.1 100 Continue\r\n\r\n${TAKEN}`);
    client.socket.destroy();
  });

  it('come back although the request is not all there', async () => {
    const refusal = 'HTTP/1.1 413 Payload Too Large\r\nContent-Length: 3\r\n\r\nno!';
    const client = runtime();
    client.socket.write(`${RESPONSE}Content-Length: 5000000\r\n\r\n${'x'.repeat(100_000)}`);
    const server = await lambda.taken();
    await server.until(/x{1000}/);
    server.socket.write(refusal);
    expect(await client.until('no!')).toBe(refusal);
    server.socket.destroy();
    await client.closed;
  });

  it('go on up where Lambda answers early and reads on', async () => {
    const client = runtime();
    client.socket.write(`${RESPONSE}Content-Length: 10\r\n\r\nhello`);
    const server = await lambda.taken();
    await server.until('hello');
    server.socket.write(TAKEN);
    await client.until('{}');
    client.socket.write('world');
    await server.until('helloworld');
    client.socket.write(NEXT);
    await server.until(NEXT);
    client.socket.destroy();
  });

  it('end where the connection ends', async () => {
    const client = runtime();
    client.socket.write(NEXT);
    const server = await lambda.taken();
    await server.until('\r\n\r\n');
    server.socket.end('HTTP/1.1 500 Oh\r\n\r\nall of it');
    expect(await client.closed).toBe('HTTP/1.1 500 Oh\r\n\r\nall of it');
  });

  it('keep their order where requests come before their answers', async () => {
    const client = runtime();
    client.socket.write(`${RESPONSE}Content-Length: 1\r\n\r\n1${RESPONSE}Content-Length: 1\r\n\r\n2`);
    const server = await lambda.taken();
    await server.until('\r\n\r\n1');
    server.socket.write(TAKEN.replace('{}', '11'));
    await server.until('\r\n\r\n2');
    server.socket.write(TAKEN.replace('{}', '22'));
    expect(await client.until('22')).toBe(TAKEN.replace('{}', '11') + TAKEN.replace('{}', '22'));
    client.socket.destroy();
  });

  it('of 6 MB in and out are the same bytes', async () => {
    const body = Array.from({ length: 600_000 }, (_, index) => String(index).padStart(10)).join('');
    const head = `HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\nContent-Length: ${body.length}\r\n\r\n`;
    const client = runtime();
    client.socket.write(NEXT);
    const server = await lambda.taken();
    await server.until('\r\n\r\n');
    server.socket.write(head + body);
    expect((await client.until(/599999$/)) === head + body).toBe(true);
    const sent = `${RESPONSE}Content-Length: ${body.length}\r\n\r\n${body}`;
    client.socket.write(sent);
    expect((await server.until(/599999$/)) === NEXT + sent).toBe(true);
    client.socket.destroy();
  });

  it('end on both ends: a poll that goes away below goes away above', async () => {
    const client = runtime();
    client.socket.write(NEXT);
    const server = await lambda.taken();
    await server.until('\r\n\r\n');
    client.socket.destroy();
    await server.closed;
  });

  it('end on both ends: a connection that Lambda closes is closed below', async () => {
    const client = runtime();
    client.socket.write(`${RESPONSE}Content-Length: 0\r\n\r\n`);
    const server = await lambda.taken();
    await server.until('\r\n\r\n');
    server.socket.write(TAKEN);
    await client.until('{}');
    server.socket.end();
    await client.closed;
  });

  it('of a replay lose its proof, and nothing else', async () => {
    const context =
      '{"custom": {"maintenance-window.replay":"r-1","maintenance-window.proof":"0123456789abcdef0123456789abcdef"}}';
    const head = (value: string) =>
      `HTTP/1.1 200 OK\r\nlambda-runtime-client-context: ${value}\r\nX-A:  1\r\nContent-Length: 2\r\n\r\n{}`;
    const client = runtime();
    client.socket.write(NEXT);
    const server = await lambda.taken();
    await server.until('\r\n\r\n');
    server.socket.write(head(context));
    const got = await client.until('{}');
    expect(got).not.toContain('0123456789abcdef');
    expect(got).toBe(head('{"custom": {"maintenance-window.replay":"r-1"}}'));
    client.socket.destroy();
  });

  it('that are not HTTP end the connection, and nothing else', async () => {
    const odd = runtime();
    odd.socket.write('hello?\r\n\r\n');
    expect(await odd.closed).toBe('');
    const client = runtime();
    client.socket.write(NEXT);
    const server = await lambda.taken();
    expect(await server.until('\r\n\r\n')).toBe(NEXT);
    client.socket.destroy();
  });
});

describe.skipIf(!hasProxy)('an event that the runtime does not get whole', () => {
  it('ends the process, so that Lambda hears of it', async () => {
    await using aws = await startSurroundings();
    const lambda = await startLambda();
    await using proxy = await startProxy(lambda.address, aws.environment);
    const client = endOf(connect(proxy.port, '127.0.0.1'));
    client.socket.write(NEXT);
    const server = await lambda.taken();
    await server.until('\r\n\r\n');
    server.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6000000\r\n\r\n{"n":');
    await client.until('{"n":');
    client.socket.destroy();
    expect(await proxy.exited).toBe(70);
    expect(proxy.output()).toContain('ERROR the runtime has gone away before it had an event whole');
    lambda.close();
  });

  it('ends the process where Lambda takes no answer to it', async () => {
    await using aws = await startSurroundings(activeWindows({ policy: { direct: 'reject' } }));
    const lambda = await startLambda();
    await using proxy = await startProxy(lambda.address, aws.environment);
    const client = endOf(connect(proxy.port, '127.0.0.1'));
    client.socket.write(NEXT);
    const server = await lambda.taken();
    await server.until('\r\n\r\n');
    lambda.close();
    const head = [
      'HTTP/1.1 200 OK',
      'Lambda-Runtime-Aws-Request-Id: 1',
      `Lambda-Runtime-Deadline-Ms: ${Date.now() + 30_000}`,
      'Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-south-1:123456789012:function:orders',
      'Content-Length: 2',
    ];
    server.socket.write(`${head.join('\r\n')}\r\n\r\n{}`);
    expect(await proxy.exited).toBe(70);
    expect(proxy.output()).toContain('an invocation could not be answered');
  });
});
