import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { FUNCTIONS_FOLDER, patchedClient, stockClient } from '../../worlds/client-process.ts';

/** Makes what it starts the first process of a container, as far as signals go. */
const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
const [UNSHARE, ...WORDS] = ['unshare', '--pid', '--fork', '--kill-child', ...asRoot] as const;
const canBeFirst = Boolean(process.env['CI']) || spawnSync(UNSHARE, [...WORDS, 'true']).status === 0;
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGTERM'] as const;

/** A client as the first process of a container, of which a handler says what signals come. */
async function startFirst(command: readonly string[]) {
  const api = await startRuntimeApi({ afterwards: 'hold' });
  const child = spawn(UNSHARE, [...WORDS, ...command], {
    cwd: FUNCTIONS_FOLDER,
    env: {
      PATH: process.env['PATH'],
      AWS_LAMBDA_RUNTIME_API: api.address,
      AWS_REGION: 'eu-south-1',
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      LAMBDA_TASK_ROOT: FUNCTIONS_FOLDER,
      _HANDLER: 'signals.handler',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    /** What the handler says next. */
    async said(): Promise<string> {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error('it has ended');
        const [, word] = /came: (.*)/.exec(value) ?? [];
        if (word) return word;
      }
    },
    send(name: NodeJS.Signals): void {
      const [first] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
      process.kill(Number(first), name);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await api.close();
    },
  };
}

describe.skipIf(!canBeFirst)('as the first process of a container', () => {
  it.each([
    ['AWS’s own client', stockClient().command],
    ['the client', [...patchedClient().command, 'signals.handler']],
  ])('%s hands on each signal that a handler listens for, by its own name', async (_, command) => {
    await using first = await startFirst(command);
    expect(await first.said()).toBe('nothing yet');
    for (const name of SIGNALS) {
      first.send(name);
      expect(await first.said()).toBe(name);
    }
  });
});
