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

it.each(['ric/main.ts', 'proxy/main.ts'])('has no byte of what reads how a backlog is replayed: %s', async (entry) => {
  const { metafile } = await build({
    entryPoints: [join(root, entry)],
    bundle: true,
    format: 'esm',
    splitting: true,
    platform: 'node',
    external: ['@aws-sdk/*'],
    outdir: 'nowhere',
    write: false,
    metafile: true,
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));
  expect(inputs).toContain('core/sources/policy.ts');
  expect(inputs.filter((path) => /auto-replay|with-replay|ended/.test(path))).toEqual([]);
});

it('the gate has the matcher of rules beside its start, and not in it', async () => {
  const inputs = async (entry: string) => {
    const { metafile } = await build({
      entryPoints: [join(root, entry)],
      bundle: true,
      format: 'esm',
      splitting: true,
      platform: 'node',
      outdir: 'nowhere',
      write: false,
      metafile: true,
    });
    const outputs = Object.values(metafile.outputs);
    const start = outputs.find(({ entryPoint }) => entryPoint === entry);
    const chunks = [start, ...(start?.imports ?? []).filter(({ kind }) => kind === 'import-statement')].map((one) =>
      one && 'path' in one ? metafile.outputs[one.path] : one,
    );
    return {
      atStart: chunks
        .flatMap((chunk) => Object.entries(chunk?.inputs ?? {}))
        .filter(([, { bytesInOutput }]) => bytesInOutput > 0),
      all: outputs.flatMap((output) => Object.keys(output.inputs)),
    };
  };
  const { atStart, all } = await inputs('core/gate/gate.ts');
  const isMatcher = (path: string) => /patterns\/match\.ts|sources\/matching-rule\.ts/.test(path);
  expect(all.filter(isMatcher)).toHaveLength(2);
  expect(atStart.map(([path]) => path).filter(isMatcher)).toEqual([]);
});
