/** `docs/runbook.md`, and what `docs/cli.md` says of events and replay, are run as they are written. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { scheduledEvent } from '../../../data/scheduled-event.ts';
import { pause } from '../../../fakes/scripted-service.ts';
import { buildCli } from '../../../worlds/cli.ts';
import { type CliWorld, startCliWorld } from '../../../worlds/replay-cli.ts';
import { activeWindows } from '../../../worlds/surroundings.ts';

const HOME = join(import.meta.dirname, '..', '..', '..', '..');
const MAIN = join(HOME, 'dist', 'cli', 'main.mjs');
const RUNBOOK = readFileSync(join(HOME, 'docs', 'runbook.md'), 'utf8');
const REFERENCE = readFileSync(join(HOME, 'docs', 'cli.md'), 'utf8');
/** The functions that the runbook names. */
const ORDERS = 'orders';

let world: CliWorld;
let folder: string;
beforeAll(async () => {
  buildCli();
  world = await startCliWorld();
  folder = mkdtempSync(join(tmpdir(), 'runbook-'));
  const command = join(folder, 'maintenance-window');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  chmodSync(command, 0o755);
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  world.begin();
  await world.clearWindows();
});

/** What became of a line. */
interface Ran {
  readonly line: string;
  readonly code: number;
  readonly out: string;
}

/** Runs a line as somebody types it, in a shell. */
async function type(line: string, variables: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const child = spawn('sh', ['-c', line], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...world.environment,
      ...variables,
      PATH: `${folder}${delimiter}${process.env['PATH']}`,
      HOME: folder,
      AWS_ACCESS_KEY_ID: 'operator',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      out += text;
    });
  }
  const [code] = await once(child, 'close');
  return { line, code, out };
}

/** The lines of all `sh` blocks under a heading. */
function linesUnder(text: string, heading: string): string[] {
  const section = text.split(`\n${heading}\n`)[1]?.split(/\n##+ /)[0] ?? '';
  return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) => block.trimEnd().split('\n'));
}

const runbookLines = (heading: string) => linesUnder(RUNBOOK, `## ${heading}`);

/** Runs lines in order. Each ends with 0. `before` does what happens meanwhile. */
async function runAll(
  lines: readonly string[],
  before: (line: string) => Promise<unknown> = async () => undefined,
  variables: Readonly<Record<string, string>> = {},
): Promise<readonly Ran[]> {
  expect(lines.length).toBeGreaterThan(0);
  const all: Ran[] = [];
  for (const line of lines) {
    await before(line);
    const ran = await type(line, variables);
    expect(ran).toMatchObject({ line, code: 0 });
    all.push(ran);
  }
  return all;
}

const outOf = (all: readonly Ran[], start: string) =>
  all.filter(({ line }) => line.includes(start)).map(({ out }) => out);
const stream = (sequence: number) => ({
  source: 'kinesis',
  orderKeys: [{ key: 'stream#shard-1', sequence: String(sequence) }],
});
const storeOrder = (order: number, changes = {}) =>
  world.store({ functionName: ORDERS, ...changes }, `{"order":${order}}`);

/** Begins a replay that takes longer than a test does. */
async function replayManySlowly() {
  for (let order = 0; order < 400; order += 1) await storeOrder(order);
  const before = world.lambda.ran.length;
  const replaying = type('maintenance-window replay --rate 20/s');
  while (world.lambda.ran.length === before) await pause(50);
  const { out } = await type('maintenance-window replays list --limit 1 --jq ".replays[0].id"');
  return { run: out.trim(), replaying };
}

const ordersRun = () => world.lambda.ran.map(({ text }) => JSON.parse(text));

/** Functions that are quiet some seconds after an edit. */
const knowQuick = () => {
  const Environment = { Variables: { MAINTENANCE_WINDOW_TTL: '1' } };
  world.lambda.know([{ FunctionName: ORDERS, Timeout: 1, PackageType: 'Image', Environment }]);
};

describe('the runbook', () => {
  it('has a test for each of its sections', () => {
    const headings = [...RUNBOOK.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([
      'Planned maintenance',
      'By itself',
      'Emergency',
      'The backlog is large',
      'A replay goes on elsewhere',
      'A replay failed',
      'Who did this?',
    ]);
  });

  it('planned maintenance', async () => {
    knowQuick();
    const lines = runbookLines('Planned maintenance');
    const ordered = lines.findIndex((line) => line.includes('--during-window'));
    const all = await runAll(lines.slice(0, ordered), async (line) => {
      if (line.includes(' status')) await world.setWindows(activeWindows());
      if (line.includes('--count')) for (const order of [1, 2, 3]) await storeOrder(order);
    });
    expect(outOf(all, ' next')[0]).toContain('CHG-1042');
    expect(outOf(all, ' status')[0]).toMatch(/^Under maintenance: every function/m);
    expect(outOf(all, '--count')[0]).toContain('3 events');
    expect(outOf(all, '--dry-run')[0]).toContain('3 events');
    expect(outOf(all, '--rate')[0]).toMatch(/ 3 {2}replayed\n/);
    expect(outOf(all, 'events list').at(-1)).toBe('No event.\n');
    expect(readFileSync(join(folder, 'CHG-1042.md'), 'utf8')).toMatch(/^# Maintenance window .*\n\n- Planned: /);
    expect(ordersRun()).toEqual([{ ping: true }, { order: 1 }, { order: 2 }, { order: 3 }]);
  });

  it('by itself', async () => {
    knowQuick();
    const all = await runAll(runbookLines('By itself'));
    expect(outOf(all, 'schedule add')[0]).toMatch(/^Added: 2040-01-21T22:00:00Z/m);
    expect(outOf(all, ' next')[0]).toMatch(/by itself, rate 50\/s, canary 20, stopAfter 10%/);
    const [id] = /(?<=window {2})[0-9a-f]{6}/.exec(outOf(all, 'schedule add')[0] ?? '') ?? [];
    await runAll([`maintenance-window schedule edit ${id} --replay manual --yes`]);
  });

  it('planned maintenance, in order', async () => {
    const lines = runbookLines('Planned maintenance');
    await world.setWindows(activeWindows());
    for (const order of [1, 2, 3]) await storeOrder(order, stream(order));
    await runAll(lines.slice(lines.findIndex((line) => line.includes('--during-window'))), async (line) => {
      if (line.endsWith(' end')) await storeOrder(4, stream(4));
    });
    expect(ordersRun()).toEqual([1, 2, 3, 4].map((order) => ({ order })));
    const inside = world.lambda.ran.map(({ clientContext }) =>
      JSON.stringify(clientContext).includes('"maintenance-window.dispatch":"true"'),
    );
    expect(inside).toEqual([true, true, true, false]);
  });

  it('emergency', async () => {
    knowQuick();
    const all = await runAll(runbookLines('Emergency'), async (line) => {
      if (line.includes(' status')) await storeOrder(1);
    });
    expect(outOf(all, ' begin')[0]).toContain('Quiet: no handler runs any more');
    expect(outOf(all, ' status')[0]).toContain('primary is read-only');
    expect(outOf(all, ' replay')[0]).toMatch(/ 1 {2}replayed\n/);
  });

  it('the backlog is large', async () => {
    for (const hour of [1, 2, 3])
      await world.store({ functionName: ORDERS }, scheduledEvent('hourly', `2026-11-21T0${hour}:00:00Z`));
    const early = { functionName: ORDERS, source: 's3', deferredAt: Date.UTC(2026, 10, 21, 1) };
    await world.store(early);
    await world.store({ ...early, deferredAt: Date.UTC(2026, 10, 21, 3) });
    for (let order = 0; order < 30; order += 1) await storeOrder(order);
    const all = await runAll(runbookLines('The backlog is large'));
    expect(outOf(all, '--count')[0]).toContain('35 events');
    expect(outOf(all, '--latest-per')[0]).toMatch(/ 1 {2}replayed\n +2 {2}discarded/);
    expect(outOf(all, 'discard')[0]).toMatch(/\n1 event discarded\n$/);
    const [canary = ''] = outOf(all, '--canary 20');
    expect(canary.match(/^replayed {2}/gm)).toHaveLength(20);
    expect(canary).toMatch(/ 31 {2}replayed\n/);
  });

  it('a replay goes on elsewhere', async () => {
    const { run, replaying } = await replayManySlowly();
    const all = await runAll(runbookLines('A replay goes on elsewhere'), undefined, { RUN: run });
    expect(await replaying).toMatchObject({ code: 3, out: expect.stringContaining('stopped: cancelled by ') });
    expect(outOf(all, ' show')[0]).toContain('20/s, 10 at once');
    expect(outOf(all, ' set')[0]).toContain('5/s, 2 at once');
    expect(outOf(all, '--run')[0]).toContain('replayed');
    await type('maintenance-window replay');
  });

  it('a replay failed', async () => {
    const [failed, other, more] = [await storeOrder(1), await storeOrder(2), await storeOrder(3)];
    world.lambda.behave(() => ({ kind: 'function-error', text: '{"errorType":"Orders.Unknown","errorMessage":"no"}' }));
    expect(await type('maintenance-window replay')).toMatchObject({ code: 1 });
    world.lambda.behave(({ replay }) =>
      replay === other.id ? { kind: 'function-error', text: '{"errorType":"Orders.Cancelled"}' } : undefined,
    );
    const lines = runbookLines('A replay failed');
    const again = lines.findIndex((line) => line.includes('--status failed --stop'));
    const variables = { ID: failed.id, OTHER: other.id };
    const all = await runAll(lines.slice(0, again), undefined, variables);
    expect(outOf(all, 'failed unknown')[0]?.trimEnd().split('\n')).toHaveLength(4);
    expect(outOf(all, 'show "$ID"')[0]).toContain('Orders.Unknown: no');
    expect(readFileSync(join(folder, 'event.json'), 'utf8')).toBe(failed.text);
    expect(outOf(all, 'replay "$ID"')[0]).toMatch(/ 1 {2}replayed\n/);

    // One of them fails again: the runbook goes on to discard it.
    expect(await type(lines[again] ?? '', variables)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/ 1 {2}replayed\n/),
    });
    await runAll(lines.slice(again + 1), undefined, variables);
    expect(await Promise.all([failed, other, more].map(({ id }) => world.statusOf(id)))).toEqual([
      'replayed',
      'failed', // discarded, and taken back
      'replayed',
    ]);
    expect(outOf(all, 'show "$ID"')[0]).toMatch(/^history .*failed in /m);
    expect(await world.archive.look(failed.id)).toMatchObject({ timesAgain: 1, attempts: 3 });
    const backlog = readFileSync(join(folder, 'backlog.jsonl'), 'utf8').trimEnd().split('\n');
    expect(backlog.map((line) => JSON.parse(line).id)).toEqual([other.id]);
  });

  it('who did this', async () => {
    // Before all that the other tests have replayed: a list begins with it.
    const { id } = await storeOrder(1, { deferredAt: Date.UTC(2026, 10, 20) });
    await type('maintenance-window replay');
    const all = await runAll(runbookLines('Who did this?'), undefined, { ID: id });
    expect(outOf(all, 'history')[0]).toContain('operator');
    expect(outOf(all, 'events list')[0]).toContain(id);
    expect(outOf(all, 'show')[0]).toMatch(/^doneBy +\S+@\S+\/[0-9a-f]{8}\/\d+$/m);
  });
});

describe('the reference runs as it is written:', () => {
  it('replays', async () => {
    const { run, replaying } = await replayManySlowly();
    const lines = linesUnder(REFERENCE, '### replays').map((line) => line.replace('3f2a91c0', run));
    await runAll(lines.slice(0, -1));
    const watch = lines.at(-1) ?? '';
    expect(watch).toContain(' watch ');
    expect(await type(watch)).toMatchObject({ code: 3 }); // it is cancelled
    expect(await replaying).toMatchObject({ code: 3 });
    await type('maintenance-window replay');
  });

  it.each(['events', 'replay', 'invoke'])('%s', async (heading) => {
    await storeOrder(1);
    await type('maintenance-window replay');
    const { out: run } = await type('maintenance-window replays list --limit 1 --jq ".replays[0].id"');
    const ids = new Map<string, string>();
    const lines = linesUnder(REFERENCE, `### ${heading}`).filter((line) => line.startsWith('maintenance-window'));
    for (const line of lines) {
      const [id] = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(line) ?? [];
      const wanted = line.includes(' restore ') ? 'discarded' : 'pending';
      if (id !== undefined && (ids.get(id) === undefined || (await world.statusOf(ids.get(id) ?? '')) !== wanted)) {
        ids.set(id, (await storeOrder(1)).id);
      }
      const own = line.replace(id ?? ' ', ids.get(id ?? '') ?? ' ').replace('3f2a91c0', run.trim());
      expect(await type(own)).toMatchObject({
        line: expect.any(String),
        code: 0,
      });
    }
    expect(lines.length).toBeGreaterThan(0);
  });
});
