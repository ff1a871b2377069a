/**
 * The gate of this environment, in its own realm. Evaluating it begins the first read of the parameter.
 *
 * With several invocations at once upstream's main thread starts worker threads and does nothing else. Each of them
 * imports this too: then the main thread reads the parameter, and the workers have the gates.
 */

import { createSharedWindows, type SharedWindows } from '../aws/windows/shared-windows.ts';
import { readConfig } from '../core/gate/config.ts';
import type { Gate } from '../core/gate/gate.ts';
import type { Clock } from '../core/gate/ports.ts';
import { composeFollower, composeGate, composeReader, type Protected } from '../host/compose.ts';
import { waitDuringInit } from '../host/init-time.ts';
import { createLog, readLogSettings } from '../host/log.ts';
import { createSendReply } from './answer.ts';
import { compileCacheMismatch, isCompileCacheBaked } from './compile-cache.ts';
import { oneAtATime, polled, severalAtOnce } from './intake.ts';
import { folder, follow, hostError } from './realm/world.ts';
import { createRuntimeApi } from './runtime-api.ts';
import { createStandardOutput } from './standard-output.ts';
import type { InvocationRequest, UpstreamClient, UpstreamRuntime } from './upstream.ts';
import { completeEnvironment } from './without-shell.ts';
import { expectHandler } from './world-at-start.ts';

/** Under this name worker threads find what they share. */
const SHARED = 'maintenance-window';

completeEntry();
const clock: Clock = { now: Date.now, random: Math.random };
const log = createLog(readLogSettings(process.env), createStandardOutput());
const begun = begin();
leaveCompileCache();
leavePoolSize();

/** Resolves once the first request is written, so that its answer comes while the handler is loaded. */
export const written = Promise.resolve(begun.written).then(expectHandler);

/** Puts the gate between upstream's client and its loop, once the handler is loaded. Changes that one method. */
export function attach(runtime: UpstreamRuntime): UpstreamRuntime {
  const { client } = runtime.lifecycle;
  const { gate, fault } = begun;
  if (fault) client.nextInvocation = () => failInit(client, fault);
  if (!gate) return runtime;
  const poll = client.nextInvocation;
  const around = runtime.isMultiConcurrent ? severalAtOnce : oneAtATime;
  const send = createSendReply(createRuntimeApi(client), runtime.handlerMetadata, log);
  const next = around((): Promise<InvocationRequest> => Reflect.apply(poll, client, []), gate, send, follow);
  client.nextInvocation = async () => {
    client.nextInvocation = next;
    await waitDuringInit(gate.start());
    return polled(next, follow);
  };
  return runtime;
}

/** Upstream has read nothing of the environment yet. */
function completeEntry(): void {
  const fault = completeEnvironment(process.env, process.argv);
  if (!fault) return;
  process.stderr.write(`maintenance-window: ${fault.message}\n`);
  process.exit(fault.exitCode);
}

/** State of this thread: a gate, or the reading for other threads, or a fault. */
interface Begun {
  readonly gate?: Gate;
  readonly written?: Promise<void>;
  readonly fault?: Error;
}

function begin(): Begun {
  try {
    const parts = readProtected();
    return process.env['AWS_LAMBDA_MAX_CONCURRENCY'] === undefined ? composeGate(parts) : beginThread(parts);
  } catch (fault) {
    return { fault: fault instanceof Error ? fault : new Error(String(fault)) };
  }
}

function beginThread(parts: Protected): Begun {
  const { getEnvironmentData, setEnvironmentData } = process.getBuiltinModule('node:worker_threads');
  if (isFirstThread()) {
    const shared = createSharedWindows();
    setEnvironmentData(SHARED, shared);
    return composeReader(parts, shared);
  }
  const shared: unknown = getEnvironmentData(SHARED);
  // A worker thread of somebody else's, in which upstream runs by itself, reads for itself.
  return shared === undefined ? composeGate(parts) : { gate: composeFollower(parts, shared as SharedWindows) };
}

/**
 * Hides from the handler what `bootstrap` set for Node alone. Worker threads are Nodes too, and each takes its copy.
 */
function leaveCompileCache(): void {
  if (!isCompileCacheBaked(folder, process.env)) return;
  const startsWorkers = process.env['AWS_LAMBDA_MAX_CONCURRENCY'] !== undefined && isFirstThread();
  if (!startsWorkers) delete process.env['NODE_COMPILE_CACHE'];
  const cause = isFirstThread() && compileCacheMismatch(folder);
  if (cause) log.write({ kind: 'compile-cache-unused', cause });
}

/**
 * Hides the pool's size that `bootstrap` set for libuv alone, marked by its sign. The first thread keeps it: the pool
 * may not have begun yet.
 */
function leavePoolSize(): void {
  if (process.env['UV_THREADPOOL_SIZE']?.startsWith('+') && !isFirstThread()) delete process.env['UV_THREADPOOL_SIZE'];
}

function isFirstThread(): boolean {
  return process.getBuiltinModule('node:worker_threads').isMainThread;
}

function readProtected(): Protected {
  const identity = {
    name: process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? '',
    version: process.env['AWS_LAMBDA_FUNCTION_VERSION'] ?? '',
  };
  return { config: readConfig(process.env), identity, environment: process.env, clock, log };
}

/** A configuration that is not allowed ends INIT: better a function that does not start than one that guesses. */
async function failInit(client: UpstreamClient, fault: Error): Promise<never> {
  console.error(`${fault.name}: ${fault.message}`);
  await new Promise<void>((resolve) => {
    const done = () => resolve();
    void follow(client.postInitError(hostError(fault)), done, done);
  });
  process.exit(1);
}
