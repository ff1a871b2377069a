import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { patch } from '../../../ric/patch/patch.ts';
import { UPSTREAM } from '../../../ric/patch/upstream.ts';

const upstream = readFileSync(
  join(import.meta.dirname, '../../../ric/upstream/node_modules', UPSTREAM.package, UPSTREAM.file),
  'utf8',
);
const patched = patch(upstream, './gate.mjs');

describe('the patch of the pinned upstream client', () => {
  it('is made for the content that is installed', () => {
    expect(createHash('sha256').update(upstream).digest('hex')).toBe(UPSTREAM.sha256);
    expect(patched.kind).toBe('patched');
  });

  it('changes two lines and moves none', () => {
    const before = upstream.split('\n');
    const after = patched.kind === 'patched' ? patched.source.split('\n') : [];
    expect(after.length).toBe(before.length);
    expect(after.map((line, i) => ({ at: i + 1, line })).filter(({ line, at }) => line !== before[at - 1])).toEqual([
      {
        at: 2,
        line: 'import * as maintenanceWindow from "./gate.mjs"; // changed by maintenance-window: this line, and the one that calls maintenanceWindow.attach; see NOTICE',
      },
      {
        at: expect.any(Number),
        line: '    const processor = maintenanceWindow.attach(this).createProcessor();',
      },
    ]);
  });
});

describe('a source that the patch was not made for', () => {
  it.each([
    ['without the anchor', upstream.replace('this.createProcessor()', 'this.makeProcessor()'), 'found 0 times'],
    ['with the anchor twice', `${upstream}\nconst processor = this.createProcessor();`, 'found 2 times'],
    ['whose second line is not empty', upstream.replace('\n\n', '\n'), 'empty second line'],
    ['that is patched already', patched.kind === 'patched' ? patched.source : '', 'empty second line'],
    ['that is empty', '', 'empty second line'],
  ])('%s is a fault that names the anchor', (_, source, message) => {
    expect(patch(source, './gate.mjs')).toEqual({ kind: 'fault', message: expect.stringContaining(message) });
  });
});
