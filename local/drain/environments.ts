import { type ChildProcess, fork } from 'node:child_process';
import { extname, join } from 'node:path';
import { DRAIN_TIMEOUT_SECONDS } from '../../core/deployment/drain-machine.ts';

/** What a task came to. */
export type TaskAnswer =
  | { readonly result: object }
  | { readonly error: { readonly errorType: string; readonly errorMessage: string } };

/** Environments of a function of `cloud/`, each a process: as many as there are tasks at once, kept for the next ones. */
export interface Environments {
  /** Never rejects: an environment that dies is an error, as Lambda tells of it. */
  invoke(task: object): Promise<TaskAnswer>;
  /** Ends them, also in the middle of a task. */
  close(): void;
}

export interface EnvironmentsParts {
  /** The bundle, such as `dist/drain/index.js`. */
  readonly file: string;
  readonly functionArn: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How long an invocation may take. Default: Lambda's longest. */
  readonly timeoutMs?: number;
  /** Gets each line that the function writes. */
  readonly write: (line: string) => void;
  /** Told of each process with its first task, and of each task. */
  readonly onTask?: (process: ChildProcess, task: object) => void;
}

/** Beside this file, and as it is: a source, or bundled. */
const PROGRAM = join(import.meta.dirname, `environment${extname(import.meta.filename)}`);

/** Starts none yet. */
export function createEnvironments(parts: EnvironmentsParts): Environments {
  const { file, functionArn, environment, timeoutMs = DRAIN_TIMEOUT_SECONDS * 1_000, write, onTask } = parts;
  const all = new Set<ChildProcess>();
  const idle: ChildProcess[] = [];
  return {
    async invoke(task) {
      const child = idle.pop() ?? start();
      const answer = ask(child, task);
      onTask?.(child, task);
      const answered = await answer;
      if (child.connected) idle.push(child);
      return answered;
    },
    close() {
      for (const child of all) child.kill('SIGKILL');
    },
  };

  function start(): ChildProcess {
    const env = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined));
    const child = fork(PROGRAM, [file, functionArn], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        for (const line of text.split('\n').filter(Boolean)) write(line);
      });
    }
    all.add(child);
    child.once('exit', () => all.delete(child));
    return child;
  }

  function ask(child: ChildProcess, task: object): Promise<TaskAnswer> {
    return new Promise((resolve) => {
      const died = (code: number | null, signal: string | null) =>
        resolve({ error: { errorType: 'Runtime.ExitError', errorMessage: `the process exited: ${signal ?? code}` } });
      child.once('exit', died);
      child.once('message', (answer: TaskAnswer) => {
        child.off('exit', died);
        resolve(answer);
      });
      child.send({ task, remainingMs: timeoutMs }, (fault) => {
        if (fault) resolve({ error: { errorType: 'Runtime.ExitError', errorMessage: fault.message } });
      });
    });
  }
}
