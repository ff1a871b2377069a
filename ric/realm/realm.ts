/**
 * Entry of the patched client: makes a realm of the gate's own and loads the gate into it (`ric/realm/world.ts`). There
 * the gate has a `JSON`, a `Date`, a `Promise`, an `Object.prototype` and all other built-ins that no handler can
 * reach: whatever a handler does to its own, while it is loaded or later, the gate decides, stores and answers as
 * before. Code that is needed only inside a window may be evaluated as late as that. This file alone runs in the
 * handler's realm. It takes what the gate needs of it before the handler is loaded.
 */

import { beginNative } from '../native/begin.ts';
import type { UpstreamRuntime } from '../patch/upstream.ts';
import type { Host } from './host.ts';

if (!process.getBuiltinModule) {
  process.stderr.write(
    `maintenance-window: this is Node ${process.versions.node}, and the client needs 22.3 or later: take a newer base image\n`,
  );
  process.exit(78);
}
const { apply } = Reflect;
const { Script, createContext, constants } = process.getBuiltinModule('node:vm');
const { readFileSync } = process.getBuiltinModule('node:fs');
const { runInContext } = Script.prototype;
const folder = import.meta.dirname;
const native = beginNative({ process, readFileSync, folder });
const realm = createContext(constants.DONT_CONTEXTIFY) as typeof globalThis & { host?: Host };

realm.host = {
  native,
  process,
  Buffer,
  Error,
  URL,
  console,
  setTimeout,
  clearTimeout,
  setImmediate,
  promiseThen: Promise.prototype.then,
  global: globalThis,
  readFileSync,
  folder,
  run,
};
const gate: Gate = { exports: {} };
run(readFileSync(`${folder}/gate.cjs`, 'utf8'), `${folder}/gate.cjs`, codeCache())(gate);
if (native.kind === 'begun') native.closeUntaken();

interface Gate {
  exports: { written?: Promise<void>; attach?(runtime: UpstreamRuntime): UpstreamRuntime };
}

/** Puts the gate between upstream's client and its loop, once the handler is loaded. */
export const { attach } = gate.exports;
// By then the first read of the parameter is on its way, so that its answer comes while upstream and the handler are loaded.
await gate.exports.written;

/** V8's code cache of the gate, from the build: 4 ms less at a cold start. V8 refuses it for another Node. */
function codeCache(): Buffer | undefined {
  try {
    return readFileSync(`${folder}/gate.cache`);
  } catch {
    return undefined;
  }
}

/**
 * Evaluates a script in the realm: a function. Also called after the handler was loaded, so it uses nothing that a handler can
 * change.
 */
function run(source: string, filename: string, cachedData?: Buffer): (...values: unknown[]) => void {
  const options: object = { __proto__: null, filename, cachedData };
  return apply(runInContext, new Script(source, options), [realm]);
}
