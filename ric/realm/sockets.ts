import type { Socket } from 'node:net';
import { ownView } from './bytes.ts';
import { asAtStart, chainOf, remember } from './world-at-start.ts';

/**
 * What Node asks of a connection's options and nobody says. It copies them to objects that inherit from the handler's
 * `Object.prototype`, where a request may have put a `path` or a `timeout`: so each is said to be absent.
 */
const UNSAID = `allowHalfOpen ALPNCallback ALPNProtocols blockList ca cert construct defaultEncoding enableTrace encoding family fd final
  handle hints key keepAlive keepAliveInitialDelay localAddress localPort manualStart minVersion maxVersion noDelay objectMode onread path pauseOnCreate
  pskCallback read readable readableObjectMode requestOCSP session signal socket timeout typeOfService writable
  writableObjectMode writev`;

/** Listens to a new socket already, and is taken off it by what it is. */
const SPARED = new Set<PropertyKey>(['constructor', '_tlsError']);

/** The part of a socket that is used here. */
const METHODS = ['ref', 'unref', 'write', 'destroy', 'setNoDelay', 'setKeepAlive', 'on', 'once'] as const;

/** `net` or `tls`, as it is at the start. */
type SocketModule = (typeof import('node:net') | typeof import('node:tls')) & { connect(options: object): Socket };

/**
 * Makes `connect` for the gate's realm. Node's sockets are the handler's: each is asked by the methods that its class had
 * at the start, in the world of the start, and what it says, bytes and faults, is said in values of this realm. For what
 * Node itself asks of a socket it gets all methods for its own, to be called likewise: the first one, too, whose answer
 * comes while the handler is loaded.
 *
 * @param net on which `tls` is built
 * @param always options of every connection
 * @param lookup how names are looked up; asked for when the first connection to a name is made
 */
export function createConnect(
  module: SocketModule,
  net: object,
  always: object,
  lookup: () => unknown,
): (options: { readonly host: string }) => Socket {
  const { connect } = module;
  const socketClass = 'TLSSocket' in module ? module.TLSSocket : module.Socket;
  const { prototype }: { readonly prototype: Socket } = socketClass;
  const methods = METHODS.map((name) => [name, prototype[name] as Method] as const);
  const inherited = [...chainOf(prototype)].toReversed().map(Object.getOwnPropertyDescriptors);
  const absent = Object.fromEntries(UNSAID.split(/\s+/).map((name) => [name, undefined]));
  const needed = remember([socketClass], [module, net]);
  let sealed: object | undefined;

  return (options) => {
    const named = isIP(options.host) ? {} : { lookup: lookup() };
    const socket: Socket = asAtStart(() => connect({ ...absent, ...always, ...named, ...options }), needed);
    sealed ??= Object.create(prototype, allAsAtStart(Object.assign({}, ...inherited)));
    Object.setPrototypeOf(socket, sealed ?? null);
    return ownSocket(socket);
  };

  function ownSocket(socket: Socket): Socket {
    const own: Record<string, unknown> = {};
    for (const [name, method] of methods) {
      const hears = name === 'on' || name === 'once';
      own[name] = (...values: unknown[]) => {
        const given = hears ? [values[0], hearing(values[1] as Listener)] : values;
        asAtStart(() => Reflect.apply(method, socket, given));
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

/** Node's loop enters a socket by its methods (`push`, `emit`, `destroy` …), and by few lines before them. */
function allAsAtStart(descriptors: PropertyDescriptorMap): PropertyDescriptorMap {
  for (const name of Reflect.ownKeys(descriptors)) {
    const { value: method, ...flags } = descriptors[name as string] ?? {};
    if (typeof method !== 'function' || SPARED.has(name)) continue;
    const value = function (this: Socket, ...values: unknown[]): unknown {
      return asAtStart(() => Reflect.apply(method, this, values));
    };
    descriptors[name as string] = { value, ...flags };
  }
  return descriptors;
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
