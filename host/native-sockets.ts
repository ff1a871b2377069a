/**
 * Sockets that something native makes: the program around the engine in the proxy (`proxy/src/sockets.rs`), an addon in
 * Node (`ric/native/sockets.c`). This file makes of them as much of `node:net` and `node:tls` as is used here.
 */

/** What makes the sockets. None of its functions ever blocks. */
export interface NativeSockets {
  /** Begins a connection; `heard(id, …)` is called with what comes of it. @returns its id */
  connect(host: string, port: number, isTls: boolean): number;
  /** Sends a text in UTF-8, by itself, once the connection is made. */
  send(id: number, text: string): void;
  /** How many bytes are not handed to the system yet. */
  unsent(id: number): number;
  keepAlive(id: number, afterMs: number): void;
  /** Nothing is heard of it any more. */
  close(id: number): void;
  /** It keeps the process alive, as it does at first. Absent where no socket does. */
  ref?(id: number): void;
  unref?(id: number): void;
}

/** What is said of a socket. `data` comes with bytes, `error` with a code as Node has it, and a message. */
export type Heard = 'connect' | 'data' | 'end' | 'error' | 'close';

interface Options {
  readonly host: string;
  readonly port: number;
}

type Name = 'connect' | 'secureConnect' | 'data' | 'end' | 'error' | 'close';
type Listener = (heard?: unknown) => void;

/** The part of a socket of Node's that is used here. */
export interface OwnSocket {
  readonly writableLength: number;
  ref(): OwnSocket;
  unref(): OwnSocket;
  setNoDelay(): OwnSocket;
  setKeepAlive(enable: boolean, afterMs: number): OwnSocket;
  /** @param written called at once: what is sent goes out by itself, whatever this thread does meanwhile */
  write(text: string, written: () => void): boolean;
  destroy(error?: Error): OwnSocket;
  on(name: Name, listener: Listener): OwnSocket;
  once(name: Name, listener: Listener): OwnSocket;
}

/** Makes a socket, and connects it. */
export type Connect = (options: Options) => OwnSocket;

/** As much of Node's modules as is used here, and the way in for what is heard. */
export interface Sockets {
  readonly net: { readonly connect: Connect };
  /** Certificates are verified by their own host's name, or by its address. */
  readonly tls: { readonly connect: Connect };
  /** A socket has something to say. */
  heard(id: number, kind: Heard, first?: unknown, second?: unknown): void;
  /** Closes every connection. Whoever waits for an answer hears of it. */
  closeAll(message: string): void;
}

/** @param bytesOf makes of what `data` comes with a `Buffer` of the caller's own */
export function createSockets(native: NativeSockets, bytesOf: (data: unknown) => Uint8Array): Sockets {
  const open = new Map<number, (kind: Heard, first?: unknown, second?: unknown) => void>();

  return {
    net: { connect: (options) => connect(options, false) },
    tls: { connect: (options) => connect(options, true) },
    heard: (id, kind, first, second) => open.get(id)?.(kind, first, second),
    closeAll(message) {
      for (const [id, hear] of open) {
        native.close(id);
        hear('error', 'ECONNRESET', message);
        hear('close');
      }
    },
  };

  function connect({ host, port }: Options, isTls: boolean): OwnSocket {
    const listeners: { readonly name: Name; readonly listener: Listener; readonly isOnce: boolean }[] = [];
    const id = native.connect(host, port, isTls);
    open.set(id, hear);

    const socket: OwnSocket = {
      get writableLength() {
        return native.unsent(id);
      },
      ref() {
        native.ref?.(id);
        return socket;
      },
      unref() {
        native.unref?.(id);
        return socket;
      },
      setNoDelay: () => socket, // it always is
      setKeepAlive(_enable, afterMs) {
        native.keepAlive(id, afterMs);
        return socket;
      },
      write(text, written) {
        native.send(id, text);
        written();
        return true;
      },
      destroy(error) {
        if (!open.delete(id)) return socket;
        native.close(id);
        // Node tells of it a turn later.
        void Promise.resolve().then(() => {
          if (error) emit('error', error);
          emit('close');
        });
        return socket;
      },
      on: (name, listener) => listen(name, listener, false),
      once: (name, listener) => listen(name, listener, true),
    };
    return socket;

    function listen(name: Name, listener: Listener, isOnce: boolean): OwnSocket {
      listeners.push({ name, listener, isOnce });
      return socket;
    }

    function hear(kind: Heard, first?: unknown, second?: unknown): void {
      switch (kind) {
        case 'connect':
          emit(isTls ? 'secureConnect' : 'connect');
          return;
        case 'data':
          emit('data', bytesOf(first));
          return;
        case 'end':
          emit('end');
          return;
        case 'error':
          // The code is in the message, too, as in Node's: a log has the message alone.
          emit('error', Object.assign(new Error(`${first}: ${second}`), { code: first }));
          return;
        case 'close':
          open.delete(id);
          emit('close');
          return;
      }
    }

    function emit(name: Name, value?: unknown): void {
      for (const one of listeners.filter((each) => each.name === name)) {
        if (one.isOnce) listeners.splice(listeners.indexOf(one), 1);
        one.listener(value);
      }
    }
  }
}
