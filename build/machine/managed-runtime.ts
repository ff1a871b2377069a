import { elfNeeds } from './elf.ts';

/** What the managed Node runtimes have, which run on Amazon Linux 2023: glibc 2.34, and what Node itself is linked with. */
const RUNTIME = { GLIBC: '2.34', GLIBCXX: '3.4.29', CXXABI: '1.3.13', GCC: '7.0.0' } as const;

/**
 * Why a native part cannot be loaded by AWS's managed Node runtimes.
 *
 * @param bytes of the ELF file
 */
export function whyUnfit(bytes: Buffer, architecture: string): string | undefined {
  const needs = elfNeeds(bytes);
  if (needs.architecture !== architecture) return `is compiled for ${needs.architecture}, not for ${architecture}`;
  const newer = needs.versions.filter((version) => {
    const [, name = '', number = ''] = /^([A-Z]+)_([\d.]+)$/.exec(version) ?? [];
    const limit = (RUNTIME as Readonly<Record<string, string>>)[name];
    return limit === undefined || compareVersions(number, limit) > 0;
  });
  if (newer.length === 0) return undefined;
  return `needs ${newer.join(', ')}, and Amazon Linux 2023 has glibc ${RUNTIME.GLIBC}: compile it on Debian 12 or older`;
}

function compareVersions(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
