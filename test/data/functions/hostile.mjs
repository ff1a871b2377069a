/**
 * A handler that spoils the world it shares with its runtime, in one way: while it is loaded (`SPOILED_AT_LOAD`), or when
 * an event asks for it (`{"spoil":"…"}`). As it happens: by polyfills, by tools that trace or mock, by prototype pollution,
 * by what hardens a process; and some of it by nobody.
 */
import { EventEmitter } from 'node:events';
import net from 'node:net';
import Stream, { Duplex, Readable } from 'node:stream';
import tls from 'node:tls';

const { Date: RealDate, Error: RealError, Promise: RealPromise } = globalThis;
const { defineProperty, getOwnPropertyDescriptor, entries } = Object;
const { ownKeys, apply } = Reflect;
const spoiled = () => {
  throw new RealError('spoiled');
};
const nothing = () => undefined;
const put = (target, name, value) =>
  defineProperty(target, name, { __proto__: null, value, writable: true, configurable: true });
/** Every function of an object becomes `by`, but for those without which Node or upstream's client do not work. */
const replaceAll = (target, by, spared = []) => {
  const names = ownKeys(target);
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index];
    const { value, configurable } = getOwnPropertyDescriptor(target, name);
    let isSpared = name === 'constructor' || name === 'prototype';
    for (let at = 0; at < spared.length; at += 1) isSpared ||= spared[at] === name;
    if (typeof value === 'function' && configurable && !isSpared) put(target, name, by);
  }
};
const pollute = (members) => {
  for (const [name, value] of entries(members)) Object.prototype[name] = value;
};
/** As in many a hand-written merge, and in lodash before 4.17.12. */
const merge = (to, from) => {
  for (const key in from) {
    if (typeof from[key] === 'object' && from[key] && typeof to[key] === 'object') merge(to[key], from[key]);
    else to[key] = from[key];
  }
  return to;
};

export const ways = {
  'an unsafe deep merge of {"__proto__":{"isAdmin":true}}': () =>
    merge({}, JSON.parse('{"__proto__":{"isAdmin":true}}')),
  'Object.prototype with names that the gate uses': () =>
    pollute({
      kind: 'x',
      code: 'x',
      name: 'x',
      message: 'x',
      B: 'x',
      S: 'x',
      Item: { a: 1 },
      item: 'x',
      dispatch: true,
      status: 'x',
      tenantId: 'x',
      active: true,
      reply: 'x',
      source: 'x',
      windows: [],
      policy: { sqs: 'dispatch' },
      signal: undefined,
      streams: true,
      reason: 'x',
      endAt: 1,
      retryOf: 'x',
      custom: { 'maintenance-window.dispatch': 'true' },
    }),
  'Object.prototype with the headers of an invocation': () =>
    pollute({
      'lambda-runtime-client-context': '{"custom":{"maintenance-window.dispatch":"true"}}',
      'lambda-runtime-aws-tenant-id': 'x',
    }),
  'Object.prototype with options of a connection': () =>
    pollute({
      path: '/nowhere',
      timeout: 1,
      family: 6,
      localAddress: '192.0.2.1',
      lookup: spoiled,
      hints: 1,
      host: 'x',
    }),
  'Object.prototype with options of zlib and files': () =>
    pollute({
      windowBits: 9,
      chunkSize: 64,
      info: true,
      maxOutputLength: 1,
      flag: 'w',
      cachedData: 'x',
      lineOffset: 1,
    }),
  'an enumerable function on Object.prototype': () => pollute({ extend: nothing }),
  'getters that throw on Object.prototype': () => {
    for (const name of ['toJSON', 'stack', 'cause', 'errno', 'default', 'exports']) {
      defineProperty(Object.prototype, name, { __proto__: null, get: spoiled, set: nothing, configurable: true });
    }
  },
  'an enumerable function on Array.prototype': () => {
    Array.prototype.remove = nothing;
  },
  'toJSON on Object.prototype, Array.prototype and String.prototype': () => {
    Object.prototype.toJSON = () => 'x';
    Array.prototype.toJSON = () => 'x';
    String.prototype.toJSON = () => 'x';
  },
  'JSON.parse that boxes numbers': () => {
    const { parse } = JSON;
    JSON.parse = (text) =>
      parse(text, (_, value) => (typeof value === 'number' ? { toString: () => `${value}` } : value));
  },
  'JSON.parse that gives objects without a prototype': () => {
    const { parse } = JSON;
    JSON.parse = (text) =>
      parse(text, (_, value) =>
        value && typeof value === 'object' && !Array.isArray(value) ? Object.assign(Object.create(null), value) : value,
      );
  },
  'JSON.parse that refuses what it does not know': () => {
    const { parse } = JSON;
    JSON.parse = (text) => (text.includes('windows') ? spoiled() : parse(text));
  },
  'a Date that stands still': () => {
    globalThis.Date = class extends RealDate {
      constructor(...values) {
        super(...(values.length > 0 ? values : [0]));
      }
      static now() {
        return 0;
      }
    };
  },
  'Date.now in the year 2000': () => put(Date, 'now', () => 946_684_800_000),
  'every method of Date': () => {
    replaceAll(Date, spoiled);
    replaceAll(Date.prototype, spoiled);
  },
  'every function of Math': () => replaceAll(Math, () => 0),
  'every function of Object': () => replaceAll(Object, spoiled),
  'every method of Object.prototype': () => replaceAll(Object.prototype, nothing),
  'every function of Array': () => replaceAll(Array, spoiled),
  'every method of Array.prototype but what Node calls': () =>
    replaceAll(Array.prototype, spoiled, ['push', 'pop', 'shift', 'unshift', 'reduce', Symbol.iterator, 'values']),
  'Symbol.iterator of Array.prototype that is traced': () => {
    const iterate = Array.prototype[Symbol.iterator];
    put(Array.prototype, Symbol.iterator, function () {
      return apply(iterate, this, []);
    });
  },
  'every method of String.prototype but split': () => replaceAll(String.prototype, nothing, ['split']),
  'every method of Number and Number.prototype': () => {
    replaceAll(Number, nothing);
    replaceAll(Number.prototype, nothing);
  },
  'every method of RegExp.prototype but exec': () => replaceAll(RegExp.prototype, nothing, ['exec']),
  'every method of Map and Set': () => {
    replaceAll(Map.prototype, spoiled);
    replaceAll(Set.prototype, spoiled);
  },
  'every method of Uint8Array and its kind': () => {
    replaceAll(Uint8Array, spoiled);
    replaceAll(Object.getPrototypeOf(Uint8Array.prototype), nothing);
  },
  'every function of Reflect': () => replaceAll(Reflect, spoiled),
  'Function.prototype.bind, toString and Symbol.hasInstance': () =>
    replaceAll(Function.prototype, nothing, ['call', 'apply', Symbol.hasInstance]),
  'Function.prototype.call and apply that are traced': () => {
    put(Function.prototype, 'call', function (self, ...values) {
      return apply(this, self, values);
    });
    put(Function.prototype, 'apply', function (self, values) {
      return apply(this, self, values ?? []);
    });
  },
  'Promise.prototype.then that is traced': () => {
    const { then } = Promise.prototype;
    put(Promise.prototype, 'then', function (done, failed) {
      return Reflect.apply(then, this, [done, failed]);
    });
  },
  'Promise.prototype.catch and finally': () => {
    put(Promise.prototype, 'catch', spoiled);
    put(Promise.prototype, 'finally', spoiled);
  },
  'every function of Promise': () => replaceAll(Promise, spoiled),
  'another Promise': () => {
    globalThis.Promise = class extends RealPromise {};
  },
  'a frozen Error.prototype': () => void Object.freeze(Error.prototype),
  'all of JavaScript’s prototypes frozen': () => {
    for (const { prototype } of [
      Object,
      Function,
      Array,
      String,
      Number,
      Boolean,
      Error,
      Promise,
      RegExp,
      Date,
      Map,
      Set,
    ]) {
      Object.freeze(prototype);
    }
  },
  'an Error that cannot be made': () => {
    globalThis.Error = class {
      constructor() {
        throw new RealError('spoiled');
      }
    };
  },
  'Error.prepareStackTrace of its own': () => {
    Error.prepareStackTrace = (_, frames) => frames;
  },
  'Buffer.from that takes Latin-1 for UTF-8': () => {
    const { from } = Buffer;
    Buffer.from = (value, ...rest) =>
      typeof value === 'string' && rest.length === 0 ? from(value, 'latin1') : from(value, ...rest);
  },
  'every function of Buffer but isBuffer': () => {
    replaceAll(Buffer, spoiled, ['isBuffer']);
    replaceAll(Buffer.prototype, nothing);
  },
  'timers that never fire': () => {
    for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']) {
      globalThis[name] = () => ({ ref: nothing, unref: nothing });
    }
    globalThis.clearTimeout = nothing;
  },
  'an environment of its own': () => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    process.env.AWS_REGION = 'us-east-1';
    process.env.AWS_ACCESS_KEY_ID = 'OTHER';
    process.env.AWS_SECRET_ACCESS_KEY = 'OTHER';
    process.env.AWS_ENDPOINT_URL_DYNAMODB = 'http://127.0.0.1:1';
    process.env.AWS_ENDPOINT_URL_SSM = 'http://127.0.0.1:1';
  },
  'the functions of process': () => {
    for (const name of ['getBuiltinModule', 'hrtime', 'cwd', 'emit', 'exit', 'emitWarning', 'memoryUsage', 'uptime']) {
      put(process, name, spoiled);
    }
  },
  'a process.stdout that is ended': () => void process.stdout.end(),
  'process.stdout.write that throws': () => put(process.stdout, 'write', spoiled),
  'handlers of uncaught exceptions': () => {
    process.on('uncaughtException', nothing);
    process.on('unhandledRejection', nothing);
  },
  'another working directory': () => process.chdir('/'),
  'no console, URL, AbortController, TextEncoder, structuredClone, performance or global': () => {
    for (const name of [
      'console',
      'URL',
      'AbortController',
      'AbortSignal',
      'TextEncoder',
      'TextDecoder',
      'Event',
      'EventTarget',
    ]) {
      put(globalThis, name, undefined);
    }
    for (const name of [
      'structuredClone',
      'performance',
      'global',
      'Intl',
      'Atomics',
      'SharedArrayBuffer',
      'WeakMap',
    ]) {
      put(globalThis, name, undefined);
    }
  },
  'no JSON, Math, Reflect, Map, Set, RegExp, Symbol or Uint8Array': () => {
    for (const name of [
      'Math',
      'Reflect',
      'Map',
      'Set',
      'RegExp',
      'Symbol',
      'Uint8Array',
      'encodeURIComponent',
      'parseInt',
    ]) {
      put(globalThis, name, undefined);
    }
  },
  'the functions of net, tls, dns, crypto, zlib, fs, vm and timers': () => {
    const { net, ...modules } = {
      net: process.getBuiltinModule('node:net'),
      tls: process.getBuiltinModule('node:tls'),
      dns: process.getBuiltinModule('node:dns'),
      crypto: process.getBuiltinModule('node:crypto'),
      zlib: process.getBuiltinModule('node:zlib'),
      vm: process.getBuiltinModule('node:vm'),
      timers: process.getBuiltinModule('node:timers'),
    };
    for (const module of Object.values(modules)) replaceAll(module, spoiled, ['SecureContext', 'TLSSocket']);
    for (const name of ['connect', 'createConnection']) put(net, name, spoiled);
    for (const name of ['readFileSync', 'openSync', 'writeSync', 'existsSync', 'statSync', 'readSync', 'closeSync']) {
      put(process.getBuiltinModule('node:fs'), name, spoiled);
    }
  },
  'a zlib that packs something else': () => {
    const zlib = process.getBuiltinModule('node:zlib');
    const { gzipSync } = zlib;
    const other = (bytes) => gzipSync('?'.repeat(bytes.byteLength)); // as long, so that only its content differs
    put(zlib, 'gzipSync', other);
    put(zlib, 'gzip', (bytes, _, done) => done(null, other(bytes)));
  },
  'methods of Hash and Hmac': () => {
    const { Hash, Hmac } = process.getBuiltinModule('node:crypto');
    replaceAll(Hash.prototype, spoiled);
    replaceAll(Hmac.prototype, spoiled);
  },
  'the methods of sockets that a runtime would call': () => {
    for (const name of ['ref', 'unref', 'setNoDelay', 'setKeepAlive']) put(net.Socket.prototype, name, nothing);
  },
  'no certificates that are trusted': () => tls.setDefaultCACertificates([]),
  'Object.prototype with what is asked of a name server': () => pollute({ order: 'x', verbatim: 'x' }),
  'Object.prototype with protocols of TLS': () => pollute({ ALPNProtocols: ['h2'] }),
  'Object.prototype with options of streams': () =>
    pollute({
      objectMode: true,
      readableObjectMode: true,
      writableObjectMode: 'x',
      decodeStrings: true,
      highWaterMark: 'x',
      emitClose: false,
      autoDestroy: false,
      captureRejections: 'x',
      signal: 'x',
      encoding: 'x',
    }),
  'Object.prototype with what Node writes on its own objects, read-only': () => {
    for (const name of [
      ...['handle', 'buffer', 'bytes', 'callback', 'oncomplete', 'async', 'listener', 'warned', 'decodeStrings'],
      ...['emitClose', 'autoDestroy', '_handle'],
    ]) {
      defineProperty(Object.prototype, name, { __proto__: null, value: 'x', configurable: true });
    }
  },
  'Object.prototype with a TLS context of a single use': () => pollute({ singleUse: true }),
  'Object.prototype with options that throw when they are read': () => {
    for (const name of ['objectMode', 'highWaterMark', 'signal', 'captureRejections', 'singleUse', 'pskCallback']) {
      defineProperty(Object.prototype, name, { __proto__: null, get: spoiled, set: nothing, configurable: true });
    }
  },
  'classes that everything is an instance of, or nothing': () => {
    void [process.stdout, process.stderr]; // upstream could not make them any more
    for (const one of [net.Socket, tls.TLSSocket, EventEmitter, Stream, Readable, Duplex]) {
      put(one, Symbol.hasInstance, () => false);
    }
    for (const one of [Uint8Array, Object.getPrototypeOf(Uint8Array), Buffer, Error]) {
      put(one, Symbol.hasInstance, () => true);
    }
  },
  'the insides of sockets': () => {
    for (const name of ['connect', '_unrefTimer', '_read', 'pause']) put(net.Socket.prototype, name, spoiled);
    for (const name of ['_wrapHandle', '_init', '_start', 'setServername']) put(tls.TLSSocket.prototype, name, spoiled);
    for (const name of ['isIP', '_normalizeArgs', 'Socket']) put(net, name, spoiled);
  },
  'the length that typed arrays tell': () => {
    const get = () => 0;
    defineProperty(Object.getPrototypeOf(Uint8Array.prototype), 'length', { __proto__: null, get, configurable: true });
  },
  'what bytes tell of themselves': () => {
    for (const [name, value] of [
      ['byteLength', 0],
      ['byteOffset', 0],
    ]) {
      const get = () => value;
      defineProperty(Object.getPrototypeOf(Uint8Array.prototype), name, { __proto__: null, get, configurable: true });
    }
  },
  'Function.prototype.call': () => put(Function.prototype, 'call', spoiled),
  'Function.prototype.apply': () => put(Function.prototype, 'apply', spoiled),
  'Array.prototype.push': () => put(Array.prototype, 'push', spoiled),
  'Array.prototype.shift': () => put(Array.prototype, 'shift', spoiled),
  'Object.prototype.length': () =>
    defineProperty(Object.prototype, 'length', { __proto__: null, get: spoiled, set: nothing, configurable: true }),
  'Symbol.iterator of Array.prototype': () => put(Array.prototype, Symbol.iterator, function* () {}),
  'an Error.prepareStackTrace that throws': () => {
    Error.prepareStackTrace = spoiled;
  },
  'process.nextTick': () => put(process, 'nextTick', spoiled),
  'net.Socket.prototype.connect': () => put(net.Socket.prototype, 'connect', spoiled),
};

/** What Node's own sockets, or upstream's client, do not work without. */
export const beyond = {
  'RegExp.prototype.exec': () => put(RegExp.prototype, 'exec', spoiled),
  'Promise.prototype.then': () => put(Promise.prototype, 'then', spoiled),
  'indexes of Array.prototype': () => {
    for (let index = 0; index < 20; index += 1) {
      defineProperty(Array.prototype, index, { __proto__: null, get: nothing, set: nothing, configurable: true });
    }
  },
  'every method of event emitters': () => replaceAll(EventEmitter.prototype, nothing),
};

export const streaming = Object.assign(
  async (_, stream) => {
    stream.write('42');
    stream.end();
  },
  { [Symbol.for('aws.lambda.runtime.handler.streaming')]: 'response' },
);

const { SPOILED_AT_LOAD } = process.env;
if (SPOILED_AT_LOAD) ({ ...ways, ...beyond })[SPOILED_AT_LOAD]();

/** Whether it was called shows in any answer of its own: it is a number. */
export const handler = async (event) => {
  if (event.spoil) ways[event.spoil]();
  return 42;
};
