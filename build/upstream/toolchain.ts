import { hasProgram } from '../machine/programs.ts';

/** Program that compiles upstream's native client, any of `names`, and its package per package manager. */
interface Tool {
  readonly names: readonly string[];
  readonly packages: Readonly<Record<PackageManager, string>>;
}

const INSTALL = {
  'apt-get': 'sudo apt-get update && sudo apt-get install -y',
  dnf: 'sudo dnf install -y',
  apk: 'sudo apk add',
} as const;
type PackageManager = keyof typeof INSTALL;

/** Source: upstream's `scripts/preinstall.sh` (tar, xz, configure, make, cmake) and `postinstall.sh` (node-gyp). */
const TOOLS: readonly Tool[] = [
  { names: ['cmake', 'cmake3'], packages: { 'apt-get': 'cmake', dnf: 'cmake', apk: 'cmake' } },
  { names: ['make'], packages: { 'apt-get': 'make', dnf: 'make', apk: 'make' } },
  { names: ['gcc', 'cc', 'clang'], packages: { 'apt-get': 'gcc', dnf: 'gcc', apk: 'gcc' } },
  { names: ['g++', 'c++', 'clang++'], packages: { 'apt-get': 'g++', dnf: 'gcc-c++ libstdc++-static', apk: 'g++' } },
  { names: ['python3', 'python'], packages: { 'apt-get': 'python3', dnf: 'python3', apk: 'python3' } },
  { names: ['xz'], packages: { 'apt-get': 'xz-utils', dnf: 'xz', apk: 'xz' } },
  { names: ['tar'], packages: { 'apt-get': 'tar', dnf: 'tar', apk: 'tar' } },
];

/**
 * What this machine lacks for compiling the client: one message with the one command that brings it, or nothing.
 *
 * @param searchPath the value of `PATH`
 */
export function missingTools(searchPath: string): string | undefined {
  const has = (name: string) => hasProgram(searchPath, name);
  const missing = TOOLS.filter(({ names }) => !names.some(has));
  if (missing.length === 0) return undefined;
  const manager = (Object.keys(INSTALL) as PackageManager[]).find(has) ?? 'apt-get';
  const names = missing.map((tool) => tool.names[0]).join(', ');
  const packages = missing.map((tool) => tool.packages[manager]).join(' ');
  return `The Lambda runtime interface client cannot be compiled: this machine has no ${names}.\n  To get what is missing:  ${INSTALL[manager]} ${packages}\n  and then again:          npm ci`;
}
