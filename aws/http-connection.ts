import type { Socket } from 'node:net';
import type { Endpoint } from './endpoint.ts';
import { type HttpAnswer, readAnswer } from './http-answer.ts';

/** One request under way. */
export interface Exchange {
  /** Resolves once the request is handed to the operating system, or will not be. Never rejects. */
  readonly written: Promise<void>;
  /** Rejects where the connection breaks before the answer is whole. */
  readonly answer: Promise<HttpAnswer>;
  /** Gives up: closes the connection. */
  abandon(): void;
}

/** Sends requests to one endpoint. */
export interface HttpConnections {
  /** @param request whole: request line, headers and body */
  send(request: string): Exchange;
  /** Closes the kept connection. */
  disconnect(): void;
}

/** A connection, and the one who waits for its answer. */
interface Connection {
  readonly socket: Socket;
  waiting?: Waiting | undefined;
}

interface Waiting {
  received: Buffer;
  resolve(answer: HttpAnswer): void;
  reject(error: Error): void;
}

/**
 * HTTP/1.1 over Node's own sockets: of what a client of HTTP can do, just what reading a parameter needs. Against
 * `node:http` it saves 3 to 4 ms at every cold start.
 *
 * One connection is kept for the next request. While it is idle it does not keep the process alive, and whatever comes
 * over it then ends it. Over TLS the peer's certificate is verified as by `node:https`.
 *
 * The modules' functions are taken once, before a handler can wrap them: our requests are in nobody's traces.
 */
export function createHttpConnections(endpoint: Endpoint): HttpConnections {
  const open = opener(endpoint);
  let idle: Connection | undefined;

  return { send, disconnect };

  function send(request: string): Exchange {
    const connection = idle ?? connect();
    idle = undefined;
    const { socket } = connection;
    socket.ref();
    const answer = new Promise<HttpAnswer>((resolve, reject) => {
      connection.waiting = { received: Buffer.alloc(0), resolve, reject };
    });
    const { waiting } = connection;
    const written = new Promise<void>((resolve) => {
      socket.write(request, () => resolve());
    });
    return {
      written,
      answer,
      abandon() {
        if (connection.waiting === waiting) socket.destroy();
      },
    };
  }

  function disconnect(): void {
    idle?.socket.destroy();
    idle = undefined;
  }

  function connect(): Connection {
    const socket = open().setNoDelay();
    const connection: Connection = { socket };
    let fault: Error | undefined;
    socket.on('data', (bytes: Buffer) => {
      if (!connection.waiting) return void socket.destroy();
      connection.waiting.received = Buffer.concat([connection.waiting.received, bytes]);
      take(connection, false);
    });
    socket.on('end', () => take(connection, true));
    // Listened to for as long as it lives: an error that nobody listens to would end the process.
    socket.on('error', (error) => {
      fault = error;
    });
    socket.on('close', () => {
      if (idle === connection) idle = undefined;
      connection.waiting?.reject(fault ?? new Error('the connection was closed before the answer was whole'));
      connection.waiting = undefined;
    });
    return connection;
  }

  /** Looks whether the answer is whole, and if so gives it out. */
  function take(connection: Connection, ended: boolean): void {
    const { socket, waiting } = connection;
    if (!waiting) return;
    try {
      const read = readAnswer(waiting.received, ended);
      if (!read) return;
      connection.waiting = undefined;
      if (read.keepsConnection) keep(connection);
      else socket.destroy();
      waiting.resolve(read.answer);
    } catch (error) {
      socket.destroy(error as Error);
    }
  }

  function keep(connection: Connection): void {
    disconnect();
    idle = connection;
    connection.socket.unref();
  }
}

function opener({ protocol, hostname: host, port }: Endpoint): () => Socket {
  if (protocol === 'http:') {
    const { connect } = process.getBuiltinModule('node:net');
    return () => connect({ host, port: port ?? 80 });
  }
  const { connect } = process.getBuiltinModule('node:tls');
  const isAddress = /^[\d.]+$|:/.test(host);
  // A name is sent along (SNI); an address must not be. RFC 6066, section 3.
  const named = isAddress ? {} : { servername: host };
  return () => connect({ host, port: port ?? 443, ALPNProtocols: ['http/1.1'], ...named });
}
