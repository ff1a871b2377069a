import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ConnectionLimits,
  createHttpConnections,
  type HttpConnections,
} from '../../../aws/request/http-connection.ts';
import { pause } from '../../fakes/scripted-service.ts';
import { useTurnClock } from '../../worlds/turn-clock.ts';

const REQUEST = 'POST / HTTP/1.1\r\nHost: here\r\n\r\n';
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const OK = { status: 200, headers: { 'content-length': '2' }, body: 'ok' };

/** What every way of making sockets has to do for it. */
export function httpConnectionTests(): void {
  let peers: Socket[];
  let answer: (peer: Socket) => void;
  const server = createServer((peer) => {
    peers.push(peer);
    peer.on('error', () => undefined);
    peer.on('data', () => answer(peer));
  });
  let connections: HttpConnections;
  beforeEach(async () => {
    peers = [];
    answer = (peer) => peer.write(ANSWER);
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    connections = open();
  });
  afterEach(async () => {
    connections.disconnect();
    for (const peer of peers) peer.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  function open(limits: ConnectionLimits = {}, protocol: 'http:' | 'https:' = 'http:'): HttpConnections {
    const { port } = server.address() as AddressInfo;
    return createHttpConnections({ protocol, hostname: '127.0.0.1', port, path: '/', region: 'here' }, limits);
  }

  it('one connection serves one request after the other', async () => {
    for (let n = 0; n < 3; n += 1) expect(await connections.send(REQUEST).answer).toEqual(OK);
    expect(peers).toHaveLength(1);
  });

  it('a request that is made meanwhile goes out, and one that cannot be made leaves the connection as it was', async () => {
    const failing = () => {
      throw new TypeError('cannot be made');
    };
    expect(() => connections.send(failing)).toThrow('cannot be made');
    expect(await connections.send(() => REQUEST).answer).toEqual(OK);
    const made = peers.length;
    expect(() => connections.send(failing)).toThrow('cannot be made');
    expect(await connections.send(() => REQUEST).answer).toEqual(OK);
    expect(peers).toHaveLength(made);
  });

  it('requests at the same time have one each, and all are kept', async () => {
    for (let n = 0; n < 3; n += 1) {
      const both = [connections.send(REQUEST), connections.send(REQUEST)];
      expect(await Promise.all(both.map((exchange) => exchange.answer))).toEqual([OK, OK]);
    }
    expect(peers).toHaveLength(2);
    connections.disconnect();
    expect(await connections.send(REQUEST).answer).toEqual(OK);
    expect(peers).toHaveLength(3);
  });

  describe('by the clock', () => {
    useTurnClock();

    it('one that was idle for too long is not used, nor are those that were idle for longer', async () => {
      connections = open({ idleLimitMs: 100 });
      await Promise.all([connections.send(REQUEST).answer, connections.send(REQUEST).answer]);
      await connections.send(REQUEST).answer;
      expect(peers).toHaveLength(2);
      await pause(150);
      await Promise.all([connections.send(REQUEST).answer, connections.send(REQUEST).answer]);
      expect(peers).toHaveLength(4);
    });

    it('one that takes too long to be made is given up, and nothing has arrived', async () => {
      answer = () => undefined; // to a TLS handshake, in this case
      connections = open({ connectLimitMs: 50 }, 'https:');
      const exchange = connections.send(REQUEST);
      await expect(exchange.answer).rejects.toMatchObject({ code: 'ETIMEDOUT', message: 'no connection within 50 ms' });
      expect(exchange.mayHaveArrived()).toBe(false);
    });

    it('one that is made in time is not given up later', async () => {
      answer = (peer) => void setTimeout(() => peer.write(ANSWER), 150);
      connections = open({ connectLimitMs: 50 });
      expect(await connections.send(REQUEST).answer).toEqual(OK);
    });

    it('a kept connection over which something comes unasked is not used again', async () => {
      await connections.send(REQUEST).answer;
      peers[0]?.write(ANSWER);
      await pause(50);
      answer = (peer) => peer.write(ANSWER.replace('ok', 'OK'));
      expect((await connections.send(REQUEST).answer).body).toBe('OK');
      expect(peers).toHaveLength(2);
    });

    it('a kept connection that the peer has closed is not used again', async () => {
      await connections.send(REQUEST).answer;
      peers[0]?.end();
      await pause(50);
      expect(await connections.send(REQUEST).answer).toEqual(OK);
      expect(peers).toHaveLength(2);
    });
  });

  it('an answer that does not come may have cost the peer its work', async () => {
    answer = (peer) => peer.destroy();
    const exchange = connections.send(REQUEST);
    await expect(exchange.answer).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(exchange.mayHaveArrived()).toBe(true);
  });

  it('what is not HTTP is told as what it is, and the connection goes', async () => {
    answer = (peer) => peer.write('220 mail.example ESMTP\r\n');
    await expect(connections.send(REQUEST).answer).rejects.toMatchObject({
      code: 'EPROTO',
      message: expect.stringContaining('not HTTP'),
    });
    answer = (peer) => peer.write(ANSWER);
    expect(await connections.send(REQUEST).answer).toEqual(OK);
    expect(peers).toHaveLength(2);
  });

  it.each(['with a length', 'in chunks'])('an answer of 6 MB comes whole (%s)', async (how) => {
    const text = 'é'.repeat(3_000_000);
    const piece = Buffer.from('é'.repeat(30_000));
    const head = how === 'in chunks' ? 'Transfer-Encoding: chunked' : 'Content-Length: 6000000';
    answer = (peer) => {
      peer.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`);
      for (let n = 0; n < 100; n += 1) {
        if (how === 'in chunks') peer.write(`${piece.length.toString(16)}\r\n`);
        peer.write(piece);
        if (how === 'in chunks') peer.write('\r\n');
      }
      if (how === 'in chunks') peer.write('0\r\n\r\n');
    };
    const { body } = await connections.send(REQUEST).answer;
    expect(body === text).toBe(true);
  });

  it('giving up breaks the connection off; giving up what is answered breaks off nobody else', async () => {
    const first = connections.send(REQUEST);
    expect(await first.answer).toEqual(OK);
    answer = () => undefined;
    const second = connections.send(REQUEST);
    await second.written;
    first.abandon();
    answer = (peer) => peer.write(ANSWER);
    peers[0]?.write(ANSWER);
    expect(await second.answer).toEqual(OK);

    answer = () => undefined;
    const third = connections.send(REQUEST);
    await third.written;
    third.abandon();
    await expect(third.answer).rejects.toThrow('closed before the answer was whole');
  });

  it('a request is written, or known not to be, whatever becomes of its connection', async () => {
    await new Promise((resolve) => server.close(resolve));
    const exchange = connections.send(REQUEST);
    await exchange.written;
    await expect(exchange.answer).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(exchange.mayHaveArrived()).toBe(false);
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  });

  it('one whose answer came before its request was all written is not used for another one', async () => {
    answer = (peer) => {
      peer.write(ANSWER.replace('200 OK', '413 Too Large'));
      peer.pause(); // it has no use for the rest
    };
    const body = 'x'.repeat(6_000_000);
    const early = await connections.send(`POST / HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`).answer;
    expect(early.status).toBe(413);
    answer = (peer) => peer.write(ANSWER);
    expect(await connections.send(REQUEST).answer).toEqual(OK);
    expect(peers).toHaveLength(2);
  });

  it('giving up gives up the kept ones, too: what made one silent may have done so to all', async () => {
    await Promise.all([connections.send(REQUEST).answer, connections.send(REQUEST).answer]);
    answer = () => undefined;
    const silent = connections.send(REQUEST);
    silent.abandon();
    await expect(silent.answer).rejects.toMatchObject({ code: 'ECONNRESET' });
    answer = (peer) => peer.write(ANSWER);
    expect(await connections.send(REQUEST).answer).toEqual(OK);
    expect(peers).toHaveLength(3);
  });

  describe('a kept connection that', () => {
    /** Over the first connection, which is idle by then, what is asked for happens just before the second one's answer. */
    const PEER = `
      const { createServer } = require('node:net');
      const { parentPort } = require('node:worker_threads');
      const ok = 'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok';
      const peers = [];
      createServer((peer) => {
        peers.push(peer);
        peer.on('error', () => undefined);
        peer.on('data', (bytes) => {
          const [, how] = /happen-(\\w+)/.exec(String(bytes)) ?? [];
          setTimeout(() => {
            if (how === 'end') peers[0].end();
            if (how === 'reset') peers[0].resetAndDestroy();
            if (how === 'word') peers[0].write('HTTP/1.1 408 Request Timeout\\r\\n\\r\\n');
            setTimeout(() => peer.write(ok), how ? 50 : 0);
          }, how ? 50 : 0);
        });
      }).listen(0, '127.0.0.1', function () { parentPort.postMessage(this.address().port); });`;

    it.each([
      ['the peer has ended', 'end'],
      ['the peer has reset', 'reset'],
      ['has said something unasked', 'word'],
    ])('%s is not used, also where that is read together with another answer', async (_, how) => {
      const peer = new Worker(PEER, { eval: true });
      const [port] = await once(peer, 'message');
      const endpoint = { protocol: 'http:', hostname: '127.0.0.1', port, path: '/', region: 'here' } as const;
      const [first, second] = [createHttpConnections(endpoint), createHttpConnections(endpoint)];
      expect(await first.send(REQUEST).answer).toEqual(OK);
      expect(await second.send(REQUEST).answer).toEqual(OK);
      const happening = second.send(REQUEST.replace('here', `happen-${how}`));
      await happening.written;
      await pause(5);
      for (const until = Date.now() + 250; Date.now() < until; ); // both are there before either is read
      await happening.answer;
      expect(await first.send(REQUEST).answer).toEqual(OK);
      for (const each of [first, second]) each.disconnect();
      await peer.terminate();
    });
  });
}
