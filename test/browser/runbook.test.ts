/**
 * The night of docs/runbook.md in one walk: a browser, the console of `npm start`, its emulator with a function that fails for one
 * event until it is repaired. At each station the page tells the tool's numbers.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLIENT_SETTINGS } from '../../local/aws/stand-ins.ts';
import { build } from '../../local/builds.ts';
import { clientEnvironment } from '../../local/environment.ts';
import { FUNCTION_NAME, PARAMETER } from '../../local/guide.ts';
import { functionOf } from '../../local/handler.ts';
import { type Local, startLocal } from '../../local/start.ts';
import { runCli } from '../worlds/cli.ts';
import { emulatorFile } from '../worlds/emulator.ts';
import { browserForFile, confirm, describeInBrowser } from './browser.ts';

const PICTURES = join(import.meta.dirname, '..', '..', 'dist', 'screenshots');
const ORDERS = 12;
const ERROR = 'no such order: 1';

describeInBrowser('the night of the runbook', () => {
  const pages = browserForFile();
  let folder: string;
  let local: Local;
  let lambda: LambdaClient;
  let environment: Record<string, string | undefined>;
  let page: Page;
  const lines: string[] = [];

  beforeAll(async () => {
    const built = await build('client', AbortSignal.any([]));
    if (built.kind === 'failed') throw new Error('what npm start builds cannot be built');
    mkdirSync(PICTURES, { recursive: true });
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'night-')));
    const taskRoot = join(folder, 'task');
    mkdirSync(taskRoot);
    // repaired from outside: a change of its own code would start it anew
    const code = `import { existsSync } from 'node:fs';
export const handler = async (event) => {
  if (event.order === 1 && !existsSync(${JSON.stringify(join(folder, 'repaired'))})) throw new Error(${JSON.stringify(ERROR)});
  console.log('RAN ' + JSON.stringify(event));
  return { booked: event.order };
};`;
    writeFileSync(join(taskRoot, 'index.mjs'), code);
    local = await startLocal({
      fn: functionOf(
        { taskRoot, name: 'index.handler', file: join(taskRoot, 'index.mjs') },
        built.program,
        process.env['PATH'],
      ),
      emulatorFile: await emulatorFile(),
      cloud: built.cloud,
      console: built.tool,
      environment: process.env,
      port: 0,
      write: (line) => lines.push(line),
    });
    environment = clientEnvironment(local.addresses);
    lambda = new LambdaClient({ ...CLIENT_SETTINGS, endpoint: local.addresses.invokeUrl });
    page = await pages.open(local.addresses.consoleUrl ?? '');
  });
  afterAll(async () => {
    lambda?.destroy();
    await local?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const tool = async (...words: string[]) => {
    const { out, err } = await runCli([...words, '-o', 'json'], { environment });
    if (out === '') throw new Error(`${words.join(' ')} said nothing: ${err}`);
    return JSON.parse(out);
  };
  const ran = () => lines.flatMap((line) => line.split('RAN ')[1] ?? []).map((text) => JSON.parse(text));
  const view = (name: string) => page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name }).click();
  const see = (text: string | RegExp) => page.getByText(text).first().waitFor();
  const invoke = (event: object) =>
    lambda.send(new InvokeCommand({ FunctionName: FUNCTION_NAME, Payload: Buffer.from(JSON.stringify(event)) }));

  /** What waits, as the tool tells it. A busy machine counts in part within the time that there is. */
  async function counted(): Promise<Readonly<Record<string, number>>> {
    for (;;) {
      const { waiting } = await tool('status');
      if (!waiting.atLeast) return waiting;
    }
  }

  /** The same; and the page says the same on its first view. */
  async function waiting(): Promise<Readonly<Record<string, number>>> {
    const told = await counted();
    await view('Now');
    for (const status of ['pending', 'failed', 'unknown', 'replaying'])
      await page.getByRole('link', { name: new RegExp(`^${told[status]}\\s*${status}$`) }).waitFor();
    return told;
  }

  /** Replays all that is pending, as these fields say, and goes to where it is told of. */
  async function replay(name: string, fields: Readonly<Record<string, string>>): Promise<void> {
    await view('Events');
    await page.getByText('Replay', { exact: true }).click();
    for (const [label, text] of Object.entries({ ...fields, Name: name })) await page.getByLabel(label).fill(text);
    await page.getByRole('button', { name: 'Replay…' }).click();
    await confirm(page, 'Replay these events');
    await view('Replays');
    await page.getByRole('row', { name }).getByRole('link').click();
    await page.getByRole('heading', { name }).waitFor();
  }

  it('begins, defers, looks, ends, tries a few, replays, pauses, discards, restores, and reports', async () => {
    await see('Not under maintenance, and nothing waits');

    // an emergency: every function, from now on
    await page.getByText('Begin a window').click();
    await page.getByLabel('Reason').fill('CHG-1042');
    await page.getByRole('button', { name: 'Begin…' }).click();
    await confirm(page, 'Begin the window', PARAMETER);
    await see(/^Under maintenance, and/);
    const { windows } = await tool('status');
    expect(windows).toEqual([expect.objectContaining({ reason: 'CHG-1042' })]);
    const [{ id }] = windows;

    // the function sees it within its TTL; from then on nothing runs
    while ((await counted()).pending === 0) await invoke({ order: 1 });
    const before = ran().length;
    for (let order = 2; order <= ORDERS; order += 1) await invoke({ order });
    expect(ran()).toHaveLength(before);
    expect(await waiting()).toMatchObject({ pending: ORDERS, failed: 0 });

    // what came in, by the tool and by the page
    await view('Backlog');
    await see(`${ORDERS} events wait`);
    expect(await tool('events', 'list', '--count')).toMatchObject({ events: ORDERS });
    await view('Events');
    await page.getByRole('row').nth(ORDERS).waitFor();
    const { events } = await tool('events', 'list');
    for (const event of events) await page.getByRole('link', { name: event.id.slice(0, 8) }).waitFor();
    expect(await page.getByRole('row').count()).toBe(1 + events.length);

    // systems are up: once inside the window, then everybody
    await view('Now');
    await page.getByText('Smoke test').click();
    await page.getByLabel('Function', { exact: true }).fill(FUNCTION_NAME);
    await page.getByLabel('Event, as JSON').fill('{"order":0}');
    await page.getByRole('button', { name: 'Run it…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /^Run/ }).click();
    await see('"booked": 0');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    expect(ran().at(-1)).toEqual({ order: 0 });
    await page.getByRole('button', { name: /^End window/ }).click();
    await confirm(page, /^End/);
    await see(`Not under maintenance; ${ORDERS} events wait`);
    expect((await tool('status')).active).toBe(false);

    // the first one fails: nothing else is sent
    await replay('a canary', { 'On only if the first so many succeed': '1' });
    await page.getByRole('heading', { name: /a canary (stopped|incomplete)/ }).waitFor();
    expect(await waiting()).toMatchObject({ pending: ORDERS - 1, failed: 1 });
    await page.getByRole('article').getByText(`failed with Error: ${ERROR}`).waitFor();
    await view('Failures');
    await see(/no such order/);
    const { groups } = await tool('events', 'failures');
    expect(groups).toEqual([
      expect.objectContaining({ events: 1, sample: expect.objectContaining({ id: events[0].id }) }),
    ]);
    await page.getByRole('button', { name: 'Discard the group' }).click();
    await confirm(page, /^Discard \d+ events?$/);
    expect(await waiting()).toMatchObject({ pending: ORDERS - 1, failed: 0 });

    // the others, slowly; the systems behind suffer
    await replay('the others', { 'At a rate of': '1/s' });
    await page.getByRole('button', { name: 'Pause' }).click();
    await confirm(page, /^Pause/);
    await page.getByRole('heading', { name: /the others paused/ }).waitFor();
    const paused = (await tool('replays', 'list')).replays[0];
    expect(paused).toMatchObject({ name: 'the others', status: 'paused' });
    await page.getByRole('button', { name: 'Resume' }).click();
    await confirm(page, /^Resume/);
    await page.getByRole('button', { name: '200/s' }).click();
    await confirm(page, /^Set/);
    await page.getByRole('heading', { name: /the others done/ }).waitFor();
    await page.getByRole('link', { name: new RegExp(`^${ORDERS - 1}\\s*replayed$`) }).waitFor();
    expect((await tool('replays', 'show', paused.id)).counts).toMatchObject({ replayed: ORDERS - 1 });
    expect(await waiting()).toMatchObject({ pending: 0, failed: 0 });
    await see('Not under maintenance, and nothing waits');

    // repaired after all: what was discarded comes back
    writeFileSync(join(folder, 'repaired'), '');
    await view('Events');
    await page.getByLabel('Status').selectOption('discarded');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('link', { name: events[0].id.slice(0, 8) }).click();
    await page.getByRole('button', { name: 'Restore' }).click();
    await confirm(page, /^Restore/);
    expect(await tool('events', 'show', events[0].id)).toMatchObject({ status: 'failed' });
    await page.getByRole('button', { name: 'Replay', exact: true }).click();
    await confirm(page, /^Replay/);
    await page.getByRole('dialog').getByText('replayed', { exact: true }).first().waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    expect(await waiting()).toMatchObject({ pending: 0, failed: 0 });
    const orders = ran().flatMap(({ order }) => (order > 0 ? [order] : []));
    expect(new Set(orders).size).toBe(ORDERS);

    // for the ticket
    await view('Report');
    await page.getByRole('heading', { name: `Maintenance window ${id}: CHG-1042` }).waitFor();
    const report = await tool('report');
    expect(report).toMatchObject({ window: { id }, events: { deferred: ORDERS, replayed: ORDERS } });
    const cells = await page.getByRole('row', { name: /^all/ }).getByRole('cell').allTextContents();
    expect(cells.slice(0, 2)).toEqual([String(report.events.deferred), String(report.events.replayed)]);
    await page.screenshot({ path: join(PICTURES, 'night-report.png'), fullPage: true });
    await view('Audit');
    for (const deed of [/discarded 1 event/, /restored 1 event/])
      await page.getByRole('cell', { name: deed }).waitFor();
    expect(pages.faults).toEqual([]);
  });
});
