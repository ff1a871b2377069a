/**
 * What the patched client imports: the gate of this environment. Importing it begins the first read of the parameter
 * and waits until that request is written, so that the answer is on its way while upstream and the handler are loaded.
 */
import { type ComposedGate, composeGate } from '../aws/compose.ts';
import { readConfig } from '../gate/config.ts';
import type { Clock } from '../gate/ports.ts';
import { createSendReply } from './answer.ts';
import { oneAtATime, severalAtOnce } from './intake.ts';
import { createLog, readLogSettings } from './log.ts';
import type { UpstreamClient, UpstreamRuntime } from './upstream.ts';

const clock: Clock = { now: Date.now, random: Math.random };
const log = createLog(readLogSettings(process.env), (line) => process.stdout.write(`${line}\n`));
const begun = begin();
if (begun.kind === 'gate') await begun.composed.written;

/** Puts the gate between upstream's client and its loop, once the handler is loaded. Changes that one method. */
export function attach(runtime: UpstreamRuntime): UpstreamRuntime {
  const { client } = runtime.lifecycle;
  if (begun.kind === 'fault') {
    client.nextInvocation = () => failInit(client, begun.fault);
    return runtime;
  }
  const { gate } = begun.composed;
  const around = runtime.isMultiConcurrent ? severalAtOnce : oneAtATime;
  const next = around(client.nextInvocation.bind(client), gate, createSendReply(runtime, log));
  client.nextInvocation = async () => {
    client.nextInvocation = next;
    await gate.start();
    return next();
  };
  return runtime;
}

type Begun =
  | { readonly kind: 'gate'; readonly composed: ComposedGate }
  | { readonly kind: 'fault'; readonly fault: Error };

function begin(): Begun {
  try {
    const config = readConfig(process.env);
    const identity = {
      name: process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? '',
      version: process.env['AWS_LAMBDA_FUNCTION_VERSION'] ?? '',
    };
    return { kind: 'gate', composed: composeGate(config, identity, process.env, clock, log) };
  } catch (fault) {
    return { kind: 'fault', fault: fault instanceof Error ? fault : new Error(String(fault)) };
  }
}

/** A configuration that is not allowed ends INIT: better a function that does not start than one that guesses. */
async function failInit(client: UpstreamClient, fault: Error): Promise<never> {
  console.error(`${fault.name}: ${fault.message}`);
  await client.postInitError(Object.assign(fault, { stack: undefined })).catch(() => undefined);
  process.exit(1);
}
