import { UPSTREAM } from '../ric/upstream.ts';
import type { BundledPackage } from './bundled-packages.ts';

/**
 * What the built client consists of, as CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json/): upstream's client, what is
 * linked into its native part, and the packages that were bundled. A scanner would see none of it in the built files.
 * The same input gives the same text.
 *
 * @param version of this project
 */
export function billOfMaterials(version: string, packages: readonly BundledPackage[]): string {
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: { type: 'application', name: 'maintenance-window', version, licenses: licenseOf('Apache-2.0') },
    },
    components: [
      {
        ...npmPackage(UPSTREAM.package, UPSTREAM.version, 'Apache-2.0'),
        pedigree: { notes: `Two lines of ${UPSTREAM.file} are patched: see ric/patch.ts.` },
      },
      ...UPSTREAM.linked.map(({ name, version, license, purl }) => ({
        ...component(name, version, license),
        purl,
      })),
      ...packages.map(({ name, version, license }) => npmPackage(name, version, license)),
    ],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function npmPackage(name: string, version: string, license: string): object {
  return { ...component(name, version, license), purl: `pkg:npm/${name.replace('@', '%40')}@${version}` };
}

function component(name: string, version: string, license: string): object {
  return { type: 'library', 'bom-ref': `${name}@${version}`, name, version, licenses: licenseOf(license) };
}

function licenseOf(id: string): object[] {
  return [{ license: { id } }];
}
