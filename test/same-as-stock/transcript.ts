import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import {
  type RecordedRequest,
  type RuntimeApiOptions,
  type ServedInvocation,
  startRuntimeApi,
} from '../fakes/runtime-api.ts';
import { type Client, type ClientExit, type ClientOptions, startClient } from '../worlds/client-process.ts';
import { RUNTIME_FOLDER } from '../worlds/managed-runtime.ts';

/** A function, what it is invoked with, and under which conditions. */
export interface Scenario extends Partial<Pick<ClientOptions, 'environment' | 'taskRoot' | 'telemetry'>> {
  /** Completes the sentence that its group begins. */
  readonly name: string;
  /** The value of `_HANDLER`. */
  readonly handler: string;
  /** Stands in what the stock client does: proof that the scenario shows what its name says. */
  readonly shows: string;
  /** The same, where AWS's own bootstrap starts the client with flags and variables of its own. Default: `shows`. */
  readonly showsBelowBootstrap?: string;
  /** A text is the event. Default: one invocation with `{}`. */
  readonly invocations?: readonly (string | ServedInvocation)[];
  readonly answer?: RuntimeApiOptions['answer'];
  /**
   * Sent once the client has polled and answered so often; the poll after the last invocation is held.
   * Without it that poll is answered 410, which ends the client.
   */
  readonly signal?: { readonly name: NodeJS.Signals; readonly afterPolls: number; readonly afterAnswers?: number };
  /** Worker threads of the concurrent mode. Goes with `unordered`. */
  readonly workers?: number;
  /** What stock itself does in no certain order is told in the order of the alphabet. */
  readonly unordered?: true;
}

/** All that a client did, as lines to compare. */
export interface Transcript {
  /** Each request as it was on the wire. */
  readonly requests: readonly string[];
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** The frames of Lambda's log pipe. */
  readonly telemetry: readonly string[];
  /** Exit code or signal. */
  readonly end: string;
}

/** Bodies beyond this are told by their hash; where the pieces of one lie is then a matter of the network. */
const SHOWN_BYTES = 20_000;

/**
 * Runs a scenario with one client and tells all that could be observed from outside.
 *
 * One normalisation, and nothing else, takes away what differs between any two runs of the same program: the client's
 * folder, the Runtime API's port, the process id, and instants. Whoever compares two clients gives their folders names
 * of the same length, so that every Content-Length is compared as it is. Lines and columns are compared as they are.
 */
export async function transcribe(
  client: Client,
  scenario: Scenario,
  environment: ClientOptions['environment'],
): Promise<Transcript> {
  const { handler, answer, signal, taskRoot, telemetry, workers, unordered } = scenario;
  let answers = 0;
  await using api = await startRuntimeApi({
    invocations: oneAfterTheOther(),
    afterwards: signal ? 'hold' : 'gone',
    ...(answer && { answer }),
  });
  await using running = startClient({
    client,
    handler,
    runtimeApi: api.address,
    environment: {
      ...environment,
      ...(workers && { AWS_LAMBDA_MAX_CONCURRENCY: '64', AWS_LAMBDA_NODEJS_WORKER_COUNT: String(workers) }),
      ...scenario.environment,
    },
    ...(taskRoot && { taskRoot }),
    ...(telemetry && { telemetry }),
  });
  if (signal) {
    const reached = Promise.all([api.seen('next', signal.afterPolls), api.seen('answer', signal.afterAnswers ?? 0)]);
    await Promise.race([reached, running.exited]);
    running.kill(signal.name);
  }
  const exit = await running.exited;
  const plain = (text: string) => normalise(text, client.folder, api.address, running.pid);
  const told = tell(api.requests, exit, plain);
  return unordered ? sorted(told) : told;

  /** Like Lambda: the poll for the next invocation is answered once the answer to the one before is whole. */
  async function* oneAfterTheOther(): AsyncGenerator<ServedInvocation> {
    for (const invocation of scenario.invocations ?? ['{}']) {
      yield typeof invocation === 'string' ? { text: invocation } : invocation;
      if (!workers) await api.seen('answer', ++answers);
    }
  }
}

/** The whole transcript as one text. */
export function textOf({ requests, stdout, stderr, telemetry, end }: Transcript): string {
  return [...requests, ...stdout, ...stderr, ...telemetry, end].join('\n');
}

function normalise(text: string, clientFolder: string, runtimeApi: string, pid: number): string {
  return text
    .replaceAll(clientFolder, '<client>')
    .replaceAll(RUNTIME_FOLDER, '<client>') // a managed runtime's NODE_PATH names it, whichever client runs
    .replaceAll(runtimeApi, '<runtime-api>')
    .replaceAll(`(node:${pid})`, '(node:<pid>)')
    .replaceAll(/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/g, '<time>')
    .replaceAll(/^(\[ERROR\]) \[\d{13}\] LAMBDA_RUNTIME/gm, '$1 [<time>] LAMBDA_RUNTIME'); // the native client's own line
}

function tell(requests: readonly RecordedRequest[], exit: ClientExit, plain: (text: string) => string): Transcript {
  return {
    requests: requests.map((request) => tellRequest(request, plain)),
    stdout: plain(exit.stdout).split('\n'),
    stderr: plain(exit.stderr).split('\n'),
    telemetry: framesOf(exit.telemetry).map(plain),
    end: `ended with ${exit.signal ?? exit.code}`,
  };
}

function sorted(transcript: Transcript): Transcript {
  const { requests, stdout, stderr } = transcript;
  return { ...transcript, requests: requests.toSorted(), stdout: stdout.toSorted(), stderr: stderr.toSorted() };
}

function tellRequest(request: RecordedRequest, plain: (text: string) => string): string {
  const { method, path, rawHeaders, rawTrailers, pieces, body, complete, headers } = request;
  const chunked = headers['transfer-encoding'] === 'chunked' && body.length <= SHOWN_BYTES;
  return [
    `${method} ${path}`,
    ...linesOf(rawHeaders).map(plain),
    ...(chunked ? pieces : [body]).map((piece) => tellBytes(piece, plain)),
    ...linesOf(rawTrailers).map(decodeErrorBody).map(plain),
    ...(complete ? [] : ['(broken off)']),
  ].join('\n');
}

/** `Name: value`, as on the wire, where values are UTF-8. */
function linesOf(namesAndValues: readonly string[]): string[] {
  return Array.from({ length: namesAndValues.length / 2 }, (_, i) => {
    const [name, value = ''] = namesAndValues.slice(2 * i, 2 * i + 2);
    return `${name}: ${Buffer.from(value, 'latin1')}`;
  });
}

/** The trailer that carries an error as base64. */
function decodeErrorBody(line: string): string {
  return line.replace(
    /^(Lambda-Runtime-Function-Error-Body): (.*)$/,
    (_, name, value) => `${name}: ${Buffer.from(value, 'base64')}`,
  );
}

function tellBytes(bytes: Buffer, plain: (text: string) => string): string {
  const text = isUtf8(bytes) ? plain(`${bytes}`) : `bytes ${bytes.toString('latin1')}`;
  if (bytes.length <= SHOWN_BYTES) return text;
  return `${bytes.length} bytes, SHA-256 ${createHash('sha256').update(text).digest('hex')}: ${text.slice(0, 1000)}`;
}

/** Upstream's frames: type, length, an instant in microseconds, the message; integers are big-endian. */
function framesOf(bytes: Buffer): string[] {
  const frames: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 4);
    frames.push(`frame ${bytes.toString('hex', at, at + 4)} ${bytes.toString('utf8', at + 16, at + 16 + length)}`);
    at += 16 + length;
  }
  return frames;
}
