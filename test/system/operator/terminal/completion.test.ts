import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startScriptedService } from '../../../fakes/scripted-service.ts';
import { HANG_LIMIT_MS } from '../../../worlds/hang-limit.ts';
import { activeDocument, windowOperatorForEach } from '../../../worlds/window-operator.ts';

// Each shell completes by its own means, in a pseudo-terminal where it has to; one that is not installed is skipped.

const operator = windowOperatorForEach();
const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
/** Has the tool, by its name, and the scripts. */
const folder = mkdtempSync(join(tmpdir(), 'completion-'));
const bin = join(folder, 'bin');
beforeAll(() => {
  mkdirSync(bin);
  const tool = join(bin, 'maintenance-window');
  writeFileSync(tool, `#!/bin/sh\nexec "${process.execPath}" "${ROOT}/dist/cli/main.mjs" "$@"\n`);
  chmodSync(tool, 0o755);
  writeFileSync(join(folder, 'event.json'), '{}');
});
afterAll(() => rmSync(folder, { recursive: true }));

function environment(): NodeJS.ProcessEnv {
  return {
    PATH: `${bin}:${process.env['PATH']}`,
    HOME: folder,
    TERM: 'xterm',
    PS1: '',
    AWS_REGION: 'eu-south-1',
    AWS_ACCESS_KEY_ID: 'operator',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...operator.environment,
  };
}

function isInstalled(shell: string): boolean {
  return spawnSync(shell, ['--version']).error === undefined;
}

/**
 * What a shell at a terminal makes of a line when Tab is pressed: the line is there to be read once it is run, as `echo` stands
 * in front of its completion.
 */
async function typed(
  shell: readonly string[],
  ready: string,
  line: string,
  isDone: (out: string) => boolean,
): Promise<string> {
  const child = spawn('script', ['-qec', shell.join(' '), '/dev/null'], { env: environment() });
  let out = '';
  let isReady = false;
  const ended = new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`it does not complete: ${out}`)), HANG_LIMIT_MS);
    // what was not answered in time is left out: one presses Tab again
    const again = setInterval(() => isReady && child.stdin.write('\t'), 3_000);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (!isReady && out.includes('R-E-A-D-Y')) {
        isReady = true;
        out = '';
        child.stdin.write(`${line}\t`);
      } else if (isReady && isDone(stripVTControlCharacters(out))) {
        clearInterval(again);
        child.stdin.end('\u0015exit\n');
      }
    });
    child.on('close', () => {
      clearTimeout(limit);
      clearInterval(again);
      resolve();
    });
  });
  child.stdin.write(`${ready}; printf 'R-E-A-%s\\n' D-Y\n`);
  await ended.finally(() => child.kill());
  return stripVTControlCharacters(out);
}

const SHELLS = [
  ['bash', ['bash', '--norc', '-i'], 'source <(maintenance-window completion bash)'],
  [
    'zsh',
    ['zsh', '-f', '-i'],
    'autoload -Uz compinit && compinit -u -D && source <(maintenance-window completion zsh)',
  ],
] as const;

describe.each(SHELLS)('%s', (name, shell, ready) => {
  it.skipIf(!isInstalled(name)).each([
    ['a command', 'maintenance-window sched', 'schedule '],
    ['a status, behind =', 'maintenance-window events list --status=disc', '--status=discarded '],
    ['a source', 'maintenance-window events list --source eventb', '--source eventbridge '],
    ['a word in quotes', "maintenance-window events list --status 'disc", "--status 'discarded' "],
    ['a file, behind =', `maintenance-window check --event=${folder}/ev`, `--event=${folder}/event.json`],
    ['a file', `maintenance-window check ${folder}/ev`, `${folder}/event.json`],
    ['a field behind another', 'maintenance-window events list --json id,func', '--json id,function '],
  ])('completes %s', async (_, line, completed) => {
    expect(await typed(shell, ready, line, (out) => out.includes(completed.trim()))).toContain(completed.trim());
  });

  it.skipIf(!isInstalled(name))('completes the id of an active window', async () => {
    await operator.put(activeDocument());
    const { windows } = await operator.json(['schedule', 'list']);
    const { id } = windows[0];
    const out = await typed(shell, ready, 'maintenance-window end ', (text) => text.includes(id));
    expect(out).toContain(`maintenance-window end ${id}`);
  });
});

describe.skipIf(!isInstalled('bash'))('bash', () => {
  it.each([
    ['a status', 'events list --status=disc', '--status=discarded '],
    ['a file', `check --event=${folder}/ev`, `--event=${folder}/event.json`],
  ])('completes %s behind = where npm has taken that out of COMP_WORDBREAKS', async (_, line, completed) => {
    const [, shell, ready] = SHELLS[0];
    const ofNpm = `COMP_WORDBREAKS=\${COMP_WORDBREAKS/=/}; COMP_WORDBREAKS=\${COMP_WORDBREAKS/@/}; ${ready}`;
    const out = await typed(shell, ofNpm, `maintenance-window ${line}`, (text) => text.includes(completed));
    expect(out).toContain(`maintenance-window ${line.slice(0, line.indexOf('--'))}${completed}`);
  });
});

describe.skipIf(!isInstalled('fish'))('fish', () => {
  const completed = (line: string) =>
    spawnSync('fish', ['--no-config', '-c', `maintenance-window completion fish | source; complete -C "${line}"`], {
      env: environment(),
      encoding: 'utf8',
    });

  it.each([
    ['a command', 'maintenance-window sched', /^schedule\t.+\n$/],
    ['a status, behind =', 'maintenance-window events list --status=disc', '--status=discarded\n'],
    ['a source', 'maintenance-window events list --source eventb', /^eventbridge\t.+\n$/],
    ['a word in quotes', "maintenance-window events list --status 'disc", /^'?discarded'?\n$/],
    ['a file, behind =', `maintenance-window check --event=${folder}/ev`, /^--event=.*\/event.json\b.*\n$/],
    ['a field behind another', 'maintenance-window events list --json id,func', 'id,function\n'],
  ])('completes %s', (_, line, expected) => {
    expect(completed(line)).toMatchObject({
      stdout: expect.stringMatching(expected instanceof RegExp ? expected : `^${expected}$`),
    });
  });
});

describe('what has to be asked', () => {
  const complete = (...words: readonly string[]) => operator.piped(['__complete', 'fish', '--', ...words]);

  it('are windows that can be ended, and why they are', async () => {
    const later = { start: '2040-01-14T22:00:00Z', end: '2040-01-15T02:00:00Z', reason: 'later' };
    await operator.put(activeDocument({ reason: 'CHG-7', more: [later] }));
    const { windows } = await operator.json(['schedule', 'list']);
    const [first, second] = windows;
    const { out } = await complete('end', '');
    expect(out).toMatch(new RegExp(`^${first.id}\tevery function, .*, CHG-7\n$`));
    expect((await complete('schedule', 'remove', '')).out).toContain(second.id);
    expect((await complete('schedule', 'remove', first.id, '')).out).not.toContain(first.id);
  });

  it('are functions that read the parameter, and those that windows name', async () => {
    await operator.put(activeDocument({ functions: ['billing'] }));
    const { out } = await complete('begin', '--function', '');
    expect(out.trim().split('\n').sort()).toEqual(expect.arrayContaining(['billing', 'orders-api', 'orders-batch']));
    expect(out).not.toContain('elsewhere');
  });

  it('cannot act on the terminal, nor look like another word', async () => {
    await operator.put(activeDocument({ reason: 'a\tb\nc\u001b[31m' }));
    const { out } = await complete('end', '');
    expect(out.trim().split('\n')).toHaveLength(1);
    expect(out).toContain('\\u001b[31m');
  });

  it.each([
    ['nobody is there', { AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:9' }],
    ['there are no credentials', { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined }],
    ['a setting is wrong', { MAINTENANCE_WINDOW_PARAMETER: 'a:3' }],
  ])('is nothing, without a word, where %s', async (_, environment) => {
    expect(await operator.piped(['__complete', 'bash', '--', '', 'maintenance-window end '], { environment })).toEqual({
      code: 0,
      out: '',
      err: '',
    });
  });

  it('is nothing where AWS takes the request and never answers', async () => {
    await using silent = await startScriptedService(() => ({ kind: 'hang' }));
    const environment = { AWS_ENDPOINT_URL_SSM: silent.url };
    expect(
      await operator.piped(['__complete', 'bash', '--', '', 'maintenance-window end '], {
        environment,
        keepsWaiting: true,
      }),
    ).toEqual({ code: 0, out: '', err: '' });
    // a command would have asked again
    expect(silent.requests.length).toBeLessThanOrEqual(1);
  });
});
