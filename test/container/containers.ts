import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe } from 'vitest';
import { HANG_LIMIT_MS } from '../worlds/hang-limit.ts';

/** The root of the repository: the context of its images. */
export const REPOSITORY = join(import.meta.dirname, '..', '..');
/** Of the stand-in for AWS, in the version that Compose has. */
export const [, MOTO_IMAGE = ''] =
  /image: (motoserver\/moto:\S+)/.exec(readFileSync(join(REPOSITORY, 'docker-compose.yml'), 'utf8')) ?? [];
/** A fresh machine pulls base images and compiles the client. */
export const BUILD_LIMIT_MS = 10 * 60_000;

/** Every image, container and network of a run, so that what a killed run left behind can be told. */
const LABEL = 'maintenance-window-test';

/** Whether a missing engine fails the tests: where it was promised that they run. */
export const isEngineRequired = process.env['MAINTENANCE_WINDOW_TEST_DOCKER'] === 'required';
export const isEngineThere = spawnSync('docker', ['version', '--format', '{{.Server.Version}}']).status === 0;
/** `describe` for what needs a container engine: skipped where none answers, unless one is required. */
export const describeWithEngine = isEngineThere || isEngineRequired ? describe : describe.skip;

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A name that no other run uses. */
export function uniqueName(what: string): string {
  return `mw-test-${what}-${randomUUID().slice(0, 8)}`;
}

/** Runs a command to its end, whatever that is. */
export function run(
  command: string,
  words: readonly string[],
  { cwd = REPOSITORY, environment = {} }: { cwd?: string; environment?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  const env = { ...process.env, DOCKER_BUILDKIT: '1', COMPOSE_DOCKER_CLI_BUILD: '1', ...environment };
  return new Promise((resolve) => {
    execFile(command, words, { cwd, env, maxBuffer: 64e6, timeout: BUILD_LIMIT_MS }, (error, stdout, stderr) =>
      resolve({ code: codeOf(error), stdout, stderr }),
    );
  });
}

/** 127, as a shell has it, for a command that is not there. */
function codeOf(error: { readonly code?: string | number | null } | null): number {
  if (!error) return 0;
  return typeof error.code === 'number' ? error.code : 127;
}

/** Runs `docker` with these words and gives its output. Rejects, with what it wrote, where it fails. */
export async function docker(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await run('docker', words);
  if (code !== 0) throw new Error(`docker ${words.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout.trim();
}

export interface Image extends AsyncDisposable {
  readonly tag: string;
  /** What BuildKit told of each step. */
  readonly progress: string;
}

export interface ImageOptions {
  readonly target?: string;
  /** Build arguments. */
  readonly arguments?: Readonly<Record<string, string>>;
  /** The folder of the Dockerfile. Default {@link REPOSITORY}. */
  readonly context?: string;
}

/** Builds an image under a tag of its own, which is gone when it is disposed of. Unchanged steps come from the cache. */
export async function buildImage(options: ImageOptions = {}): Promise<Image> {
  const { target, arguments: buildArguments = {}, context = REPOSITORY } = options;
  const tag = uniqueName(target ?? 'image');
  const words = [
    ...['build', '--progress', 'plain', '--label', LABEL, '--tag', tag],
    ...(target ? ['--target', target] : []),
    ...Object.entries(buildArguments).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    context,
  ];
  const { code, stdout, stderr } = await run('docker', words);
  if (code !== 0) throw new Error(`docker ${words.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return { tag, progress: `${stdout}${stderr}`, [Symbol.asyncDispose]: () => removeImage(tag) };
}

async function removeImage(tag: string): Promise<void> {
  await docker('image', 'rm', '--force', tag);
}

/** Copies what the images are built from into an empty folder, so that it can be edited there. */
export function copyContext(folder: string): void {
  const patterns = readFileSync(join(REPOSITORY, '.dockerignore'), 'utf8').split('\n');
  const included = patterns.flatMap((line) => /^!(.+)/.exec(line)?.[1] ?? []);
  for (const path of ['Dockerfile', '.dockerignore', ...included]) {
    cpSync(join(REPOSITORY, path), join(folder, path), {
      recursive: true,
      filter: (file) => !file.includes('node_modules'),
    });
  }
}

export interface Container extends AsyncDisposable {
  readonly name: string;
  /** `host:port` under which a port of the container is published. */
  address(port: number): Promise<string>;
  /** What it wrote so far, standard output and then standard error. */
  logs(): Promise<string>;
  /** Resolves once it has written this. Rejects after 20 s, with what it did write. */
  wrote(text: string): Promise<void>;
  /** Sends SIGTERM, as `docker stop` does, and gives the exit code: 137 where it had to be killed. */
  stop(): Promise<number>;
}

/** Starts a container, which is gone when it is disposed of. `options` stand before the image, `words` behind it. */
export async function startContainer(
  image: string,
  options: readonly string[] = [],
  words: readonly string[] = [],
): Promise<Container> {
  const name = uniqueName('container');
  await docker('run', '--detach', '--label', LABEL, '--name', name, ...options, image, ...words);
  return containerNamed(name);
}

/** A container that was started otherwise. */
export function containerNamed(name: string): Container {
  const logs = async () => {
    const { stdout, stderr } = await run('docker', ['logs', name]);
    return `${stdout}${stderr}`;
  };
  return {
    name,
    logs,
    address: async (port) => (await docker('port', name, String(port))).split('\n')[0] ?? '',
    async wrote(text) {
      const until = Date.now() + HANG_LIMIT_MS;
      while (!(await logs()).includes(text)) {
        if (Date.now() > until) throw new Error(`${name} did not write "${text}", but:\n${await logs()}`);
        await pause(100);
      }
    },
    async stop() {
      await docker('stop', name);
      return Number(await docker('inspect', '--format', '{{.State.ExitCode}}', name));
    },
    async [Symbol.asyncDispose]() {
      await docker('rm', '--force', '--volumes', name);
    },
  };
}

/** Runs a container to its end. */
export function runToEnd(
  image: string,
  options: readonly string[] = [],
  words: readonly string[] = [],
): Promise<Ended> {
  return run('docker', ['run', '--rm', '--label', LABEL, ...options, image, ...words]);
}

/**
 * Options of a container that runs as an image does in Lambda: this Runtime API on the host's loopback, no usable
 * `_HANDLER`, and a task root that is named whether it is there or not.
 */
export function inLambda(runtimeApi: string, environment: Readonly<Record<string, string>> = {}): string[] {
  const all = {
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    _HANDLER: '',
    LAMBDA_TASK_ROOT: '/var/task',
    AWS_LAMBDA_FUNCTION_NAME: 'orders',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/orders',
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/21/[$LATEST]0123456789abcdef',
    AWS_REGION: 'eu-south-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    ...environment,
  };
  return ['--network', 'host', ...Object.entries(all).flatMap(([name, value]) => ['--env', `${name}=${value}`])];
}

/** Invokes the function under the emulator at this address, once the emulator listens. */
export function invoke(address: string, event: string): Promise<string> {
  return onceListening(`http://${address}/2015-03-31/functions/function/invocations`, { method: 'POST', body: event });
}

/**
 * Resolves once the emulator under this address listens. Its first line in the log comes before it has started: whoever invokes
 * then is refused, and SIGTERM is no good end.
 */
export async function emulatorListens(address: string): Promise<void> {
  await onceListening(`http://${address}/`, {});
}

async function onceListening(url: string, request: RequestInit): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      const response = await fetch(url, request);
      return await response.text();
    } catch (error) {
      if (tries === 100) throw error;
      await pause(100);
    }
  }
}

/** The fenced blocks of a language under a heading of docs/container.md, in order: what a reader copies. */
export function blocksUnder(heading: string, language: 'sh' | 'dockerfile'): string[] {
  const page = readFileSync(join(REPOSITORY, 'docs', 'container.md'), 'utf8');
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0];
  if (section === undefined) throw new Error(`docs/container.md has no heading "${heading}"`);
  return [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, kind, text]) =>
    kind === language && text ? [text] : [],
  );
}
