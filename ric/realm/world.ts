/**
 * The globals of the gate's realm that are not JavaScript's own. Evaluated there before all else of the gate, and before
 * the handler: from then on nothing is asked of the handler's realm but functions and methods that are taken here.
 */
import type { Hash, Hmac } from 'node:crypto';
import type { lookup } from 'node:dns';
import { OwnAbortController } from '../../host/abort.ts';
import type { Connect } from '../../host/native-sockets.ts';
import { nativeModules } from '../native/modules.ts';
import { createBytes, ownView } from './bytes.ts';
import type { Host } from './host.ts';
import { createIdentityCheck } from './identity.ts';
import { createConnect } from './sockets.ts';
import { asAtStart, calledAsAtStart, rememberMaking } from './world-at-start.ts';

/** What the SDK has of the handler's realm beside Node's modules. It is evaluated in the gate's all the same. */
const FOR_SDK = ['TextEncoder', 'TextDecoder', 'URLSearchParams', 'ReadableStream', 'Blob', 'performance'] as const;

declare const host: Host;
const { process: hostProcess, Buffer: HostBuffer, URL, console } = host;
const { readFileSync, promiseThen, Error: HostError } = host;
const run = calledAsAtStart(host.run);
const { hrtime, getBuiltinModule } = hostProcess;

/** Where the client's files lie. */
export const { folder } = host;

/**
 * Of what is evaluated on need. Read at once, as a handler may change how files are read; but for the SDK, which is long.
 * As bytes, which are outside of V8's young generation: until the first invocation it has no room for more texts, and
 * collecting it takes a millisecond and a half.
 */
const sources = new Map(
  getBuiltinModule('node:fs')
    .readdirSync(folder)
    .filter((file) => file.endsWith('.cjs') && !file.endsWith('-sdk.cjs') && file !== 'gate.cjs')
    .map((file) => [file, readFileSync(`${folder}/${file}`)]),
);
const loaded = new Map<string, unknown>();
const environment = { ...hostProcess.env };
let lookupAtStart: typeof lookup | undefined;

/** Of errors of a realm that has none of its own, Node has the stack made by the handler's. */
Error.prepareStackTrace = (error, frames) => [error, ...frames].join('\n    at ');

/** Node's modules as the gate's realm has them; all others are as they are. */
const MODULES: Readonly<Record<string, () => unknown>> = {
  'node:net': () => {
    const net = getBuiltinModule('node:net');
    return { connect: createConnect(net, net, {}, ownLookup) };
  },
  'node:tls': () => {
    const tls = getBuiltinModule('node:tls');
    // Trusts what is trusted now. Node would end one that is of a single use with its connection.
    const secureContext = Object.assign(tls.createSecureContext(), { singleUse: false });
    const always = {
      secureContext,
      checkServerIdentity: createIdentityCheck(getBuiltinModule('node:crypto')),
      rejectUnauthorized: hostProcess.env['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0',
    };
    return { connect: createConnect(tls, getBuiltinModule('node:net'), always, ownLookup) };
  },
  'node:crypto': () => {
    const { createHash, createHmac, Hash, Hmac, randomUUID } = getBuiltinModule('node:crypto');
    const needed = rememberMaking([Hash, Hmac]);
    const hash = calledAsAtStart(createHash, needed);
    const hmac = calledAsAtStart(createHmac, needed);
    const ownHash = hashing(Hash.prototype);
    const ownHmac = hashing(Hmac.prototype);
    return {
      createHash: (algorithm: string) => ownHash(hash(algorithm)),
      // A text as the key would be made bytes by the handler's `Buffer.from`.
      createHmac: (algorithm: string, key: string | Buffer) =>
        ownHmac(hmac(algorithm, typeof key === 'string' ? Buffer.from(key) : key)),
      randomUUID: calledAsAtStart(randomUUID),
    };
  },
  // Loaded when there is something to pack: what it packs may be something else by then (core/events/body.ts).
  'node:zlib': () => {
    const gzipSync = (bytes: Buffer, options: object) =>
      asAtStart(() => ownView(getBuiltinModule('node:zlib').gzipSync(bytes, options)));
    type Done = (error: Error | null, bytes: Buffer) => void;
    return {
      gzipSync,
      // On a pool of threads it would go on in streams as the handler has them by then. Unpacked is for replays alone.
      gzip: (bytes: Buffer, options: object, done: Done) => done(null, gzipSync(bytes, options)),
    };
  },
};

Object.assign(globalThis, {
  Buffer: createBytes(HostBuffer),
  AbortController: OwnAbortController,
  URL,
  console,
  setTimeout: calledAsAtStart(host.setTimeout),
  clearTimeout: calledAsAtStart(host.clearTimeout),
  setImmediate: calledAsAtStart(host.setImmediate),
  process: ownProcess(),
  require: load,
});
let tellTakenOver: ((cause: string) => void) | undefined;
const native =
  host.native.kind === 'begun'
    ? nativeModules(
        host.native,
        readFileSync,
        {
          tlsConnect: () => (asAtStart(() => MODULES['node:tls']?.()) as { connect: Connect }).connect,
          randomUUID: () => asAtStart(() => getBuiltinModule('node:crypto').randomUUID()),
        },
        (cause) => tellTakenOver?.(cause),
      )
    : undefined;
/** Why Node makes the connections, and not the native sockets, if nobody has asked for that. */
export const whyNodes = host.native.kind === 'unfit' ? host.native.cause : undefined;
load('node:net'); // for answers that stream, whose connection is made once the handler is loaded
if (!native && environment['AWS_LAMBDA_MAX_CONCURRENCY'] !== undefined) ownLookup();

/** Has somebody told once Node takes connections over later, and why. */
export function whenTakenOver(tell: (cause: string) => void): void {
  tellTakenOver = tell;
}

/** Taken for the first connection to a name, which is made before the handler is loaded; in threads that make none, at once. */
function ownLookup(): typeof lookup {
  lookupAtStart ??= takeLookup();
  return lookupAtStart;
}

/** It is asked for what is said, and for nothing that the handler's `Object.prototype` has. */
function takeLookup(): typeof lookup {
  const { lookup } = getBuiltinModule('node:dns');
  return ((name: string, options: object, done: () => void) =>
    asAtStart(() => lookup(name, { __proto__: null, ...options } as object, calledAsAtStart(done)))) as typeof lookup;
}

/** Loads one of Node's modules, or one of the client's files. */
function load(name: string): unknown {
  const known = name.startsWith('.') || name.startsWith('node:') ? name : `node:${name}`;
  if (!loaded.has(known)) loaded.set(known, name.startsWith('.') ? evaluate(known.slice(2)) : ownModule(known));
  return loaded.get(known) ?? getBuiltinModule(name);
}

function ownModule(name: string): unknown {
  return (native?.[name] ?? MODULES[name])?.();
}

function evaluate(file: string): unknown {
  const module = { exports: {} };
  const source = sources.get(file);
  if (source === undefined) evaluateSdk(file, module);
  else run(ownView(source).toString(), `${folder}/${file}`)(module);
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
  run(`(function (${Object.keys(given)}) {${source}\n})`, `${folder}/${file}`)(...Object.values(given));
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

/**
 * By methods as they were at the start, which ask nothing but Node's own: what they are called with is of this realm. A request
 * takes eighteen such calls, so each has to be cheap.
 *
 * A digest that is not made a text is bytes of Node's own: they are but the key of the next one.
 */
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
