import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { UPSTREAM } from '../../ric/patch/upstream.ts';
import { type Client, patchedClient, stockClient } from '../worlds/client-process.ts';
import { canLayOut, layeredClient, layOutManagedRuntime } from '../worlds/managed-runtime.ts';
import { startSurroundings } from '../worlds/surroundings.ts';
import { type Scenario, textOf, transcribe } from './transcript.ts';

/** Both clients, and the AWS that both are pointed at: a window parameter without a window. */
export interface Pair extends AsyncDisposable {
  readonly stock: Client;
  readonly patched: Client;
  readonly environment: Readonly<Record<string, string>>;
}

/** Where the clients lie, and how they are started. */
const LAYOUTS = [
  { layout: 'as in an image', prepare: preparePair, skipped: false, shownBy: ({ shows }: Scenario) => shows },
  {
    layout: 'as in a managed runtime, ours a layer',
    prepare: prepareLayeredPair,
    skipped: !canLayOut,
    shownBy: ({ shows, showsBelowBootstrap = shows }: Scenario) => showsBelowBootstrap,
  },
];

/**
 * Declares one test for each scenario, in each layout: the patched client does exactly what the stock client does. Several
 * run at once.
 *
 * ```ts
 * sideBySide('a handler that returns', [{ name: 'null', handler: 'values.nullValue', shows: 'null' }]);
 * ```
 */
export function sideBySide(group: string, scenarios: readonly Scenario[]): void {
  for (const { layout, prepare, skipped, shownBy } of LAYOUTS) {
    describe.skipIf(skipped)(`${layout}: ${group}`, () => {
      let pair: Pair;
      beforeAll(async () => {
        pair = await prepare();
      });
      afterAll(() => pair[Symbol.asyncDispose]());

      it.concurrent.for(scenarios)('$name', async (scenario, { expect }) => {
        const [stock, patched] = await Promise.all([
          transcribe(pair.stock, scenario, pair.environment),
          transcribe(pair.patched, scenario, pair.environment),
        ]);
        expect(textOf(stock), 'what the stock client does').toContain(shownBy(scenario));
        expect(patched).toEqual(stock);
      });
    });
  }
}

/**
 * Both clients in a managed runtime: the stock one as the runtime has it, the patched one as a layer. The layer's folder has
 * a name as long as the runtime's, so that paths of equal length stand in what they send.
 */
async function prepareLayeredPair(): Promise<Pair> {
  const runtime = layOutManagedRuntime();
  const patched = layeredClient(runtime, '/opt/windows');
  const aws = await startSurroundings();
  return {
    stock: runtime.stock,
    patched,
    environment: aws.environment,
    async [Symbol.asyncDispose]() {
      await aws[Symbol.asyncDispose]();
      runtime[Symbol.dispose]();
    },
  };
}

/**
 * Copies both clients into folders of their own whose names are equally long, so that paths of equal length stand in
 * what they send. The stock client gets the two files that it needs, the patched one the folder that is shipped.
 */
export async function preparePair(): Promise<Pair> {
  const folder = mkdtempSync(join(tmpdir(), 'side-by-side-'));
  const stock = stockClient(join(folder, 'stock'));
  const patched = patchedClient(join(folder, 'gated'));
  copyStock(stock.folder);
  cpSync(patchedClient().folder, patched.folder, { recursive: true });
  const aws = await startSurroundings();
  return {
    stock,
    patched,
    environment: aws.environment,
    async [Symbol.asyncDispose]() {
      await aws[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Copies the two files of the stock client. */
export function copyStock(folder: string): void {
  mkdirSync(folder);
  for (const file of [UPSTREAM.file, 'rapid-client.node'])
    copyFileSync(join(stockClient().folder, file), join(folder, file));
}
