import { spawn } from 'node:child_process';
import { MaintenanceWindowError } from '../../core/errors.ts';

/** What a program came to. `code` is null where there is no such program, or a signal ended it. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  /** What it wrote to its standard error, without blanks around it. */
  readonly err: string;
}

export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a program to its end. @throws where it is broken off */
export function runProgram(
  [program = '', ...words]: readonly string[],
  { cwd, env, signal }: Surroundings,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal && { signal }),
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      err += text;
    });
    child.once('error', (error) => {
      if (signal?.aborted) reject(error);
      else resolve({ code: null, out: '', err: error.message });
    });
    child.once('close', (code) => resolve({ code, out, err: err.trim() }));
  });
}

/**
 * Runs a step of a build, and gives its standard output.
 *
 * @param place what is built
 * @param said picks the words for whoever reads why it failed; default: standard error
 * @throws `MaintenanceWindow.Missing` with the tool's own words
 */
export async function runStep(
  words: readonly string[],
  surroundings: Surroundings,
  place: string,
  said: (ended: Ended) => string = ({ err }) => err,
): Promise<string> {
  const ended = await runProgram(words, surroundings);
  if (ended.code === 0) return ended.out;
  const [tool, command] = words;
  throw new MaintenanceWindowError(
    'MaintenanceWindow.Missing',
    `${place} cannot be built; ${tool} ${command} says:\n${said(ended)}`,
  );
}
