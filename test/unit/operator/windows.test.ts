/** What an operator does with windows, as a console or a program of one's own does it: no process, no terminal, no question. */
import { describe, expect, it } from 'vitest';
import { checkText } from '../../../operator/windows/check.ts';
import { readHistory } from '../../../operator/windows/history.ts';
import { readNext } from '../../../operator/windows/next.ts';
import { readStatus } from '../../../operator/windows/status.ts';
import { createMemoryOperator } from '../../fakes/memory/memory-operator.ts';

const NOW = Date.UTC(2026, 10, 21, 2);
const HOUR_MS = 3_600_000;
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
    expect(warnings).toEqual([expect.stringMatching(/^ssm:GetParameters on the parameter more is not allowed/)]);
    expect(said).toEqual([]);
  });

  it('says of a parameter, and of a function, that there is none', async () => {
    const { operator } = createMemoryOperator(['windows'], () => NOW);
    const { upcoming, warnings, faults } = await readNext(operator, 1, 'orders');
    expect({ upcoming, faults }).toEqual({ upcoming: [], faults: [] });
    expect(warnings).toEqual([
      expect.stringMatching(/^the parameter windows does not exist/),
      'no function orders exists in this account and region',
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
    const checked = await checkText(` ${textOf(WEEKLY, ACTIVE)}\n`, NOW, 1);
    expect(checked).toMatchObject({
      kind: 'good',
      bytes: expect.any(Number),
      upcoming: [{ occurrence: { startAt: Date.UTC(2026, 10, 22, 1) } }],
      warnings: [expect.stringMatching(/^\w{6}: the window begins in the past/)],
    });
    expect(checked).toHaveProperty('document.windows.length', 2);
  });

  it('gives why a text is none', async () => {
    expect(await checkText('{"version":1}', NOW, 1)).toMatchObject({ kind: 'malformed', message: expect.any(String) });
  });
});
