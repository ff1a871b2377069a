/** What somebody wants to know of an edit before it is written: whom it is for, and what it meets. */
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../core/units.ts';
import type { Window } from '../../../core/windows/window.ts';
import { outlookOf } from '../../../operator/edits/outlook.ts';
import { prepareAdd, prepareRemove } from '../../../operator/edits/schedule.ts';
import { createMemoryOperator } from '../../fakes/memory/memory-operator.ts';

const NOW = Date.UTC(2026, 10, 21, 2);
const DAILY = { schedule: 'cron(0 2 * * ? *)', duration: 'PT2H', functions: ['orders-*'], reason: 'vacuum' };
const reading = (name: string, parameter = 'windows') => ({
  name,
  timeoutSeconds: 30,
  environment: { MAINTENANCE_WINDOW_PARAMETER: parameter },
  mayHoldClient: true,
});
const once = (fromHours: number, forHours: number, functions?: readonly string[]): Window => ({
  kind: 'one-off',
  startAt: NOW + fromHours * HOUR_MS,
  endAt: NOW + (fromHours + forHours) * HOUR_MS,
  ...(functions && { functions }),
});

function worldOf(...windows: object[]) {
  const world = createMemoryOperator(['windows', 'more'], () => NOW, [
    reading('orders-api'),
    reading('orders-batch'),
    reading('billing', 'other'),
  ]);
  world.put('windows', JSON.stringify({ version: 1, windows }));
  world.put('more', JSON.stringify({ version: 1, windows: [{ ...DAILY, reason: 'of the stack' }] }));
  const added = async (window: Window) => {
    const prepared = await prepareAdd(world.operator, window);
    return outlookOf(world.operator, prepared, [prepared], prepared.lookup);
  };
  return { ...world, added };
}

describe('what an edit covers', () => {
  it.each([
    ['every function that reads the parameter', undefined, ['orders-api', 'orders-batch']],
    ['those that it names and that read it', ['orders-a*', 'billing'], ['orders-api']],
    ['none', ['orders'], []],
  ] as const)('is %s', async (_, functions, names) => {
    const { covers } = await worldOf().added(once(10, 1, functions));
    expect(covers).toEqual({ kind: 'known', names });
  });

  it('is not known where Lambda may not be asked, and that is no fault', async () => {
    const world = worldOf();
    const denied = Object.assign(new Error(''), { name: 'AccessDeniedException' });
    const operator = { ...world.operator, functions: () => Promise.reject(denied) };
    const prepared = await prepareAdd(operator, once(10, 1));
    const { covers } = await outlookOf(operator, prepared, [prepared], prepared.lookup);
    expect(covers).toEqual({ kind: 'unknown', why: 'lambda:ListFunctions is not allowed' });
  });
});

describe('what an edit meets', () => {
  const metBy = async (window: Window, ...windows: object[]) =>
    (await worldOf(...windows).added(window)).meets.map(({ window: { reason }, parameter, occurrence }) => [
      reason,
      parameter.name,
      (occurrence.startAt - NOW) / HOUR_MS,
    ]);

  it('are the times of other windows, of all parameters, that overlap its own', async () => {
    expect(await metBy(once(25, 1), DAILY)).toEqual([
      ['vacuum', 'windows', 24],
      ['of the stack', 'more', 24],
    ]);
  });

  it('are none of windows for other functions, and none that only touch it', async () => {
    expect(await metBy(once(25, 1, ['billing']), DAILY)).toEqual([]);
    expect(await metBy(once(26, 22), DAILY)).toEqual([]);
  });

  it('are those of the next five times of a window that comes again', async () => {
    const { meets } = await worldOf(DAILY).added({
      kind: 'recurring',
      schedule: 'cron(30 3 * * ? *)',
      timezone: 'UTC',
      durationMs: HOUR_MS,
    });
    expect(meets.filter(({ parameter }) => parameter.name === 'windows')).toHaveLength(5);
  });

  it('of one that is removed are those that stay', async () => {
    const world = worldOf(DAILY, { ...DAILY, functions: undefined, reason: 'all' });
    const [daily = ''] = (await prepareAdd(world.operator, once(1, 1))).windows.map(({ id }) => id);
    const prepared = await prepareRemove(world.operator, [daily]);
    const { meets } = await outlookOf(world.operator, prepared, prepared.removing);
    expect(new Set(meets.map(({ window }) => window.reason))).toEqual(new Set(['all', 'of the stack']));
  });
});
