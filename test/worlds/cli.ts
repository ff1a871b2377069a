/**
 * The operator's tool as operators run it: the built file, as a process of its own, with its output piped or on a terminal.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const HOME = join(import.meta.dirname, '..', '..');
const MAIN = join(HOME, 'dist', 'cli', 'main.mjs');

/** What a command came to. */
export interface CliRun {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CliOptions {
  /** Beside what every process needs, and nothing of the tests' own AWS. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What is piped in. */
  readonly input?: string;
  /** What is typed, each once the terminal shows the text before it. */
  readonly typed?: readonly (readonly [shown: string, typed: string])[];
}

/** Builds the tool. Tests at the same time may do so, too. */
export function buildCli(): void {
  execFileSync(process.execPath, [join(HOME, 'build', 'cli.ts')], { cwd: HOME });
}

/** Runs a command with its output piped. */
export async function runCli(
  words: readonly string[],
  { environment = {}, input = '' }: CliOptions = {},
): Promise<CliRun> {
  const child = spawn(process.execPath, [MAIN, ...words], { env: environmentOf(environment) });
  const run = collect(child.stdout, child.stderr);
  child.stdin.on('error', () => undefined); // it may end without having read
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, ...run() };
}

/** Runs a command on a pseudo-terminal of 200 columns, made by `script` of util-linux. Both outputs come as one. */
export async function runOnTerminal(
  words: readonly string[],
  { environment = {}, typed = [] }: CliOptions = {},
): Promise<Pick<CliRun, 'code' | 'out'>> {
  const command = `stty cols 200 -echo; exec ${[process.execPath, MAIN, ...words].map(quoted).join(' ')}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: environmentOf({ TERM: 'xterm', SHELL: '/bin/sh', ...environment }),
  });
  const run = collect(child.stdout, child.stderr);
  const waiting = [...typed];
  child.stdout.on('data', () => {
    const [next] = waiting;
    if (!next || !run().out.includes(next[0])) return;
    waiting.shift();
    child.stdin.write(next[1]);
  });
  const [code] = await once(child, 'close');
  return { code, out: run().out.replaceAll('\r\n', '\n') };
}

/** Runs a script of the shell, in which `$MW` is the tool. */
export async function runShell(script: string, environment: CliOptions['environment']): Promise<CliRun> {
  const prelude = `MW="${process.execPath} ${MAIN}"; `;
  const child = spawn('sh', ['-c', prelude + script], { env: environmentOf(environment) });
  const run = collect(child.stdout, child.stderr);
  child.stdin.end();
  const [code] = await once(child, 'close');
  return { code, ...run() };
}

function collect(stdout: NodeJS.ReadableStream, stderr: NodeJS.ReadableStream): () => { out: string; err: string } {
  let [out, err] = ['', ''];
  stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  return () => ({ out, err });
}

/** Credentials that the stand-ins believe, no profile, no machine's role, and nothing of the environment that the tests run in. */
function environmentOf(environment: CliOptions['environment']): Record<string, string | undefined> {
  return {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    AWS_REGION: 'eu-south-1',
    AWS_ACCESS_KEY_ID: 'operator',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:9',
    ...environment,
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
