/**
 * The globals of the gate's realm that are not JavaScript's own. Evaluated there before all else of the gate, and before
 * the handler: from then on nothing is asked of the handler's realm but functions and methods that are taken here.
 */
import type { Hash, Hmac } from 'node:crypto';
import type { lookup } from 'node:dns';
import type { Host } from './host.ts';
import { OwnAbortController } from './world-abort.ts';
import { createBytes, ownView } from './world-bytes.ts';
import { createIdentityCheck } from './world-identity.ts';
import { createConnect } from './world-sockets.ts';

/** What the SDK has of the handler's realm beside Node's modules. It is evaluated in the gate's all the same. */
const FOR_SDK = ['TextEncoder', 'TextDecoder', 'URLSearchParams', 'ReadableStream', 'Blob', 'performance'] as const;

declare const host: Host;
const { process: hostProcess, Buffer: HostBuffer, URL, console, setTimeout, clearTimeout, setImmediate } = host;
const { readFileSync, run, promiseThen, Error: HostError } = host;
const { hrtime, getBuiltinModule } = hostProcess;

/** Where the client's files lie. */
export const { folder } = host;

/** Of what is evaluated on need. Read at once, as a handler may change how files are read; but for the SDK, which is long. */
const sources = new Map(
  getBuiltinModule('node:fs')
    .readdirSync(folder)
    .filter((file) => file.endsWith('.cjs') && !file.endsWith('-sdk.cjs') && file !== 'gate.cjs')
    .map((file) => [file, readFileSync(`${folder}/${file}`, 'utf8')]),
);
const loaded = new Map<string, unknown>();
const environment = { ...hostProcess.env };
const isIntact = sameAsNow();

/** Of errors of a realm that has none of its own, Node has the stack made by the handler's. */
Error.prepareStackTrace = (error, frames) => [error, ...frames].join('\n    at ');

/** Node's modules as the gate's realm has them; all others are as they are. */
const MODULES: Readonly<Record<string, () => unknown>> = {
  'node:net': () => {
    const { Socket, connect } = getBuiltinModule('node:net');
    return { connect: createConnect({ prototype: Socket.prototype, connect }, {}, takeLookup) };
  },
  'node:tls': () => {
    const { TLSSocket, connect, createSecureContext } = getBuiltinModule('node:tls');
    const always = {
      secureContext: createSecureContext(), // trusts what is trusted now
      checkServerIdentity: createIdentityCheck(getBuiltinModule('node:crypto')),
      rejectUnauthorized: hostProcess.env['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0',
    };
    return { connect: createConnect({ prototype: TLSSocket.prototype, connect }, always, takeLookup) };
  },
  'node:crypto': () => {
    const { createHash, createHmac, Hash, Hmac, randomUUID } = getBuiltinModule('node:crypto');
    const ownHash = hashing(Hash.prototype);
    const ownHmac = hashing(Hmac.prototype);
    return {
      createHash: (algorithm: string) => ownHash(createHash(algorithm)),
      // A text as the key would be made bytes by the handler's `Buffer.from`.
      createHmac: (algorithm: string, key: string | Buffer) =>
        ownHmac(createHmac(algorithm, typeof key === 'string' ? Buffer.from(key) : key)),
      randomUUID,
    };
  },
  // Loaded when there is something to pack: that may fail then, and what it packs may be something else (gate/body.ts).
  'node:zlib': () => {
    const zlib = () => {
      if (!isIntact()) throw new Error('what zlib is made of is not as Node made it');
      return getBuiltinModule('node:zlib');
    };
    type Done = (error: Error | null, bytes: Buffer) => void;
    return {
      gzip: (bytes: Buffer, options: object, done: Done) =>
        zlib().gzip(bytes, options, (error, zipped) => done(error, error ? zipped : ownView(zipped))),
      gzipSync: (bytes: Buffer, options: object) => ownView(zlib().gzipSync(bytes, options)),
      gunzip: (bytes: Buffer, options: object, done: Done) => zlib().gunzip(bytes, options, done), // for replays alone
    };
  },
};

Object.assign(globalThis, {
  Buffer: createBytes(HostBuffer),
  AbortController: OwnAbortController,
  URL,
  console,
  setTimeout,
  clearTimeout,
  setImmediate,
  process: ownProcess(),
  require: load,
});

/**
 * Whether what Node's zlib, which is written in JavaScript, puts its pieces together with is what it was: it would not
 * notice what it gets from another one.
 */
function sameAsNow(): () => boolean {
  const lists = host.global.Array.prototype;
  const functions = host.global.Function.prototype;
  const bytes = HostBuffer.prototype;
  const views = Object.getPrototypeOf(Object.getPrototypeOf(bytes));
  const facts = [
    ...['buffer', 'byteLength', 'byteOffset', 'length'].map((name) => [views, name] as const),
    [host.global.ArrayBuffer.prototype, 'byteLength'] as const,
  ];
  const used = () => [
    ...[HostBuffer.allocUnsafe, HostBuffer.concat, HostBuffer.from, bytes.slice, bytes.subarray],
    ...[lists.push, functions.apply, functions.call],
    ...facts.map(([of, name]) => Object.getOwnPropertyDescriptor(of, name)?.get),
  ];
  const atStart = used();
  return () => used().every((one, index) => one === atStart[index]);
}

/**
 * Node loads it for the first connection to a name, and so before the handler. It is asked for what is said, and for nothing that
 * the handler's `Object.prototype` has.
 */
function takeLookup(): typeof lookup {
  const { lookup } = getBuiltinModule('node:dns');
  return ((name: string, options: object, done: () => void) =>
    lookup(name, { __proto__: null, ...options } as object, done)) as typeof lookup;
}

/** Loads one of Node's modules, or one of the client's files. */
function load(name: string): unknown {
  const known = name.startsWith('.') || name.startsWith('node:') ? name : `node:${name}`;
  if (!loaded.has(known)) loaded.set(known, name.startsWith('.') ? evaluate(known.slice(2)) : MODULES[known]?.());
  return loaded.get(known) ?? getBuiltinModule(name);
}

function evaluate(file: string): unknown {
  const module = { exports: {} };
  const source = sources.get(file);
  if (source === undefined) evaluateSdk(file, module);
  else run(source, `${folder}/${file}`, 'module')(module);
  return module.exports;
}

/** The SDK needs Node's own streams and HTTP, and so its own `Buffer`. Its settings are those of the start. */
function evaluateSdk(file: string, module: object): void {
  const given: Record<string, unknown> = {
    module,
    require: getBuiltinModule,
    Buffer: HostBuffer,
    process: Object.create(hostProcess, { env: { value: environment } }),
  };
  for (const name of FOR_SDK) given[name] = host.global[name];
  const source = readFileSync(`${folder}/${file}`, 'utf8');
  run(source, `${folder}/${file}`, Object.keys(given).join())(...Object.values(given));
}

function ownProcess(): object {
  const { env, argv, version, arch, getuid, exit, cwd, uptime } = hostProcess;
  return {
    ...{ env, argv, version, arch, getuid, exit, cwd, uptime },
    getBuiltinModule: load,
    hrtime: ownTime,
    // Each is made when it is first asked for.
    get stdout() {
      return hostProcess.stdout;
    },
    get stderr() {
      return hostProcess.stderr;
    },
  };
}

function ownTime(): [number, number] {
  const time = hrtime(); // an array of the handler's realm: to be read by its indexes alone
  return [time[0], time[1]];
}

/** A digest that is not made a text is bytes of Node's own: they are but the key of the next one. */
function hashing({ update, digest }: Hash | Hmac): (hash: Hash | Hmac) => object {
  return (hash) => {
    const own = {
      update(data: string | Buffer, encoding?: string) {
        Reflect.apply(update, hash, [data, encoding]);
        return own;
      },
      digest: (encoding?: string) => Reflect.apply(digest, hash, [encoding]),
    };
    return own;
  };
}

/** Follows a promise of the handler's realm, by what `then` was at the start. */
export function follow<Value, Next>(
  promise: Promise<Value>,
  onFulfilled: (value: Value) => Next | Promise<Next>,
  onRejected?: (reason: unknown) => Next | Promise<Next>,
): Promise<Next> {
  return Reflect.apply(promiseThen, promise, [onFulfilled, onRejected]) as Promise<Next>;
}

/** An error as upstream knows one: of the handler's realm. Without a stack it reports an empty trace. */
export function hostError({ name, message }: Error): Error {
  return Object.defineProperties(new HostError(message), { name: { value: name }, stack: { value: undefined } });
}
