import { Token } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { PROXY_WRAPPER } from '../../core/deployment/layer.ts';
import {
  type NoGate,
  OLDEST_NODE,
  whyNoGateOn,
  type ZipCarrier,
  zipCarrierOf,
} from '../../core/deployment/runtimes.ts';

/** What brings the gate into a function: its image, or what does into a zip. */
export type Carrier = 'image' | ZipCarrier;

/** How a function on `provided.*` is made ready: `ProtectOptions.bootstrap`. */
export type Bootstrap = 'prepared';

/** What would bring the gate into this function. */
export function carrierOf({ runtime: { name } }: lambda.Function): Carrier {
  return name === lambda.Runtime.FROM_IMAGE.name ? 'image' : zipCarrierOf(name);
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
  if (carrier === 'image') return undefined;
  const why = whyNoGateOn(name);
  if (why) return `runs on ${name}, ${WHY_NO_GATE[why]}`;
  return carrier === 'bootstrap' && !bootstrap ? TWO_LINES(name) : undefined;
}

/** The rest of a sentence. */
const WHY_NO_GATE: Readonly<Record<NoGate, string>> = {
  'amazon-linux-1':
    'so on Amazon Linux 1, where neither client nor proxy starts; move it to a runtime that AWS still supports',
  'old-node': `and the client needs Node ${OLDEST_NODE} or later; move it to nodejs${OLDEST_NODE}.x or a later one`,
  'no-layer':
    `and the layers are for Node ${OLDEST_NODE} and later, Python, Java, .NET, Ruby and provided.*; ` +
    'make it an image that begins with the proxy (see docs/proxy.md)',
};

const TWO_LINES = (runtime: string) =>
  `runs on ${runtime}, where Lambda knows no wrapper; rename its program, such as to main, and write a bootstrap of two lines:\n` +
  '  #!/bin/sh\n' +
  `  exec ${PROXY_WRAPPER.value} ./main\n` +
  "then protect it with { bootstrap: 'prepared' }";
