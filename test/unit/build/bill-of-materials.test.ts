import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { billOfMaterials } from '../../../build/bill-of-materials.ts';
import { bundledPackages } from '../../../build/bundled-packages.ts';
import { UPSTREAM } from '../../../ric/upstream.ts';

const root = join(import.meta.dirname, '../../..');
const upstream = join(root, 'ric/upstream/node_modules', UPSTREAM.package);

describe('the bill of materials', () => {
  const packages = bundledPackages([
    'core/gate/gate.ts',
    'node_modules/aws4/aws4.js',
    'node_modules/aws4/lru.js',
    'node_modules/@aws-sdk/client-ssm/dist-es/index.js',
  ]);
  const bill = JSON.parse(billOfMaterials('1.2.3', packages));

  it('says what it is of', () => {
    expect(bill).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      metadata: { component: { name: 'maintenance-window', version: '1.2.3' } },
    });
  });

  it('names upstream, what is linked into it, and each bundled package once', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    expect(bill.components.map(({ purl }: { purl: string }) => purl)).toEqual([
      `pkg:npm/aws-lambda-ric@${UPSTREAM.version}`,
      'pkg:generic/curl@7.83.1',
      'pkg:github/awslabs/aws-lambda-cpp@v0.2.8',
      `pkg:npm/%40aws-sdk/client-ssm@${lock['node_modules/@aws-sdk/client-ssm'].version}`,
      `pkg:npm/aws4@${lock['node_modules/aws4'].version}`,
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
    expect(billOfMaterials('1.2.3', packages)).toBe(billOfMaterials('1.2.3', packages));
  });
});
