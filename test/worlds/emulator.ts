import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Emulator, startEmulator } from '../../local/emulator/emulator.ts';
import { findEmulator } from '../../local/emulator/find.ts';
import { functionEnvironment } from '../../local/environment.ts';

/** Upstream's client as it is: what the emulator's own tests ask has nothing to do with the gate. */
const STOCK_CLIENT = join(import.meta.dirname, '../../ric/upstream/node_modules/aws-lambda-ric/index.mjs');

/** The emulator's file on this machine, found or fetched as `npm start` does it. */
export function emulatorFile(): Promise<string> {
  const { platform, arch: architecture, env: environment } = process;
  return findEmulator({ environment, platform, architecture, say: () => undefined });
}

/** A function under the emulator, with the lines that it wrote. */
export interface RunningFunction {
  readonly emulator: Emulator;
  readonly lines: string[];
  /** The folder that holds the function's code. */
  readonly taskRoot: string;
  close(): Promise<void>;
}

export interface FunctionOptions {
  /** The text of the function's file, by default of `index.mjs`, which exports `handler`. */
  readonly code: string;
  readonly file?: string;
  /** Default: upstream's client, without a gate. */
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
  /** Starts the emulator in surroundings of the test's own: a program that is given its file. */
  readonly emulatorIn?: (emulator: string) => string;
}

/** Starts the emulator with a function made of the given code. Whoever calls it closes it. */
export async function runFunction(options: FunctionOptions): Promise<RunningFunction> {
  const { code, file = 'index.mjs', command = [process.execPath, STOCK_CLIENT], environment = {} } = options;
  const { timeoutSeconds = 20, emulatorIn = (emulator: string) => emulator } = options;
  const taskRoot = realpathSync(mkdtempSync(join(tmpdir(), 'function-')));
  writeFileSync(join(taskRoot, file), code);
  const lines: string[] = [];
  const settings = { handler: 'index.handler', taskRoot, functionName: 'orders', timeoutSeconds, more: environment };
  const emulator = await startEmulator({
    file: emulatorIn(await emulatorFile()),
    command,
    taskRoot,
    environment: functionEnvironment(process.env, settings),
    write: (line) => lines.push(line),
  });
  const close = async () => {
    await emulator.close();
    rmSync(taskRoot, { recursive: true, force: true });
  };
  return { emulator, lines, taskRoot, close };
}
