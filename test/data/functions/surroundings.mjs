import { createRequire } from 'node:module';

// Handlers that look around: nothing of the gate may be seen from here.

const require = createRequire(import.meta.url);
const whileLoading = { listeners: listenersOf(process), stackTraceLimit: Error.stackTraceLimit, cwd: process.cwd() };

export const globals = async () => ({
  names: Object.getOwnPropertyNames(globalThis),
  symbols: Object.getOwnPropertySymbols(globalThis).map(String),
  awslambda: Object.keys(globalThis.awslambda ?? {}),
  ownOfProcess: Reflect.ownKeys(process).map(String),
});
/** Sorted: a shell hands its variables on in an order of its own, on Lambda too. */
export const environment = async () => Object.fromEntries(Object.entries(process.env).sort());
export const commandLine = async () => {
  const { argv, argv0, execArgv, execPath, title, exitCode } = process;
  return {
    argv,
    argv0,
    execArgv,
    execPath,
    title,
    exitCode,
    cwd: process.cwd(),
    umask: process.umask(),
    main: require.main?.id,
  };
};
export const listeners = async () => ({
  whileLoading,
  process: listenersOf(process),
  stdout: listenersOf(process.stdout),
  stderr: listenersOf(process.stderr),
});
export const errorSettings = async () => ({
  stackTraceLimit: Error.stackTraceLimit,
  prepareStackTrace: String(Error.prepareStackTrace),
  captureRejections: require('node:events').captureRejections,
});
export const consoleMethods = async () =>
  Object.fromEntries(
    Object.entries(console).map(([name, value]) => [name, `${value?.name} ${String(value).slice(0, 60)}`]),
  );
export const keepsAlive = async () => process.getActiveResourcesInfo();
export const httpDefaults = async () => {
  const http = require('node:http');
  const https = require('node:https');
  const state = (agent) => ({
    options: { ...agent.options },
    sockets: Object.keys(agent.sockets),
    freeSockets: Object.keys(agent.freeSockets),
    requests: Object.keys(agent.requests),
    maxSockets: agent.maxSockets,
  });
  return {
    http: state(http.globalAgent),
    https: state(https.globalAgent),
    request: [http.request.name, http.request.length, https.request.name, https.request.length],
    maxHeaderSize: http.maxHeaderSize,
    certificates: require('node:tls').DEFAULT_MIN_VERSION,
    lookup: require('node:dns').getDefaultResultOrder(),
    family: require('node:net').getDefaultAutoSelectFamily(),
  };
};
export const builtinPrototypes = async () =>
  [Object, Array, Function, Promise, Map, String, RegExp, Error, JSON, Math, Reflect, Symbol].map((builtin) => [
    Reflect.ownKeys(builtin).map(String),
    Reflect.ownKeys(builtin.prototype ?? {}).map(String),
  ]);
export const commonJsCache = async () => Object.keys(require.cache);
export const performanceEntries = async () => performance.getEntries().map(({ name, entryType }) => [entryType, name]);
export const diagnosticChannels = async () => {
  const { channel } = require('node:diagnostics_channel');
  return ['http.client.request.start', 'http.client.response.finish', 'net.client.socket', 'module.import.start'].map(
    (name) => [name, channel(name).hasSubscribers],
  );
};
export const asyncContext = async () => {
  const { AsyncLocalStorage, executionAsyncResource } = require('node:async_hooks');
  return { store: new AsyncLocalStorage().getStore() ?? null, resource: executionAsyncResource().constructor.name };
};
/**
 * Called as a method by the client: `this` is the client's own object. Two steps further, on upstream's Runtime API
 * client, stands the one method that the gate is put around; who reaches for that one looks for it.
 */
export const receiver = function () {
  return Promise.resolve({
    name: this.constructor.name,
    keys: Reflect.ownKeys(this),
    lifecycle: [this.lifecycle.constructor.name, Reflect.ownKeys(this.lifecycle)],
    client: this.lifecycle.client.constructor.name,
  });
};
export const stack = async () => {
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  const atOnce = new Error('at once').stack;
  await new Promise((resolve) => setImmediate(resolve));
  return { atOnce, later: new Error('later').stack };
};
export const callSites = () => {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (_error, sites) =>
    sites.map((site) => [
      site.getFunctionName(),
      site.getTypeName(),
      site.isAsync(),
      site.isConstructor(),
      site.getFileName(),
    ]);
  const { stack } = new Error('structured');
  Error.prepareStackTrace = before;
  return stack;
};

function listenersOf(emitter) {
  return Object.fromEntries(emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]));
}
export const node = async () => ({ version: process.version, arch: process.arch });
/** What of Node's TLS, cryptography and look-ups has been loaded by whomever. */
export const loaded = async () =>
  process.moduleLoadList.filter((name) => /^NativeModule (?:internal\/)?(?:crypto|tls|_?tls|dns)/.test(name)).sort();
