/** The engine of the proxy without the proxy: `proxy/examples/engine.rs`, which `npm run build` makes beside it. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bundleForEngine } from '../../build/proxy/bundle.ts';
import type { Asked } from './engine-entry.ts';
import { takePart } from './turn-clock.ts';

const ENGINE = join(import.meta.dirname, '..', '..', 'dist', 'proxy-gate', 'engine');

/** Whether there is one to be tested: see `hasProxy`. */
export const hasEngine = existsSync(ENGINE);

/** A process that answers as `engine-entry.ts` does there. Its clock is the test's, at the latest question. */
export interface ProxyEngine extends AsyncDisposable {
  ask(question: Asked): Promise<string>;
}

/** Starts one. A turn clock counts its turns. */
export async function startProxyEngine(): Promise<ProxyEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  const bundle = join(folder, 'answers.js');
  await bundleForEngine('test/worlds/engine-entry.ts', bundle);
  const child = spawn(ENGINE, [bundle], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<string, { resolve(answer: string): void; reject(error: Error): void }>();
  let asked = 0;
  let fault: Error | undefined;
  createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
    const space = line.indexOf(' ');
    const number = line.slice(0, space);
    waiting.get(number)?.resolve(line.slice(space + 1));
    waiting.delete(number);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', (code) => {
      fault = new Error(`the engine has ended with ${code}`);
      for (const { reject } of waiting.values()) reject(fault);
      waiting.clear();
      resolve();
    });
  });
  child.stdin.on('error', () => undefined);
  const ask = (question: Asked) =>
    new Promise<string>((resolve, reject) => {
      if (fault) return reject(fault);
      const number = String(++asked);
      waiting.set(number, { resolve, reject });
      child.stdin.write(`${Date.now()} ${number} ${JSON.stringify(question)}\n`);
    });
  const leave = takePart(async () => {
    await ask({ about: 'time' }).catch(() => undefined);
  });
  return {
    ask,
    async [Symbol.asyncDispose]() {
      leave();
      child.stdin.end();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
