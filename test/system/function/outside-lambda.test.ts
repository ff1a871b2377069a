import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FUNCTIONS_FOLDER, patchedClient } from '../../worlds/client-process.ts';
import { HANG_LIMIT_MS } from '../../worlds/hang-limit.ts';

/** `bootstrap` where there is no Lambda. The emulator is a script that tells how it was started. */

const BOOTSTRAP = join(patchedClient().folder, 'bootstrap');

let folder: string;
let emulator: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'outside-lambda-'));
  emulator = join(folder, 'aws-lambda-rie');
  writeFileSync(emulator, '#!/bin/sh\necho "$@"\necho "$_HANDLER in $LAMBDA_TASK_ROOT"\n');
  chmodSync(emulator, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Start {
  readonly words?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly command?: string;
}

function start({ words = ['values.echo'], environment = {}, cwd = FUNCTIONS_FOLDER, command = BOOTSTRAP }: Start = {}) {
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd,
    env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, AWS_LAMBDA_RIE: emulator, ...environment },
    encoding: 'utf8',
    timeout: HANG_LIMIT_MS,
  });
  return { status, stdout, stderr };
}

const started = (task: string, bootstrap = BOOTSTRAP) =>
  `--log-level error ${bootstrap} values.echo\nvalues.echo in ${task}\n`;
const WAITS = 'values.echo waits under the emulator:  POST :8080/2015-03-31/functions/function/invocations\n';

describe('outside of Lambda, bootstrap starts itself under the emulator', () => {
  it('that AWS_LAMBDA_RIE names', () => {
    expect(start()).toEqual({ status: 0, stdout: started(FUNCTIONS_FOLDER), stderr: WAITS });
  });

  it('that is on the path', () => {
    const environment = { AWS_LAMBDA_RIE: '', PATH: `${folder}:${dirname(process.execPath)}:/usr/bin:/bin` };
    expect(start({ environment })).toMatchObject({ status: 0, stdout: started(FUNCTIONS_FOLDER) });
  });

  it('with the handler from _HANDLER', () => {
    const environment = { _HANDLER: 'values.echo' };
    expect(start({ words: [], environment })).toMatchObject({ status: 0, stdout: started(FUNCTIONS_FOLDER) });
  });

  it('with a task root that is elsewhere', () => {
    const environment = { LAMBDA_TASK_ROOT: FUNCTIONS_FOLDER };
    expect(start({ cwd: '/', environment })).toMatchObject({ status: 0, stdout: started(FUNCTIONS_FOLDER) });
  });

  it('with the working directory as task root, where the one that is named is not there', () => {
    const environment = { LAMBDA_TASK_ROOT: '/no/such/folder' };
    expect(start({ environment })).toMatchObject({ status: 0, stdout: started(FUNCTIONS_FOLDER) });
  });

  it('with the working directory as task root, where only that has the handler', () => {
    expect(start({ environment: { LAMBDA_TASK_ROOT: folder } })).toMatchObject({ stdout: started(FUNCTIONS_FOLDER) });
  });

  it.each(['app.v2/index.handler', './app.v2/index.handler', '.build/index.handler'])(
    'with the working directory as task root, where only that has %s',
    (handler) => {
      const work = join(folder, 'work');
      for (const each of ['app.v2', '.build']) {
        mkdirSync(join(work, each), { recursive: true });
        writeFileSync(join(work, each, 'index.mjs'), 'export const handler = async () => 1;');
      }
      expect(start({ words: [handler], cwd: work, environment: { LAMBDA_TASK_ROOT: dirname(folder) } })).toMatchObject({
        status: 0,
        stdout: expect.stringContaining(`${handler} in ${work}\n`),
      });
    },
  );

  it('with the task root that is named, where both have the handler', () => {
    writeFileSync(join(folder, 'values.mjs'), 'export const echo = async (event) => event;');
    expect(start({ environment: { LAMBDA_TASK_ROOT: folder } })).toMatchObject({ stdout: started(folder) });
  });

  it('when it is reached through a link', () => {
    const link = join(folder, 'entry');
    symlinkSync(BOOTSTRAP, link);
    expect(start({ command: link })).toMatchObject({ status: 0, stdout: started(FUNCTIONS_FOLDER) });
  });

  it('when it is reached through a link that lies beside another index.mjs', () => {
    const work = join(folder, 'beside');
    mkdirSync(work);
    writeFileSync(join(work, 'index.mjs'), 'export const handler = async () => 1;');
    symlinkSync(BOOTSTRAP, join(work, 'bootstrap'));
    symlinkSync('bootstrap', join(work, 'entry'));
    for (const command of ['./bootstrap', './entry', join(work, 'entry')]) {
      expect(start({ command, cwd: work, words: ['index.handler'] })).toMatchObject({
        status: 0,
        stdout: `--log-level error ${BOOTSTRAP} index.handler\nindex.handler in ${work}\n`,
      });
    }
  });

  it('whatever level of its own the function logs at', () => {
    expect(start({ environment: { LOG_LEVEL: 'SILENT' } })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('--log-level error'),
    });
  });

  it('after loading the function once without showing what it writes', () => {
    expect(start({ words: ['broken/rejects-unhandled.handler'] })).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^broken\/rejects-unhandled\.handler waits .*\n$/),
    });
  });
});

describe('outside of Lambda, one message says what is wrong with', () => {
  const REMEDY =
    '\nA handler is FILE.EXPORT: index.handler is what index.mjs, index.js or index.cjs exports as handler. The file’s name ends at its first period.\n';
  const loads = (handler: string, why: string) =>
    `bootstrap: the handler ${handler} cannot be loaded from ${FUNCTIONS_FOLDER}: ${why}`;

  it.each([
    ['a handler whose file is not there', 'nosuch.handler', `Error: Cannot find module 'nosuch'${REMEDY}`],
    [
      'a handler that is not exported',
      'hostile.nosuch',
      `hostile.nosuch is undefined or not exported: the file exports beyond, handler, streaming, ways${REMEDY}`,
    ],
    ['a handler without an export', 'nosuch', `Bad handler${REMEDY}`],
    [
      'a handler that ends the process',
      'broken/exits.handler',
      /^loading it ended with exit code 5\n.*exits while loading\n$/,
    ],
    [
      'a handler that throws',
      'broken/throws.handler',
      /^LoadFailed: thrown while loading\n {4}at file:\/\/\S+throws\.mjs:1:21\n$/,
    ],
    [
      'a handler that imports what is not there',
      'broken/imports-missing-package.handler',
      /^Error \[ERR_MODULE_NOT_FOUND\]: Cannot find package 'no-such-package' imported from \S+\n$/,
    ],
    ['a handler that is no JavaScript', 'broken/syntax-error.handler', /^\S*SyntaxError: Unexpected identifier 'is'\n/],
  ])('%s', (_, handler, why) => {
    const { status, stdout, stderr } = start({ words: [handler] });
    expect({ status, stdout }).toEqual({ status: 69, stdout: '' });
    const head = loads(handler, '');
    expect(stderr.slice(0, head.length)).toBe(head);
    expect(stderr.slice(head.length)).toEqual(typeof why === 'string' ? why : expect.stringMatching(why));
  });

  it('a copy of bootstrap without the client, which would start whatever index.mjs lies beside it', () => {
    const work = mkdtempSync(join(folder, 'copied-'));
    writeFileSync(join(work, 'index.mjs'), 'export const handler = async () => 1;');
    copyFileSync(BOOTSTRAP, join(work, 'bootstrap'));
    const command = join(work, 'bootstrap');
    expect(start({ command, environment: { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9' } })).toEqual({
      status: 69,
      stdout: '',
      stderr: `bootstrap: the client is not beside ${command}: copy its whole folder, or link to the bootstrap in it\n`,
    });
  });

  it('no handler', () => {
    expect(start({ words: [] })).toEqual({
      status: 64,
      stdout: '',
      stderr: 'bootstrap: no handler: give it as the argument (bootstrap index.handler) or in _HANDLER\n',
    });
  });

  it('an emulator that is not there', () => {
    const environment = { AWS_LAMBDA_RIE: '/no/such/emulator' };
    expect(start({ environment })).toEqual({
      status: 69,
      stdout: '',
      stderr: 'bootstrap: AWS_LAMBDA_RIE is "/no/such/emulator", which is no executable file\n',
    });
  });

  it('the configuration: every fault of it', () => {
    const environment = { MAINTENANCE_WINDOW_TTL: '0', MAINTENANCE_WINDOW_ON_ERROR: 'panic' };
    const { status, stdout, stderr } = start({ environment });
    expect({ status, stdout }).toEqual({ status: 78, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      expect.stringContaining('MAINTENANCE_WINDOW_TTL: "0" is not allowed'),
      expect.stringContaining('MAINTENANCE_WINDOW_ON_ERROR: "panic" is not allowed'),
      '',
    ]);
  });

  it('several invocations at once, which the emulator has only for a client of its own choice', () => {
    expect(start({ environment: { AWS_LAMBDA_MAX_CONCURRENCY: '4' } })).toMatchObject({ status: 78, stdout: '' });
  });

  it('a path without node', () => {
    expect(start({ environment: { PATH: folder } })).toEqual({
      status: 69,
      stdout: '',
      stderr: `bootstrap: there is no node on the PATH (${folder})\n`,
    });
  });
});
