/** The tool with a profile of AWS's configuration file, and where there is no home to have one in. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCli, runCli } from '../support/cli.ts';
import { holds, type MisbehavingSsm, startMisbehavingSsm } from '../support/ssm-misbehaving.ts';

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
      `[profile elsewhere]\n${keys}endpoint_url = http://127.0.0.1:9\n`,
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
