import type { Socket } from 'node:net';
import type { Endpoint } from './endpoint.ts';
import { type HttpAnswer, readAnswer } from './http-answer.ts';

/** One request under way. */
export interface Exchange {
  /** Resolves once the request is handed to the operating system, or will not be. Never rejects. */
  readonly written: Promise<void>;
  /** Rejects where the connection breaks before the answer is whole, with the system's own code (`ECONNRESET`). */
  readonly answer: Promise<HttpAnswer>;
  /** False as long as the connection is not made: then the peer has nothing of the request, nor will it. */
  mayHaveArrived(): boolean;
  /** Gives up: closes the connection. */
  abandon(): void;
}

/** Sends requests to one endpoint. */
export interface HttpConnections {
  /** @param request whole: request line, headers and body */
  send(request: string): Exchange;
  /** Closes the kept connections. */
  disconnect(): void;
}

/** What may be asked of connections. All times in milliseconds; absent: no limit. */
export interface ConnectionLimits {
  /** A connection that takes longer to make is given up with `ETIMEDOUT`. */
  readonly connectLimitMs?: number;
  /** A kept connection that was idle for longer is not used: the peer may be closing it at this moment. */
  readonly idleLimitMs?: number;
  /** Idle for so long while it waits for an answer, a connection is kept alive by empty TCP packets. */
  readonly tcpKeepAliveMs?: number;
}

/** A connection, and the one who waits for its answer. */
interface Connection {
  readonly socket: Socket;
  isMade: boolean;
  idleSinceAt: number;
  waiting?: Waiting | undefined;
}

interface Waiting {
  received: Buffer[];
  receivedBytes: number;
  /** Before so many are there, looking at them is in vain. */
  leastBytes: number;
  resolve(answer: HttpAnswer): void;
  reject(error: Error): void;
}

/**
 * HTTP/1.1 over Node's own sockets: of what a client of HTTP can do, just what signed requests to AWS need. Against
 * `node:http` it saves 3 to 4 ms at every cold start, and half of a request's CPU time.
 *
 * Connections are kept for the next requests, the latest one first. While one is idle it does not keep the process alive,
 * and whatever comes over it then ends it. Over TLS the peer's certificate is verified as by `node:https`.
 *
 * The modules' functions are taken once, before a handler can wrap them: our requests are in nobody's traces.
 */
export function createHttpConnections(endpoint: Endpoint, limits: ConnectionLimits = {}): HttpConnections {
  const open = opener(endpoint);
  const idle: Connection[] = [];

  return { send, disconnect };

  function send(request: string): Exchange {
    const connection = kept() ?? connect();
    const { socket } = connection;
    socket.ref();
    const answer = new Promise<HttpAnswer>((resolve, reject) => {
      connection.waiting = { received: [], receivedBytes: 0, leastBytes: 1, resolve, reject };
    });
    const { waiting } = connection;
    const written = new Promise<void>((resolve) => {
      socket.write(request, () => resolve());
    });
    return {
      written,
      answer,
      mayHaveArrived: () => connection.isMade,
      abandon() {
        if (connection.waiting === waiting) socket.destroy();
      },
    };
  }

  function disconnect(): void {
    for (const { socket } of idle.splice(0)) socket.destroy();
  }

  /** The one that was used last. If it was idle for too long, so were all others. */
  function kept(): Connection | undefined {
    const connection = idle.pop();
    if (!connection || limits.idleLimitMs === undefined) return connection;
    if (Date.now() - connection.idleSinceAt <= limits.idleLimitMs) return connection;
    connection.socket.destroy();
    disconnect();
    return undefined;
  }

  function connect(): Connection {
    const socket = open().setNoDelay();
    if (limits.tcpKeepAliveMs !== undefined) socket.setKeepAlive(true, limits.tcpKeepAliveMs);
    const connection: Connection = { socket, isMade: false, idleSinceAt: 0 };
    const stopTimer = limitTheMaking(socket);
    let fault: Error | undefined;
    socket.once(endpoint.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      connection.isMade = true;
      stopTimer();
    });
    socket.on('data', (bytes: Buffer) => {
      const { waiting } = connection;
      if (!waiting) return void socket.destroy();
      waiting.received.push(bytes);
      waiting.receivedBytes += bytes.length;
      if (waiting.receivedBytes >= waiting.leastBytes) take(connection, false);
    });
    socket.on('end', () => take(connection, true));
    // Listened to for as long as it lives: an error that nobody listens to would end the process.
    socket.on('error', (error) => {
      fault = error;
    });
    socket.on('close', () => {
      stopTimer();
      const at = idle.indexOf(connection);
      if (at >= 0) idle.splice(at, 1);
      connection.waiting?.reject(
        fault ?? faultOf('ECONNRESET', 'the connection was closed before the answer was whole'),
      );
      connection.waiting = undefined;
    });
    return connection;
  }

  /** After a freeze, timers fire before sockets are read: a connection that was made meanwhile is noticed first. */
  function limitTheMaking(socket: Socket): () => void {
    const { connectLimitMs: limitMs } = limits;
    if (limitMs === undefined) return () => undefined;
    const fault = faultOf('ETIMEDOUT', `no connection within ${limitMs} ms`);
    let stopped = false;
    const timer = setTimeout(() => setImmediate(() => stopped || socket.destroy(fault)), limitMs);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }

  /** Looks whether the answer is whole, and if so gives it out. */
  function take(connection: Connection, ended: boolean): void {
    const { socket, waiting } = connection;
    if (!waiting) return;
    try {
      const received = Buffer.concat(waiting.received);
      waiting.received = [received];
      const read = readAnswer(received, ended);
      if (read.kind === 'part') {
        waiting.leastBytes = read.leastBytes;
        return;
      }
      connection.waiting = undefined;
      if (read.keepsConnection) keep(connection);
      else socket.destroy();
      waiting.resolve(read.answer);
    } catch (error) {
      socket.destroy(error as Error);
    }
  }

  function keep(connection: Connection): void {
    connection.idleSinceAt = Date.now();
    connection.socket.unref();
    idle.push(connection);
  }
}

function faultOf(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
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
