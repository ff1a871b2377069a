import { basename, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { anyHome } from '../../ric/patch/any-home.ts';
import { type BundledPackage, bundledPackages } from '../bundle/bundled-packages.ts';
import { versionAlone } from '../bundle/project-version.ts';

/** What the patched client imports. */
export const GATE_MODULE = 'maintenance-window.mjs';

/** What is evaluated in the realm is a function of `module` as it lies there: to make one of a text at the start would copy it. */
const AS_FUNCTION = { banner: { js: '(function(module){' }, footer: { js: '})' } };

const ric = join(import.meta.dirname, '..', '..', 'ric');

/**
 * The gate as a CommonJS file, each part that is loaded only on need as another one, and the ES module that the client
 * imports, which evaluates them in a realm of their own. Node's modules they get by `require`: an ES `import` of node:http
 * or node:https costs 30 ms at start (the facade reads every lazy export), a `require` of it 3 ms.
 *
 * @param folder that all of them are written into
 * @returns the packages that went into them
 */
export async function bundleGate(folder: string): Promise<readonly BundledPackage[]> {
  const onNeed = new Set<string>();
  const inputs = new Set<string>();
  const beside: Plugin = {
    name: 'load-on-need',
    setup({ onResolve }) {
      onResolve({ filter: /^\.{1,2}\// }, ({ kind, path, resolveDir }) => {
        if (kind !== 'dynamic-import' || resolveDir.includes('node_modules')) return undefined;
        onNeed.add(join(resolveDir, path));
        return { path: `./${basename(path, '.ts')}.cjs`, external: true };
      });
    },
  };
  const common = {
    bundle: true,
    platform: 'node',
    target: 'node22',
    mainFields: ['module', 'main'],
    minifySyntax: true,
    minifyIdentifiers: true,
    legalComments: 'none',
    plugins: [beside, anyHome, versionAlone],
    logLevel: 'warning',
  } satisfies BuildOptions;
  const bundle = async (entry: string, file: string, options: BuildOptions) => {
    const { metafile } = await build({
      ...common,
      ...options,
      entryPoints: [entry],
      outfile: join(folder, file),
      metafile: true,
    });
    for (const input of Object.keys(metafile.inputs)) inputs.add(input);
  };
  const bundleForRealm = (entry: string, file: string) =>
    bundle(entry, file, {
      format: 'cjs',
      ...(!file.endsWith('-sdk.cjs') && AS_FUNCTION),
      supported: { 'dynamic-import': false }, // there is none in a realm: it becomes a `require`
    });
  await bundle(join(ric, 'realm', 'realm.ts'), GATE_MODULE, { format: 'esm' });
  await bundleForRealm(join(ric, 'realm', 'enter.ts'), 'gate.cjs');
  await bundle(join(ric, 'rehearsal', 'main.ts'), 'rehearse.mjs', { format: 'esm' });
  for (const entry of onNeed) await bundleForRealm(entry, `${basename(entry, '.ts')}.cjs`);
  return bundledPackages(inputs);
}
