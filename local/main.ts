/** `npm start`: a Lambda function under the real emulator, with the gate in front of it. See `npm start -- --help`. */
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { FAULTS, MaintenanceWindowError } from '../core/errors.ts';
import { build, proxyLacks } from './builds.ts';
import { playDemo } from './demo.ts';
import { createStage } from './demo-stage.ts';
import { findEmulator } from './emulator/find.ts';
import { guide } from './guide.ts';
import { checkHandler, findHandler, functionOf } from './handler.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { assertFree } from './port.ts';
import { makeReady } from './proxied/function.ts';
import { findProject, type Project } from './proxied/project.ts';
import { EDIT_SEEN_MS, environmentFor, type Local, type LocalFunction, type LocalParts, startLocal } from './start.ts';

const SAMPLE = join(import.meta.dirname, '..', 'handler');
const EVENTS = join(SAMPLE, 'events');
const SAMPLE_BEHIND_THE_PROXY = join(import.meta.dirname, '..', 'examples', 'python', 'app.py');

const { env: environment, platform, arch: architecture } = process;
const isNpmScript = environment['npm_lifecycle_event'] === 'start';
/** npm runs its scripts in the package's folder, and says where it was called. */
const calledFrom = (isNpmScript && environment['INIT_CWD']) || process.cwd();
const interrupt = new AbortController();
let local: Local | undefined;
let isServing = false;

for (const [signal, exitCode] of [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => {
    interrupt.abort();
    // Ctrl-C while serving is success (0); during a check or the demonstration it is an interruption
    void end(isServing ? 0 : exitCode);
  });
}
if (isNpmScript) endWithParent();

try {
  await run(parseOptions(process.argv.slice(2)));
} catch (error) {
  if (!interrupt.signal.aborted) await fail(error);
}

async function run(options: Options): Promise<void> {
  if (options.kind === 'help') return console.log(HELP);
  const parts = await check(options);
  if (options.kind === 'demo') return demonstrate(parts);
  return serve(parts);
}

/** What the function is run with, and the operator's tool. */
interface Checked extends Omit<LocalParts, 'write'> {
  readonly tool: string;
}

/** Everything that can be found wrong before anything is started. */
async function check(options: Exclude<Options, { kind: 'help' }>): Promise<Checked> {
  const { port } = options;
  const { fn, tool, cloud } = await (options.proxy ? checkProxied(options) : checkNode(options));
  const emulatorFile = await findEmulator({
    environment,
    platform,
    architecture,
    say: console.log,
    signal: interrupt.signal,
  });
  return { fn, emulatorFile, tool, cloud, environment, port };
}

type Asked = Exclude<Options, { kind: 'help' }>;

/** A function with the patched client. */
async function checkNode(options: Asked): Promise<{ fn: LocalFunction; tool: string; cloud: string }> {
  const named = handlerIn(options);
  const handler = named === undefined ? findHandler('index.handler', SAMPLE) : findHandler(named, calledFrom);
  await assertFree(options.port);
  const built = await build('client', interrupt.signal);
  if (built.kind === 'failed') return end(built.exitCode);
  const { program: bootstrap, tool, cloud } = built;
  const fn = functionOf(handler, bootstrap, environment['PATH']);
  await checkHandler(handler, dirname(bootstrap), environmentFor(fn, environment), interrupt.signal);
  return { fn, tool, cloud };
}

/** A function of another language, behind the proxy. */
async function checkProxied(options: Asked): Promise<{ fn: LocalFunction; tool: string; cloud: string }> {
  const project = findProject(handlerIn(options) ?? SAMPLE_BEHIND_THE_PROXY, calledFrom);
  await assertFree(options.port);
  await assertNothingLacks(project);
  const built = await build('proxy', interrupt.signal);
  if (built.kind === 'failed') return end(built.exitCode);
  const { program: proxy, tool, cloud } = built;
  const { compiler, place } = project;
  if (compiler) console.error(`${compiler} builds ${place} (the first time that may take minutes) …`);
  return { fn: await makeReady(project, proxy, environment, interrupt.signal), tool, cloud };
}

function handlerIn(options: Asked): string | undefined {
  return options.kind === 'serve' ? options.handler : undefined;
}

/** One message with all that has to be got. */
async function assertNothingLacks(project: Project): Promise<void> {
  const surroundings = { cwd: project.taskRoot, env: environment, signal: interrupt.signal };
  const lacks = [proxyLacks() ?? [], await project.lacks(surroundings)].flat();
  if (lacks.length === 0) return;
  const lines = ['This machine lacks what the function needs behind the proxy:', ...lacks.map((each) => `  ${each}`)];
  throw new MaintenanceWindowError('MaintenanceWindow.Missing', lines.join('\n'));
}

async function serve(parts: Checked): Promise<void> {
  local = await startLocal({ ...parts, console: parts.tool, write: console.log });
  console.log(guide(local.addresses, parts.fn.place, relative(calledFrom, join(EVENTS, 'sqs.json'))));
  isServing = true;
  await local.ended;
  if (!interrupt.signal.aborted) throw new Error('The emulator has ended by itself.');
}

async function demonstrate(parts: Checked): Promise<void> {
  const lines: string[] = [];
  local = await startLocal({ ...parts, write: (line) => lines.push(line) });
  const { addresses } = local;
  const stage = createStage({ addresses, tool: parts.tool, environment, takeLines: () => lines.splice(0) });
  const events = {
    sqs: readFileSync(join(EVENTS, 'sqs.json'), 'utf8'),
    http: readFileSync(join(EVENTS, 'http.json'), 'utf8'),
  };
  const allHeld = await playDemo(stage, events, EDIT_SEEN_MS, console.log);
  stage.close();
  console.log(allHeld ? '\nEvery step held.' : '\nNot every step held: see ✗ above.');
  await end(allHeld ? 0 : 1);
}

/** npm does not pass SIGTERM on through the shell that it runs a script in: that shell ends, and leaves its child running. */
function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGHUP'), 200).unref();
}

/** A fault that we know is one message with its remedy; any other is a defect of ours, and shown whole. */
async function fail(error: unknown): Promise<never> {
  if (error instanceof MaintenanceWindowError) {
    console.error(`\n${error.message}\n`);
    return end(FAULTS[error.name].exitCode);
  }
  console.error(error);
  return end(FAULTS['MaintenanceWindow.Fault'].exitCode);
}

async function end(exitCode: number): Promise<never> {
  await local?.close().catch((error) => console.error(error));
  process.exit(exitCode);
}
