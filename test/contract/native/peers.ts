/** Peers of every kind, over TCP and TLS, that keep what they heard. */
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { type Certified, certificate } from './certificates.ts';

/** A peer that listens on 127.0.0.1. */
export interface Peer extends AsyncDisposable {
  readonly port: number;
  /** All that it was sent; over TLS, what came out of it. */
  readonly heard: string;
  /** How many connections there were; over TLS, whole handshakes. */
  readonly met: number;
  /** The connection that came first. */
  first(): Promise<Socket>;
  /** Waits until all connections are gone. */
  alone(): Promise<void>;
  /** Keeps the process no longer. */
  unref(): void;
}

/** Whom the addon trusts in all tests. */
export const AUTHORITY: Certified = certificate({ subject: 'test authority', isAuthority: true, names: null });

/** What is right for `localhost` and `127.0.0.1`. */
const RIGHT: Certified = certificate({ addresses: [[127, 0, 0, 1]] }, AUTHORITY);

/** Over TCP. */
export function peer(meet: (socket: Socket) => void = () => undefined, host = '127.0.0.1'): Promise<Peer> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  return listening(server, 'connection', meet, host);
}

/** Over TLS. */
export function tlsPeer(meet: (socket: Socket) => void, options: TlsOptions = {}): Promise<Peer> {
  const { cert, key } = RIGHT;
  const server = createTlsServer({ cert, key, ...options });
  server.on('tlsClientError', () => undefined);
  return listening(server, 'secureConnection', meet, '127.0.0.1');
}

/** Sends back what it hears. */
export function echo(socket: Socket): void {
  socket.on('data', (bytes) => socket.write(bytes));
}

/**
 * Stands between, and hands on what `change` makes of the bytes of the server.
 *
 * @param change gets one byte sequence as it came, and how many there were before
 */
export function between(port: number, change: (bytes: Buffer, before: number, client: Socket) => void): Promise<Peer> {
  return peer((client) => {
    const server = dial(port, '127.0.0.1');
    server.setNoDelay(true);
    let before = 0;
    client.on('data', (bytes) => server.write(bytes));
    server.on('data', (bytes) => {
      change(bytes, before, client);
      before += bytes.length;
    });
    server.on('end', () => client.end()).on('error', () => client.destroy());
    client.on('close', () => server.destroy());
  });
}

async function listening(
  server: Server,
  event: 'connection' | 'secureConnection',
  meet: (socket: Socket) => void,
  host: string,
): Promise<Peer> {
  const raw = new Set<Socket>();
  const heard: Buffer[] = [];
  const sockets: Socket[] = [];
  let met = 0;
  let notify: () => void = () => undefined;
  const change = async (isDone: () => boolean) => {
    while (!isDone()) {
      await new Promise<void>((done) => {
        notify = done;
      });
    }
  };
  server.on('connection', (socket: Socket) => {
    raw.add(socket);
    socket.on('close', () => {
      raw.delete(socket);
      notify();
    });
  });
  server.on(event, (socket: Socket) => {
    met += 1;
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => heard.push(bytes));
    socket.on('end', () => socket.end());
    meet(socket);
    notify();
  });
  await new Promise<void>((done) => server.listen(0, host, done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    get heard() {
      return Buffer.concat(heard).toString('latin1');
    },
    get met() {
      return met;
    },
    async first() {
      await change(() => sockets.length > 0);
      return sockets[0] as Socket;
    },
    alone: () => change(() => raw.size === 0),
    unref() {
      server.unref();
      server.on('connection', (socket: Socket) => socket.unref());
      for (const socket of raw) socket.unref();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of raw) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
