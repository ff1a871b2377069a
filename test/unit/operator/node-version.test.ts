import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { whyTooOld } from '../../../operator/cli/node-version.ts';

const { engines } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'));

it.each(['18.20.8', '20.20.2', '22.14.9'])('of Node %s is refused, with the one that package.json names', (version) => {
  expect(whyTooOld(version)).toContain(`this is Node ${version}, and it needs ${engines.node.slice(2)} or later`);
});

it.each(['22.15.0', '23.0.0', '24.21.0', '100.0.0'])('of Node %s is taken', (version) => {
  expect(whyTooOld(version)).toBeUndefined();
});
