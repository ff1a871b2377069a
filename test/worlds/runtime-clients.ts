import { execFile } from 'node:child_process';
import { accessSync, constants, cpSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { UPSTREAM } from '../../ric/patch/upstream.ts';
import { builtOnce } from './built-once.ts';
import { type ClientOptions, stockClient } from './client-process.ts';

const CLIENTS = join(import.meta.dirname, '..', 'data', 'clients');
const UPSTREAM_HOME = join(import.meta.dirname, '..', '..', 'ric', 'upstream');
const run = promisify(execFile);

/** What {@link ClientOptions} say of a function that is ready to run. */
type Ready = Pick<ClientOptions, 'client' | 'handler'> & Required<Pick<ClientOptions, 'taskRoot' | 'environment'>>;

/** A runtime interface client of AWS's as its registry has it, with a function under `test/data/clients/`. */
export interface RuntimeClient {
  readonly language: string;
  /** As the registry names it, with its version. */
  readonly package: string;
  /** The file that says so to the package manager. */
  readonly lock: string;
  /** Programs that build or run the function, and the Debian packages that have them. */
  readonly needs: Readonly<Record<string, string>>;
  /** Builds the function, once for all runs, and gives what starts a handler of it. */
  prepare(): Promise<(handler: string) => Ready>;
}

export const PYTHON: RuntimeClient = {
  language: 'Python',
  package: 'awslambdaric 4.2.2',
  lock: join(CLIENTS, 'python', 'requirements.txt'),
  needs: { python3: 'python3', pip3: 'python3-pip' },
  async prepare() {
    const about = 'import sys; print(sys.executable); print(sys.version)';
    const { stdout } = await run('python3', ['-c', about]);
    const [python = '', version = ''] = stdout.split('\n');
    const folder = await build('python', [python, version], async (sources, target) => {
      const words = ['install', '--quiet', '--require-hashes', '--no-deps', '--target', join(target, 'packages')];
      await run(python, ['-m', 'pip', ...words, '-r', join(sources, 'requirements.txt')]);
      cpSync(sources, target, { recursive: true });
    });
    return (handler) => ({
      client: { folder, command: [python, '-m', 'awslambdaric', handler] },
      handler,
      taskRoot: folder,
      environment: { PYTHONPATH: join(folder, 'packages'), PYTHONDONTWRITEBYTECODE: '1' },
    });
  },
};

export const GO: RuntimeClient = {
  language: 'Go',
  package: 'github.com/aws/aws-lambda-go 1.55.1',
  lock: join(CLIENTS, 'go', 'go.sum'),
  needs: { go: 'golang (1.26 or later: https://go.dev/dl)' },
  async prepare() {
    const { stdout } = await run('go', ['version']);
    const folder = await build('go', [stdout], async (sources, target) => {
      await run('go', ['build', '-mod=readonly', '-buildvcs=false', '-o', join(target, 'function'), '.'], {
        cwd: sources,
      });
    });
    return native(folder);
  },
};

export const RUST: RuntimeClient = {
  language: 'Rust',
  package: 'lambda_runtime 1.1.1',
  lock: join(CLIENTS, 'rust', 'Cargo.lock'),
  needs: { cargo: 'cargo (https://rustup.rs)', cc: 'gcc' },
  async prepare() {
    const { stdout } = await run('cargo', ['--version']);
    const folder = await build('rust', [stdout], async (sources, target) => {
      const objects = join(target, 'objects');
      await run('cargo', ['build', '--quiet', '--locked', '--target-dir', objects], { cwd: sources });
      renameSync(join(objects, 'debug', 'function'), join(target, 'function'));
      rmSync(objects, { recursive: true });
    });
    return native(folder);
  },
};

export const JAVA: RuntimeClient = {
  language: 'Java',
  package: 'com.amazonaws:aws-lambda-java-runtime-interface-client 2.10.1',
  lock: join(CLIENTS, 'java', 'pom.xml'),
  needs: { java: 'default-jre-headless', javac: 'default-jdk-headless', mvn: 'maven' },
  async prepare() {
    const { stdout } = await run('javac', ['-version']);
    const folder = await build('java', [stdout], async (sources, target) => {
      const pom = ['-f', join(sources, 'pom.xml')];
      await run('mvn', ['-B', '-q', '-C', ...pom, 'dependency:copy-dependencies', `-DoutputDirectory=${target}`]);
      const files = ['Values', 'Broken'].map((name) => join(sources, 'src', 'main', 'java', `${name}.java`));
      await run('javac', ['-encoding', 'UTF-8', '-cp', `${target}/*`, '-d', target, ...files]);
    });
    const flags = [
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Dfile.encoding=UTF-8',
      '-cp',
      `${folder}:${folder}/*`,
    ];
    return (handler) => ({
      client: {
        folder,
        command: [programOf('java'), ...flags, 'com.amazonaws.services.lambda.runtime.api.client.AWSLambda', handler],
      },
      handler,
      taskRoot: folder,
      environment: {},
    });
  },
};

export const NODE: RuntimeClient = {
  language: 'Node',
  package: `${UPSTREAM.package} ${UPSTREAM.version}`,
  lock: join(UPSTREAM_HOME, 'package-lock.json'),
  needs: {},
  async prepare() {
    return (handler) => ({ client: stockClient(), handler, taskRoot: join(CLIENTS, 'node'), environment: {} });
  },
};

export const RUNTIME_CLIENTS: readonly RuntimeClient[] = [PYTHON, GO, RUST, JAVA, NODE];

/** One line that says what this machine lacks for a client, and how to get it; absent where it lacks nothing. */
export function missingFor({ language, needs }: RuntimeClient): string | undefined {
  const missing = Object.keys(needs).filter((program) => !find(program));
  if (missing.length === 0) return undefined;
  const packages = missing.map((program) => needs[program]).join(' ');
  return `${language}: this machine has no ${missing.join(', ')}. To get it: apt-get install ${packages}`;
}

/** Whether tests are skipped for want of a client's tools, which a line tells. Where everything is to run, they fail instead. */
export function skips(what: string, client: RuntimeClient): boolean {
  const missing = missingFor(client);
  if (missing === undefined || process.env['MAINTENANCE_WINDOW_TEST_DOCKER'] === 'required') return false;
  process.stderr.write(`Skipped, ${what} for ${missing}\n`);
  return true;
}

function build(
  name: string,
  tools: readonly string[],
  make: (sources: string, target: string) => Promise<void>,
): Promise<string> {
  const sources = join(CLIENTS, name);
  return builtOnce({ name: `client-${name}`, sources, tools, build: (target) => make(sources, target) });
}

function native(folder: string): (handler: string) => Ready {
  return (handler) => ({
    client: { folder, command: [join(folder, 'function')] },
    handler,
    taskRoot: folder,
    environment: {},
  });
}

function programOf(name: string): string {
  return find(name) ?? name;
}

function find(program: string): string | undefined {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
