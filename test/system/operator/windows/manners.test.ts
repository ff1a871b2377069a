import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LoopbackServer, startScriptedService } from '../../../fakes/scripted-service.ts';
import { startScriptedSsm } from '../../../fakes/scripted-ssm.ts';
import { type CliRun, runCli, runShell } from '../../../worlds/cli.ts';
import { activeDocument, NO_WINDOWS, windowOperatorForEach } from '../../../worlds/window-operator.ts';

const operator = windowOperatorForEach();
let silent: LoopbackServer;
/** What the tool says of a service that is silent: begun with the file, because it has patience. */
let ofSilence: Promise<CliRun>;
beforeAll(async () => {
  silent = await startScriptedService(() => ({ kind: 'hang' }));
  ofSilence = operator.piped(['status'], { environment: { AWS_ENDPOINT_URL_SSM: silent.url }, keepsWaiting: true });
});
afterAll(async () => {
  await ofSilence;
  await silent.close();
});

describe('manners', () => {
  it.each([[['--help']], [['help']], [['begin', '--help']], [['schedule', 'add', '--help']], [['events', '--help']]])(
    'prints help with examples for %j',
    async (words) => {
      const { code, out, err } = await operator.piped(words);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/Usage: maintenance-window/);
      expect(out).toMatch(/--endpoint-url/);
    },
  );

  it('shows an example for every command', async () => {
    const commands = await commandsIn([]);
    expect(commands.length).toBeGreaterThan(7);
    for (const command of commands.filter((name) => name !== 'help')) {
      const below = (await commandsIn([command])).filter((name) => name !== 'help');
      for (const words of below.length > 0 ? below.map((name) => [command, name]) : [[command]]) {
        const { out } = await operator.piped([...words, '--help']);
        expect(out).toContain(`Examples:\n  maintenance-window ${words.join(' ')}`);
      }
    }
  });

  async function commandsIn(group: readonly string[]): Promise<readonly string[]> {
    const { out } = await operator.piped([...group, '--help']);
    const list = out.split('Commands:\n')[1]?.split('\n\n')[0] ?? '';
    return [...list.matchAll(/^ {2}([\w-]+)/gm)].map(([, name]) => name ?? '');
  }

  it('shows a thousand of the windows that come, and refuses to show more', async () => {
    await operator.put('{"version":1,"windows":[{"schedule":"cron(* * * * ? *)","duration":"PT30S"}]}');
    expect((await operator.json(['next', '--count', '1000'])).next).toHaveLength(1_000);
    const { code, err } = await operator.piped(['next', '--count', '1001']);
    expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining('Write a whole number from 1 to 1000; ') });
  });

  it('has the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../package.json'), 'utf8'));
    expect(await operator.piped(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it.each([
    ['no command', []],
    ['an unknown command', ['statsu']],
    ['an unknown option', ['status', '--al']],
    ['a format that is none', ['status', '-o', 'yaml']],
    ['an endpoint that is no URL', ['status', '--endpoint-url', 'localhost']],
    ['a parameter name that is none', ['status', '--parameter', 'a b']],
    ['no name of a function', ['invoke', '']],
    ['a function that cannot be', ['invoke', 'a b']],
  ])('ends with 64 for %s', async (_what, words) => {
    expect(await operator.piped(words)).toMatchObject({ code: 64, out: '' });
  });

  it('takes region, endpoint and parameter from options', async () => {
    await operator.put(NO_WINDOWS);
    const words = [
      'status',
      '--endpoint-url',
      operator.ssmUrl,
      '--region',
      'eu-west-1',
      '--parameter',
      operator.parameter,
    ];
    const { code, err } = await runCli(words, { environment: { AWS_REGION: undefined } });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(
      await runCli(words.slice(0, -2), {
        environment: { AWS_REGION: undefined, MAINTENANCE_WINDOW_PARAMETER: operator.parameter },
      }),
    ).toMatchObject({ code: 0 });
    expect(
      await runCli(['status'], {
        environment: { ...operator.environment, AWS_REGION: undefined, AWS_DEFAULT_REGION: 'eu-west-1' },
      }),
    ).toMatchObject({ code: 0 });
  });

  it('takes credentials from a profile', async () => {
    await operator.put(NO_WINDOWS);
    const config = join(operator.folder, 'config');
    writeFileSync(
      config,
      '[profile night]\nregion = eu-west-1\ncredential_process = echo \'{"Version":1,"AccessKeyId":"dave","SecretAccessKey":"s"}\'\n',
    );
    const environmentOfProfile = {
      AWS_CONFIG_FILE: config,
      AWS_REGION: undefined,
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
    };
    const run = await operator.piped(['begin', '--for', '1h', '--profile', 'night'], {
      environment: environmentOfProfile,
    });
    expect(run).toMatchObject({ code: 0, err: '' });
    expect((await operator.versions()).at(-1)?.LastModifiedUser).toContain('user/dave');
    // with keys in the environment, too, the profile that was asked for wins, and nobody lectures
    const both = await operator.piped(['begin', '--for', '1h', '--profile', 'night'], {
      environment: { ...environmentOfProfile, AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y' },
    });
    expect(both).toMatchObject({ code: 0, err: '' });
    expect((await operator.versions()).at(-1)?.LastModifiedUser).toContain('user/dave');
  });

  it('knows a session that has expired before anything is asked', async () => {
    const home = join(operator.folder, 'home');
    const cache = join(home, '.aws', 'sso', 'cache');
    mkdirSync(cache, { recursive: true });
    const session =
      'sso_start_url = https://sso.example/start\nsso_region = eu-west-1\nsso_registration_scopes = sso:account:access';
    const profile = 'sso_session = team\nsso_account_id = 111122223333\nsso_role_name = operator\nregion = eu-west-1';
    writeFileSync(join(home, '.aws', 'config'), `[sso-session team]\n${session}\n[profile night]\n${profile}\n`);
    const token = { accessToken: 'old', expiresAt: '2026-01-01T00:00:00Z', startUrl: 'https://sso.example/start' };
    writeFileSync(join(cache, `${createHash('sha1').update('team').digest('hex')}.json`), JSON.stringify(token));
    const environment = { HOME: home, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
    expect(await operator.piped(['status', '--profile', 'night'], { environment })).toEqual({
      code: 77,
      out: '',
      err: 'maintenance-window: the AWS session has expired: log in again (aws sso login --profile night), then run this again\n',
    });
  });

  it.each([
    [
      'no credentials',
      { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
      77,
      /no AWS credentials .*--profile/,
    ],
    ['no region', { AWS_REGION: undefined }, 78, /no region is set.*--region/],
    [
      'an endpoint where nobody is',
      { AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:9' },
      69,
      /SSM cannot be reached \(ECONNREFUSED/,
    ],
    [
      'a variable that is not allowed',
      { MAINTENANCE_WINDOW_PARAMETER: 'a:3' },
      78,
      /^maintenance-window: MAINTENANCE_WINDOW_PARAMETER: "a:3" is not allowed/,
    ],
  ])('has one line for %s', async (_what, changed, exitCode, message) => {
    const { code, out, err } = await operator.piped(['status'], { environment: changed });
    expect({ code, out }).toEqual({ code: exitCode, out: '' });
    expect(err).toMatch(message);
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it.each([
    [
      'an expired token',
      'ExpiredTokenException',
      'The security token included in the request is expired',
      77,
      /session has expired: log in again \(aws sso login\)/,
    ],
    [
      'keys that are not known',
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
      77,
      /does not know these credentials/,
    ],
    ['a wrong secret', 'InvalidSignatureException', 'Signature expired', 77, /clock is right/],
    [
      'a denied action',
      'AccessDeniedException',
      'User: arn:aws:iam::1:user/a is not authorized to perform: ssm:GetParameters',
      77,
      /ssm:GetParameters on the parameter windows-\d+ is not allowed .*ask for that permission/,
    ],
    ['throttling', 'ThrottlingException', 'Rate exceeded', 75, /asked too often.*wait a little/],
    ['trouble at AWS', 'InternalServerError', 'oops', 69, /in trouble \(500/],
    [
      'anything else',
      'ValidationException',
      'no\n good',
      76,
      /SSM refused ssm:GetParameters on the parameter .*no good/,
    ],
  ])('has one line for %s', async (_what, type, message, exitCode, expected) => {
    const status = exitCode === 69 ? 500 : 400;
    await using server = await startScriptedSsm(() => ({ status, body: { __type: type, message } }));
    const { code, out, err } = await operator.piped(['status'], { environment: { AWS_ENDPOINT_URL_SSM: server.url } });
    expect({ code, out }).toEqual({ code: exitCode, out: '' });
    expect(err).toMatch(expected);
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('tells of one parameter although another one is denied', async () => {
    await using server = await startScriptedSsm(({ input }) => {
      const [name = ''] = input['Names'] as readonly string[];
      return name === 'theirs'
        ? { status: 400, body: { __type: 'AccessDeniedException', message: 'not authorized' } }
        : { status: 200, body: { Parameters: [{ Name: name, Value: activeDocument({}), Version: 1 }] } };
    });
    const environment = { AWS_ENDPOINT_URL_SSM: server.url, MAINTENANCE_WINDOW_PARAMETER: 'theirs,ours' };
    const { code, out, err } = await operator.piped(['status'], { environment });
    expect(out).toMatch(/Under maintenance/);
    expect(err).toMatch(/ssm:GetParameters on the parameter theirs is not allowed/);
    expect(code).toBe(77);
  });

  it('gives up on a service that takes the request and never answers', async () => {
    const { code, err } = await ofSilence;
    expect(code).toBe(69);
    const [waiting, fault, ...more] = err.trimEnd().split('\n');
    expect(waiting).toBe('note: still waiting: SSM has not answered yet');
    expect(fault).toMatch(/^maintenance-window: SSM cannot be reached \(ETIMEDOUT: a request has exceeded/);
    expect(more).toEqual([]);
  });

  it('says nothing when whoever reads its output has had enough', async () => {
    const file = join(operator.folder, 'long.json');
    writeFileSync(file, activeDocument({ reason: 'r'.repeat(500_000) }));
    const { err } = await runShell(
      `{ $MW check '${file}' 2> /dev/null; echo "code $?" >&2; } | head -c 10`,
      operator.environment,
    );
    expect(err).toBe('code 0\n');
  });

  it('does not end well where its output cannot be written', async () => {
    expect(await runShell('$MW --help > /dev/full', operator.environment)).toMatchObject({ code: 74 });
  });
});
