import { createHash } from 'node:crypto';
import { UPSTREAM } from '../../ric/patch/upstream.ts';
import type { BundledPackage } from '../bundle/bundled-packages.ts';

/** The client's bill, in its folder and in its layer. */
export const BILL = 'bill-of-materials.cdx.json';

/** A file of the client's folder, or an archive that upstream compiles. */
export interface HashedFile {
  readonly name: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

export function hashedFile(name: string, bytes: Buffer): HashedFile {
  return { name, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Upstream's own package, and the archives of what is linked into it, by the names that {@link UPSTREAM} has. */
export interface UpstreamParts {
  /** As npm's lock file has it. */
  readonly integrity: string;
  readonly archives: readonly HashedFile[];
}

/** What npm's lock file says of a package. */
export interface LockedPackage {
  readonly version?: string;
  /** SPDX. */
  readonly license?: string;
  /** `sha512-…`, in Base64. */
  readonly integrity?: string;
  /** Whether only developers have it. */
  readonly dev?: boolean;
  /** Whether whoever uses the package brings it. */
  readonly peer?: boolean;
}

/**
 * What the built client consists of, as CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/): its files, upstream's client,
 * what is linked into its native part, and the packages that were bundled. A scanner would see none of them in the files.
 * Each has a hash: a file its own, a package that of its archive on npm, a C library that of the archive that is compiled.
 * The image `client` is these files and nothing else. The same input gives the same text.
 *
 * @param version of this project
 */
export function billOfMaterials(
  version: string,
  packages: readonly BundledPackage[],
  { integrity, archives }: UpstreamParts,
  files: readonly HashedFile[],
): string {
  const upstream = npmPackage(UPSTREAM.package, UPSTREAM.version, 'Apache-2.0', integrity);
  const linked = UPSTREAM.linked.map(({ name, version, license, purl }) => ({
    ...component(name, version, license),
    hashes: archives.filter((archive) => archive.name === name).map(({ sha256 }) => hashOf('SHA-256', sha256)),
    purl,
  }));
  const bundled = packages.map(({ name, version, license, integrity }) =>
    npmPackage(name, version, license, integrity),
  );
  return billText(
    {
      ...application('maintenance-window', version),
      components: files.map(fileComponent),
    },
    [
      { ...upstream, pedigree: { notes: `Two lines of ${UPSTREAM.file} are patched: see ric/patch/patch.ts.` } },
      ...linked,
      ...bundled,
    ],
    [
      ['maintenance-window', [upstream, ...bundled]],
      [upstream['bom-ref'], linked],
    ],
  );
}

/**
 * The same bill for a folder of other files.
 *
 * @param text what {@link billOfMaterials} gave
 */
export function withFiles(text: string, files: readonly HashedFile[]): string {
  const bill = JSON.parse(text);
  bill.metadata.component.components = files.map(fileComponent);
  return `${JSON.stringify(bill, null, 2)}\n`;
}

/**
 * What the npm package installs: its dependencies and theirs, by npm's lock file, and what is compiled into one. Peers are their
 * user's own.
 *
 * @param name of the npm package
 * @param locked `packages` of the lock file
 */
export function billOfPackage(name: string, version: string, locked: Readonly<Record<string, LockedPackage>>): string {
  const installed = Object.entries(locked).filter(([folder, { dev, peer }]) => folder !== '' && !dev && !peer);
  const components = installed.map(([folder, { version = '', license = 'NOASSERTION', integrity = '' }]) => ({
    ...npmPackage(folder.replace(/^.*node_modules\//, ''), version, license, integrity),
    'bom-ref': folder,
    ...compiledInto(folder, version),
  }));
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return billText({ ...application(name, version), purl }, components, [[name, components]]);
}

/** jq is C code in the WebAssembly of jq-wasm, which names its version behind its own: `3.0.0-jq-1.8.2`. */
function compiledInto(folder: string, packageVersion: string): { readonly components?: readonly Reference[] } {
  if (!folder.endsWith('node_modules/jq-wasm')) return {};
  const [, version] = /-jq-(\d+(?:\.\d+)+)$/.exec(packageVersion) ?? [];
  if (version === undefined) throw new Error(`jq-wasm ${packageVersion} does not name the jq in it`);
  return { components: [{ ...component('jq', version, 'MIT'), purl: `pkg:github/jqlang/jq@jq-${version}` }] };
}

type Reference = { readonly 'bom-ref': string; readonly [more: string]: unknown };

function billText(
  product: Reference,
  components: readonly Reference[],
  dependencies: readonly (readonly [of: string, on: readonly Reference[]])[],
): string {
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: product },
    components,
    dependencies: dependencies.map(([ref, on]) => ({ ref, dependsOn: on.map((one) => one['bom-ref']) })),
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function fileComponent({ name, sha256 }: HashedFile) {
  return { type: 'file', name, hashes: [hashOf('SHA-256', sha256)] };
}

function application(name: string, version: string) {
  return { ...component(name, version, 'Apache-2.0'), type: 'application', 'bom-ref': name };
}

function npmPackage(name: string, version: string, license: string, integrity: string) {
  return {
    ...component(name, version, license),
    hashes: [hashOfIntegrity(integrity)],
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
  };
}

function component(name: string, version: string, license: string) {
  return { type: 'library', 'bom-ref': `${name}@${version}`, name, version, licenses: [{ license: { id: license } }] };
}

function hashOfIntegrity(integrity: string) {
  const [, algorithm, base64 = ''] = /^(sha512)-(.+)$/.exec(integrity) ?? [];
  if (algorithm === undefined) throw new Error(`"${integrity}" is no integrity by SHA-512: npm’s lock file has none`);
  return hashOf('SHA-512', Buffer.from(base64, 'base64').toString('hex'));
}

function hashOf(alg: 'SHA-256' | 'SHA-512', content: string) {
  return { alg, content };
}
