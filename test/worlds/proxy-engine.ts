/** The engine of the proxy without the proxy: `proxy/examples/engine.rs`, which `npm run build` makes beside it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bundleForEngine } from '../../build/proxy-bundle.ts';
import type { Question } from './engine-answers.ts';

const ENGINE = join(import.meta.dirname, '..', '..', 'dist', 'proxy-gate', 'engine');

/** A process that answers as `engine-answers.ts` does there. */
export interface ProxyEngine extends AsyncDisposable {
  ask(question: Question): Promise<string>;
}

/** Starts one. Answers come in the order of the questions. */
export async function startProxyEngine(): Promise<ProxyEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  const bundle = join(folder, 'answers.js');
  await bundleForEngine('test/worlds/engine-entry.ts', bundle);
  const child = spawn(ENGINE, [bundle], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: { resolve(answer: string): void; reject(error: Error): void }[] = [];
  createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) =>
    waiting.shift()?.resolve(line),
  );
  const ended = new Promise<void>((resolve) => {
    child.once('close', (code) => {
      for (const { reject } of waiting.splice(0)) reject(new Error(`the engine has ended with ${code}`));
      resolve();
    });
  });
  child.stdin.on('error', () => undefined);
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write(`${JSON.stringify(question)}\n`);
      }),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
