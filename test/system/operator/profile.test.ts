/** The tool with a profile of AWS's configuration file, and where there is no home to have one in. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holds, type MisbehavingSsm, startMisbehavingSsm } from '../../fakes/ssm-misbehaving.ts';
import { buildCli, runCli } from '../../worlds/cli.ts';

const ACTIVE = holds({ 'maintenance-window': '2000-01-01T00:00:00Z,2090-01-01T00:00:00Z' });
const folder = mkdtempSync(join(tmpdir(), 'profile-'));
const config = join(folder, 'config');
let ssm: MisbehavingSsm;
beforeAll(async () => {
  buildCli();
  ssm = await startMisbehavingSsm(ACTIVE);
  const keys = 'aws_access_key_id = local\naws_secret_access_key = local\nregion = eu-south-1\n';
  writeFileSync(
    config,
    `[profile every-service]\n${keys}endpoint_url = ${ssm.url}\n` +
      `[profile one-service]\n${keys}services = local\n[services local]\nssm =\n  endpoint_url = ${ssm.url}\n` +
      `[profile elsewhere]\n${keys}endpoint_url = http://127.0.0.1:9\n` +
      `[profile no-protocol]\n${keys}endpoint_url = localhost:4566\n[profile no-url]\n${keys}endpoint_url = foo\n` +
      '[profile no-region]\naws_access_key_id = local\naws_secret_access_key = local\n' +
      '[profile logged-out]\nregion = eu-south-1\nsso_session = company\nsso_account_id = 111122223333\nsso_role_name = ops\n' +
      '[sso-session company]\nsso_region = eu-south-1\nsso_start_url = http://127.0.0.1:9/start\n' +
      `[profile no-source]\nregion = eu-south-1\nrole_arn = arn:aws:iam::012345678912:role/x\nsource_profile = gone\n`,
  );
});
afterAll(async () => {
  await ssm.close();
  rmSync(folder, { recursive: true });
});

const status = (words: readonly string[], environment: Readonly<Record<string, string | undefined>> = {}) =>
  runCli(['status', '-o', 'json', ...words], {
    environment: {
      AWS_CONFIG_FILE: config,
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_REGION: undefined,
      ...environment,
    },
  });

describe('--profile', () => {
  it.each(['every-service', 'one-service'])(
    'goes to the endpoint that the configuration file has for it: %s',
    async (name) => {
      for (const [words, environment] of [
        [['--profile', name], {}],
        [['--profile', name], { AWS_PROFILE: 'elsewhere' }],
        [[], { AWS_PROFILE: name }],
      ] as const) {
        const { code, out, err } = await status(words, environment);
        expect({ words, code, err }).toMatchObject({ words, code: 0 });
        expect(JSON.parse(out)).toMatchObject({ active: true });
      }
    },
  );

  it('gives way to an endpoint that is said', async () => {
    expect(await status(['--profile', 'elsewhere', '--endpoint-url', ssm.url])).toMatchObject({ code: 0 });
    const { code, err } = await status(['--profile', 'elsewhere']);
    expect({ code, err }).toEqual({ code: 69, err: expect.stringContaining('SSM cannot be reached') });
  });
});

describe('what is no profile, region or endpoint', () => {
  it.each(['--profile', '--region'])('%s is refused where it names nothing', async (option) => {
    for (const nothing of ['', ' ']) {
      const { code, out, err } = await status([option, nothing, '--endpoint-url', ssm.url]);
      expect({ code, out, err }).toEqual({
        code: 64,
        out: '',
        err: expect.stringContaining(`${option} names nothing`),
      });
    }
  });

  it.each(['no-protocol', 'no-url'])('is told with the profile that has it: %s', async (name) => {
    const { code, out, err } = await status(['--profile', name]);
    expect({ code, out }).toEqual({ code: 78, out: '' });
    expect(err).toMatch(`the endpoint that the profile ${name} has for SSM is no URL: write one such as http://`);
  });

  it.each([
    ['no-region', 78, /no region is set, .* give the profile no-region a region/],
    ['no-source', 77, /no AWS credentials .*: the profile no-source gives none/],
    ['nowhere', 77, /AWS’s configuration has no profile nowhere: name one that it has \(every-service, .*\)/],
    ['logged-out', 77, /the AWS session has expired: log in again \(aws sso login --profile logged-out\)/],
  ])('is told with the profile that lacks it: %s', async (name, code, message) => {
    for (const run of [status(['--profile', name]), status([], { AWS_PROFILE: name })]) {
      expect(await run).toMatchObject({ code, out: '', err: expect.stringMatching(message) });
    }
  });

  it.each(['foo', 'localhost:4566', '127.0.0.1:4566', 'ftp://x', 'http://', 'http://localhost:99999', ' '])(
    'is told with the variable that has it: %j',
    async (text) => {
      for (const name of ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_SSM', 'AWS_ENDPOINT_URL_DYNAMODB']) {
        const { code, out, err } = await status([], { [name]: text, AWS_REGION: 'eu-south-1' });
        expect({ code, out }).toEqual({ code: 78, out: '' });
        expect(err).toContain(`${name}: ${JSON.stringify(text)} is no URL; write one such as http://localhost:4566\n`);
      }
      expect(await status(['--endpoint-url', text])).toMatchObject({ code: 64 });
    },
  );
});

it('works for a user who has no home', async () => {
  const noHome = `import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module';
    os.homedir = () => { throw new Error('uv_os_homedir returned ENOENT'); }; syncBuiltinESMExports();`;
  const environment = {
    HOME: undefined,
    AWS_ACCESS_KEY_ID: undefined,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(noHome)}`,
  };
  const { code, err } = await runCli(['status', '--endpoint-url', ssm.url], { environment });
  expect({ code, err }).toEqual({ code: 77, err: expect.stringContaining('no AWS credentials') });
  const withKeys = { ...environment, AWS_ACCESS_KEY_ID: 'operator', AWS_ENDPOINT_URL_SSM: ssm.url };
  expect(await runCli(['status'], { environment: withKeys })).toMatchObject({ code: 0 });
});
