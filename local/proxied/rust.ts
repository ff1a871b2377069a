import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { foldersWith } from './above.ts';
import { type Ended, runProgram, runStep, type Surroundings } from './program.ts';
import type { Project } from './project.ts';

/**
 * A function in Rust: the program that a file begins, or the one of a package. The task root is the folder of the package,
 * in which `Cargo.toml` is. It is built as `cargo build` builds it, and where.
 *
 * @param name what the function finds in `_HANDLER`; default `bootstrap`, which Lambda's runtimes for Rust start
 */
export function rustProject(path: string, name = 'bootstrap'): Project {
  const folder = statSync(path).isDirectory() ? path : dirname(path);
  const above = foldersWith('Cargo.toml', folder);
  const [taskRoot = folder] = above;

  return {
    taskRoot,
    name,
    place: path,
    codeRoot: above.find(isWorkspace) ?? taskRoot,
    sources: { extensions: ['.rs', '.toml', '.lock', '.json', '.html', '.sql', '.txt'], except: ['target'] },
    compiler: 'cargo',

    async lacks(surroundings) {
      const { code } = await runProgram(['cargo', '--version'], surroundings);
      if (code !== 0) return ['cargo:  https://rustup.rs   (or sudo apt-get install cargo)'];
      if (above.length > 0) return [];
      const dependencies = 'cargo add lambda_runtime serde_json && cargo add tokio --features macros';
      return [`Cargo.toml, in ${folder} or above:  cd ${folder} && cargo init && ${dependencies}`];
    },

    async build(surroundings) {
      const here = { ...surroundings, cwd: taskRoot };
      const program = await programOf(path, join(taskRoot, 'Cargo.toml'), here);
      const words = ['build', '--quiet', '--bin', program, '--message-format', 'json-render-diagnostics'];
      const messages = await runStep(['cargo', ...words], here, path, withoutLinker);
      return { command: [executableIn(messages)] };
    },
  };
}

function isWorkspace(folder: string): boolean {
  return /^\[workspace\b/m.test(readFileSync(join(folder, 'Cargo.toml'), 'utf8'));
}

/** The part of `cargo metadata` that is used here. */
interface Metadata {
  readonly packages: readonly {
    readonly manifest_path: string;
    readonly default_run: string | null;
    readonly targets: readonly Target[];
  }[];
}

interface Target {
  readonly name: string;
  readonly kind: readonly string[];
  readonly src_path: string;
}

/** The name of the program that begins in this file, or of the one that a package has. */
async function programOf(path: string, manifest: string, here: Surroundings): Promise<string> {
  const words = ['metadata', '--no-deps', '--format-version', '1', '--manifest-path', manifest];
  const { packages }: Metadata = JSON.parse(await runStep(['cargo', ...words], here, path));
  const found = packages.find(({ manifest_path: each }) => isSame(each, manifest));
  const programs = found?.targets.filter(({ kind }) => kind.includes('bin')) ?? [];
  const [only, ...others] = programs;
  const named =
    programs.find(({ src_path: file }) => isSame(file, path)) ??
    programs.find(({ name }) => name === found?.default_run) ??
    (others.length === 0 ? only : undefined);
  if (named) return named.name;
  const remedy = only
    ? `has several programs: name the file of one, ${programs.map(({ src_path: file }) => file).join(' or ')}`
    : 'has no program: name a file that has a main, or the Cargo.toml of its package';
  throw new MaintenanceWindowError('MaintenanceWindow.Usage', `${manifest} ${remedy}.`);
}

function isSame(file: string, other: string): boolean {
  return realpathSync(file) === realpathSync(other);
}

/** Cargo tells a line of JSON of each thing that it made. */
function executableIn(messages: string): string {
  const lines = messages.split('\n').filter((line) => line.startsWith('{'));
  const made = lines.map((line): { executable?: string | null } => JSON.parse(line));
  return made.findLast(({ executable }) => executable)?.executable ?? '';
}

/** Cargo needs a linker, and does not say where to get it. */
function withoutLinker({ err }: Ended): string {
  return err.includes('linker `cc` not found') ? `${err}\nTo get the linker:  sudo apt-get install gcc` : err;
}
