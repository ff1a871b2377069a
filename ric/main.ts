/**
 * The gate of this environment, in its own realm. Evaluating it begins the first read of the parameter.
 *
 * With several invocations at once upstream's main thread starts worker threads and does nothing else. Each of them
 * imports this too: then the main thread reads the parameter, and the workers have the gates.
 */

import { createSharedWindows, type SharedWindows } from '../aws/windows/shared-windows.ts';
import { MaintenanceWindowError } from '../core/errors.ts';
import { readConfig, SETTINGS } from '../core/gate/config.ts';
import type { Gate } from '../core/gate/gate.ts';
import type { Clock } from '../core/gate/ports.ts';
import { createSendReply } from '../host/answer.ts';
import { composeFollower, composeGate, composeReader, type Protected } from '../host/compose.ts';
import { waitDuringInit } from '../host/init-time.ts';
import { createLog, readLogSettings } from '../host/log.ts';
import project from '../package.json' with { type: 'json' };
import { oneAtATime, polled, severalAtOnce } from './intake.ts';
import type { InvocationRequest, UpstreamClient, UpstreamRuntime } from './patch/upstream.ts';
import { folder, follow, hostError, whenTakenOver, whyNodes } from './realm/world.ts';
import { expectHandler } from './realm/world-at-start.ts';
import { createRuntimeApi } from './runtime-api.ts';
import { createStandardOutput } from './standard-output.ts';
import { compileCacheMismatch, isCompileCacheBaked } from './start/compile-cache.ts';
import { completeEnvironment } from './start/without-shell.ts';

/** Under this name worker threads find what they share. */
const SHARED = 'maintenance-window';
/** Set by the proxy, and by its wrapper. */
const BEHIND_PROXY = '_MAINTENANCE_WINDOW_PROXY';
const TWO_GATES =
  'both the client for Node and the Runtime API proxy guard this function, and each would store its events: ' +
  'take the proxy away (its layer, and the wrapper in AWS_LAMBDA_EXEC_WRAPPER or MAINTENANCE_WINDOW_EXEC_WRAPPER), or use AWS’s own client';

completeEntry();
const clock: Clock = { now: Date.now, random: Math.random };
const log = createLog(readLogSettings(process.env), project.version, createStandardOutput());
const begun = begin();
tellOfNodesSockets();
leaveCompileCache();
leavePoolSize();

/** Resolves once the first request goes out by itself, so that its answer comes while the handler is loaded. */
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

/** Every thread has the same cause at its start: one of them tells. */
function tellOfNodesSockets(): void {
  const tell = (cause: string) => log.write({ kind: 'native-sockets-unused', cause });
  if (whyNodes && isFirstThread()) tell(whyNodes);
  whenTakenOver(tell);
}

function isFirstThread(): boolean {
  return process.getBuiltinModule('node:worker_threads').isMainThread;
}

function readProtected(): Protected {
  if (process.env[BEHIND_PROXY]) throw new MaintenanceWindowError('MaintenanceWindow.Config', TWO_GATES);
  const identity = {
    name: process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? '',
    version: process.env['AWS_LAMBDA_FUNCTION_VERSION'] ?? '',
    clientVersion: project.version,
  };
  const config = readConfig(process.env);
  refuseSkippedWrapper(process.env);
  return { config, identity, environment: process.env, clock, log };
}

/** Where `exec-wrapper` has run, the variable is gone. A wrapper that the function relies on must not be left out in silence. */
function refuseSkippedWrapper({ [SETTINGS.execWrapper.name]: wrapper }: NodeJS.ProcessEnv): void {
  if (wrapper === undefined || wrapper === SETTINGS.execWrapper.default) return;
  throw new MaintenanceWindowError(
    'MaintenanceWindow.Config',
    `${SETTINGS.execWrapper.name}: "${wrapper}" was not run, since the client was not started by exec-wrapper; in an image of ` +
      'your own write it before bootstrap in the ENTRYPOINT',
  );
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
