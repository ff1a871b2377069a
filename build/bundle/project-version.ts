import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

const FILE = join(import.meta.dirname, '..', '..', 'package.json');

/** Version of this project, from its one place. */
export const { version }: { version: string } = JSON.parse(readFileSync(FILE, 'utf8'));

/**
 * Puts the version alone into a bundle that imports `package.json`: the whole of it would be parsed at each start, and its
 * lists of packages are nobody's business there.
 */
export const versionAlone: Plugin = {
  name: 'version-alone',
  setup({ onLoad }) {
    onLoad({ filter: /package\.json$/ }, ({ path }) =>
      path === FILE ? { contents: JSON.stringify({ version }), loader: 'json' } : undefined,
    );
  },
};
