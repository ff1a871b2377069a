import { fork } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { MaintenanceWindowError } from '../gate/errors.ts';
import type { HandlerExport } from './handler-export.ts';

const LOOK = join(import.meta.dirname, 'handler-export.ts');
/** What Lambda gives INIT. */
const LOAD_LIMIT_MS = 10_000;

/** Where a function is, in Lambda's terms. */
export interface Handler {
  readonly taskRoot: string;
  /** Relative to the task root, as `_HANDLER` has it: `my/app.handler`. */
  readonly name: string;
  /** The file that it stands in. */
  readonly file: string;
  readonly export: string;
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
      `--handler "${written}" names no export: write FILE.EXPORT as in Lambda, for example ./my/app.handler`,
    );
  }
  const folder = dirname(path);
  const file = EXTENSIONS.map((extension) => join(folder, module + extension)).find(isFile);
  if (!file)
    throw missing(
      `--handler "${written}": there is no ${join(folder, module)}.js, .mjs or .cjs.${hintFor(join(folder, module))}`,
    );
  const inside = relative(base, path);
  const taskRoot = isAbsolute(inside) || inside.startsWith('..') ? folder : base;
  return { taskRoot, name: relative(taskRoot, path), file, export: exported };
}

/** In the order in which upstream looks. */
const EXTENSIONS = ['', '.js', '.mjs', '.cjs'];

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function hintFor(withoutExtension: string): string {
  return isFile(`${withoutExtension}.ts`) ? ' Lambda loads no TypeScript: compile it first.' : '';
}

/**
 * Makes sure that the file exports the handler as a function, by loading it in a process of its own, which is ended then.
 *
 * @param environment the function's, because loading a function may need it
 * @throws `MaintenanceWindow.Missing`
 */
export async function checkHandler(
  handler: Handler,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const found = await lookAt(handler, environment);
  switch (found.kind) {
    case 'function':
      return;
    case 'other': {
      const names = found.exported.length > 0 ? `It exports: ${found.exported.join(', ')}.` : 'It exports nothing.';
      throw missing(`${handler.file} exports no function "${handler.export}". ${names}`);
    }
    case 'threw':
      throw missing(`${handler.file} cannot be loaded: ${found.message}`);
  }
}

function lookAt(
  { taskRoot, file, export: exported }: Handler,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<HandlerExport> {
  return new Promise((resolve) => {
    const child = fork(LOOK, [file, exported], {
      cwd: taskRoot,
      env: environment,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const limit = setTimeout(() => end(threw(`it took longer than ${LOAD_LIMIT_MS / 1000} s`)), LOAD_LIMIT_MS);
    child.once('message', (found) => end(found as HandlerExport));
    child.once('error', (error) => end(threw(String(error))));
    child.once('exit', (code, signal) => end(threw(`it ended the process (${signal ?? `exit code ${code}`})`)));

    function end(found: HandlerExport): void {
      clearTimeout(limit);
      child.removeAllListeners();
      child.kill('SIGKILL');
      resolve(found);
    }
  });
}

function threw(message: string): HandlerExport {
  return { kind: 'threw', message };
}

function missing(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Missing', message);
}
