/**
 * A worker whose handler closes what it did not open: the descriptor by which the addon's thread is woken. Its number is a
 * file's then, or nobody's. The worker hears what becomes of the next connection, and is terminated; then the peer of the
 * one that is left over speaks.
 * Arguments: the addon's file, and a path for the file. Prints what was heard as JSON, if this process lives.
 */
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { loadAddon, startSockets } from './addon.ts';
import { AUTHORITY, peer } from './peers.ts';

if (isMainThread) await main(process.argv[2] ?? '', process.argv[3]);
else await be(workerData);

async function main(file: string, stranger?: string): Promise<void> {
  const met: Socket[] = [];
  await using server = await peer((socket) => met.push(socket));
  const worker = new Worker(import.meta.filename, { workerData: { file, stranger, port: server.port } });
  const [heard] = await once(worker, 'message');
  await worker.terminate();
  for (const socket of met) socket.write('to nobody');
  await new Promise((resolve) => setTimeout(resolve, 200));
  const written = stranger ? readFileSync(stranger, 'latin1') : '';
  console.log(JSON.stringify({ heard, met: met.length, written }));
}

interface Given {
  readonly file: string;
  readonly stranger?: string;
  readonly port: number;
}

async function be({ file, stranger, port }: Given): Promise<void> {
  const others = wakers();
  const { open } = startSockets(loadAddon(file), AUTHORITY.cert);
  const left = open('127.0.0.1', port);
  await left.until('connect');
  const waker = Number(wakers().find((each) => !others.includes(each)));
  closeSync(waker);
  while (stranger && openSync(stranger, 'w') < waker);
  left.send('nobody is woken for this');
  const next = open('127.0.0.1', port);
  await next.until('close');
  parentPort?.postMessage(next.heard);
  setInterval(() => undefined, 1_000);
}

function wakers(): readonly string[] {
  return readdirSync('/proc/self/fd').filter((each) => {
    try {
      return readlinkSync(`/proc/self/fd/${each}`).includes('eventfd');
    } catch {
      return false; // that of the folder which is read
    }
  });
}
