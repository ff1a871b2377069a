/**
 * Builds `dist/ric/`: one self-contained folder with the patched client, the gate, and `bootstrap`, their entry.
 * Stops before it writes anything where upstream is not the version and content that the patch was made for.
 * The folder appears whole, by a rename: a client that is just starting, or another build, never meets half of it.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { FAULTS, MaintenanceWindowError } from '../core/errors.ts';
import { anyHome } from '../ric/patch/any-home.ts';
import { patch } from '../ric/patch/patch.ts';
import { UPSTREAM } from '../ric/patch/upstream.ts';
import { billOfMaterials, type HashedFile } from './bill/bill-of-materials.ts';
import { type BundledPackage, bundledPackages } from './bundle/bundled-packages.ts';
import { licensesOf } from './bundle/licenses.ts';
import { version, versionAlone } from './bundle/project-version.ts';

const GATE_MODULE = 'maintenance-window.mjs';
const BILL = 'bill-of-materials.cdx.json';

const root = join(import.meta.dirname, '..');
const ric = join(root, 'ric');
const upstreamFolder = join(ric, 'upstream', 'node_modules', UPSTREAM.package);
const dist = join(root, 'dist');
const target = join(dist, 'ric');
const making = join(dist, `.ric-${process.pid}`);
const replaced = join(dist, `.ric-${process.pid}-replaced`);

try {
  const patched = patchUpstream();
  mkdirSync(making, { recursive: true });
  writeFileSync(join(making, UPSTREAM.file), patched);
  for (const file of ['rapid-client.node', 'LICENSE', 'NOTICE', 'THIRD-PARTY-LICENSES']) {
    copyFileSync(join(upstreamFolder, file), join(making, file));
  }
  appendFileSync(
    join(making, 'NOTICE'),
    `\nmaintenance-window has changed ${UPSTREAM.file} of ${UPSTREAM.package} ${UPSTREAM.version}: its second line, which was empty, ` +
      'and the line that makes the invoke processor.\n',
  );
  for (const script of ['bootstrap', 'outside-lambda', 'exec-wrapper', 'wrong-runtime']) {
    copyFileSync(join(ric, 'start', script), join(making, script));
    chmodSync(join(making, script), 0o755);
  }
  copyFileSync(join(ric, 'start', 'before-node'), join(making, 'before-node'));
  copyFileSync(join(root, 'host', 'next-wrapper'), join(making, 'next-wrapper'));
  const packages = await bundleGate();
  bakeCodeCache();
  writeBill(packages);
  putInPlace();
} catch (error) {
  rmSync(making, { recursive: true, force: true });
  if (!(error instanceof MaintenanceWindowError)) throw error;
  console.error(`\n${error.message}\n`);
  process.exit(FAULTS[error.name].exitCode);
}

function patchUpstream(): string {
  if (!existsSync(join(upstreamFolder, 'rapid-client.node'))) {
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Missing',
      `${UPSTREAM.package} ${UPSTREAM.version} is not compiled here yet: run  npm run prepare`,
    );
  }
  const { version } = JSON.parse(readFileSync(join(upstreamFolder, 'package.json'), 'utf8'));
  const source = readFileSync(join(upstreamFolder, UPSTREAM.file), 'utf8');
  const sha256 = createHash('sha256').update(source).digest('hex');
  const what = `${UPSTREAM.package} ${version}`;
  if (version !== UPSTREAM.version || sha256 !== UPSTREAM.sha256) {
    throw anchorFault(
      `${what} (${UPSTREAM.file}, SHA-256 ${sha256}) is not what the patch was made for: ${UPSTREAM.version}, ${UPSTREAM.sha256}.`,
    );
  }
  const patched = patch(source, `./${GATE_MODULE}`);
  if (patched.kind === 'fault') throw anchorFault(`${what}: ${patched.message}.`);
  return patched.source;
}

/** By the Node that builds; at a cold start another one compiles by itself, which takes some milliseconds. */
function bakeCodeCache(): void {
  execFileSync(process.execPath, [join(making, 'rehearse.mjs'), 'code-cache'], {
    env: { PATH: `${dirname(process.execPath)}:${process.env['PATH']}` },
    stdio: 'inherit',
  });
}

/** Last, since it has a hash of every other file. */
function writeBill(packages: readonly BundledPackage[]): void {
  const { packages: locked } = JSON.parse(readFileSync(join(ric, 'upstream', 'package-lock.json'), 'utf8'));
  const upstream = {
    integrity: locked[`node_modules/${UPSTREAM.package}`].integrity,
    archives: UPSTREAM.linked.map(({ name, archive }) => hashed(name, join(upstreamFolder, archive))),
  };
  const files = readdirSync(making)
    .sort()
    .map((name) => hashed(name, join(making, name)));
  writeFileSync(join(making, BILL), billOfMaterials(version, packages, upstream, files));
}

function hashed(name: string, file: string): HashedFile {
  return { name, sha256: createHash('sha256').update(readFileSync(file)).digest('hex') };
}

/** Of two builds at once the later one wins. */
function putInPlace(): void {
  for (;;) {
    try {
      if (existsSync(target)) renameSync(target, replaced);
      renameSync(making, target);
      break;
    } catch (error) {
      const metAnother =
        error instanceof Error && 'code' in error && ['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(String(error.code));
      if (!metAnother || !existsSync(making)) throw error;
    }
  }
  rmSync(replaced, { recursive: true, force: true });
}

function anchorFault(message: string): MaintenanceWindowError {
  const remedy =
    'Install the pinned version (rm -r ric/upstream/node_modules && npm run prepare), or move the patch to the new one: docs/upgrading.md.';
  return new MaintenanceWindowError('MaintenanceWindow.PatchAnchor', `${message}\n${remedy}`);
}

/**
 * The gate as a CommonJS file, each part that is loaded only on need as another one, and the ES module that the client
 * imports, which evaluates them in a realm of their own. Node's modules they get by `require`: an ES `import` of node:http
 * or node:https costs 30 ms at start (the facade reads every lazy export), a `require` of it 3 ms.
 */
async function bundleGate(): Promise<readonly BundledPackage[]> {
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
    minify: true,
    legalComments: 'none',
    plugins: [beside, anyHome, versionAlone],
    logLevel: 'warning',
  } satisfies BuildOptions;
  const bundle = async (options: BuildOptions) => {
    const { metafile } = await build({ ...common, ...options, metafile: true });
    for (const input of Object.keys(metafile.inputs)) inputs.add(input);
  };
  const bundleForRealm = (entry: string, file: string) =>
    bundle({
      entryPoints: [entry],
      outfile: join(making, file),
      format: 'cjs',
      supported: { 'dynamic-import': false }, // there is none in a realm: it becomes a `require`
    });
  await bundle({ entryPoints: [join(ric, 'realm', 'realm.ts')], outfile: join(making, GATE_MODULE), format: 'esm' });
  await bundleForRealm(join(ric, 'realm', 'enter.ts'), 'gate.cjs');
  await bundle({
    entryPoints: [join(ric, 'rehearsal', 'main.ts')],
    outfile: join(making, 'rehearse.mjs'),
    format: 'esm',
  });
  for (const entry of onNeed) {
    await bundleForRealm(entry, `${basename(entry, '.ts')}.cjs`);
  }
  const packages = bundledPackages(inputs);
  appendFileSync(join(making, 'THIRD-PARTY-LICENSES'), licensesOf(packages));
  return packages;
}
