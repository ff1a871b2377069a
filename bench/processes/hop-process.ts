/**
 * Both ends of a hop, in one process of its own: a Runtime API, and a runtime that asks it, direct or through a proxy. Over bare
 * sockets, so that what stands between them is most of what is measured.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { answerOrders } from './own-process.ts';

export type HopOrder =
  /** Answers {@link HopAddress}: where the Runtime API is. */
  | { readonly kind: 'open' }
  /** Answers `{}` once an extension has asked for its first event: for it INIT is over. */
  | { readonly kind: 'ready' }
  /**
   * So many invocations, one after the other, with an event and a response of so many bytes, of a runtime that polls that port
   * and keeps its connection. Answers {@link HopServed}.
   */
  | { readonly kind: 'invoke'; readonly port: number; readonly bytes: number; readonly count: number };

export interface HopAddress {
  readonly port: number;
}

export interface HopServed {
  /** From the first poll until the last response was confirmed, nanoseconds. */
  readonly wallNs: number;
}

/** A message of HTTP with a length, or without a body. */
interface Message {
  readonly start: string;
  readonly bodyBytes: number;
}

const RUNTIME = '/2018-06-01/runtime/invocation';
const ID = '8476a536-e9f4-11e8-9739-2dfe598c3fcd';
const DONE = '{"status":"OK"}';

let event = '';
let ready = Promise.withResolvers<void>();
const runtimes = new Map<number, Socket>();
let heard: (message: Message) => void = () => undefined;

const api = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined); // a proxy that is ended takes its connections along
  readMessages(socket, ({ start, bodyBytes }) => answer(socket, start, bodyBytes));
});

answerOrders<HopOrder>(async (order) => {
  switch (order.kind) {
    case 'open':
      return open();
    case 'ready':
      await ready.promise;
      ready = Promise.withResolvers();
      return {};
    case 'invoke':
      return invoke(order);
  }
});

async function open(): Promise<HopAddress> {
  await new Promise<void>((listening) => api.listen(0, '127.0.0.1', listening));
  return { port: (api.address() as AddressInfo).port };
}

function answer(socket: Socket, start: string, bodyBytes: number): void {
  switch (start) {
    case `GET ${RUNTIME}/next`:
      send(socket, 'HTTP/1.1 200 OK', eventHeaders(), event);
      return;
    case `POST ${RUNTIME}/${ID}/response`:
      if (bodyBytes !== event.length) throw new Error(`a response of ${bodyBytes} bytes instead of ${event.length}`);
      send(socket, 'HTTP/1.1 202 Accepted', [], DONE);
      return;
    case 'POST /2020-01-01/extension/register':
      send(socket, 'HTTP/1.1 200 OK', ['Lambda-Extension-Identifier: 1'], '{}');
      return;
    case 'GET /2020-01-01/extension/event/next':
      ready.resolve();
      return;
    default:
      throw new Error(`nobody asks for this: ${start}`);
  }
}

function eventHeaders(): readonly string[] {
  return [
    `Lambda-Runtime-Aws-Request-Id: ${ID}`,
    `Lambda-Runtime-Deadline-Ms: ${Date.now() + 30_000}`,
    'Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-south-1:123456789012:function:orders',
    'Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1',
  ];
}

async function runtimeAt(port: number): Promise<Socket> {
  const known = runtimes.get(port);
  if (known && !known.destroyed) return known;
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise<void>((made, failed) => socket.once('connect', made).once('error', failed));
  readMessages(socket, (message) => heard(message));
  runtimes.set(port, socket);
  return socket;
}

async function invoke({ port, bytes, count }: HopOrder & { kind: 'invoke' }): Promise<HopServed> {
  const socket = await runtimeAt(port);
  event = JSON.stringify('x'.repeat(bytes - 2));
  const startedAt = process.hrtime.bigint();
  await new Promise<void>((done, failed) => {
    const onEnd = () => failed(new Error('the connection has ended'));
    socket.once('close', onEnd);
    let left = count;
    heard = ({ start, bodyBytes }) => {
      switch (start) {
        case 'HTTP/1.1 200':
          if (bodyBytes !== bytes) return failed(new Error(`an event of ${bodyBytes} bytes instead of ${bytes}`));
          return send(socket, `POST ${RUNTIME}/${ID}/response HTTP/1.1`, ['Host: 127.0.0.1'], event);
        case 'HTTP/1.1 202':
          left -= 1;
          if (left > 0) return poll(socket);
          socket.off('close', onEnd);
          return done();
        default:
          return failed(new Error(`nobody answers so: ${start}`));
      }
    };
    poll(socket);
  });
  return { wallNs: Number(process.hrtime.bigint() - startedAt) };
}

function poll(socket: Socket): void {
  socket.write(`GET ${RUNTIME}/next HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
}

function send(socket: Socket, start: string, headers: readonly string[], body: string): void {
  const lines = [start, 'Content-Type: application/json', ...headers, `Content-Length: ${body.length}`];
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

/** Calls for each message once it is whole, with the first two words of its first line. */
function readMessages(socket: Socket, each: (message: Message) => void): void {
  let head = '';
  let message: Message | undefined;
  let missing = 0;
  socket.on('data', (bytes: Buffer) => {
    if (message) {
      missing -= bytes.length;
    } else {
      head += bytes.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const bodyBytes = Number(/\r\ncontent-length: *(\d+)/i.exec(head.slice(0, end))?.[1] ?? 0);
      message = { start: head.split(' ', 2).join(' '), bodyBytes };
      missing = end + 4 + bodyBytes - head.length;
    }
    if (missing > 0) return;
    const whole = message;
    head = '';
    message = undefined;
    each(whole);
  });
}
