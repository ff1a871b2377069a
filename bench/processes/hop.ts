import { spawn, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../local/cache-folder.ts';
import { findFreePort } from '../../local/port.ts';
import { PROXY } from '../../test/worlds/proxy.ts';
import { cpuTimeNs } from '../measure/process-cost.ts';
import type { HopAddress, HopOrder, HopServed } from './hop-process.ts';
import { startOwnProcess } from './own-process.ts';

const peers = join(import.meta.dirname, '..', 'peers');
/** Cargo's own, kept between runs. */
const objects = join(cacheFolder(process.env), 'bench-target');
const HYPER_HOP = join(objects, 'release', 'hyper-hop');

/** What stands between a runtime and Lambda: our proxy, or a peer that passes everything on. */
export type Hop = 'proxy' | 'hyper' | 'node';

/** A Runtime API, and a runtime that polls it, direct or through a hop. */
export interface Ends extends AsyncDisposable {
  /** Where the Runtime API listens. */
  readonly port: number;
  /** Starts a hop before it, and waits until INIT is over for it. */
  start(hop: Hop, environment: Readonly<Record<string, string>>): Promise<RunningHop>;
  /** Invokes the runtime that polls at a port, one invocation after the other. @returns how long one took, nanoseconds */
  invoke(port: number, bytes: number, count: number): Promise<number>;
}

/** A hop in a process of its own. */
export interface RunningHop extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  /** CPU time until INIT was over for it. */
  readonly startNs: number;
}

/** Builds the peer on hyper; by cargo, which does it anew only where something has changed. */
export function buildPeers(): void {
  const words = ['build', '--quiet', '--release', '--locked', '--target-dir', objects];
  const { status } = spawnSync('cargo', words, { cwd: join(peers, 'hyper-hop'), stdio: 'inherit' });
  if (status !== 0) throw new Error('the peer on hyper could not be built: cargo says why above');
}

/** The size of the peer on hyper. */
export function hyperBytes(): number {
  return statSync(HYPER_HOP).size;
}

/** Starts both ends. */
export async function startEnds(): Promise<Ends> {
  const ends = startOwnProcess(import.meta.resolve('./hop-process.ts'));
  const ask = <Answer>(order: HopOrder) => ends.ask<Answer>(order);
  const { port: apiPort } = await ask<HopAddress>({ kind: 'open' });
  return {
    port: apiPort,
    async start(hop, environment) {
      const port = await findFreePort();
      const [program, ...words] = commandOf(hop);
      const child = spawn(program, words, {
        env: { ...lambdaEnvironment(apiPort), LRAP_LISTENER_PORT: String(port), ...environment },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
      const exited = new Promise<never>((_, reject) => {
        child.once('error', reject).once('close', (code) => reject(new Error(`the hop ${hop} has ended with ${code}`)));
      });
      exited.catch(() => undefined);
      await Promise.race([ask({ kind: 'ready' }), exited]);
      const pid = child.pid ?? 0;
      return {
        pid,
        port,
        startNs: cpuTimeNs(pid),
        async [Symbol.asyncDispose]() {
          child.kill('SIGKILL');
          await exited.catch(() => undefined);
          if (output.includes('WindowReadFailed')) throw new Error(`the windows could not be read:\n${output}`);
        },
      };
    },
    async invoke(port, bytes, count) {
      const { wallNs } = await ask<HopServed>({ kind: 'invoke', port, bytes, count });
      return wallNs / count;
    },
    [Symbol.asyncDispose]: () => ends[Symbol.asyncDispose](),
  };
}

function commandOf(hop: Hop): readonly [string, ...string[]] {
  switch (hop) {
    case 'proxy':
      return [PROXY, '--extension', 'maintenance-window'];
    case 'hyper':
      return [HYPER_HOP];
    case 'node':
      return [process.execPath, join(peers, 'node-hop.mjs')];
  }
}

function lambdaEnvironment(apiPort: number): Readonly<Record<string, string>> {
  return {
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${apiPort}`,
    AWS_LAMBDA_FUNCTION_NAME: 'orders',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_REGION: 'eu-south-1',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    AWS_SESSION_TOKEN: 'session',
  };
}
