/**
 * What the gate's realm has of the handler's, taken before the handler is loaded. `ric/realm/realm.ts` gives it; `ric/realm/world.ts`
 * makes globals of it, which are the gate's own.
 */
export interface Host {
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
  /** Evaluates a CommonJS file's source in the gate's realm. @returns it, as a function of these free names */
  run(source: string, filename: string, names: string): (...values: unknown[]) => void;
}
