import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findHandler } from '../../../local/handler.ts';

let home: string;
const FILES = {
  'app.mjs': '',
  'common/app.js': '',
  'common/both.cjs': '',
  'typed.ts': '',
  'with.dots/app.mjs': '',
  'several.v2.mjs': '',
  '.hidden/app.mjs': '',
};

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'handlers-'));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('finding a handler', () => {
  it.each([
    ['app.handler', 'app.handler', 'app.mjs'],
    ['./app.handler', 'app.handler', 'app.mjs'],
    ['./common/app.handler', 'common/app.handler', 'common/app.js'],
    ['common/app.nested.deep.handler', 'common/app.nested.deep.handler', 'common/app.js'],
    ['common/both.handler', 'common/both.handler', 'common/both.cjs'],
    ['with.dots/app.handler', 'with.dots/app.handler', 'with.dots/app.mjs'],
    ['./with.dots/../with.dots/app.handler', 'with.dots/app.handler', 'with.dots/app.mjs'],
    ['.hidden/app.handler', '.hidden/app.handler', '.hidden/app.mjs'],
  ])('reads %s as Lambda does, from the folder that one is in', (written, name, file) => {
    expect(findHandler(written, home)).toEqual({ taskRoot: home, name, file: join(home, file) });
  });

  it('takes a file outside of it, in the file’s own folder', () => {
    const expected = { taskRoot: home, name: 'app.handler', file: join(home, 'app.mjs') };
    expect(findHandler('../app.handler', join(home, 'common'))).toEqual(expected);
    expect(findHandler(join(home, 'app.handler'), join(home, 'common'))).toEqual(expected);
  });

  it.each(['app', './common/', '.handler', '', 'with.dots/app'])('refuses %j, which names no export', (written) => {
    expect(() => findHandler(written, home)).toThrow(expect.objectContaining({ name: 'MaintenanceWindow.Usage' }));
    expect(() => findHandler(written, home)).toThrow('write FILE.EXPORT');
  });

  it('says which files it looked for', () => {
    expect(() => findHandler('my/app.handler', home)).toThrow(
      expect.objectContaining({ name: 'MaintenanceWindow.Missing' }),
    );
    expect(() => findHandler('my/app.handler', home)).toThrow(
      `there is no ${join(home, 'my', 'app')}.js, .mjs or .cjs.`,
    );
  });

  it('says that a file’s name ends at its first period', () => {
    expect(() => findHandler('several.v2.handler', home)).toThrow(
      'Lambda takes the file’s name to end at its first period, so that several.v2.mjs cannot be loaded: rename it.',
    );
  });

  it('says that Lambda loads no TypeScript', () => {
    expect(() => findHandler('typed.handler', home)).toThrow('Lambda loads no TypeScript: compile it first.');
  });
});
