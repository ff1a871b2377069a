/** The addon, and what its connections say, in the order in which it is heard. */
import { createRequire } from 'node:module';

/** What `sockets.node` exports: see `ric/native/addon.c`. */
export interface SocketsAddon {
  readonly openssl: string;
  start(heard: (id: number, kind: Kind, first?: unknown, second?: unknown) => void, roots: string): void;
  connect(host: string, port: number, isTls: boolean): number;
  send(id: number, text: string): void;
  unsent(id: number): number;
  keepAlive(id: number, afterMs: number): void;
  close(id: number): void;
  ref(id: number): void;
  unref(id: number): void;
  sha256(data: string | Uint8Array): ArrayBuffer;
  hmacSha256(key: string | Uint8Array, data: string | Uint8Array): ArrayBuffer;
}

type Kind = 'connect' | 'data' | 'end' | 'error' | 'close';

/** A connection and what was heard of it. */
export interface Connection {
  readonly id: number;
  /** Kinds; of an error its code, too; data that follow each other are one. */
  readonly heard: string[];
  readonly data: Buffer[];
  readonly message: string;
  send(text: string): void;
  close(): void;
  /** Waits until this is heard; what was heard before counts. */
  until(kind: Kind): Promise<void>;
  /** Waits until so much data is there. */
  bytes(size: number): Promise<string>;
}

/** What the scenarios are given. */
export interface Sockets {
  readonly addon: SocketsAddon;
  open(host: string, port: number, isTls?: boolean): Connection;
  /** Is called first, and may throw. */
  listen(listener: ((id: number, kind: Kind) => void) | undefined): void;
}

/** Loads an addon, as a file of this name. */
export function loadAddon(file: string): SocketsAddon {
  return createRequire(import.meta.url)(file);
}

/** Starts an addon in this environment. */
export function startSockets(addon: SocketsAddon, roots: string): Sockets {
  const open = new Map<number, (kind: Kind, first: unknown, second: unknown) => void>();
  let listener: ((id: number, kind: Kind) => void) | undefined;
  addon.start((id, kind, first, second) => {
    open.get(id)?.(kind, first, second);
    listener?.(id, kind);
  }, roots);
  return {
    addon,
    listen(next) {
      listener = next;
    },
    open(host, port, isTls = false) {
      const id = addon.connect(host, port, isTls);
      const made = createConnection(addon, id);
      open.set(id, made.hear);
      return made;
    },
  };
}

function createConnection(addon: SocketsAddon, id: number) {
  const heard: string[] = [];
  const kinds = new Set<Kind>();
  const data: Buffer[] = [];
  let waiting: { readonly isDone: () => boolean; readonly done: () => void }[] = [];
  let message = '';
  const wait = (isDone: () => boolean) =>
    new Promise<void>((done) => {
      if (isDone()) done();
      else waiting.push({ isDone, done });
    });
  const size = () => data.reduce((sum, each) => sum + each.length, 0);
  return {
    id,
    heard,
    data,
    get message() {
      return message;
    },
    send: (text: string) => addon.send(id, text),
    close: () => addon.close(id),
    until: (kind: Kind) => wait(() => kinds.has(kind)),
    async bytes(wanted: number) {
      await wait(() => size() >= wanted);
      return Buffer.concat(data).toString();
    },
    hear(kind: Kind, first: unknown, second: unknown) {
      kinds.add(kind);
      if (kind === 'data') data.push(Buffer.from(first as ArrayBuffer));
      if (kind === 'error') message = String(second);
      const told = kind === 'error' ? `error ${first}` : kind;
      if (kind !== 'data' || heard.at(-1) !== 'data') heard.push(told);
      for (const each of waiting.filter(({ isDone }) => isDone())) each.done();
      waiting = waiting.filter(({ isDone }) => !isDone());
    },
  };
}
