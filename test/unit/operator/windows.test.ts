/** What an operator does with windows, as a console or a program of one's own does it: no process, no terminal, no question. */

import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../core/units.ts';
import { commitBegin, prepareBegin } from '../../../operator/edits/begin.ts';
import { commitEdit } from '../../../operator/edits/draft.ts';
import { commitEnd, prepareEnd } from '../../../operator/edits/end.ts';
import { commitExtend, prepareExtend } from '../../../operator/edits/extend.ts';
import { listWindows, prepareAdd, prepareRemove } from '../../../operator/edits/schedule.ts';
import { createTimes } from '../../../operator/times/times.ts';
import { checkText } from '../../../operator/windows/check.ts';
import { readHistory } from '../../../operator/windows/history.ts';
import { readNext } from '../../../operator/windows/next.ts';
import { readStatus } from '../../../operator/windows/status.ts';
import { createMemoryOperator } from '../../fakes/memory/memory-operator.ts';

const NOW = Date.UTC(2026, 10, 21, 2);
const WEEKLY = { schedule: 'cron(0 2 ? * SUN *)', timezone: 'Europe/Rome', duration: 'PT2H', functions: ['billing'] };
const ACTIVE = { start: '2026-11-21T01:00:00Z', end: '2026-11-21T04:00:00Z', reason: 'CHG-1' };

const textOf = (...windows: object[]) => JSON.stringify({ version: 1, windows });
const reading = (name: string, parameter: string, timeoutSeconds: number) => ({
  name,
  timeoutSeconds,
  environment: { MAINTENANCE_WINDOW_PARAMETER: parameter, MAINTENANCE_WINDOW_TTL: '60' },
  mayHoldClient: true,
});

/** An operator of the parameter `windows`, and of `more`, which he may not read. */
function hindered(...windows: object[]) {
  const world = createMemoryOperator(['windows', 'more'], () => NOW);
  world.put('windows', textOf(...windows));
  world.put('more', textOf());
  world.deny('more');
  return world;
}

/** An operator of parameters, the first of which has a text, with a function `orders` that follows it. */
function worldOf(text: string, names: readonly string[] = ['windows']) {
  const world = createMemoryOperator(names, () => NOW, [reading('orders', 'windows', 30)]);
  world.put('windows', text);
  return { ...world, stored: () => world.text('windows') };
}

describe('next', () => {
  it('gives the windows that begin, soonest first, and what could not be read', async () => {
    const { operator, said } = hindered(WEEKLY, { start: '2026-11-21T12:00:00Z', end: '2026-11-21T13:00:00Z' });
    const { now, upcoming, faults, warnings } = await readNext(operator, 2);
    expect(now).toBe(NOW);
    expect(upcoming).toMatchObject([
      { parameter: { name: 'windows' }, occurrence: { startAt: Date.UTC(2026, 10, 21, 12) } },
      { window: { functions: ['billing'] }, occurrence: { startAt: Date.UTC(2026, 10, 22, 1) } },
    ]);
    expect(faults).toMatchObject([{ name: 'MaintenanceWindow.Denied' }]);
    expect(warnings).toEqual([
      {
        text: expect.stringMatching(/^ssm:GetParameters on the parameter more is not allowed/),
        remedy: { kind: 'permission', action: expect.stringContaining(':') },
      },
    ]);
    expect(said).toEqual([]);
  });

  it('says of a parameter, and of a function, that there is none', async () => {
    const { operator } = createMemoryOperator(['windows'], () => NOW);
    const { upcoming, warnings, faults } = await readNext(operator, 1, 'orders');
    expect({ upcoming, faults }).toEqual({ upcoming: [], faults: [] });
    expect(warnings).toEqual([
      {
        text: expect.stringMatching(/^the parameter windows does not exist/),
        remedy: { kind: 'absent-parameter', parameter: 'windows' },
      },
      { text: 'no function orders exists in this account and region' },
    ]);
  });
});

describe('status', () => {
  it('gives what is under maintenance, since when, and when it is quiet', async () => {
    const { operator, put, said } = createMemoryOperator(['windows'], () => NOW, [reading('orders', 'windows', 30)]);
    put('windows', textOf(ACTIVE, WEEKLY));
    const { at, active, maintenance, next } = await readStatus(operator, {});
    expect(at).toBe(NOW);
    expect(active).toMatchObject([{ window: { reason: 'CHG-1' }, parameter: { version: 1 } }]);
    // Written just now, so it is seen a TTL, a tenth of it and a second later, and then the time-out goes by.
    expect(maintenance).toMatchObject([
      { state: { startAt: NOW - HOUR_MS, endAt: NOW + 2 * HOUR_MS, reason: 'CHG-1' }, quiet: { at: NOW + 97_000 } },
    ]);
    expect(next).toMatchObject({ window: { functions: ['billing'] } });
    expect(said).toEqual([]);
  });

  it('gives it for another instant, and for one function', async () => {
    const { operator, put } = createMemoryOperator(['windows'], () => NOW, [reading('billing', 'windows', 30)]);
    put('windows', textOf(ACTIVE, WEEKLY));
    const sunday = Date.UTC(2026, 10, 22, 2);
    expect(await readStatus(operator, { at: sunday, functionName: 'billing' })).toMatchObject({
      now: NOW,
      at: sunday,
      maintenance: [{ functions: ['billing'], state: { endAt: sunday + HOUR_MS } }],
    });
    expect(await readStatus(operator, { at: sunday, functionName: 'orders' })).toMatchObject({ maintenance: [] });
  });
});

describe('history', () => {
  it('gives who changed what, newest first, and the histories that could not be read', async () => {
    const { operator, put, said } = hindered(ACTIVE);
    put('windows', 'no windows');
    const { changes, faults } = await readHistory(operator, 10);
    expect(changes).toMatchObject([
      { version: 2, isFirst: false, malformed: expect.any(String), text: 'no windows' },
      { version: 1, isFirst: true, at: NOW, by: expect.stringMatching(/user\/carol$/), difference: { removed: [] } },
    ]);
    expect(changes[1]?.difference.added).toHaveLength(1);
    expect(changes[1]).not.toHaveProperty('malformed');
    expect(faults).toMatchObject([{ name: 'MaintenanceWindow.Denied' }]);
    expect(said).toEqual([]);
    expect((await readHistory(operator, 1)).changes).toHaveLength(1);
  });

  it('rejects where there is none', async () => {
    const { operator } = createMemoryOperator(['windows'], () => NOW);
    await expect(readHistory(operator, 10)).rejects.toMatchObject({ name: 'MaintenanceWindow.NotFound' });
  });
});

describe('check', () => {
  it('gives the canonical text, what begins next, and what may not be meant', async () => {
    const checked = await checkText(` ${textOf(WEEKLY, ACTIVE)}\n`, NOW, 1, createTimes());
    expect(checked).toMatchObject({
      kind: 'good',
      bytes: expect.any(Number),
      upcoming: [{ occurrence: { startAt: Date.UTC(2026, 10, 22, 1) } }],
      warnings: [expect.stringMatching(/^\w{6}: the window begins in the past/)],
    });
    expect(checked).toHaveProperty('document.windows.length', 2);
  });

  it('gives why a text is none', async () => {
    expect(await checkText('{"version":1}', NOW, 1, createTimes())).toMatchObject({
      kind: 'malformed',
      message: expect.any(String),
    });
  });
});

// side by side, as each waits for a second to see that it is still in force
describe.concurrent('an edit', () => {
  it('is prepared, looked at, and written in a second call: begin', async () => {
    const { operator, put, stored, said } = worldOf(textOf());
    const prepared = await prepareBegin(operator, {
      end: { lengthMs: HOUR_MS },
      reason: 'CHG-7',
      functions: ['orders'],
    });
    expect(prepared).toMatchObject({
      window: { startAt: NOW, endAt: NOW + HOUR_MS, reason: 'CHG-7' },
      difference: { removed: [], added: [expect.stringContaining('CHG-7')] },
      doubts: [],
      notes: [],
      quiet: { at: NOW + 97_000 },
    });
    expect(stored()).toBe(textOf());
    expect(await commitBegin(operator, prepared)).toMatchObject({
      version: 2,
      isUnchecked: false,
      quiet: { at: NOW + 97_000 },
    });
    expect(stored()).toContain('CHG-7');
    expect(said).toEqual([]);
    put('windows', textOf());
    await expect(commitBegin(operator, prepared)).rejects.toMatchObject({ name: 'MaintenanceWindow.Conflict' });
    expect(stored()).toBe(textOf());
  });

  it('says what may not be meant, and what is good to know, and is not held up by it', async () => {
    const over = { start: '2026-11-19T00:00:00Z', end: '2026-11-19T01:00:00Z' };
    const { operator, stored } = worldOf(textOf(over));
    const prepared = await prepareBegin(operator, { end: { lengthMs: 25 * HOUR_MS }, functions: ['nobody'] });
    expect(prepared.doubts).toEqual([
      { text: expect.stringContaining('more than a day') },
      { text: 'no function nobody exists in this account and region', vainUnless: 'functions-right' },
    ]);
    expect(prepared.notes).toEqual([
      expect.stringMatching(/^1 window that ended more than a day ago will be taken out: \w{6}$/),
    ]);
    expect(await commitBegin(operator, prepared)).toMatchObject({ version: 2 });
    expect(stored()).not.toContain('2026-11-19');
  });

  it('is refused where no function could follow it', async () => {
    const { operator, stored } = worldOf(textOf());
    const refused = (asked: Promise<unknown>, why: RegExp) =>
      expect(asked).rejects.toMatchObject({ name: 'MaintenanceWindow.Usage', message: expect.stringMatching(why) });
    await refused(prepareBegin(operator, { end: { at: NOW } }), /^the end, .* is over already/);
    await refused(
      prepareBegin(operator, { end: { lengthMs: HOUR_MS }, parameter: 'b' }),
      /^the parameter b is none of the named ones/,
    );
    await refused(prepareAdd(operator, { kind: 'one-off', startAt: NOW, endAt: NOW }), /^end: /);
    const fiveFields = { schedule: 'cron(0 2 * * *)', timezone: 'UTC', durationMs: HOUR_MS };
    await refused(prepareAdd(operator, { kind: 'recurring', ...fiveFields }), /^schedule: .*five fields/);
    expect(stored()).toBe(textOf());
  });

  it('ends what is active, and says what is still active elsewhere', async () => {
    const { operator, put, stored, said } = worldOf(textOf(ACTIVE, WEEKLY), ['windows', 'more', 'third']);
    put('more', textOf(ACTIVE));
    const prepared = await prepareEnd(operator, { ids: [] });
    if (prepared.kind !== 'prepared') throw new Error(prepared.kind);
    expect(prepared.ending).toMatchObject([{ window: { reason: 'CHG-1' }, occurrence: { startAt: NOW - HOUR_MS } }]);
    expect(await commitEnd(operator, prepared)).toMatchObject({
      version: 2,
      seenAt: NOW + 67_000,
      stillActive: {
        windows: [{ parameter: { name: 'more' }, window: { reason: 'CHG-1' } }],
        warnings: [{ text: expect.stringMatching(/^the parameter third does not exist/) }],
      },
    });
    expect(JSON.parse(stored()).windows).toEqual([{ ...ACTIVE, end: '2026-11-21T02:00:00Z' }, WEEKLY]);
    expect(await prepareEnd(operator, { ids: [] })).toMatchObject({
      kind: 'none-active',
      parameter: 'windows',
      elsewhere: { windows: [{ parameter: { name: 'more' } }] },
    });
    expect(said).toEqual([]);
  });

  it('does not extend what ended, or was ended, since it was prepared', async () => {
    let now = NOW;
    const world = createMemoryOperator(['windows'], () => now, [reading('orders', 'windows', 30)]);
    world.put('windows', textOf(ACTIVE));
    const prepared = await prepareExtend(world.operator, { end: { byMs: HOUR_MS } });
    expect(prepared).toMatchObject({ endAt: NOW + 3 * HOUR_MS, wasEndAt: NOW + 2 * HOUR_MS, doubts: [] });
    now = NOW + 2 * HOUR_MS;
    await expect(commitExtend(world.operator, prepared)).rejects.toMatchObject({
      name: 'MaintenanceWindow.Conflict',
      message: expect.stringMatching(/^\w{6} ended meanwhile, .*: nothing was written$/),
      remedy: { kind: 'begin-anew' },
    });
    now = NOW;
    world.put('windows', textOf({ ...ACTIVE, end: '2026-11-21T02:00:00Z' }));
    await expect(commitExtend(world.operator, prepared)).rejects.toMatchObject({ name: 'MaintenanceWindow.Conflict' });
    expect(world.text('windows')).toContain('02:00:00Z');
  });

  it('leaves the quiet time of an occurrence that is extended as it was', async () => {
    let now = NOW;
    const world = createMemoryOperator(['windows'], () => now, [reading('billing', 'windows', 30)]);
    world.put('windows', textOf({ ...WEEKLY, schedule: 'cron(0 1 ? * SAT *)', timezone: 'UTC' }));
    now = NOW + 20_000;
    const before = await readStatus(world.operator, {});
    await commitExtend(world.operator, await prepareExtend(world.operator, { end: { byMs: HOUR_MS } }));
    now = NOW + 40_000;
    const after = await readStatus(world.operator, {});
    expect(after.maintenance[0]?.state.endAt).toBe(NOW + 2 * HOUR_MS);
    expect(after.maintenance[0]?.quiet.at).toBe(before.maintenance[0]?.quiet.at);
  });

  it('adds a window, lists it, and takes it out', async () => {
    const { operator, stored, said } = worldOf(textOf());
    const { startAt, endAt } = { startAt: NOW - HOUR_MS, endAt: NOW + HOUR_MS };
    const added = await prepareAdd(operator, { kind: 'one-off', startAt, endAt, functions: ['orders'] });
    expect(added.doubts).toEqual([{ text: expect.stringContaining('begins in the past') }]);
    expect(await commitEdit(operator, added)).toMatchObject({ version: 2, now: NOW });
    expect((await listWindows(operator)).windows).toMatchObject([{ id: added.id, standing: { kind: 'active' } }]);
    expect((await listWindows(operator, 'billing')).windows).toEqual([]);

    const removed = await prepareRemove(operator, [added.id]);
    expect(removed).toMatchObject({ removing: [{ id: added.id }], active: [added.id], difference: { added: [] } });
    expect(await commitEdit(operator, removed)).toMatchObject({ version: 3 });
    expect(stored()).toBe(textOf());
    await expect(prepareRemove(operator, [added.id])).rejects.toMatchObject({ name: 'MaintenanceWindow.NotFound' });
    expect(said).toEqual([]);
  });
});
