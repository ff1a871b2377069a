import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** npm package that went into a bundle, in part or whole. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX. */
  readonly license: string;
  /** `sha512-…` of its archive, in Base64, as npm's lock file has it. */
  readonly integrity: string;
  /** The text of its licence file; empty where it brings none. */
  readonly licenseText: string;
}

const FILE_NAMES = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE'];

/**
 * The packages that some files are of, each once, by name.
 *
 * @param inputs relative to the root of the project, as esbuild's metafile names them
 */
export function bundledPackages(inputs: Iterable<string>): BundledPackage[] {
  const folders = new Set([...inputs].flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []));
  const { packages: locked } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = FILE_NAMES.map((one) => join(folder, one)).find((one) => existsSync(one));
    return {
      name,
      version,
      license,
      integrity: locked[folder.slice(folder.indexOf('node_modules/'))].integrity,
      licenseText: file ? readFileSync(file, 'utf8').trim() : '',
    };
  });
}
