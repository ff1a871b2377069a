import { Token } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { PROXY_WRAPPER } from '../../core/deployment/layer.ts';

/**
 * What brings the gate into a function: its image, the client's layer, the proxy's layer with a wrapper, or the proxy's layer
 * that a bootstrap of the function's own starts.
 */
export type Carrier = 'image' | 'client' | 'proxy' | 'bootstrap';

/** How a function on `provided.*` is made ready: `ProtectOptions.bootstrap`. */
export type Bootstrap = 'prepared';

/** The oldest Node that the client runs on. */
const OLDEST_NODE = 22;

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

/** What would bring the gate into this function. */
export function carrierOf({ runtime: { name } }: lambda.Function): Carrier {
  if (name === lambda.Runtime.FROM_IMAGE.name) return 'image';
  if (/^nodejs/.test(name)) return 'client';
  return /^provided\b/.test(name) ? 'bootstrap' : 'proxy';
}

/**
 * Why the gate cannot be brought into a function. Undefined where it can be; an image cannot be looked into.
 *
 * @param bootstrap what the caller says of a bootstrap
 */
export function whyNoGate(fn: lambda.Function, bootstrap?: Bootstrap): string | undefined {
  const { name } = fn.runtime;
  if (Token.isUnresolved(name)) {
    return 'has a runtime that is known at deployment only; write it out, such as nodejs22.x, because each has a layer of its own';
  }
  if (bootstrap !== undefined && bootstrap !== 'prepared') {
    return `bootstrap: ${JSON.stringify(bootstrap)} is not allowed; write prepared, or leave it out`;
  }
  const carrier = carrierOf(fn);
  if (bootstrap && carrier !== 'bootstrap') {
    const what = carrier === 'image' ? 'comes from an image' : `runs on ${name}`;
    return `${what}, and bootstrap is for provided.* alone; leave it out`;
  }
  if (ON_AMAZON_LINUX_1.has(name)) {
    return `runs on ${name}, so on Amazon Linux 1, where neither client nor proxy starts; move it to a runtime that AWS still supports`;
  }
  if (carrier === 'client') return whyNoClient(name);
  if (carrier === 'bootstrap') return bootstrap ? undefined : TWO_LINES(name);
  if (carrier === 'image' || WITH_WRAPPER.test(name)) return undefined;
  return (
    `runs on ${name}, and the layers are for Node ${OLDEST_NODE} and later, Python, Java, .NET, Ruby and provided.*; ` +
    'make it an image that begins with the proxy (see docs/proxy.md)'
  );
}

function whyNoClient(runtime: string): string | undefined {
  const [, node] = /^nodejs(\d+)\./.exec(runtime) ?? [];
  if (node !== undefined && Number(node) >= OLDEST_NODE) return undefined;
  return `runs on ${runtime}, and the client needs Node ${OLDEST_NODE} or later; move it to nodejs${OLDEST_NODE}.x or a later one`;
}

const TWO_LINES = (runtime: string) =>
  `runs on ${runtime}, where Lambda knows no wrapper; rename its program, such as to main, and write a bootstrap of two lines:\n` +
  '  #!/bin/sh\n' +
  `  exec ${PROXY_WRAPPER.value} ./main\n` +
  "then protect it with { bootstrap: 'prepared' }";
