/** Programs of each CPU: this machine runs its own, and those of arm64 by QEMU's user emulation. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Client, stockClient } from './client-process.ts';
import { PROXY_LAYER } from './proxy.ts';

/** As Node names it. */
export type Cpu = 'x64' | 'arm64';
export const OWN_CPU: Cpu = process.arch === 'arm64' ? 'arm64' : 'x64';

const QEMU = 'qemu-aarch64';
/** Where Debian's packages have the C and the C++ library of arm64. */
const LIBRARIES = '/usr/aarch64-linux-gnu';
const PACKAGES = 'qemu-user libc6-arm64-cross libstdc++6-arm64-cross';

/**
 * One line that says why this machine runs no program of a CPU, and how to get what does; absent where it runs them. On CI it
 * must: there a test that needs it fails.
 */
export function missingFor(cpu: Cpu): string | undefined {
  if (cpu === OWN_CPU) return undefined;
  if (cpu === 'x64') return 'this machine of arm64 runs no program of x64';
  if (process.env['CI']) return undefined;
  const hasQemu = (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, QEMU)));
  const isThere = hasQemu && ['libc.so.6', 'libstdc++.so.6'].every((name) => existsSync(join(LIBRARIES, 'lib', name)));
  return isThere ? undefined : `this machine runs no program of arm64: sudo apt-get install ${PACKAGES}`;
}

/** Command that runs a program of a CPU. */
export function runBy(cpu: Cpu, program: string): readonly [string, ...string[]] {
  return cpu === OWN_CPU ? [program] : [QEMU, '-L', LIBRARIES, program];
}

/** Folder of the proxy that was built for a CPU, laid out as a layer is. */
export function proxyFolderOf(cpu: Cpu): string {
  return cpu === OWN_CPU ? PROXY_LAYER : `${PROXY_LAYER}-${cpu}`;
}

/** A runtime of this machine's CPU behind the proxy of another: upstream's client for Node. */
export function clientBehindProxyOf(cpu: Cpu): Client {
  const folder = proxyFolderOf(cpu);
  return {
    folder,
    command: [...runBy(cpu, join(folder, 'maintenance-window', 'proxy')), '--', ...stockClient().command],
  };
}
