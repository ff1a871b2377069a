/** What a replay of the console ended with, where its record cannot tell. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { askOf, fails, type LoopbackServer, startScriptedService } from '../../../fakes/scripted-service.ts';
import { buildConsole, type ConsoleWorld, startConsoleWorld } from '../../../worlds/console.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';

const world = cliWorldForEach();
const SERVICES = ['DYNAMODB', 'LAMBDA'].map((service) => `AWS_ENDPOINT_URL_${service}`);
const UNTIL = { timeout: 60_000 };
let isExpired = false;
let services: readonly LoopbackServer[] = [];
let console_: ConsoleWorld;

beforeAll(async () => {
  buildConsole();
  services = await Promise.all(
    SERVICES.map((name) =>
      startScriptedService((request) =>
        isExpired ? fails(400, 'ExpiredTokenException') : askOf(world.environment[name] ?? '', request),
      ),
    ),
  );
  const urls = Object.fromEntries(SERVICES.map((name, index) => [name, services[index]?.url ?? '']));
  console_ = await startConsoleWorld({ ...world.environment, ...urls });
});
afterAll(async () => {
  await console_?.close();
  for (const service of services) await service.close();
});

it('is told with every look, on each view, until another one is begun', async () => {
  await world.storeMany(200);
  const options = { function: [world.functionName], rate: ['10/s'] };
  const { results } = await console_.carryOut('replay', { options });
  const [{ run }] = results as [{ run: string }];
  await vi.waitFor(
    async () =>
      expect((await console_.look('replays show', `name=${run}`)).results).toEqual([
        expect.objectContaining({ status: 'running' }),
      ]),
    UNTIL,
  );
  expect((await console_.look('schedule list')).ended).toBeUndefined();
  isExpired = true;
  const ended = [{ run, why: expect.stringMatching(/^the AWS session has expired: log in again/) }];
  await vi.waitFor(async () => expect((await console_.look('schedule list')).ended).toEqual(ended), UNTIL);
  isExpired = false;
  const after = await console_.look('replays show', `name=${run}`);
  expect(after).toMatchObject({ exitCode: 0, ended, results: [{ status: 'running' }] });
  const next = await console_.carryOut('replay', { options });
  expect(next.exitCode).toBe(0);
  expect((await console_.look('schedule list')).ended).toBeUndefined();
});
