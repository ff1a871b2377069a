/** Commands of one console: whoever gives the credentials is asked once, and connections are kept. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fails } from '../../../fakes/scripted-service.ts';
import { holds, type MisbehavingSsm, startMisbehavingSsm } from '../../../fakes/ssm-misbehaving.ts';
import { buildConsole, type ConsoleWorld, startConsoleWorld } from '../../../worlds/console.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';

const KEYS = JSON.stringify({ Version: 1, AccessKeyId: 'operator', SecretAccessKey: 'secret' });
const world = cliWorldForEach();
const folder = mkdtempSync(join(tmpdir(), 'shared-access-'));
const asked = join(folder, 'asked');
let ssm: MisbehavingSsm;
let console_: ConsoleWorld;

beforeAll(async () => {
  buildConsole();
  ssm = await startMisbehavingSsm(holds({ 'maintenance-window': '{"version":1,"windows":[]}' }));
  const config = join(folder, 'config');
  writeFileSync(
    config,
    `[profile code]\ncredential_process = sh -c "echo asked >> ${asked}; echo '${KEYS.replaceAll('"', '\\"')}'"\n`,
  );
  console_ = await startConsoleWorld({
    ...world.environment,
    AWS_ENDPOINT_URL_SSM: ssm.url,
    AWS_CONFIG_FILE: config,
    AWS_PROFILE: 'code',
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
  });
});
afterAll(async () => {
  await console_?.close();
  await ssm?.close();
  rmSync(folder, { recursive: true });
});

const timesAsked = () => readFileSync(asked, 'utf8').split('\n').length - 1;

it('asks once for the credentials of all its commands, and keeps its connections', async () => {
  for (const look of ['status', 'next', 'events list', 'schedule list', 'status']) {
    expect(await console_.look(look)).toMatchObject({ exitCode: 0 });
  }
  expect(timesAsked()).toBe(1);
  expect(ssm.requests.length).toBeGreaterThan(3);
  expect(ssm.connections).toBeLessThan(ssm.requests.length);
});

it('asks anew once AWS does not know them any more', async () => {
  const before = timesAsked();
  ssm.behave(() => fails(400, 'ExpiredTokenException'));
  expect((await console_.look('status')).exitCode).not.toBe(0);
  ssm.behave(holds({ 'maintenance-window': '{"version":1,"windows":[]}' }));
  expect(await console_.look('status')).toMatchObject({ exitCode: 0 });
  expect(timesAsked()).toBe(before + 1);
});
