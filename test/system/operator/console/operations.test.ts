/** What the console does: the same as the tool, shown before it is done. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { FAULTS } from '../../../../core/errors.ts';
import { HOUR_MS } from '../../../../core/units.ts';
import type { Answer } from '../../../../operator/console/answer.ts';
import { runCli } from '../../../worlds/cli.ts';
import { buildConsole, type ConsoleWorld, startConsoleWorld } from '../../../worlds/console.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';

const world = cliWorldForEach();
let console_: ConsoleWorld;

beforeAll(async () => {
  buildConsole();
  console_ = await startConsoleWorld(world.environment);
});
afterAll(() => console_?.close());
beforeEach(() => world.clearWindows());

const tool = (...words: string[]) => runCli(words, { environment: world.environment });
const own = () => ({ function: [world.functionName] });
/** A time of day that does not come while a test runs: the tool's zone is UTC. */
const IN_AN_HOUR = new Date(Date.now() + HOUR_MS).toISOString().slice(11, 16);

describe('a look', () => {
  it('is answered with the JSON of the tool, and with the command that does the same', async () => {
    await world.storeMany(3);
    const answer = await console_.look('events list', `function=${world.functionName}&limit=2`);
    const { out } = await tool('events', 'list', `--function=${world.functionName}`, '--limit=2', '-o', 'json');
    expect(answer.results).toEqual([JSON.parse(out)]);
    expect(answer.command).toBe(`maintenance-window events list --function=${world.functionName} --limit=2`);
    expect(answer.remarks).toEqual([{ kind: 'note', text: expect.stringContaining('there are more') }]);
  });

  it('tells a fault as the tool does, with its exit code', async () => {
    const answer = await console_.look('events show', 'name=nothing-like-it');
    // the remedy names a command for the place of the console, whichever context is in use where it is typed
    const { code, err } = await tool('events', 'show', 'nothing-like-it', '--no-context');
    expect(answer.exitCode).toBe(code);
    expect(`maintenance-window: ${answer.remarks.find(({ kind }) => kind === 'fault')?.text}\n`).toBe(err);
  });

  it('shows no body', async () => {
    const { id } = await world.store({}, '{"secret":"4711"}');
    expect(JSON.stringify(await console_.look('events show', `name=${id}`))).not.toContain('4711');
    expect((await console_.ask(`/api/look/events%20show?name=${id}&body=`)).status).toBe(400);
  });
});

describe('a plan', () => {
  it('writes nothing before it is done, and is done once', async () => {
    const given = { options: { for: ['1h'], reason: ['CHG-1'], function: ['orders-*'] } };
    const planned = await console_.plan('begin', given);
    expect(planned.shown.results[0]).toMatchObject({ written: false, added: [expect.stringContaining('CHG-1')] });
    expect(planned.typed).toBeUndefined();
    expect(JSON.parse((await tool('status', '-o', 'json')).out).active).toBe(false);
    const done = await console_.ask('/api/do', { body: { plan: planned.plan } });
    expect(done.json()).toMatchObject({ exitCode: 0, results: [{ written: true }] });
    expect(JSON.parse((await tool('status', '-o', 'json')).out).active).toBe(true);
    expect((await console_.ask('/api/do', { body: { plan: planned.plan } })).status).toBe(409);
  });

  it.each([
    ['a filter', () => own()],
    ['everything', () => ({ all: true })],
  ] as const)('discards nothing that was deferred after it was shown, by %s', async (_, options) => {
    await world.storeMany(3);
    const { plan, shown } = await console_.plan('events discard', { options: options() });
    const [{ events }] = shown.results as [{ events: number }];
    const { id } = await world.store({ deferredAt: Date.now() });
    const done = (await console_.ask('/api/do', { body: { plan } })).json();
    expect(done).toMatchObject({ exitCode: 0, results: [{ discarded: events, left: [] }] });
    const { results } = await console_.look('events show', `name=${world.functionName}%23${id}`);
    expect(results).toEqual([expect.objectContaining({ status: 'pending' })]);
  });

  it('discards nothing where other events have failed since it was shown, and says so', async () => {
    const ids = await world.storeMany(4);
    world.lambda.behave(() => ({ kind: 'function-error', text: '{"errorType":"E","errorMessage":"boom"}' }));
    await world.replay({ limit: 1 });
    const given = { options: { ...own(), status: ['failed'], 'error-is': ['E: boom'] } };
    const { plan, shown } = await console_.plan('events discard', given);
    expect(shown.results).toEqual([expect.objectContaining({ events: 1 })]);
    await world.replay({ limit: 2 });
    expect((await console_.ask('/api/do', { body: { plan } })).json()).toMatchObject({
      exitCode: FAULTS['MaintenanceWindow.Conflict'].exitCode,
      remarks: expect.arrayContaining([{ kind: 'fault', text: expect.stringContaining('3 are meant now') }]),
    });
    expect(await Promise.all(ids.map(world.statusOf))).toEqual([...Array(3).fill('failed'), 'pending']);
    expect(await console_.carryOut('events discard', given)).toMatchObject({ results: [{ discarded: 3 }] });
  });

  it.each([
    ['schedule add', { start: ['in 1h'], end: ['+2h'] }],
    ['schedule add', { start: [IN_AN_HOUR], end: [IN_AN_HOUR] }],
  ] as const)('of %s means the times that were shown, however late it is done: %j', async (operation, times) => {
    const { plan, shown } = await console_.plan(operation, { options: { ...times, function: ['orders-*'] } });
    await pause(1_100); // times that were typed are meant to the second
    const done = (await console_.ask('/api/do', { body: { plan } })).json() as Answer;
    expect(done).toMatchObject({ exitCode: 0 });
    const ends = ({ results: [result] }: Answer) => (result as { window: { end: string } }).window.end;
    expect(ends(done)).toBe(ends(shown));
  });

  it('begins no window until tomorrow where its end has come meanwhile', async () => {
    const soon = `${new Date(Date.now() + 8_000).toISOString().slice(11, 19)}Z`;
    const { plan, shown } = await console_.plan('begin', { options: { until: [soon], function: ['orders-*'] } });
    expect(shown).toMatchObject({ exitCode: 0 });
    await pause(9_000);
    const done = (await console_.ask('/api/do', { body: { plan } })).json() as Answer;
    expect(done.exitCode).toBe(FAULTS['MaintenanceWindow.Usage'].exitCode);
    expect(JSON.parse((await tool('status', '-o', 'json')).out)).toMatchObject({ windows: [] });
  });

  it('is for what was shown: an edit of somebody else in between is told, and not lost', async () => {
    const planned = await console_.plan('begin', { options: { function: ['orders-*'] } });
    await tool('begin', '--for', '10m', '--function', 'billing', '--reason', 'somebody else', '--yes');
    const done = (await console_.ask('/api/do', { body: { plan: planned.plan } })).json();
    expect(done).toMatchObject({
      exitCode: FAULTS['MaintenanceWindow.Conflict'].exitCode,
      remarks: expect.arrayContaining([{ kind: 'fault', text: expect.stringContaining('was changed meanwhile') }]),
    });
    const { windows } = JSON.parse((await tool('status', '-o', 'json')).out);
    expect(windows).toEqual([expect.objectContaining({ reason: 'somebody else' })]);
  });

  it.each([
    ['begin', { until: [IN_AN_HOUR] }, 'until', 'end'],
    ['schedule add', { start: ['tomorrow 02:00'], for: ['2h'] }, 'start', 'start'],
  ] as const)(
    'of %s means the times that were shown, however late it is done',
    async (name, typed, option, shownAs) => {
      const planned = await console_.plan(name, { options: { ...typed, function: ['orders-*'] } });
      const [{ window }] = planned.shown.results as [{ window: Record<string, string> }];
      const meant = `--${option}=${window[shownAs]}`;
      expect(planned.shown.command).toContain(meant);
      const done = (await console_.ask('/api/do', { body: { plan: planned.plan } })).json();
      expect(done).toMatchObject({ exitCode: 0, command: expect.stringContaining(meant) });
    },
  );

  it('for every function wants the name of the parameter to be typed, and waits for it after another text', async () => {
    const { plan, typed } = await console_.plan('begin', {});
    expect(typed).toBe('maintenance-window');
    const wrong = await console_.ask('/api/do', { body: { plan, typed: 'maintenance' } });
    expect([wrong.status, wrong.json()]).toEqual([409, { why: expect.stringContaining('type maintenance-window') }]);
    expect(JSON.parse((await tool('status', '-o', 'json')).out).active).toBe(false);
    const right = await console_.ask('/api/do', { body: { plan, typed } });
    expect(right.json()).toMatchObject({ exitCode: 0, results: [{ written: true }] });
    expect((await console_.ask('/api/do', { body: { plan, typed } })).status).toBe(409);
  });

  it('of more than 1,000 events wants their number to be typed', async () => {
    await world.storeMany(1_001);
    const { typed, shown } = await console_.plan('events discard', { options: own() });
    expect(typed).toBe('1001');
    expect(shown.results[0]).toMatchObject({ dryRun: true, events: 1_001 });
  });

  it('that cannot be made says why, and gives nothing to do', async () => {
    const planned = await console_.plan('begin', { options: { for: ['nonsense'] } });
    expect(planned.plan).toBeUndefined();
    expect(planned.shown.exitCode).toBe(FAULTS['MaintenanceWindow.Usage'].exitCode);
  });
});

describe('a replay', () => {
  it('takes nothing that was deferred after it was shown, and its command says so', async () => {
    await world.storeMany(3);
    const { plan, shown } = await console_.plan('replay', { options: own() });
    expect(shown.results).toEqual([expect.objectContaining({ events: 3, until: expect.any(String) })]);
    const [{ until }] = shown.results as [{ until: string }];
    expect(shown.command).toContain(`--until=${until}`);
    const { id } = await world.store({ deferredAt: Date.now() + 1 });
    const begun = (await console_.ask('/api/do', { body: { plan } })).json() as Answer;
    expect(begun).toMatchObject({ exitCode: 0, command: expect.stringContaining(`--until=${until}`) });
    const run = String((begun.results[0] as { run: string }).run);
    const ended = async () => (await console_.look('replays show', `name=${run}`)).results[0];
    await vi.waitFor(async () => expect(await ended()).toMatchObject({ status: 'done', counts: { replayed: 3 } }), {
      timeout: 60_000,
    });
    const { results } = await console_.look('events show', `name=${world.functionName}%23${id}`);
    expect(results).toEqual([expect.objectContaining({ status: 'pending' })]);
  });

  it('takes what was shown, though its clock was ahead, and of a time that was typed no more than that', async () => {
    await world.store({ deferredAt: Date.now() + 5_000 });
    const [shownUntil, typedUntil] = await Promise.all(
      [own(), { ...own(), until: [new Date(Date.now() - 3_600_000).toISOString()] }].map(async (options) => {
        const { shown } = await console_.plan('replay', { options });
        return shown.results[0] as { events: number; until: string };
      }),
    );
    expect(shownUntil?.events).toBe(1);
    expect(Date.parse(shownUntil?.until ?? '')).toBeGreaterThan(Date.now() + 1_000);
    expect(typedUntil?.events).toBe(0);
    expect(Date.parse(typedUntil?.until ?? '')).toBeLessThan(Date.now() - 3_000_000);
  });

  it('of events that are named is of those, whenever they were deferred', async () => {
    const { id } = await world.store();
    const { shown } = await console_.plan('replay', { names: [id] });
    expect(shown).toMatchObject({ exitCode: 0, results: [{ events: 1 }] });
    expect(shown.command).not.toContain('--until');
  });

  it('goes on as a process of its own, and is seen, paused, resumed and cancelled by its record', async () => {
    await world.storeMany(300);
    const begun = await console_.carryOut('replay', { options: { ...own(), rate: ['20/s'], name: ['by hand'] } });
    const id = String((begun.results[0] as { run: string }).run);
    const shown = async () => (await console_.look('replays show', `name=${id}`)).results[0];
    await vi.waitFor(async () => expect(await shown()).toMatchObject({ status: 'running', name: 'by hand' }));
    const change = (operation: string) =>
      console_.ask(`/api/change/${encodeURIComponent(operation)}`, { body: { names: [id] } });
    expect((await change('replays pause')).json()).toMatchObject({ exitCode: 0 });
    await vi.waitFor(async () => expect(await shown()).toMatchObject({ status: 'paused' }), { timeout: 60_000 });
    await change('replays resume');
    await change('replays cancel');
    await vi.waitFor(async () => expect(await shown()).toMatchObject({ status: 'stopped' }), { timeout: 60_000 });
  });

  it('ends with the console, and gives back what it had not sent', async () => {
    await world.storeMany(300);
    const other = await startConsoleWorld(world.environment);
    const begun = await other.carryOut('replay', { options: { ...own(), rate: ['5/s'] } });
    const { run: id } = begun.results[0] as { run: string };
    await other.close();
    expect((await console_.look('replays show', `name=${id}`)).results[0]).toMatchObject({
      status: 'stopped',
      why: 'interrupted at its terminal',
    });
  });
});

describe('an export', () => {
  it('is refused beside two others, with one line; once they have ended, or nobody takes them, it is written', async () => {
    await world.storeMany(3);
    const write = () => console_.ask('/api/file/events%20export', { body: { options: own() } });
    const all = await Promise.all(Array.from({ length: 8 }, write));
    expect(all.map(({ status }) => status).sort()).toEqual([200, 200, ...Array.from({ length: 6 }, () => 429)]);
    expect(all.find(({ status }) => status === 429)?.json()).toEqual({
      why: 'Two exports are under way in this console: write the file once one of them has ended.',
    });
    for (const { text } of all.filter(({ status }) => status === 200)) expect(text.trim().split('\n')).toHaveLength(3);
    const left = Array.from({ length: 2 }, () => new AbortController());
    const taken = left.map(({ signal }) => console_.ask('/api/file/events%20export', { body: {}, signal }));
    await pause(50);
    for (const one of left) one.abort();
    await Promise.allSettled(taken);
    await vi.waitFor(async () => expect((await write()).status).toBe(200), { timeout: 60_000 });
  });
});

describe('a console that only shows', () => {
  it('changes nothing, and says why', async () => {
    const other = await startConsoleWorld(world.environment, '--read-only');
    try {
      for (const path of ['/api/plan/begin', '/api/do', '/api/change/replays%20cancel']) {
        const { status, text } = await other.ask(path, { body: {} });
        expect([status, text]).toEqual([403, expect.stringContaining('--read-only')]);
      }
      expect((await other.look('status')).exitCode).toBe(0);
    } finally {
      await other.close();
    }
  });
});
