import './native.ts';
import { viewOf } from './bytes.ts';

type Listener = (heard?: unknown) => void;
type Name = 'connect' | 'secureConnect' | 'data' | 'end' | 'error' | 'close';

/** What the program says of a socket. */
export type Heard = 'connect' | 'data' | 'written' | 'end' | 'error' | 'close';

interface Options {
  readonly host: string;
  readonly port: number;
}

/** The part of a socket of Node's that is used here. */
interface OwnSocket {
  readonly writableLength: number;
  ref(): OwnSocket;
  unref(): OwnSocket;
  setNoDelay(): OwnSocket;
  setKeepAlive(enable: boolean, afterMs: number): OwnSocket;
  write(text: string, written: () => void): boolean;
  destroy(error?: Error): OwnSocket;
  on(name: Name, listener: Listener): OwnSocket;
  once(name: Name, listener: Listener): OwnSocket;
}

const open = new Map<number, (kind: Heard, first?: unknown, second?: unknown) => void>();

/** `node:net`. */
export const net = { connect: (options: Options) => connect(options, false) };
/** `node:tls`. Certificates are verified by their own host's name, or by its address. */
export const tls = { connect: (options: Options) => connect(options, true) };

/** A socket has something to say. */
export function heard(id: number, kind: Heard, first?: unknown, second?: unknown): void {
  open.get(id)?.(kind, first, second);
}

/** Closes every connection: after a snapshot the peers of none of them is there. Whoever waits for an answer hears of it. */
export function closeAll(): void {
  for (const [id, hear] of open) {
    native.close(id);
    hear('error', 'ECONNRESET', 'the environment was restored');
    hear('close');
  }
}

function connect({ host, port }: Options, isTls: boolean): OwnSocket {
  const listeners: { readonly name: Name; readonly listener: Listener; readonly isOnce: boolean }[] = [];
  let writing: (() => void)[] = [];
  const id = native.connect(host, port, isTls);
  open.set(id, hear);

  const socket: OwnSocket = {
    get writableLength() {
      return native.unsent(id);
    },
    ref: () => socket,
    unref: () => socket,
    setNoDelay: () => socket, // it always is
    setKeepAlive(_enable, afterMs) {
      native.keepAlive(id, afterMs);
      return socket;
    },
    write(text, written) {
      writing.push(written);
      native.send(id, text);
      return true;
    },
    destroy(error) {
      if (!open.delete(id)) return socket;
      native.close(id);
      // Node tells of it a turn later.
      void Promise.resolve().then(() => {
        if (error) emit('error', error);
        close();
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
        emit('data', viewOf(first as Uint8Array<ArrayBuffer>));
        return;
      case 'written':
        written();
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
        close();
        return;
    }
  }

  function close(): void {
    written();
    emit('close');
  }

  function written(): void {
    const done = writing;
    writing = [];
    for (const tell of done) tell();
  }

  function emit(name: Name, value?: unknown): void {
    for (const one of listeners.filter((each) => each.name === name)) {
      if (one.isOnce) listeners.splice(listeners.indexOf(one), 1);
      one.listener(value);
    }
  }
}
