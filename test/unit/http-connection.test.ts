import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHttpConnections, type HttpConnections } from '../../aws/http-connection.ts';

const REQUEST = 'POST / HTTP/1.1\r\nHost: here\r\n\r\n';
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const OK = { status: 200, headers: { 'content-length': '2' }, body: 'ok' };

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
  const { port } = server.address() as AddressInfo;
  connections = createHttpConnections({ protocol: 'http:', hostname: '127.0.0.1', port, path: '/', region: 'here' });
});
afterEach(async () => {
  connections.disconnect();
  for (const peer of peers) peer.destroy();
  await new Promise((resolve) => server.close(resolve));
});

it('one connection serves one request after the other', async () => {
  for (let n = 0; n < 3; n += 1) expect(await connections.send(REQUEST).answer).toEqual(OK);
  expect(peers).toHaveLength(1);
});

it('requests at the same time have one each, and one of them is kept', async () => {
  const both = [connections.send(REQUEST), connections.send(REQUEST)];
  expect(await Promise.all(both.map((exchange) => exchange.answer))).toEqual([OK, OK]);
  expect(await connections.send(REQUEST).answer).toEqual(OK);
  expect(peers).toHaveLength(2);
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
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
});
