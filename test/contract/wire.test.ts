import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startRuntimeApi } from '../fakes/runtime-api.ts';
import { headerOf, messagesOf } from '../fakes/wire-messages.ts';
import { startWireTap } from '../fakes/wire-tap.ts';

const lines = (...all: readonly string[]) => Buffer.from(all.join('\r\n'), 'latin1');

describe('messages on the wire', () => {
  it('are told apart by length, by chunks, and without a body', () => {
    const bytes = lines(
      'GET /next HTTP/1.1',
      'host:  a',
      '',
      'POST /one HTTP/1.1',
      'Content-Length: 3',
      '',
      'onePOST /two HTTP/1.1',
      'transfer-encoding: chunked',
      '',
      'A;x=y',
      '0123456789',
      '0',
      'Trailer-Name: value',
      '',
      'GET /last HTTP/1.1',
      '',
      '',
    );
    const messages = messagesOf(bytes);
    expect(messages.map(({ head, chunks, body, trailers, isWhole }) => [head[0], chunks, `${body}`, trailers, isWhole]))
      // One row a message.
      .toEqual([
        ['GET /next HTTP/1.1', [], '', [], true],
        ['POST /one HTTP/1.1', [], 'one', [], true],
        ['POST /two HTTP/1.1', ['A;x=y', '0'], '0123456789', ['Trailer-Name: value'], true],
        ['GET /last HTTP/1.1', [], '', [], true],
      ]);
    expect(messages[0]?.head[1]).toBe('host:  a');
    expect(messages[0] && headerOf(messages[0], 'Host')).toBe('a');
  });

  it('end where the connection does when an answer says no length, and 204 has no body', () => {
    const bytes = lines('HTTP/1.1 204 No Content', '', 'HTTP/1.1 200 OK', '', 'until the end');
    expect(messagesOf(bytes).map(({ body, isWhole }) => [`${body}`, isWhole])).toEqual([
      ['', true],
      ['until the end', true],
    ]);
  });

  it.each([
    ['in a head', 'GET /next HTTP/1.1\r\nHost'],
    ['before its body', 'POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\non'],
    ['in a chunk', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc'],
    ['before the last chunk', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'],
    ['in trailers', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n'],
  ])('say that they were broken off, %s', (_, text) => {
    expect(messagesOf(Buffer.from(text)).map(({ isWhole }) => isWhole)).toEqual([false]);
  });

  it.each(['x\r\nabc\r\n', '2\r\nabc\r\n', '-1\r\n', '\r\n'])('are no messages with the chunk %j', (chunk) => {
    expect(() =>
      messagesOf(Buffer.from(`POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`)),
    ).toThrow(/chunk/);
  });
});

describe('a tap', () => {
  it('passes bytes on as they are, and tells who asked what and was answered what', async () => {
    await using api = await startRuntimeApi({ invocations: [{ text: '"one"' }], afterwards: 'hold' });
    await using tap = await startWireTap(api.address);
    await using first = clientOf(tap.address);
    await using second = clientOf(tap.address);
    first.write('GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhoSt: x\r\n\r\n');
    expect(await first.answered()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n"one"$/);
    second.write('POST /2018-06-01/runtime/invocation/id/response HTTP/1.1\r\nHost: x\r\n');
    second.write('Transfer-Encoding: chunked\r\n\r\n2;a\r\nok\r\n0\r\n\r\n');
    await tap.sent('2;a\r\nok\r\n');
    await second.answered();
    first.write('GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n');
    await api.seen('next', 2);

    const told = tap.exchanges();
    expect(told.map(({ connection, request, answer }) => [connection, request.head[0], answer?.head[0]])).toEqual([
      [expect.any(Number), 'GET /2018-06-01/runtime/invocation/next HTTP/1.1', 'HTTP/1.1 200 OK'],
      [expect.any(Number), 'POST /2018-06-01/runtime/invocation/id/response HTTP/1.1', 'HTTP/1.1 202 Accepted'],
      [expect.any(Number), 'GET /2018-06-01/runtime/invocation/next HTTP/1.1', undefined],
    ]);
    expect(told[0]?.connection).toBe(told[2]?.connection);
    expect(told[0]?.connection).not.toBe(told[1]?.connection);
    expect([told[0]?.request.head[1], told[1]?.request.chunks]).toEqual(['hoSt: x', ['2;a', '0']]);
    expect(`${api.requests[1]?.body}`).toBe('ok');
  });

  it('ends a connection at both sides', async () => {
    await using api = await startRuntimeApi({ answer: () => 'reset' });
    await using tap = await startWireTap(api.address);
    await using client = clientOf(tap.address);
    client.write('POST /2018-06-01/runtime/invocation/id/response HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
    await client.closed;
    expect(tap.exchanges().map(({ answer }) => answer)).toEqual([undefined]);
  });
});

describe('the recording Runtime API, for an extension', () => {
  it('registers it, and never has an event for it', async () => {
    await using api = await startRuntimeApi();
    const registered = await fetch(`http://${api.address}/2020-01-01/extension/register`, {
      method: 'POST',
      headers: { 'Lambda-Extension-Name': 'maintenance-window' },
      body: '{"events":[]}',
    });
    expect(registered.status).toBe(200);
    expect(registered.headers.get('lambda-extension-identifier')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await registered.json()).toMatchObject({ functionName: 'orders' });
    const poll = fetch(`http://${api.address}/2020-01-01/extension/event/next`).then(
      () => 'answered',
      () => 'cut',
    );
    await api.seen('extension-next');
    await api.close();
    expect(await poll).toBe('cut');
  });

  it('tells a restore from everything else', async () => {
    await using api = await startRuntimeApi();
    const runtime = `http://${api.address}/2018-06-01/runtime`;
    expect((await fetch(`${runtime}/restore/next`)).status).toBe(200);
    expect((await fetch(`${runtime}/restore/error`, { method: 'POST', body: '{}' })).status).toBe(202);
    expect(api.requests.map(({ kind }) => kind)).toEqual(['restore-next', 'restore-error']);
  });
});

function clientOf(address: string) {
  const [host = '', port = ''] = address.split(':');
  const socket = connect({ host, port: Number(port) });
  let text = '';
  const watchers = new Set<() => void>();
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    for (const watch of watchers) watch();
  });
  socket.on('error', () => undefined);
  return {
    write: (more: string) => void socket.write(more, 'latin1'),
    /** The text of an answer that is whole. */
    answered: () =>
      new Promise<string>((resolve) => {
        const watch = () => messagesOf(Buffer.from(text, 'latin1')).some(({ isWhole }) => isWhole) && resolve(text);
        watchers.add(watch);
        watch();
      }),
    closed: new Promise<void>((resolve) => socket.on('close', () => resolve())),
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}
