/** Contexts as operators use them: a file below the XDG folder, and what a production one asks for. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_WINDOWS, windowOperatorForEach } from '../../../worlds/window-operator.ts';

const operator = windowOperatorForEach();
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'contexts-'));
  file = join(folder, 'maintenance-window', 'contexts.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const here = (more: Readonly<Record<string, string | undefined>> = {}) => ({
  environment: { XDG_CONFIG_HOME: folder, NO_COLOR: '1', ...more },
});
const piped = (words: readonly string[], more?: Parameters<typeof here>[0]) =>
  operator.piped(words, { ...here(more), keepsPlace: true });
const json = (words: readonly string[], more?: Parameters<typeof here>[0]) => operator.json(words, here(more));

async function put(...words: readonly string[]): Promise<void> {
  expect(await piped(['context', 'add', ...words])).toMatchObject({ code: 0 });
}

/** Settings by option, as `config` has them. */
async function settings(words: readonly string[], more?: Parameters<typeof here>[0]) {
  const { settings: all } = await json(['config', ...words], more);
  return Object.fromEntries(
    all.map(({ option, value, from }: Record<string, string>) => [option, [value, from]]),
  ) as Record<string, readonly [string | undefined, string]>;
}

describe('context', () => {
  it('adds, uses, lists, shows and removes, in a file of its owner alone', async () => {
    await put('staging', '--region', 'eu-west-1', '--table', 'orders-events');
    await put('production', '--profile', 'ops', '--production');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await piped(['context', 'use', 'staging'])).out).toBe('Used: staging\n');
    expect((await json(['context', 'list'])).contexts).toEqual([
      { name: 'staging', current: true, region: 'eu-west-1', table: 'orders-events' },
      { name: 'production', current: false, profile: 'ops', production: true },
    ]);
    expect((await operator.terminal(['context', 'list'], here())).out).toMatch(
      /^\* {2}staging +eu-west-1 +orders-events/m,
    );
    expect((await piped(['context', 'show'])).out).toMatch(/^staging, used\n {2}region +eu-west-1\n/);
    expect((await piped(['context', 'remove', 'staging'])).code).toBe(0);
    expect((await piped(['context', 'use', '--none'])).code).toBe(0);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      version: 1,
      contexts: { production: { profile: 'ops', production: true } },
    });
  });

  it.each([
    ['an unknown one', ['context', 'use', 'nope'], 66, 'there is no context "nope"'],
    [
      'an unknown one for a command',
      ['status', '--context', 'nope'],
      66,
      '--context: there is no context "nope"; there are a',
    ],
    ['one that says nothing', ['context', 'add', 'b'], 64, 'say what it is'],
    ['one that is there', ['context', 'add', 'a', '--region', 'x'], 64, 'there is a context a'],
    ['a name that is none', ['context', 'add', '../b', '--region', 'x'], 64, 'is no name of a context'],
  ])('refuses %s', async (_what, words, code, message) => {
    await put('a', '--region', 'eu-west-1');
    expect(await piped(words)).toMatchObject({ code, out: '', err: expect.stringContaining(message) });
  });

  it.each([
    ['no JSON', 'nope', 'it is no JSON object'],
    ['a field that nobody knows', '{"version":1,"contexts":{"a":{"regoin":"x"}}}', 'context a: "regoin" is none of'],
    ['a current one that is none', '{"version":1,"current":"b","contexts":{}}', '"current" is "b"'],
  ])('stops every command at a file with %s', async (_what, text, message) => {
    mkdirSync(join(folder, 'maintenance-window'));
    writeFileSync(file, text);
    for (const words of [['status'], ['context', 'list'], ['context', 'add', 'c', '--region', 'x']]) {
      const { code, out, err } = await piped(words);
      expect({ code, out, err }).toEqual({
        code: 78,
        out: '',
        err: expect.stringContaining(`${file} holds no contexts: `),
      });
      expect(err).toContain(message);
    }
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('loses nothing where several tools write at once', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `c${index}`);
    await Promise.all(names.map((name) => put(name, '--region', name)));
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')).contexts).sort()).toEqual(names);
  });

  it('takes away the lock of a tool that was killed, and waits for no other', async () => {
    await put('a', '--region', 'eu-west-1');
    const lock = `${file}.lock`;
    writeFileSync(lock, '');
    const waiting = await piped(['context', 'add', 'b', '--region', 'eu-west-1']);
    expect(waiting).toMatchObject({ code: 75, err: expect.stringContaining(`take ${lock} away`) });
    utimesSync(lock, new Date(0), new Date(0));
    await put('b', '--region', 'eu-west-1');
    expect(readdirSync(join(folder, 'maintenance-window'))).toEqual(['contexts.json']);
  });
});

it('goes as docs/cli.md tells', async () => {
  const docs = readFileSync(join(import.meta.dirname, '../../../../docs/cli.md'), 'utf8');
  const linesOf = (heading: string) =>
    (/^```sh\n(.*?)^```$/ms.exec(docs.split(`\n### ${heading}\n`)[1] ?? '')?.[1] ?? '').trimEnd().split('\n');
  const lines = ['context', 'whoami', 'config'].flatMap(linesOf);
  expect(lines.length).toBe(11);
  for (const line of lines) {
    const { code, err } = await piped(line.split(' ').slice(1));
    expect({ line, code, err }).toMatchObject({ line, code: 0, err: expect.not.stringContaining('warning') });
  }
});

describe('a setting', () => {
  it('comes from the option, else the variable, else the context, else by default', async () => {
    await put('a', '--region', 'eu-west-1', '--table', 'of-context');
    await put('b', '--region', 'eu-west-2');
    const none = { AWS_REGION: undefined, MAINTENANCE_WINDOW_PARAMETER: undefined };
    expect((await settings([], none))['--table']).toEqual(['maintenance-window-events', 'default']);
    await piped(['context', 'use', 'a']);
    expect(await settings([], none)).toMatchObject({
      '--context': ['a', 'context use'],
      '--region': ['eu-west-1', 'context a'],
      '--table': ['of-context', 'context a'],
      '--parameter': ['maintenance-window', 'default'],
    });
    const named = { ...none, MAINTENANCE_WINDOW_CONTEXT: 'b' };
    expect((await settings([], named))['--region']).toEqual(['eu-west-2', 'context b']);
    expect((await settings(['--context', 'a'], named))['--region']).toEqual(['eu-west-1', 'context a']);
    for (const environment of [none, named])
      expect(await settings(['--no-context'], environment)).toMatchObject({
        '--context': [undefined, 'none'],
        '--table': ['maintenance-window-events', 'default'],
      });
    const variable = { ...none, AWS_DEFAULT_REGION: 'eu-north-1' };
    expect((await settings([], variable))['--region']).toEqual(['eu-north-1', 'AWS_DEFAULT_REGION']);
    expect((await settings(['--region', 'eu-south-2'], variable))['--region']).toEqual([
      'eu-south-2',
      'the command line',
    ]);
  });

  it('is shown without the password of an endpoint, and without any key', async () => {
    const { out } = await piped(['config', '--endpoint-url', 'http://me:hidden@127.0.0.1:9/'], {
      AWS_SECRET_ACCESS_KEY: 'hush',
    });
    expect(out).toContain('127.0.0.1:9');
    expect(out).not.toMatch(/hidden|hush/);
  });

  it('goes where the context says', async () => {
    await operator.put(NO_WINDOWS);
    await put('a', '--endpoint-url', operator.ssmUrl, '--region', 'eu-west-1', '--parameter', operator.parameter);
    const { code, err } = await piped(['end', '--context', 'a'], {
      AWS_REGION: undefined,
      AWS_ENDPOINT_URL_SSM: undefined,
      AWS_ENDPOINT_URL_DYNAMODB: undefined,
      AWS_ENDPOINT_URL_LAMBDA: undefined,
      AWS_ENDPOINT_URL_CLOUDWATCH: undefined,
      MAINTENANCE_WINDOW_PARAMETER: undefined,
    });
    expect({ code, err }).toMatchObject({
      code: 0,
      err: expect.stringMatching(
        /^place: context a, account not known, region eu-west-1, endpoint \S+, parameter windows-\d+, /,
      ),
    });
  });
});

describe('a production context', () => {
  const words = ['begin', '--for', '1h', '--function', 'orders-*'];
  const typed = (name: string) => [['to go on:', `${name}\r`]] as const;

  beforeEach(async () => {
    await operator.put(NO_WINDOWS);
    await put('prod', '--region', 'eu-south-1', '--production');
    await piped(['context', 'use', 'prod']);
  });

  it('has its name typed on a terminal before anything is changed', async () => {
    for (const answer of ['y', 'pro', '']) {
      const declined = await operator.terminal(words, { ...here(), typed: typed(answer) });
      expect({ answer, ...declined }).toMatchObject({
        answer,
        code: 1,
        out: expect.stringContaining('nothing was changed'),
      });
    }
    expect(await operator.versions()).toHaveLength(1);
    const accepted = await operator.terminal(words, { ...here(), typed: typed('prod') });
    expect(accepted).toMatchObject({ code: 0, out: expect.stringContaining('Under maintenance') });
  });

  it('asks once where a command asks anyway', async () => {
    const { code, out } = await operator.terminal(['begin', '--for', '1h'], { ...here(), typed: typed('prod') });
    expect(code).toBe(0);
    expect(out.match(/Type prod to go on:/g)).toHaveLength(1);
    expect(out).not.toContain('[y/N]');
  });

  it('is not asked about with --yes, which the place says, nor by what only shows', async () => {
    const begin = (region: string) =>
      operator.terminal([...words, '--yes'], { ...here({ AWS_REGION: region }), keepsPlace: true });
    expect(await begin('eu-west-1')).toMatchObject({
      code: 0,
      out: expect.stringContaining(
        'place: context prod (production, --yes), but for AWS_REGION, account not known, region',
      ),
    });
    // what says the same says nothing otherwise
    expect((await begin('eu-south-1')).out).toContain(
      'place: context prod (production, --yes), account not known, region',
    );
    expect(await operator.terminal(['status'], here())).toMatchObject({ code: 0 });
  });

  it('has to be named, or --yes said, where nobody can be asked', async () => {
    expect(await piped(words)).toMatchObject({
      code: 64,
      out: '',
      err: 'maintenance-window: the context prod is production, and nobody is here to type its name: say --context prod\n',
    });
    expect(await operator.versions()).toHaveLength(1);
    for (const more of [['--context', 'prod'], ['--yes']]) {
      expect({ more, ...(await piped([...words, ...more])) }).toMatchObject({ more, code: 0 });
    }
    expect(await piped(['end'], { MAINTENANCE_WINDOW_CONTEXT: 'prod' })).toMatchObject({ code: 0 });
  });
});
