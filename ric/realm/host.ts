import type { Native } from '../native/begin.ts';

/**
 * What the gate's realm has of the handler's, taken before the handler is loaded. `ric/realm/realm.ts` gives it; `ric/realm/world.ts`
 * makes globals of it, which are the gate's own.
 */
export interface Host {
  readonly native: Native;
  readonly process: NodeJS.Process;
  readonly Buffer: BufferConstructor;
  readonly Error: ErrorConstructor;
  readonly URL: typeof URL;
  readonly console: Console;
  readonly setTimeout: typeof setTimeout;
  readonly clearTimeout: typeof clearTimeout;
  readonly setImmediate: typeof setImmediate;
  /** `Promise.prototype.then` of the handler's realm. */
  readonly promiseThen: Promise<unknown>['then'];
  /** For what is taken of it late, if ever. */
  readonly global: typeof globalThis;
  readonly readFileSync: typeof import('node:fs').readFileSync;
  /** Where the client's files lie. */
  readonly folder: string;
  /** Evaluates the source of a function in the gate's realm. */
  run(source: string, filename: string): (...values: unknown[]) => void;
}
