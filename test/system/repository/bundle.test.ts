import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');

it('a bundle loads the code of schedules only for a window that recurs', async () => {
  const { metafile } = await build({
    entryPoints: [join(root, 'core/calendar/calendar.ts'), join(root, 'core/windows/window.ts')],
    bundle: true,
    format: 'esm',
    splitting: true,
    platform: 'node',
    outdir: 'nowhere',
    write: false,
    metafile: true,
  });
  const importers = Object.entries(metafile.inputs).flatMap(([path, { imports }]) =>
    imports
      .filter((imported) => /schedule\.ts/.test(imported.path))
      .map(({ kind }) => `${path.split('/').at(-1)} ${kind}`),
  );
  expect(importers).toEqual(['calendar.ts dynamic-import']);
});
