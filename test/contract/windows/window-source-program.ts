/**
 * A process that has a window source and does with it what its arguments say, in order; then it has nothing more to do
 * and ends by itself. Each `report` writes one line of JSON.
 *
 *     node window-source-program.ts written block:1700 start report refresh report
 */
import { registerHooks } from 'node:module';
import type { LogEntry } from '../../../core/gate/ports.ts';

/** What a `report` tells. */
export interface Report {
  readonly active: boolean;
  readonly entries: readonly LogEntry[];
  /** Whether a part of the AWS SDK has been loaded. */
  readonly sdk: boolean;
  /** Whether undici has been loaded, which is what makes an ES import of `node:http` cost 30 ms. */
  readonly undici: boolean;
}

const loaded: string[] = [];
registerHooks({
  load(url, context, nextLoad) {
    loaded.push(url);
    return nextLoad(url, context);
  },
});
const { createSsmWindowSource } = await import('../../../aws/windows/window-source.ts');
const { readConfig } = await import('../../../core/gate/config.ts');

const entries: LogEntry[] = [];
const source = createSsmWindowSource({
  config: readConfig(process.env),
  functionName: 'orders',
  environment: process.env,
  clock: { now: Date.now, random: Math.random },
  log: { write: (entry) => entries.push(entry) },
});

for (const step of process.argv.slice(2)) await run(step);

async function run(step: string): Promise<void> {
  const [what, milliseconds] = step.split(':');
  switch (what) {
    case 'written':
      return source.written;
    case 'start':
      return source.start();
    case 'refresh':
      return source.refresh();
    case 'rekey':
      Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'other', AWS_SECRET_ACCESS_KEY: 'other' });
      return;
    case 'block':
      return block(Number(milliseconds));
    case 'report':
      return report();
    default:
      throw new Error(`no such step: ${step}`);
  }
}

/** Keeps the event loop from turning, as loading a heavy handler does. */
function block(milliseconds: number): void {
  const endsAt = performance.now() + milliseconds;
  while (performance.now() < endsAt);
}

function report(): void {
  const { moduleLoadList } = process as unknown as { readonly moduleLoadList: readonly string[] };
  const told: Report = {
    active: source.reading.stateAt(Date.now()).active !== undefined,
    entries,
    sdk: loaded.some((url) => /node_modules\/@(?:aws-sdk|smithy)\//.test(url)),
    undici: moduleLoadList.some((name) => name.includes('undici/undici')),
  };
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
