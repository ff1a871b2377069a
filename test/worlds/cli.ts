/**
 * The operator's tool as operators run it: the built file, as a process of its own, with its output piped or on a terminal.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { JSON_COMMANDS, shapeOf } from '../../operator/cli/json/fields.ts';
import { collectOutput } from './collected-output.ts';

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
  /** Keeps the notes that the tool still waits, and how far it is. On a busy machine any command may have some. */
  readonly keepsWaiting?: true;
  /** Keeps the line that says where something is about to be changed. */
  readonly keepsPlace?: true;
  /** Of the terminal; where it has no rows, it does not say how many it has. */
  readonly size?: { readonly columns: number; readonly rows?: number };
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
  { environment = {}, input = '', keepsWaiting, keepsPlace }: CliOptions = {},
): Promise<CliRun> {
  const child = spawn(process.execPath, [MAIN, ...words], { env: environmentOf(environment) });
  const run = collectOutput(child);
  child.stdin.on('error', () => undefined); // it may end without having read
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  const { out, err } = run();
  refuseUnknownFields(words, out);
  const placed = keepsPlace ? err : withoutPlace(err);
  return { code, out, err: keepsWaiting ? placed : withoutWaiting(placed) };
}

/** Runs a command on a pseudo-terminal, of 200 columns unless said, made by `script` of util-linux. Both outputs come as one. */
export async function runOnTerminal(
  words: readonly string[],
  { environment = {}, typed = [], keepsPlace, size: { columns, rows = 0 } = { columns: 200 } }: CliOptions = {},
): Promise<Pick<CliRun, 'code' | 'out'>> {
  const command = `stty cols ${columns} rows ${rows} -echo; exec ${[process.execPath, MAIN, ...words].map(quoted).join(' ')}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: environmentOf({ TERM: 'xterm', SHELL: '/bin/sh', ...environment }),
  });
  const run = collectOutput(child);
  const waiting = [...typed];
  child.stdout.on('data', () => {
    const [next] = waiting;
    if (!next || !run().out.includes(next[0])) return;
    waiting.shift();
    child.stdin.write(next[1]);
  });
  const [code] = await once(child, 'close');
  const out = run().out.replaceAll('\r\n', '\n');
  return { code, out: keepsPlace ? out : withoutPlace(out) };
}

/** Runs a script of the shell, in which `$MW` is the tool. */
export async function runShell(script: string, environment: CliOptions['environment']): Promise<CliRun> {
  const prelude = `MW="${process.execPath} ${MAIN}"; `;
  const child = spawn('sh', ['-c', prelude + script], { env: environmentOf(environment) });
  const run = collectOutput(child);
  child.stdin.end();
  const [code] = await once(child, 'close');
  const { out, err } = run();
  return { code, out, err: withoutWaiting(withoutPlace(err)) };
}

/** Refuses what a command writes with `-o json`, where it has a field that `--json` does not know. */
function refuseUnknownFields(words: readonly string[], out: string): void {
  if (!/ (?:-o|--output)[ =]json /.test(` ${words.join(' ')} `)) return;
  const path = JSON_COMMANDS.find((command) => ` ${words.join(' ')}`.startsWith(` ${command} `));
  if (path === undefined) return;
  const { fields, rows } = shapeOf(path, (flag) => words.includes(flag));
  const values = jsonIn(out);
  const told = rows === undefined ? values : values.flatMap((value) => value[rows] as readonly object[]);
  const unknown = told.flatMap(Object.keys).filter((field) => !fields.includes(field));
  if (unknown.length > 0) throw new Error(`not in operator/cli/json/fields.ts: ${unknown.join(', ')} of ${path}`);
}

/** The one value, or that of each line. */
function jsonIn(out: string): readonly Record<string, unknown>[] {
  if (!out.startsWith('{')) return [];
  return out.startsWith('{\n')
    ? [JSON.parse(out)]
    : out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
}

/** It stands first, maybe in colour. */
const PLACE = new RegExp(`^(?:${'\u001b'}\\[2m)?place: .*\\n`);

function withoutPlace(text: string): string {
  return text.replace(PLACE, '');
}

function withoutWaiting(err: string): string {
  return err.replaceAll(/^note: (?:still waiting: .*|[\d,]+(?: of [\d,]+)? done · .*)\n/gm, '');
}

/** Credentials that the stand-ins believe, no profile, no machine's role, and nothing of the environment that the tests run in. */
function environmentOf(environment: CliOptions['environment']): Record<string, string | undefined> {
  return {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    TZ: 'UTC',
    AWS_REGION: 'eu-south-1',
    AWS_ACCESS_KEY_ID: 'operator',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9',
    AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:9',
    AWS_ENDPOINT_URL_CLOUDWATCH: 'http://127.0.0.1:9',
    ...environment,
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
