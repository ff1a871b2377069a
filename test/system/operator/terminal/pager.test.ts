import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { windowOperatorForEach } from '../../../worlds/window-operator.ts';

// What is longer than the terminal goes through the pager.

const operator = windowOperatorForEach();
const SIZE = { columns: 120, rows: 10 };
/** A pager that can be told from the tool. */
const PAGER = 'sed s/^/paged:/';

async function scheduled(): Promise<void> {
  await operator.put('{"version":1,"windows":[{"schedule":"cron(0 * * * ? *)","duration":"PT5M","reason":"hourly"}]}');
}

async function next(environment: Record<string, string>, count = '20', size = SIZE): Promise<string> {
  await scheduled();
  const { code, out } = await operator.terminal(['next', '--count', count], { environment, size });
  expect(code).toBe(0);
  return out;
}

describe('the pager', () => {
  it('shows what is longer than the terminal, whole and in the colours of a terminal', async () => {
    const lines = (await next({ PAGER })).trimEnd().split('\n');
    expect(lines).toHaveLength(21);
    for (const line of lines) expect(line).toMatch(/^paged:/);
    expect(lines[0]).toContain('\u001b[1mSTARTS');
  });

  it.each([['exit-codes'], ['schedule', 'add']])('shows the help of %s', async (...words) => {
    const { code, out } = await operator.terminal(['help', ...words], { environment: { PAGER }, size: SIZE });
    expect(code).toBe(0);
    for (const line of out.trimEnd().split('\n')) expect(line).toMatch(/^paged:/);
    expect((await operator.piped(['help', ...words], { environment: { PAGER } })).out).not.toContain('paged:');
  });

  it('does not show what is not', async () => {
    expect(await next({ PAGER }, '3')).not.toContain('paged:');
  });

  it('does not show anything on a terminal that does not say how long it is', async () => {
    await scheduled();
    expect((await operator.terminal(['next', '--count', '50'], { environment: { PAGER } })).out).not.toContain(
      'paged:',
    );
  });

  it('is that of the tool before that of all programs', async () => {
    expect(await next({ MAINTENANCE_WINDOW_PAGER: 'sed s/^/ours:/', PAGER })).toMatch(/^ours:/);
  });

  it.each([
    ['an empty one of the tool', { MAINTENANCE_WINDOW_PAGER: '', PAGER }],
    ['cat of the tool', { MAINTENANCE_WINDOW_PAGER: 'cat', PAGER }],
    ['an empty one', { PAGER: '' }],
    ['a terminal that can do nothing', { PAGER, TERM: 'dumb' }],
  ])('is turned off by %s', async (_, environment) => {
    const out = await next(environment);
    expect(out).not.toContain('paged:');
    expect(out.trimEnd().split('\n')).toHaveLength(21);
  });

  it('is less, as git starts it', async () => {
    const less = join(operator.folder, 'less');
    writeFileSync(less, '#!/bin/sh\nsed "s/^/$LESS:/"\n');
    chmodSync(less, 0o755);
    expect(await next({ PATH: `${operator.folder}:${process.env['PATH']}` })).toMatch(/^FRX:/);
  });

  it('is not missed where it is not there', async () => {
    const out = await next({ PAGER: 'no-such-pager' });
    expect(out).toContain('STARTS');
    expect(out).not.toContain('paged:');
  });

  it('may be left before its end', async () => {
    expect(await next({ PAGER: 'head -2' }, '1000')).toMatch(/^.*STARTS.*\n.*hourly.*\n$/);
  });

  it('has nothing written into what it shows: notes come after', async () => {
    await scheduled();
    const { out } = await operator.terminal(['status', '--parameter', `${operator.parameter},no-such`], {
      environment: { PAGER },
      size: { columns: 40, rows: 3 },
    });
    expect(out).toMatch(/warning: the parameter no-such/);
    expect(out).toContain('paged:');
  });

  it('is never in a pipe, nor for JSON', async () => {
    await scheduled();
    const environment = { PAGER, COLUMNS: '10', LINES: '3' };
    expect((await operator.piped(['next', '--count', '50'], { environment })).out).not.toContain('paged:');
    const { out } = await operator.terminal(['next', '--count', '50', '-o', 'json'], { environment, size: SIZE });
    expect(out).not.toContain('paged:');
  });

  it('leaves what a change says on the screen', async () => {
    const { out } = await operator.terminal(['begin', '--for', '1h', '--yes'], {
      environment: { PAGER },
      size: { columns: 40, rows: 2 },
    });
    expect(out).toContain('Under maintenance');
    expect(out).not.toContain('paged:');
  });
});

describe('a table', () => {
  it('fits the terminal, and is whole in a pipe', async () => {
    const reason = 'the upgrade of the database that was put off twice, and then once more';
    await operator.put(
      `{"version":1,"windows":[{"schedule":"cron(0 3 ? * MON *)","duration":"PT5M","functions":["orders-api"],"reason":"${reason}"}]}`,
    );
    const { out } = await operator.terminal(['next'], { size: { columns: 100 } });
    const lines = stripVTControlCharacters(out).trimEnd().split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
    for (const word of reason.split(' ')) expect(out).toContain(word);
    expect((await operator.piped(['next'])).out).toContain(reason);
  });
});
