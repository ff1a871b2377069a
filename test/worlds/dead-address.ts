import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Name services for tests, put before the system's. */
const LOOKUPS = join(import.meta.dirname, '..', 'contract', 'native', 'lookups.c');
/** An address of loopback that nobody answers at: no connection is made, and none is refused. */
const DEAD = '127.0.0.2';
/** By then a connection over loopback is made. */
const MADE_MS = 300;

/** Has first a dead address, then that of the services. */
export const HALF_DEAD = 'dead.test';

/** A name one of whose addresses is dead, as that of an endpoint is with the network of one zone down. */
export interface HalfDeadName extends AsyncDisposable {
  /** For the process in which {@link HALF_DEAD} is such a name. */
  readonly environment: Readonly<Record<string, string>>;
}

/** @param ports of the services at 127.0.0.1 */
export async function startHalfDeadName(ports: readonly number[]): Promise<HalfDeadName> {
  const folder = mkdtempSync(join(tmpdir(), 'half-dead-name-'));
  const library = join(folder, 'lookups.so');
  const { status } = spawnSync('gcc', ['-shared', '-fPIC', '-o', library, LOOKUPS, '-ldl'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('gcc makes no lookups.so');
  const holes = await Promise.all(ports.map(startHole));
  return {
    environment: { LD_PRELOAD: library },
    async [Symbol.asyncDispose]() {
      for (const hole of holes) await hole[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A process that listens and is stopped. Once its queue is full, the system lets further ones wait. */
async function startHole(port: number): Promise<AsyncDisposable> {
  const listens = `require('node:net').createServer().listen({ port: ${port}, host: '${DEAD}', backlog: 1 }, () => console.log('listens'))`;
  const child = spawn(process.execPath, ['-e', listens], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  const waiting: Socket[] = [];
  for (let isFull = false; !isFull; ) {
    const socket = connect(port, DEAD);
    socket.on('error', () => undefined);
    waiting.push(socket);
    isFull = await Promise.race([once(socket, 'connect').then(() => false), pause(MADE_MS, true)]);
  }
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of waiting) socket.destroy();
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
