import { symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, FUNCTIONS_FOLDER } from '../worlds/client-process.ts';
import { type Pair, preparePair } from './side-by-side.ts';
import { type Scenario, transcribe } from './transcript.ts';

// The one place where `bootstrap` differs from stock on purpose: stock reads no arguments and dies without
// LAMBDA_TASK_ROOT. However it is started, what follows is what stock does when it is given both.

const GIVEN_BOTH: Scenario = { name: 'start', handler: 'surroundings.commandLine', shows: '' };

describe('bootstrap starts what stock starts when', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await preparePair();
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  const started = (command: Client['command'], environment: Scenario['environment'] = {}) =>
    transcribe({ ...pair.patched, command }, { ...GIVEN_BOTH, environment }, pair.environment);
  const asStock = () => transcribe(pair.stock, GIVEN_BOTH, pair.environment);

  it('the handler stands in _HANDLER', async () => {
    expect(await started(pair.patched.command)).toEqual(await asStock());
  });

  it('the handler is the argument, _HANDLER is blank, and there is no task root, as for an image', async () => {
    const { command } = pair.patched;
    const asImage = { _HANDLER: '', LAMBDA_TASK_ROOT: undefined };
    expect(await started([...command, GIVEN_BOTH.handler], asImage)).toEqual(await asStock());
  });

  it('the argument differs from _HANDLER: the argument counts', async () => {
    const { command } = pair.patched;
    expect(await started([...command, GIVEN_BOTH.handler], { _HANDLER: 'values.echo' })).toEqual(await asStock());
  });

  it('it is found on the path', async () => {
    const PATH = `${pair.patched.folder}:${dirname(process.execPath)}:/usr/bin:/bin`;
    expect(await started(['bootstrap'], { PATH })).toEqual(await asStock());
  });

  it('it is reached through a link elsewhere', async () => {
    const link = join(dirname(pair.patched.folder), 'entry');
    symlinkSync(join(pair.patched.folder, 'bootstrap'), link);
    expect(await started([link])).toEqual(await asStock());
  });

  it('it is started through a shell of a process manager', async () => {
    expect(await started(['/bin/sh', '-c', `exec ${join(pair.patched.folder, 'bootstrap')}`])).toEqual(await asStock());
  });

  it('it is started by a relative path', async () => {
    const up = FUNCTIONS_FOLDER.split('/')
      .slice(1)
      .map(() => '..');
    expect(await started([`${up.join('/')}${pair.patched.folder}/bootstrap`])).toEqual(await asStock());
  });
});
