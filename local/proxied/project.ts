import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { MaintenanceWindowError } from '../../core/errors.ts';
import type { SourceKind } from '../emulator/source-files.ts';
import { goProject } from './go.ts';
import { javaProject } from './java.ts';
import type { Surroundings } from './program.ts';
import { pythonProject } from './python.ts';
import { rustProject } from './rust.ts';

/** A function of another language, as its author has it. */
export interface Project {
  /** The working directory of the function. */
  readonly taskRoot: string;
  /** As `_HANDLER` has it. */
  readonly name: string;
  /** What its author knows it by. */
  readonly place: string;
  /** The folder that holds all of its code. */
  readonly codeRoot: string;
  readonly sources: SourceKind;
  /** What compiles it; absent where nothing does. */
  readonly compiler?: string;
  /** Says what this machine lacks to build and run it, each with the command to get it. */
  lacks(surroundings: Surroundings): Promise<readonly string[]>;
  /**
   * Builds what has changed, with the tools of whoever runs this.
   *
   * @throws `MaintenanceWindow.Missing` in the words of the language's own tools
   */
  build(surroundings: Surroundings): Promise<Program>;
}

/** A function that is built. */
interface Program {
  /** Of its runtime. */
  readonly command: readonly string[];
  /** Loads the handler and ends, with what is wrong on standard error; absent where compiling it has shown as much. */
  readonly load?: readonly string[];
}

/** A language, by what its functions look like. */
interface Language {
  readonly extension: string;
  /** Files of its package manager that name a function as well. */
  readonly manifests: readonly string[];
  /** Whether a folder is one, where no manifest is in it. */
  readonly isFolder?: (folder: string) => boolean;
  /** @param name what stands behind the colon */
  readonly project: (path: string, name: string | undefined) => Project;
}

const LANGUAGES: readonly Language[] = [
  { extension: '.py', manifests: [], project: pythonProject },
  { extension: '.go', manifests: ['go.mod'], isFolder: hasGoFiles, project: goProject },
  { extension: '.rs', manifests: ['Cargo.toml'], project: rustProject },
  { extension: '.java', manifests: [], project: javaProject },
];
const EXAMPLES =
  './app.py, ./main.go, ./src/main.rs or ./src/main/java/shop/Orders.java, with :name behind it for another handler';

/**
 * Finds out what a function is written in.
 *
 * @param written a file or a folder, with `:NAME` behind it where the handler has another name
 * @param base the folder from which a relative path counts
 * @throws `MaintenanceWindow.Usage` or `MaintenanceWindow.Missing`
 */
export function findProject(written: string, base: string): Project {
  const [, place = '', name] = /^([^:]*)(?::(.*))?$/s.exec(written) ?? [];
  if (place === '' || name === '') throw usage(`--handler "${written}": write ${EXAMPLES}`);
  const path = resolve(base, place);
  if (!existsSync(path)) throw missing(`--handler "${written}": there is no ${path}.${hintFor(path)}`);
  const language = LANGUAGES.find((each) => isIn(each, path));
  if (language) return language.project(path, name);
  if (NODE.includes(extname(path))) {
    throw usage(
      `--handler "${written}": a function in Node runs with the client, not behind the proxy: leave out --proxy.`,
    );
  }
  throw usage(`--handler "${written}" is no function that runs behind the proxy: write ${EXAMPLES}`);
}

function isIn({ extension, manifests, isFolder }: Language, path: string): boolean {
  if (!statSync(path).isDirectory()) return extname(path) === extension || manifests.includes(basename(path));
  return manifests.some((name) => existsSync(join(path, name))) || isFolder?.(path) === true;
}

const NODE = ['.js', '.mjs', '.cjs', '.ts'];

/** Go's tools name a package by its folder. */
function hasGoFiles(folder: string): boolean {
  return readdirSync(folder).some((name) => extname(name) === '.go');
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
