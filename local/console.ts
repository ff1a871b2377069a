import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The console of the stand-ins, a process of its own. */
export interface LocalConsole {
  /** With its token. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the tool's console at any free port.
 *
 * @param tool its file
 * @param environment where the stand-ins are, and by which credentials
 */
export async function startLocalConsole(
  tool: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<LocalConsole> {
  // by the channel it hears of this process's end, however that comes
  const child = fork(tool, ['console', '--port', '0', '-o', 'json'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  });
  const ended = once(child, 'close');
  const lines = child.stdout ? once(createInterface({ input: child.stdout }), 'line') : ended;
  const [line] = await Promise.race([lines, ended]);
  if (typeof line !== 'string') throw new Error(`The console has ended by itself (${line}).`);
  return {
    url: String(JSON.parse(line).url),
    async close() {
      if (child.exitCode === null) child.kill('SIGINT');
      await ended;
    },
  };
}
