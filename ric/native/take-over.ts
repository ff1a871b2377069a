import type { Connect, OwnSocket } from '../../host/native-sockets.ts';

/**
 * What the system says of a connection: ECONNREFUSED, EAI_AGAIN. All else is what OpenSSL says of a peer, or what the addon
 * says of itself once it is broken for good.
 */
const OF_THE_SYSTEM = /^(?:E[A-Z0-9]+|EAI_\w+)$/;

/**
 * Makes `connect` of `tls`, whose sockets Node takes over where OpenSSL refuses the peer, as Node trusts more roots, or
 * where a handler has closed what the addon works by. The connection is made anew at once, and nobody who uses the socket
 * hears of it. From then on all are Node's.
 *
 * @param native the addon's way
 * @param byNode loads Node's way
 * @param tell hears once why
 */
export function createTakingOver(native: Connect, byNode: () => Connect, tell: (cause: string) => void): Connect {
  let node: Connect | undefined;

  return (options) => (node ? node(options) : taking(options));

  /** Undefined where a handler has changed Node's module so that it throws: then the peer stays refused. */
  function byNodes(options: Parameters<Connect>[0], message: string): OwnSocket | undefined {
    try {
      const connect = node ?? byNode();
      const socket = connect(options);
      if (!node) tell(`${options.host}: ${message}`);
      node = connect;
      return socket;
    } catch {
      return undefined;
    }
  }

  function taking(options: Parameters<Connect>[0]): OwnSocket {
    /** All that was asked of the socket, until the connection is made. */
    let asked: ((socket: OwnSocket) => void)[] | undefined = [];
    const first = native(options);
    let socket = first;

    first.once('secureConnect', () => {
      asked = undefined;
    });
    first.on('error', (error) => {
      const { code, message } = error as NodeJS.ErrnoException;
      if (!asked || OF_THE_SYSTEM.test(String(code))) return;
      const other = byNodes(options, message);
      if (!other) return;
      socket = other;
      for (const ask of asked) ask(socket);
      asked = undefined;
    });

    const own: OwnSocket = {
      get writableLength() {
        return socket.writableLength;
      },
      ref: () => ask((asked) => asked.ref()),
      unref: () => ask((asked) => asked.unref()),
      setNoDelay: () => ask((asked) => asked.setNoDelay()),
      setKeepAlive: (...values) => ask((asked) => asked.setKeepAlive(...values)),
      write(...values) {
        ask((asked) => asked.write(...values));
        return true;
      },
      destroy: (error) => ask((asked) => asked.destroy(error)),
      on: (name, listener) => ask((asked) => asked.on(name, heardBy(asked, listener))),
      once: (name, listener) => ask((asked) => asked.once(name, heardBy(asked, listener))),
    };
    return own;

    function ask(call: (socket: OwnSocket) => void): OwnSocket {
      asked?.push(call);
      call(socket);
      return own;
    }

    /** Nobody hears of a socket that was given up. */
    function heardBy(asked: OwnSocket, listener: (heard?: unknown) => void): typeof listener {
      return (heard) => {
        if (asked === socket) listener(heard);
      };
    }
  }
}
