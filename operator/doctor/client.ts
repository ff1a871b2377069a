import type { SeenClient } from '../events/client-version.ts';
import { type Finding, found } from './finding.ts';

/**
 * Compares the client that stored a function's newest event with this tool. A newer tool works with an older client; with a
 * newer client some events may be damaged to an older tool.
 *
 * @param toolVersion `1.4.0`
 */
export function judgeClient(functionName: string, seen: SeenClient | undefined, toolVersion: string): Finding {
  if (!seen) return found('client', functionName, 'unknown', { why: 'never-seen', toolVersion });
  const { version, deferredAt: seenAt } = seen;
  if (version === undefined)
    return found('client', functionName, 'warning', { why: 'no-version', toolVersion, seenAt });
  const facts = { version, toolVersion, seenAt };
  const order = compareVersions(version, toolVersion);
  if (order === 0) return found('client', functionName, 'ok', facts);
  return found('client', functionName, 'warning', { ...facts, why: order < 0 ? 'older' : 'newer' });
}

/** Below zero where the first is older. Prereleases of one version count as that version. */
function compareVersions(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => (version.split(/[-+]/)[0] ?? '').split('.').map(Number));
  for (let index = 0; index < 3; index += 1) {
    const difference = (a?.[index] || 0) - (b?.[index] || 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
