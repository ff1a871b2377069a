import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { findFreePort, LOOPBACK } from '../port.ts';
import { createInvocations, type EmulatedInvocation, type EmulatorAnswer } from './invocation.ts';

const GUARD = join(import.meta.dirname, 'guard.sh');
/** The port is open some 10 ms after the start; a machine that swaps takes longer. */
const START_LIMIT_MS = 10_000;
const LOOK_AGAIN_MS = 10;
const START_TRIES = 5;

export interface EmulatorOptions {
  /** The emulator's own file: see `findEmulator`. */
  readonly file: string;
  /** The runtime client and its arguments. Started by the emulator at the first invocation, and again when it ends. */
  readonly command: readonly string[];
  /** The working directory, as Lambda has it. */
  readonly taskRoot: string;
  /** The whole environment of the function: see `functionEnvironment`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called with each line of the function's output, and with the emulator's own faults. */
  readonly write: (line: string) => void;
}

/** The real Runtime Interface Emulator, running one function. */
export interface Emulator {
  /** Runs one invocation. Calls must not overlap: a second one at a time makes the emulator panic. */
  invoke(invocation: EmulatedInvocation): Promise<EmulatorAnswer>;
  /** Resolves when the emulator has ended, by itself or by {@link close}. */
  readonly ended: Promise<void>;
  /** Ends the emulator, the runtime and whatever they started, and waits for it. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts the emulator on two free ports of its own. The runtime starts at the first invocation.
 * Whatever ends this process, SIGKILL included, ends the emulator and the runtime too (`guard.sh`).
 *
 * @throws `MaintenanceWindow.Missing` where the emulator does not start
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  for (let tries = 1; ; tries++) {
    const started = await start(options);
    if (started.kind === 'running') return started.emulator;
    if (tries < START_TRIES && started.said.includes('address already in use')) continue;
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Missing',
      `The emulator ${options.file} did not start: ${started.said || 'it said nothing'}`,
    );
  }
}

type Started =
  | { readonly kind: 'running'; readonly emulator: Emulator }
  | { readonly kind: 'ended'; readonly said: string };

async function start({ file, command, taskRoot, environment, write }: EmulatorOptions): Promise<Started> {
  const [port, runtimeApiPort] = await twoPorts();
  const child = spawn('sh', [GUARD, file, ...addresses(port, runtimeApiPort), ...command], {
    cwd: taskRoot,
    env: environment,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  const ended = endOf(child);
  const said: string[] = [];
  let state: 'starting' | 'running' | 'closing' = 'starting';
  const invocations = createInvocations(`http://${LOOPBACK}:${port}`, (line) => {
    if (state === 'starting') said.push(line);
    else if (state === 'running') write(line);
  });
  eachLine(child.stdout, invocations.hearFunction);
  eachLine(child.stderr, invocations.hearEmulator);

  const close = () => {
    state = 'closing';
    child.stdin.end();
    return ended;
  };
  if (!(await isListening(port, ended))) {
    await close();
    return { kind: 'ended', said: said.slice(0, 3).join('\n') };
  }
  state = 'running';
  return { kind: 'running', emulator: { invoke: invocations.invoke, ended, close } };
}

/** The level is given although it could come from LOG_LEVEL: that name is the function's, and a word of its own there ends the emulator. */
function addresses(port: number, runtimeApiPort: number): string[] {
  return [
    ...['--log-level', 'debug'],
    ...['--runtime-api-address', `${LOOPBACK}:${runtimeApiPort}`],
    ...['--runtime-interface-emulator-address', `${LOOPBACK}:${port}`],
  ];
}

async function twoPorts(): Promise<[number, number]> {
  const first = await findFreePort();
  for (;;) {
    const second = await findFreePort();
    if (second !== first) return [first, second];
  }
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
}

function eachLine(stream: Readable, hear: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', hear);
}

async function isListening(port: number, ended: Promise<void>): Promise<boolean> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const until = Date.now() + START_LIMIT_MS;
  while (!over && Date.now() < until) {
    if (await accepts(port)) return !over;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  return false;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, LOOPBACK);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
