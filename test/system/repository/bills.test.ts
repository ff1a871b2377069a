/** Bills of materials and the VEX note, as `npm run sbom` prints them and as a release has them. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const client = join(root, 'dist', 'ric');

function print(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'build/print-bill.ts'), ...words], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('npm run sbom', () => {
  it.each(['client', 'tool'])('prints the bill of the %s, which CycloneDX’s schema takes', async (what) => {
    const { status, stdout, stderr } = print(what);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(stdout)).toBeNull();
    for (const { name, hashes } of JSON.parse(stdout).components) expect([name, hashes.length]).toEqual([name, 1]);
  });

  it('prints the VEX note, whose products the client’s bill has', () => {
    const purls = JSON.parse(print('client').stdout).components.map(({ purl }: { purl: string }) => purl);
    const { statements } = JSON.parse(print('vex').stdout);
    const products = new Set(
      statements.flatMap(({ products }: { products: { '@id': string }[] }) => products.map((one) => one['@id'])),
    );
    expect(products.size).toBe(2);
    expect([...products].filter((product) => !purls.includes(product))).toEqual([]);
  });

  it.each([[[]], [['image']], [['tool', 'vex']]])('refuses %j in one message', (words) => {
    const { status, stdout, stderr } = print(...words);
    expect({ status, stdout, stderr }).toEqual({
      status: 64,
      stdout: '',
      stderr: 'Write one of client, tool, vex:  npm run --silent sbom -- client\n',
    });
  });
});

it('the built client’s bill has every file of the folder but itself, by its hash', () => {
  const bill = JSON.parse(readFileSync(join(client, 'bill-of-materials.cdx.json'), 'utf8'));
  const files = readdirSync(client).filter((name) => name !== 'bill-of-materials.cdx.json');
  expect(bill.metadata.component.components).toEqual(
    files.sort().map((name) => ({
      type: 'file',
      name,
      hashes: [
        {
          alg: 'SHA-256',
          content: createHash('sha256')
            .update(readFileSync(join(client, name)))
            .digest('hex'),
        },
      ],
    })),
  );
});
