import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CURL_VERSION, REASONS } from '../../../build/bill/curl-vulnerabilities.ts';
import { vexNote } from '../../../build/bill/vex.ts';
import { UPSTREAM } from '../../../ric/patch/upstream.ts';

const root = join(import.meta.dirname, '../../..');
const note = JSON.parse(vexNote());

describe('the VEX note of the linked curl', () => {
  it('is of the version that is linked', () => {
    const curl = UPSTREAM.linked.find(({ name }) => name === 'curl');
    expect(curl?.version).toBe(CURL_VERSION);
    const products = new Set(note.statements.map(({ products }: { products: object }) => JSON.stringify(products)));
    expect([...products]).toEqual([
      JSON.stringify([
        { '@id': `pkg:npm/aws-lambda-ric@${UPSTREAM.version}`, subcomponents: [{ '@id': curl?.purl }] },
        { '@id': curl?.purl },
      ]),
    ]);
  });

  it('has what OpenVEX asks for, and each vulnerability once', () => {
    expect(note).toMatchObject({
      '@context': 'https://openvex.dev/ns/v0.2.0',
      '@id': expect.stringMatching(/^urn:/),
      author: expect.any(String),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT00:00:00Z$/),
      version: 1,
    });
    const names = note.statements.map(({ vulnerability }: { vulnerability: { name: string } }) => vulnerability.name);
    expect(names.length).toBeGreaterThan(50);
    expect(new Set(names).size).toBe(names.length);
    for (const statement of note.statements) {
      expect(statement).toMatchObject({ status: 'not_affected', impact_statement: expect.stringMatching(/\.$/) });
      expect(statement.vulnerability.name).toMatch(/^CVE-20\d\d-\d{4,5}$/);
    }
  });

  it('claims nothing to be left out that upstream’s build does not leave out', () => {
    const script = readFileSync(
      join(root, 'ric/upstream/node_modules', UPSTREAM.package, 'scripts/preinstall.sh'),
      'utf8',
    );
    const configured = new Set(
      [...script.matchAll(/^ +(--(?:disable|without)-[\w-]+)(?: \\)?$/gm)].map(([, flag]) => flag),
    );
    const claimed = REASONS.flatMap(({ configured = [] }) => configured);
    expect(claimed.length).toBeGreaterThan(15);
    expect(claimed.filter((flag) => !configured.has(flag))).toEqual([]);
  });
});
