/** The oldest Node that the package runs on: `engines` of package.json. */
const OLDEST = [22, 15] as const;

/**
 * Why the tool does not run on a version of Node, with the remedy. Undefined where it does. This file imports nothing and
 * is written for any Node, as it is loaded before the version is known.
 */
export function whyTooOld(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined;
  return `this is Node ${version}, and it needs ${OLDEST.join('.')} or later: put a newer one first in PATH`;
}
