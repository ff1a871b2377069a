import { spawn } from 'node:child_process';

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
