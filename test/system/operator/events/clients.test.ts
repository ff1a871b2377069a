import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildCli, runCli } from '../../../worlds/cli.ts';
import { type CliWorld, startCliWorld } from '../../../worlds/replay-cli.ts';

const { version: TOOL } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../package.json'), 'utf8'));
const ANOTHER = '12.3.4';
const LATER = Date.UTC(2026, 10, 22);

let world: CliWorld;
beforeAll(async () => {
  buildCli();
  world = await startCliWorld();
});
afterAll(() => world.close());
beforeEach(() => world.begin());

const tool = (...words: string[]) => runCli(words, { environment: world.environment });
const json = async (...words: string[]) => JSON.parse((await tool(...words, '-o', 'json')).out);
const own = () => ['--function', world.functionName];

describe('status', () => {
  it('says nothing of clients that are of the tool’s own version, but to programs', async () => {
    await world.store({ clientVersion: ANOTHER });
    await world.store({ clientVersion: TOOL, deferredAt: LATER });
    expect((await tool('status', ...own())).out).not.toContain('Clients of another version');
    expect(await json('status', ...own())).toMatchObject({
      toolVersion: TOOL,
      functions: [{ name: world.functionName, clientVersion: TOOL, lastDeferredAt: '2026-11-22T00:00:00Z' }],
    });
  });

  it('names the functions of other versions, and of none, with when they last stored something', async () => {
    const names = [];
    for (let index = 0; index < 7; index += 1) {
      world.begin();
      await world.store({ clientVersion: ANOTHER, deferredAt: LATER + index * 1_000 });
      names.push(world.functionName);
    }
    const shown = names.toSorted().slice(0, 5).join(', ');
    world.begin();
    expect(await world.store()).not.toHaveProperty('clientVersion');
    const { out, err } = await tool('status');
    expect(err).toBe('');
    expect(out).toContain(
      `\n\nClients of another version than this tool’s ${TOOL}, by each function’s last stored event:\n`,
    );
    expect(out).toMatch(
      new RegExp(`\\n {2}12\\.3\\.4 {8}${shown} and 2 more; last 2026-11-22T00:00:06Z \\(.* ago\\)\\n`),
    );
    expect(out).toMatch(new RegExp(`\\n {2}not recorded {2}${world.functionName}; last 2026-`));
    const { functions } = await json('status');
    expect(functions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: names[6], clientVersion: ANOTHER, lastDeferredAt: '2026-11-22T00:00:06Z' }),
        expect.objectContaining({ name: world.functionName, lastDeferredAt: expect.stringMatching(/^2026-/) }),
      ]),
    );
  });

  it('answers without a table that can be read, and tells programs why it does not know', async () => {
    for (const [changes, why] of [
      [{ MAINTENANCE_WINDOW_TABLE: 'no-such-table' }, /the table no-such-table does not exist/],
      [{ AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9' }, /no answer within 2 s|cannot be reached/],
    ] as const) {
      const environment = { ...world.environment, ...changes };
      const { code, out } = await runCli(['status', '-o', 'json'], { environment });
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ active: false, functionsUnknown: expect.stringMatching(why) });
      expect(await runCli(['status'], { environment })).toEqual({
        code: 0,
        out: expect.stringMatching(/^Not under maintenance\n {2}waiting not known: .+\n {2}next {4}none\n$/),
        err: '',
      });
    }
  });
});

describe('events', () => {
  it('show, list and export the version of the client that stored each', async () => {
    const { id } = await world.store({ clientVersion: ANOTHER });
    const { id: older } = await world.store({ deferredAt: LATER });
    expect((await tool('events', 'show', id)).out).toMatch(/^clientVersion +12\.3\.4$/m);
    expect((await tool('events', 'show', older)).out).not.toContain('clientVersion');
    expect(await json('events', 'show', id)).toMatchObject({ clientVersion: ANOTHER });
    const { events } = await json('events', 'list', ...own());
    expect(events.map((event: { clientVersion?: string }) => event.clientVersion)).toEqual([ANOTHER, undefined]);
    const { out } = await tool('events', 'export', ...own());
    const exported = out.trimEnd().split('\n');
    expect(exported.map((line) => JSON.parse(line).clientVersion)).toEqual([ANOTHER, undefined]);
  });

  it('of an older client, and of a newer one, are replayed alike', async () => {
    const { id: older } = await world.store();
    const { id: newer } = await world.store({ clientVersion: '99.0.0' });
    expect(await tool('replay', ...own(), '--yes')).toMatchObject({ code: 0 });
    expect(await Promise.all([older, newer].map(world.statusOf))).toEqual(['replayed', 'replayed']);
    expect(await json('events', 'show', newer)).toMatchObject({ clientVersion: '99.0.0', status: 'replayed' });
  });
});
