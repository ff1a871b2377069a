import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkHandler, findHandler } from '../../local/handler.ts';

let home: string;
const FILES = {
  'app.mjs': 'export const handler = async () => 1; export const main = () => 2; export const text = "";',
  'common/app.js': 'exports.handler = async () => 1; exports.nested = { deep: { handler() {} } };',
  'common/both.cjs': 'exports.handler = () => 1;',
  'default.mjs': 'export default { handler: async () => 1 };',
  'typed.ts': 'export const handler = async (): Promise<number> => 1;',
  'throws.mjs': 'throw new Error("no TABLE is set");',
  'syntax.mjs': 'export const handler = async () => {',
  'exits.mjs': 'process.exit(3);',
  'lives.mjs': 'setInterval(() => undefined, 1000); export const handler = () => 1;',
  'needs.mjs':
    'if (process.env.TABLE !== "orders") throw new Error("no TABLE"); export const handler = () => process.cwd();',
  'nothing.mjs': '',
  'with.dots/app.mjs': 'export const handler = () => 1;',
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
    ['app.handler', 'app.handler', 'app.mjs', 'handler'],
    ['./app.handler', 'app.handler', 'app.mjs', 'handler'],
    ['./common/app.handler', 'common/app.handler', 'common/app.js', 'handler'],
    ['common/app.nested.deep.handler', 'common/app.nested.deep.handler', 'common/app.js', 'nested.deep.handler'],
    ['common/both.handler', 'common/both.handler', 'common/both.cjs', 'handler'],
    ['with.dots/app.handler', 'with.dots/app.handler', 'with.dots/app.mjs', 'handler'],
  ])('reads %s as Lambda does, from the folder that one is in', (written, name, file, exported) => {
    expect(findHandler(written, home)).toEqual({ taskRoot: home, name, file: join(home, file), export: exported });
  });

  it('takes a file outside of it, in the file’s own folder', () => {
    const expected = { taskRoot: home, name: 'app.handler', file: join(home, 'app.mjs'), export: 'handler' };
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

  it('says that Lambda loads no TypeScript', () => {
    expect(() => findHandler('typed.handler', home)).toThrow('Lambda loads no TypeScript: compile it first.');
  });
});

describe('checking a handler', () => {
  const check = (written: string, environment: Record<string, string> = {}) =>
    checkHandler(findHandler(written, home), { PATH: process.env['PATH'], ...environment });

  it.each([
    'app.handler',
    'common/app.handler',
    'common/app.nested.deep.handler',
    'common/both.handler',
    'default.handler',
  ])('accepts %s', (written) => check(written));

  it('is not held up by a module that keeps its process alive, and ends that', async () => {
    await check('lives.handler');
    while (commandLines().some((line) => line.includes(join(home, 'lives.mjs')))) await sleep(10);
  });

  it('loads it with the function’s environment', async () => {
    await check('needs.handler', { TABLE: 'orders' });
    await expect(check('needs.handler')).rejects.toThrow('no TABLE');
  });

  it.each([
    ['app.other', 'exports no function "other". It exports: handler, main.'],
    ['app.text', 'exports no function "text". It exports: handler, main.'],
    ['app.mjs', 'exports no function "mjs". It exports: handler, main.'],
    ['default.other', 'exports no function "other". It exports: handler.'],
    ['nothing.handler', 'exports no function "handler". It exports nothing.'],
    ['throws.handler', 'throws.mjs cannot be loaded: Error: no TABLE is set'],
    ['syntax.handler', 'syntax.mjs cannot be loaded: SyntaxError'],
    ['exits.handler', 'exits.mjs cannot be loaded: it ended the process (exit code 3)'],
  ])('refuses %s with a message that says why', async (written, message) => {
    await expect(check(written)).rejects.toMatchObject({
      name: 'MaintenanceWindow.Missing',
      message: expect.stringContaining(message),
    });
  });
});

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    });
}
