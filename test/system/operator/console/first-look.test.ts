/** What a console does before anybody has opened it, and for several who look at once. */
import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Later } from '../../../../operator/console/answer.ts';
import { holds, type MisbehavingSsm, startMisbehavingSsm } from '../../../fakes/ssm-misbehaving.ts';
import { buildConsole, type ConsoleWorld, startConsoleWorld } from '../../../worlds/console.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';

const world = cliWorldForEach();
const windows = holds({ 'maintenance-window': '{"version":1,"windows":[]}' });
const gate = new EventEmitter();
let isHeld = true;
let ssm: MisbehavingSsm;
let console_: ConsoleWorld;

beforeAll(async () => {
  buildConsole();
  ssm = await startMisbehavingSsm(async (request) => {
    gate.emit('asked');
    if (isHeld) await once(gate, 'open');
    return windows(request);
  });
});
afterAll(async () => {
  gate.emit('open');
  await console_?.close();
  await ssm?.close();
});

it('has asked AWS by itself when its first page asks, and both are answered at once', async () => {
  const asked = once(gate, 'asked');
  console_ = await startConsoleWorld({ ...world.environment, AWS_ENDPOINT_URL_SSM: ssm.url });
  await asked;
  const looks = [console_.look('status'), console_.look('status')];
  // another question is answered meanwhile, so they have been asked as well
  expect((await console_.ask('/api/console')).status).toBe(200);
  isHeld = false;
  gate.emit('open');
  for (const look of looks) expect(await look).toMatchObject({ exitCode: 0, results: [{ maintenance: [] }] });
  expect(ssm.requests).toHaveLength(1);
  expect(await console_.look('status')).toMatchObject({ exitCode: 0 });
  expect(ssm.requests).toHaveLength(2);
});

it('gives the connection of a look back that takes long, and tells later what it came to, once', async () => {
  isHeld = true;
  const begun = await console_.ask('/api/look/status');
  expect(begun.status).toBe(202);
  const { later } = begun.json() as Later;
  isHeld = false;
  gate.emit('open');
  const told = await console_.ask(`/api/looked/${later}`);
  expect(told.json()).toMatchObject({ exitCode: 0, results: [{ maintenance: [] }], againMs: expect.any(Number) });
  expect((await console_.ask(`/api/looked/${later}`)).status).toBe(400);
});
