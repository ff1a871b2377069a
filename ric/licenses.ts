import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE_NAMES = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE'];

/**
 * The licences of the packages that went into a bundle, each text once, to be shipped beside it.
 *
 * @param inputs the files that went in, relative to the root of the project, as esbuild's metafile names them
 */
export function licensesOf(inputs: ReadonlySet<string>): string {
  const folders = new Set([...inputs].flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []));
  const packagesByText = new Map<string, string[]>();
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = FILE_NAMES.map((one) => join(folder, one)).find((one) => existsSync(one));
    const text = file ? readFileSync(file, 'utf8').trim() : '';
    packagesByText.set(text, [...(packagesByText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  return [...packagesByText].map(([text, packages]) => `\n\n${packages.join('\n')}\n\n${text}\n`).join('');
}
