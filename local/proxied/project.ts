import { existsSync, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { MaintenanceWindowError } from '../../core/errors.ts';
import type { SourceKind } from '../emulator/source-files.ts';
import type { Surroundings } from './program.ts';
import { pythonProject } from './python.ts';

/** A function of another language, as its author has it. */
export interface Project {
  /** The working directory of the function. */
  readonly taskRoot: string;
  /** As `_HANDLER` has it. */
  readonly name: string;
  /** What its author knows it by. */
  readonly place: string;
  readonly sources: SourceKind;
  /** Says what this machine lacks to build and run it, each with the command to get it. */
  lacks(surroundings: Surroundings): Promise<readonly string[]>;
  /**
   * Builds what has changed, and makes sure that it can be loaded.
   *
   * @returns the command of its runtime
   * @throws `MaintenanceWindow.Missing` in the words of the language's own tools
   */
  build(surroundings: Surroundings): Promise<readonly string[]>;
}

/** A language, by what its functions look like. `name` is what stands behind the colon. */
type Language = (path: string, name: string | undefined) => Project;

const EXAMPLES = './app.py or ./app.py:name';

/**
 * Finds out what a function is written in.
 *
 * @param written `FILE.py`, with `:NAME` behind it where the handler has another name
 * @param base the folder from which a relative path counts
 * @throws `MaintenanceWindow.Usage` or `MaintenanceWindow.Missing`
 */
export function findProject(written: string, base: string): Project {
  const [, place = '', name] = /^([^:]*)(?::(.*))?$/s.exec(written) ?? [];
  if (place === '' || name === '') throw usage(`--handler "${written}": write ${EXAMPLES}`);
  const path = resolve(base, place);
  if (!existsSync(path)) throw missing(`--handler "${written}": there is no ${path}.${hintFor(path)}`);
  const language = statSync(path).isDirectory() ? undefined : languageOfFile(path);
  if (language) return language(path, name);
  if (NODE.includes(extname(path))) {
    throw usage(
      `--handler "${written}": a function in Node runs with the client, not behind the proxy: leave out --proxy.`,
    );
  }
  throw usage(`--handler "${written}" is no function that runs behind the proxy: write ${EXAMPLES}`);
}

const NODE = ['.js', '.mjs', '.cjs', '.ts'];

function languageOfFile(path: string): Language | undefined {
  return extname(path) === '.py' ? pythonProject : undefined;
}

/** Somebody may have written it as Lambda has it. */
function hintFor(path: string): string {
  const [, module = '', name = ''] = /^(.+)\.(\w+)$/.exec(path) ?? [];
  if (existsSync(`${module}.py`)) return ` Write ${module}.py${name === 'handler' ? '' : `:${name}`}`;
  if (NODE.some((extension) => existsSync(module + extension))) {
    return ' A function in Node runs with the client, not behind the proxy: leave out --proxy.';
  }
  return '';
}

function usage(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Usage', message);
}

function missing(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Missing', message);
}
