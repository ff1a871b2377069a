/**
 * What the engine runs: the gate of one environment, and its answers to the questions of the connections' threads
 * (`proxy/src/engine.rs`). Every decision is made by the same code as in the client for Node.
 */
import './node/world.ts';
import { TO_DYNAMODB } from '../aws/dynamodb/dynamodb.ts';
import type { Environment } from '../aws/request/plain-access.ts';
import { createSignedRequests } from '../aws/request/signed-request.ts';
import { createSignedReader } from '../aws/windows/parameter-reader-signed.ts';
import { createWindowKeeper } from '../aws/windows/window-keeper.ts';
import { FAULTS, MaintenanceWindowError } from '../core/errors.ts';
import { readConfig } from '../core/gate/config.ts';
import type { Gate } from '../core/gate/gate.ts';
import type { Clock, Log } from '../core/gate/ports.ts';
import { createSendReply, type SendReply } from '../host/answer.ts';
import { gateBehind } from '../host/gate-behind.ts';
import { createHttpRuntimeApi } from '../host/http-runtime-api.ts';
import { waitDuringInit } from '../host/init-time.ts';
import { contextForHandler, type InvocationHeaders, invocationOf } from '../host/invocation.ts';
import { createLog, readLogSettings } from '../host/log.ts';
import project from '../package.json' with { type: 'json' };
import { readAccess } from './access.ts';
import { closeAll, heard } from './node/sockets.ts';
import { due } from './node/timers.ts';
import { outlined } from './outline.ts';
import { readStreaming } from './streaming.ts';

/** The gate, and how its replies are sent. */
interface Guard {
  readonly gate: Gate;
  readonly send: SendReply;
}

/** A fault that ends the start. */
interface StartFault {
  readonly name: string;
  readonly message: string;
  readonly exitCode: number;
}

const clock: Clock = { now: Date.now, random: native.random };
let log: Log;
let guard: Guard;
let compose: () => Guard;

Object.assign(globalThis, { maintenanceWindow: { begin, ask, heard, due } });

/** Puts the gate together, which begins the first read of the windows. @returns why it cannot be, where it cannot */
function begin(environment: Environment, upstream: string): StartFault | undefined {
  try {
    compose = composer(environment, upstream);
    guard = compose();
    return undefined;
  } catch (fault) {
    const { name, message } = fault instanceof Error ? fault : new Error(String(fault));
    const known = fault instanceof MaintenanceWindowError ? fault.name : 'MaintenanceWindow.Fault';
    return { name, message, exitCode: FAULTS[known].exitCode };
  }
}

function composer(environment: Environment, upstream: string): () => Guard {
  log = createLog(readLogSettings(environment), project.version, native.log);
  const config = readConfig(environment);
  const streaming = readStreaming(environment);
  const identity = {
    name: environment['AWS_LAMBDA_FUNCTION_NAME'] ?? '',
    version: environment['AWS_LAMBDA_FUNCTION_VERSION'] ?? '',
    clientVersion: project.version,
  };
  const colon = upstream.lastIndexOf(':');
  const [hostname, port] = [upstream.slice(0, colon), Number(upstream.slice(colon + 1))];
  const handler = {
    get streaming() {
      return streaming ?? native.streams();
    },
  };
  return () => {
    const access = readAccess(environment, clock);
    const reader = createSignedReader(access.ssm, access.signing);
    const windows = createWindowKeeper({ reader, config, functionName: identity.name, clock, log });
    const requests = createSignedRequests(access.dynamoDb, 'dynamodb', TO_DYNAMODB);
    const open = async () => {
      const { createSignedDynamoDb } = await import('../aws/dynamodb/dynamodb-signed.ts');
      return createSignedDynamoDb(requests, access.signing);
    };
    const gate = gateBehind(windows, open, { config, identity, clock, log });
    return { gate, send: createSendReply(createHttpRuntimeApi(hostname, port), handler, log) };
  };
}

/** Answers one question, whatever happens: a thread waits for it. */
function ask(question: number, kind: string, first?: unknown, second?: unknown): void {
  const answer = answerTo(kind, first, second).catch((error: unknown) => {
    log.write({ kind: 'fault', cause: String(error) });
    return 'fault';
  });
  void answer.then((text) => native.answer(question, text));
}

async function answerTo(kind: string, first: unknown, second: unknown): Promise<string> {
  switch (kind) {
    case 'start':
      return started(guard);
    case 'arrive':
      return arrived(guard);
    case 'handle':
      return handled(guard, first as InvocationHeaders, String(second));
    case 'context':
      return contextForHandler(String(first));
    case 'restored':
      return restored();
    case 'unused':
      log.write({ kind: 'proxy-unused', seconds: Number(first) });
      return '';
    default:
      throw new Error(`nobody knows the question ${kind}`);
  }
}

async function started({ gate }: Guard): Promise<string> {
  await waitDuringInit(gate.start());
  tellQuiet(gate);
  return '';
}

async function arrived({ gate }: Guard): Promise<string> {
  const passes = await gate.passesRefreshed();
  tellQuiet(gate);
  return passes ? 'passes' : 'asks';
}

async function handled({ gate, send }: Guard, headers: InvocationHeaders, text: string): Promise<string> {
  const invocation = invocationOf(headers, text);
  if (!invocation) return 'dispatch';
  const outcome = await gate.handle(outlined(invocation));
  tellQuiet(gate);
  if (outcome.kind === 'dispatch') return 'dispatch';
  return (await send(invocation.id, outcome.reply)) ? 'answered' : 'unanswered';
}

/** A snapshot is older than its restored copies: sockets, what was read and what was counted on are of another time. */
async function restored(): Promise<string> {
  closeAll('the environment was restored');
  guard = compose();
  await guard.gate.start();
  tellQuiet(guard.gate);
  return '';
}

/** Where the clock is set back behind this instant, the gate is asked again. */
function tellQuiet({ quiet }: Gate): void {
  native.quiet(Math.max(quiet.fromAt, clock.now()), quiet.untilAt);
}
