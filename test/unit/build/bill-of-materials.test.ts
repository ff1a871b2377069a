import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { loadJq } from 'jq-wasm';
import { describe, expect, it } from 'vitest';
import { billOfMaterials, billOfPackage } from '../../../build/bill/bill-of-materials.ts';
import { bundledPackages } from '../../../build/bundle/bundled-packages.ts';
import { UPSTREAM } from '../../../ric/patch/upstream.ts';

const root = join(import.meta.dirname, '../../..');
const upstream = join(root, 'ric/upstream/node_modules', UPSTREAM.package);
const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly purl: string;
  readonly components?: readonly Component[];
  readonly hashes: readonly { readonly alg: string; readonly content: string }[];
}

/** What the schema of CycloneDX 1.6 says of a text, unknown keys included. Nothing where it is taken. */
const schemaFault = (text: string) => new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);

const SOME = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;

const hexOf = (integrity: string) => Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');

describe('the client’s bill of materials', () => {
  const packages = bundledPackages([
    'core/gate/gate.ts',
    'node_modules/aws4/aws4.js',
    'node_modules/aws4/lru.js',
    'node_modules/@aws-sdk/client-ssm/dist-es/index.js',
  ]);
  const archives = UPSTREAM.linked.map(({ name, archive }) => ({
    name,
    sha256: createHash('sha256')
      .update(readFileSync(join(upstream, archive)))
      .digest('hex'),
  }));
  const parts = { integrity: `sha512-${Buffer.alloc(64, 7).toString('base64')}`, archives };
  const files = [{ name: 'gate.cjs', sha256: '0'.repeat(64) }];
  const text = billOfMaterials('1.2.3', packages, parts, files);
  const bill = JSON.parse(text);
  const components: readonly Component[] = bill.components;

  it('is one that CycloneDX’s schema takes', async () => {
    expect(await schemaFault(text)).toBeNull();
    expect(await schemaFault(text.replace('"SHA-512"', '"SHA-511"'))).not.toBeNull();
  });

  it('says what it is of, and which files it is', () => {
    expect(bill).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      metadata: {
        component: {
          name: 'maintenance-window',
          version: '1.2.3',
          components: [{ type: 'file', name: 'gate.cjs', hashes: [{ alg: 'SHA-256', content: '0'.repeat(64) }] }],
        },
      },
    });
  });

  it('names upstream, what is linked into it, and each bundled package once', () => {
    expect(components.map(({ purl }) => purl)).toEqual([
      `pkg:npm/aws-lambda-ric@${UPSTREAM.version}`,
      'pkg:generic/curl@7.83.1',
      'pkg:github/awslabs/aws-lambda-cpp@v0.2.8',
      `pkg:npm/%40aws-sdk/client-ssm@${locked['node_modules/@aws-sdk/client-ssm'].version}`,
      `pkg:npm/aws4@${locked['node_modules/aws4'].version}`,
    ]);
  });

  it('has one hash of each: of the archive that npm has, or that upstream compiles', () => {
    expect(components.map(({ name, hashes }) => [name, ...hashes])).toEqual([
      ['aws-lambda-ric', { alg: 'SHA-512', content: hexOf(parts.integrity) }],
      ['curl', { alg: 'SHA-256', content: archives[0]?.sha256 }],
      ['aws-lambda-cpp', { alg: 'SHA-256', content: archives[1]?.sha256 }],
      ...['@aws-sdk/client-ssm', 'aws4'].map((name) => [
        name,
        { alg: 'SHA-512', content: hexOf(locked[`node_modules/${name}`].integrity) },
      ]),
    ]);
  });

  it('says what rests on what', () => {
    expect(bill.dependencies).toEqual([
      {
        ref: 'maintenance-window',
        dependsOn: components.filter(({ purl }) => purl.startsWith('pkg:npm/')).map((one) => one['bom-ref']),
      },
      { ref: `aws-lambda-ric@${UPSTREAM.version}`, dependsOn: ['curl@7.83.1', 'aws-lambda-cpp@0.2.8'] },
    ]);
  });

  it('has the versions that upstream says it links', () => {
    const notices = readFileSync(join(upstream, 'THIRD-PARTY-LICENSES'), 'utf8');
    const named = [...notices.matchAll(/^\*\* (?:lib)?(curl|aws-lambda-cpp); version (\S+) /gm)].map(
      ([, name, version]) => ({ name, version }),
    );
    expect(named).toEqual(expect.arrayContaining(UPSTREAM.linked.map(({ name, version }) => ({ name, version }))));
    expect(named.length).toBe(UPSTREAM.linked.length);
  });

  it('is the same text for the same input', () => {
    expect(billOfMaterials('1.2.3', packages, parts, files)).toBe(text);
  });

  it('is not made of a package without a hash', () => {
    expect(() => billOfMaterials('1.2.3', packages, { ...parts, integrity: '' }, files)).toThrow(/lock file has none/);
  });
});

describe('the bill of materials of the npm package', () => {
  const text = billOfPackage('@maintenance-window/lambda', '1.2.3', locked);
  const components: readonly Component[] = JSON.parse(text).components;

  it('is one that CycloneDX’s schema takes', async () => {
    expect(await schemaFault(text)).toBeNull();
  });

  it('names the jq that is compiled into jq-wasm, by the version that it says itself', async () => {
    const version = (await loadJq()).version.replace('jq-', '');
    const [within] = components.flatMap((one) => (one.name === 'jq-wasm' ? one.components : []));
    expect(within).toMatchObject({ name: 'jq', version, purl: `pkg:github/jqlang/jq@jq-${version}` });
    expect(() =>
      billOfPackage('x', '1.0.0', { 'node_modules/jq-wasm': { version: '4.0.0', integrity: SOME } }),
    ).toThrow('jq-wasm 4.0.0 does not name the jq in it');
  });

  it('has what the package depends on, with hashes, and nothing of its developers', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const names = components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)));
    expect(names.filter((name) => name in devDependencies)).toEqual(['fflate']); // the SDK has it too
    expect(names.length).toBeGreaterThan(Object.keys(dependencies).length);
    for (const { name, hashes } of components) {
      expect([name, hashes]).toEqual([name, [{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }]]);
    }
  });
});
