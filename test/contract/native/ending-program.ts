/**
 * Ends environments in a state of their connections, in a way in which one ends: this process, or workers of it one after the
 * other. The argument is the {@link Job}.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { loadAddon } from './addon.ts';

/** How a process ends. */
export const WAYS = [
  'by itself',
  'process.exit',
  'process.exit while it hears',
  'an uncaught exception while it hears',
  'process.reallyExit at exit',
] as const;

/** How a worker ends. */
export const WORKER_WAYS = ['by itself', 'terminated', 'terminated while it hears', 'process.exit'] as const;

/** What the connections are doing. */
export const STATES = [
  'nothing',
  'looking up',
  'shaking hands',
  'open',
  'flooded',
  'sending',
  'closing',
  'failing',
] as const;

/** What this program is to do. */
export interface Job {
  readonly file: string;
  readonly roots: string;
  readonly place: 'process' | 'worker';
  readonly way: (typeof WAYS)[number] | (typeof WORKER_WAYS)[number];
  readonly state: (typeof STATES)[number];
  /** Of peers of each kind. */
  readonly ports: Readonly<Record<'silent' | 'echo' | 'flood' | 'deaf' | 'secure', number>>;
}

if (!isMainThread) be(workerData as Job);
else if (process.argv[1] === import.meta.filename) await main(JSON.parse(process.argv[2] ?? ''));

async function main(job: Job): Promise<void> {
  if (job.place === 'process') return be(job);
  for (const state of STATES) {
    for (const way of WORKER_WAYS) {
      const worker = new Worker(import.meta.filename, { workerData: { ...job, state, way } });
      const exited = new Promise((resolve) => worker.once('exit', resolve));
      worker.on('error', (error) => console.error(error));
      worker.on('message', () => void worker.terminate());
      await exited;
    }
  }
}

function be({ file, roots, way, state, ports }: Job): void {
  const addon = loadAddon(file);
  addon.start(() => {
    if (way.endsWith('while it hears')) end();
  }, roots);
  const open: Record<Job['state'], () => readonly number[]> = {
    nothing: () => [],
    'looking up': () => [addon.connect('never.test', 80, true), addon.connect('slow.test', ports.echo, false)],
    'shaking hands': () => [addon.connect('localhost', ports.silent, true)],
    open: () => [addon.connect('localhost', ports.secure, true), addon.connect('127.0.0.1', ports.echo, false)],
    flooded: () => [addon.connect('127.0.0.1', ports.flood, false)],
    sending: () => [addon.connect('127.0.0.1', ports.deaf, false), addon.connect('localhost', ports.secure, true)],
    closing: () => [addon.connect('localhost', ports.secure, true), addon.connect('127.0.0.1', ports.echo, false)],
    failing: () => [addon.connect('later.test', 80, true), addon.connect('localhost', ports.echo, true)],
  };
  const ids = Array.from({ length: 5 }, () => open[state]()).flat();
  for (const id of ids) {
    addon.send(id, state === 'sending' ? 'x'.repeat(16 << 20) : 'x');
    if (way === 'by itself') addon.unref(id);
    if (state === 'closing') addon.close(id);
  }
  process.on('exit', () => {
    if (way === 'process.reallyExit at exit') {
      (process as unknown as { reallyExit(code: number): void }).reallyExit(0);
    }
    addon.connect('127.0.0.1', ports.echo, false);
  });
  // At a moment that is another one each time; the only one where nothing is heard.
  if (way !== 'by itself') setTimeout(end, 5 + Math.random() * 30);

  function end(): void {
    if (way === 'an uncaught exception while it hears') throw new Error('on purpose');
    if (!way.startsWith('terminated')) process.exit(0);
    parentPort?.postMessage('now');
    // Busy, as a handler may be, until it is ended in the midst of hearing.
    if (way === 'terminated while it hears') for (;;) addon.unsent(1);
  }
}
