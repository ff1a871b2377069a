import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Bundled file in a folder of its own, removed on disposal. */
export interface Bundle extends AsyncDisposable {
  readonly folder: string;
}

/**
 * Bundles a program with the SDK clients that it uses into one minified CommonJS file.
 *
 * @param entry URL of its source
 * @param file the name of the bundle
 */
export async function bundle(entry: string, file: string): Promise<Bundle> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile: join(folder, file),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    logLevel: 'warning',
  });
  return {
    folder,
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true });
    },
  };
}
