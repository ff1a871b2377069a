import type { BundledPackage } from './bundled-packages.ts';

/** The licences of packages, each text once, to be shipped beside the bundle. */
export function licensesOf(packages: readonly BundledPackage[]): string {
  const namesByText = new Map<string, string[]>();
  for (const { name, version, license, licenseText } of packages) {
    namesByText.set(licenseText, [...(namesByText.get(licenseText) ?? []), `${name} ${version} (${license})`]);
  }
  return [...namesByText].map(([text, names]) => `\n\n${names.join('\n')}\n\n${text}\n`).join('');
}
