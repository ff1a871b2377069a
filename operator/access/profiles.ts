import { readFile } from 'node:fs/promises';
import type { Access } from './access.ts';
import { OperatorFault } from './remedy.ts';

/** `[profile NAME]` of a configuration file, `[NAME]` of a credentials file; the name may be in quotes. */
const HEADING = /^\s*\[\s*(?:profile\s+)?(["']?)([^\]"']+?)\1\s*\]/;
/** Sections of a configuration file that are no profiles. */
const OTHER_SECTION = /^\s*\[\s*(?:sso-session|services)\s/;
const NAMED_PROFILES = 5;

/**
 * Refuses a profile that AWS's configuration does not have. The SDK would go on to the next source of credentials, which may be
 * the role of this machine: another account than was meant.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Denied`
 */
export async function refuseAbsentProfile({ profile, profileFiles }: Access): Promise<void> {
  // the default one is whatever there is
  if (profile === undefined || profile === 'default' || !profileFiles) return;
  const known = await profilesIn(profileFiles);
  if (known.includes(profile)) return;
  throw new OperatorFault('MaintenanceWindow.Denied', `AWS’s configuration has no profile ${profile}`, {
    kind: 'absent-profile',
    profile,
    known: known.slice(0, NAMED_PROFILES),
  });
}

/** The profiles of AWS's configuration, each once. */
export async function profilesIn(files: readonly string[]): Promise<readonly string[]> {
  return [...new Set((await Promise.all(files.map(profilesOf))).flat())];
}

async function profilesOf(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (OTHER_SECTION.test(line) ? [] : (HEADING.exec(line)?.[2] ?? [])));
}
