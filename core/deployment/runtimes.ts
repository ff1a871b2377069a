/** Lambda's runtimes of zip functions, by their names. */

/**
 * What brings the gate into a zip function: the client's layer, the proxy's layer with a wrapper, or the proxy's layer that a
 * bootstrap of the function's own starts.
 */
export type ZipCarrier = 'client' | 'proxy' | 'bootstrap';

/** Why nothing brings the gate to a runtime. */
export type NoGate = 'amazon-linux-1' | 'old-node' | 'no-layer';

/** The oldest Node that the client runs on. */
export const OLDEST_NODE = 22;

/** Runtimes that know wrappers, by the beginnings of their names. Source: Lambda developer guide, wrapper scripts. */
const WITH_WRAPPER = /^(?:python|java|dotnet|ruby)\d|^dotnetcore/;

/**
 * Every runtime on Amazon Linux 1, which Lambda adds none to: they know no wrapper, and have glibc 2.17.
 * Source: Lambda developer guide, "Lambda runtimes", deprecated runtimes.
 */
const ON_AMAZON_LINUX_1 = new Set([
  'python2.7',
  'python3.6',
  'python3.7',
  'java8',
  'dotnetcore1.0',
  'dotnetcore2.0',
  'dotnetcore2.1',
  'ruby2.5',
  'go1.x',
  'provided',
]);

/** @param runtime such as `python3.13` */
export function zipCarrierOf(runtime: string): ZipCarrier {
  if (/^nodejs/.test(runtime)) return 'client';
  return /^provided\b/.test(runtime) ? 'bootstrap' : 'proxy';
}

/** Undefined where something does. */
export function whyNoGateOn(runtime: string): NoGate | undefined {
  if (ON_AMAZON_LINUX_1.has(runtime)) return 'amazon-linux-1';
  switch (zipCarrierOf(runtime)) {
    case 'client':
      return Number(/^nodejs(\d+)\./.exec(runtime)?.[1] ?? 0) >= OLDEST_NODE ? undefined : 'old-node';
    case 'proxy':
      return WITH_WRAPPER.test(runtime) ? undefined : 'no-layer';
    case 'bootstrap':
      return undefined;
  }
}
