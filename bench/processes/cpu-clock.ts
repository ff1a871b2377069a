import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Clocks of the CPU time that processes use: user and system, all threads, those that have ended included. */
export interface CpuClock extends AsyncDisposable {
  /** What a process has used so far, in nanoseconds. One question at a time. */
  readNs(pid: number): Promise<number>;
}

/** Starts a process that reads these clocks, which Node cannot. It has answered once, so that the first answer is as quick as others. */
export async function startCpuClock(): Promise<CpuClock> {
  const program = join(import.meta.dirname, 'cpu-clock.py');
  const python = spawn('python3', [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(python, 'exit').then(([code]) => {
    throw new Error(`python3 ${program} has ended with ${code}`);
  });
  ended.catch(() => undefined);
  const lines = createInterface(python.stdout)[Symbol.asyncIterator]();

  async function readNs(pid: number): Promise<number> {
    python.stdin.write(`${pid}\n`);
    const { value } = await Promise.race([lines.next(), ended]);
    return Number(value);
  }

  await readNs(process.pid);
  return {
    readNs,
    async [Symbol.asyncDispose]() {
      python.stdin.end();
      await ended.catch(() => undefined);
    },
  };
}
