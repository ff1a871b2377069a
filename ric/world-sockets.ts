import type { Socket } from 'node:net';
import { ownView } from './world-bytes.ts';

/**
 * What Node asks of a connection's options and nobody says. It copies them to objects that inherit from the handler's
 * `Object.prototype`, where a request may have put a `path` or a `timeout`: so each is said to be absent.
 */
const UNSAID = `allowHalfOpen ALPNCallback ALPNProtocols blockList ca cert construct defaultEncoding enableTrace encoding family fd final
  handle hints key keepAlive keepAliveInitialDelay localAddress localPort manualStart minVersion maxVersion noDelay objectMode onread path pauseOnCreate
  pskCallback read readable readableObjectMode requestOCSP session signal socket timeout typeOfService writable
  writableObjectMode writev`;
const ABSENT = Object.fromEntries(UNSAID.split(/\s+/).map((name) => [name, undefined]));

/** The part of a socket that is used here. */
const METHODS = ['ref', 'unref', 'write', 'destroy', 'setNoDelay', 'setKeepAlive', 'on', 'once'] as const;

/** Of `net` or `tls`, as it is at the start. */
interface SocketModule {
  readonly prototype: Socket;
  connect(options: object): Socket;
}

/**
 * Makes `connect` for the gate's realm. Node's sockets are the handler's: each is asked by the methods that its class has
 * now, and what it says, bytes and faults, is said in values of this realm. For what Node itself asks of a socket it gets
 * all methods for its own, as they are now: the first one, too, whose answer comes while the handler is loaded.
 *
 * @param always options of every connection
 * @param takeLookup asked for how to look names up, when the first connection is made
 */
export function createConnect(
  { prototype, connect }: SocketModule,
  always: object,
  takeLookup: () => unknown,
): (options: { readonly host: string }) => Socket {
  const methods = METHODS.map((name) => [name, prototype[name] as Method] as const);
  const inherited = descriptorsOf(prototype);
  let sealed: object | undefined;
  let lookup: unknown;

  return (options) => {
    if (!isIP(options.host)) lookup ??= takeLookup();
    const socket = connect({ ...ABSENT, ...always, lookup, ...options });
    seal(socket);
    return ownSocket(socket);
  };

  function seal(socket: Socket): void {
    sealed ??= Object.create(prototype, inherited());
    Object.setPrototypeOf(socket, sealed ?? null);
  }

  function ownSocket(socket: Socket): Socket {
    const own: Record<string, unknown> = {};
    for (const [name, method] of methods) {
      const hears = name === 'on' || name === 'once';
      own[name] = (...values: unknown[]) => {
        Reflect.apply(method, socket, hears ? [values[0], hearing(values[1] as Listener)] : values);
        return own;
      };
    }
    Object.defineProperty(own, 'writableLength', { get: () => socket.writableLength });
    return own as unknown as Socket;
  }
}

function isIP(host: string): boolean {
  return /^[\d.]+$|:/.test(host);
}

type Method = (...values: unknown[]) => unknown;

/** Everything that a class's objects inherit, as it is now. Of a name that comes twice, the nearer one. */
function descriptorsOf(prototype: object): () => PropertyDescriptorMap {
  const taken: PropertyDescriptorMap[] = [];
  for (let from = prototype; Object.getPrototypeOf(from) !== null; from = Object.getPrototypeOf(from)) {
    taken.unshift(Object.getOwnPropertyDescriptors(from));
  }
  return () => Object.assign({}, ...taken);
}

type Listener = (heard?: unknown) => void;

function hearing(listener: Listener): Listener {
  return (heard) => listener(ownValue(heard));
}

function ownValue(heard: unknown): unknown {
  if (typeof heard !== 'object' || heard === null) return heard;
  return ArrayBuffer.isView(heard) ? ownView(heard as Uint8Array) : ownError(heard as NodeJS.ErrnoException);
}

/** Its name is its class's, which may say anything by now: its code tells more. */
function ownError({ code, message }: NodeJS.ErrnoException): Error {
  return Object.assign(new Error(message), { code });
}
