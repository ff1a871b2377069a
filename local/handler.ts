import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { FAULTS, MaintenanceWindowError } from '../core/errors.ts';
import { lookAtSources } from './emulator/source-files.ts';
import type { LocalFunction } from './start.ts';

/** Where a function is, in Lambda's terms. */
export interface Handler {
  readonly taskRoot: string;
  /** Relative to the task root, as `_HANDLER` has it: `my/app.handler`. */
  readonly name: string;
  /** The file that it stands in. */
  readonly file: string;
}

/**
 * Finds the file that a handler is in. The task root is `base`, or for a file outside of it the file's own folder.
 *
 * @param written `FILE.EXPORT` without the file's extension, as in Lambda
 * @param base the folder from which a relative path counts
 * @throws `MaintenanceWindow.Usage` or `MaintenanceWindow.Missing`
 */
export function findHandler(written: string, base: string): Handler {
  const path = resolve(base, written);
  const [, module, exported] = /^([^.]+)\.(.+)$/.exec(basename(path)) ?? [];
  if (!module || !exported) {
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Usage',
      `--handler "${written}" names no export: write FILE.EXPORT as in Lambda, for example ./my/app.handler${
        existsSync(path) ? OTHER_LANGUAGE : ''
      }`,
    );
  }
  const folder = dirname(path);
  const file =
    EXTENSIONS.map((extension) => join(folder, module + extension)).find(isFile) ?? packageOf(module, [base, folder]);
  if (!file) {
    const hint = hintFor(folder, basename(path));
    throw missing(`--handler "${written}": there is no ${join(folder, module)}.js, .mjs or .cjs.${hint}`);
  }
  const inside = relative(base, path);
  const taskRoot = isAbsolute(inside) || inside.startsWith('..') ? folder : base;
  return { taskRoot, name: relative(taskRoot, path), file };
}

/**
 * A function in Node with the patched client.
 *
 * @param bootstrap the client's entry: `dist/ric/bootstrap`
 * @param path of whoever runs this
 */
export function functionOf({ taskRoot, name, file }: Handler, bootstrap: string, path = ''): LocalFunction {
  return {
    taskRoot,
    name,
    place: join(taskRoot, name),
    // the client runs `node`: let it be the one that runs this
    variables: { PATH: [dirname(process.execPath), path].join(delimiter) },
    ready: async () => ({ command: [bootstrap, name], variables: {} }),
    look: () => lookAtSources(taskRoot, file),
  };
}

/** In the order in which upstream looks. */
const EXTENSIONS = ['', '.js', '.mjs', '.cjs'];

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

/** Where upstream looks last: a package that the function depends on. */
function packageOf(name: string, paths: string[]): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(name, { paths });
  } catch {
    return undefined;
  }
}

const OTHER_LANGUAGE = '\nA function in another language runs behind the proxy: add --proxy.';

/** @param name `FILE.EXPORT` */
function hintFor(folder: string, name: string): string {
  if (/\.py(?::|$)/.test(name)) return OTHER_LANGUAGE;
  const words = name.split('.');
  if (isFile(join(folder, `${words[0]}.ts`))) return ' Lambda loads no TypeScript: compile it first.';
  for (let count = words.length - 1; count > 1; count -= 1) {
    const module = words.slice(0, count).join('.');
    const file = EXTENSIONS.map((extension) => module + extension).find((each) => isFile(join(folder, each)));
    if (file)
      return ` Lambda takes the file’s name to end at its first period, so that ${file} cannot be loaded: rename it.`;
  }
  return '';
}

/**
 * Makes sure that the function can start, by the client's own rehearsal: what Lambda would load is loaded, by the loader that
 * Lambda would use, and what is wrong is told in the same words as in an image.
 *
 * @param client the patched client's folder
 * @param environment the function's, because loading a function may need it
 * @throws `MaintenanceWindow.Missing`, or `MaintenanceWindow.Config` for a setting that is not allowed
 */
export async function checkHandler(
  { taskRoot, name }: Pick<Handler, 'taskRoot' | 'name'>,
  client: string,
  environment: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<void> {
  const { exitCode, told } = await rehearse(
    [join(client, 'rehearse.mjs'), 'check', name],
    taskRoot,
    environment,
    signal,
  );
  if (exitCode === 0) return;
  const fault = exitCode === FAULTS['MaintenanceWindow.Config'].exitCode ? 'Config' : 'Missing';
  throw new MaintenanceWindowError(`MaintenanceWindow.${fault}`, told.trim().replace(/^bootstrap: /, ''));
}

function rehearse(
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal | undefined,
): Promise<{ readonly exitCode: number | null; readonly told: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, {
      cwd,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(signal && { signal }),
    });
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      told += text;
    });
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, told }));
  });
}

function missing(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Missing', message);
}
