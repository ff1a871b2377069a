import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkHandler, findHandler } from '../../../local/handler.ts';
import { patchedClient } from '../../worlds/client-process.ts';

// What `npm start` takes and refuses before it starts anything: whatever the client takes and refuses.

let home: string;
const FILES = {
  'app.mjs': 'export const handler = async () => 1; export const text = "";',
  'number.mjs': 'export const handler = 42; export const nested = { word: "x", deep: {} };',
  'nothing.mjs': 'console.log("nothing");',
  'common/app.js': 'exports.handler = async () => 1; exports.nested = { deep: { handler() {} } };',
  'common/both.cjs': 'exports.handler = () => 1;',
  'default.mjs': 'export default { handler: async () => 1 };',
  'folder.v2/app.mjs': 'export const handler = () => 1;',
  'streams.mjs': 'export const handler = awslambda.streamifyResponse(async (event, stream) => stream.end("hello"));',
  'node_modules/shared-handlers/index.js': 'exports.handler = async () => 1;',
  'throws.mjs': 'throw new Error("no TABLE is set");',
  'syntax.mjs': 'export const handler = async () => {',
  'exits.mjs': 'process.exit(3);',
  'callback.mjs': 'export const handler = (event, context, callback) => callback(null, 1);',
  'lives.mjs': 'setInterval(() => undefined, 1000); export const handler = () => 1;',
  'loops.mjs': 'import { writeFileSync } from "node:fs"; writeFileSync("looping", ""); for (;;);',
  'needs.mjs': 'if (process.env.TABLE !== "orders") throw new Error("no TABLE"); export const handler = () => 1;',
};

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'handlers-'));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const check = (written: string, environment: Record<string, string> = {}, signal?: AbortSignal) => {
  const { PATH = '' } = process.env;
  const folder = patchedClient().folder;
  return checkHandler(
    findHandler(written, home),
    folder,
    { PATH: `${dirname(process.execPath)}:${PATH}`, ...environment },
    signal,
  );
};

describe('checking a handler', () => {
  it.each([
    'app.handler',
    'common/app.handler',
    'common/app.nested.deep.handler',
    'common/both.handler',
    'default.handler',
    'folder.v2/app.handler',
    'streams.handler',
    'shared-handlers.handler',
  ])('accepts %s', (written) => check(written));

  it('is not held up by a module that keeps its process alive, and ends that', async () => {
    await check('lives.handler');
    while (commandLines().some((line) => line.includes('lives.handler'))) await sleep(10);
  });

  it('ends what it has started when it is broken off', async () => {
    const abort = new AbortController();
    const broken = check('loops.handler', {}, abort.signal).catch((error) => error.name);
    while (!readdirSync(home).includes('looping')) await sleep(10);
    abort.abort();
    expect(await broken).toBe('AbortError');
    while (processesIn(home).length > 0) await sleep(10);
  });

  it('loads it with the function’s environment', async () => {
    await check('needs.handler', { TABLE: 'orders' });
    await expect(check('needs.handler')).rejects.toThrow('no TABLE');
  });

  it.each([
    ['app.other', 'app.other is undefined or not exported: the file exports handler, text\n'],
    ['app.text', 'app.text is undefined or not exported: the file exports handler, text\n'],
    ['nothing.handler', 'nothing.handler is undefined or not exported: the file exports nothing\n'],
    ['number.handler', 'number.handler is a number, not a function\n'],
    ['number.nested.word', 'number.nested.word is a string, not a function\n'],
    ['number.nested.deep', 'number.nested.deep is an object, not a function\n'],
    ['callback.handler', 'Runtime.CallbackHandlerDeprecated'],
    ['throws.handler', 'Error: no TABLE is set'],
    ['syntax.handler', 'SyntaxError'],
    ['exits.handler', 'loading it ended with exit code 3'],
  ])('refuses %s, and says why', async (written, message) => {
    await expect(check(written)).rejects.toMatchObject({
      name: 'MaintenanceWindow.Missing',
      message: expect.stringMatching(
        new RegExp(`^the handler ${written} cannot be loaded from ${home}: .*${message}`, 's'),
      ),
    });
  });

  it('refuses a setting that is not allowed, and names it', async () => {
    await expect(check('app.handler', { MAINTENANCE_WINDOW_TTL: '0' })).rejects.toMatchObject({
      name: 'MaintenanceWindow.Config',
      message: expect.stringMatching(/^MAINTENANCE_WINDOW_TTL: "0" is not allowed/),
    });
  });
});

function commandLines(): string[] {
  return pids().map((pid) => contentOf(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')));
}

/** Whose environment names this folder as the task root, or whose words do. */
function processesIn(folder: string): string[] {
  return pids().filter((pid) => {
    if (pid === String(process.pid)) return false;
    return contentOf(() => readFileSync(`/proc/${pid}/environ`, 'utf8')).includes(`LAMBDA_TASK_ROOT=${folder}`);
  });
}

function pids(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

function contentOf(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
