/** Node in the versions that AWS's managed runtimes have, for each CPU, from npm. */
import { execFile } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { builtOnce } from './built-once.ts';
import { type Cpu, runBy } from './cpus.ts';

const NODES = join(import.meta.dirname, '..', 'data', 'nodes');
const MANIFEST: { readonly optionalDependencies: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(NODES, 'package.json'), 'utf8'),
);

/** Major versions, the oldest first. */
export const NODE_MAJORS: readonly string[] = [
  ...new Set(Object.keys(MANIFEST.optionalDependencies).map((name) => name.split('-')[1] ?? '')),
];

/** Installs every version for a CPU, once for all runs; and gives the command that starts each, whatever CPU this machine has. */
export async function installNodes(cpu: Cpu): Promise<(major: string) => readonly [string, ...string[]]> {
  const folder = await builtOnce({
    name: `nodes-${cpu}`,
    sources: NODES,
    tools: [cpu],
    build: async (target) => {
      cpSync(NODES, target, { recursive: true });
      const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', `--cpu=${cpu}`];
      await promisify(execFile)('npm', words, { cwd: target });
    },
  });
  return (major) => runBy(cpu, join(folder, 'node_modules', `node-${major}-${cpu}`, 'bin', 'node'));
}
