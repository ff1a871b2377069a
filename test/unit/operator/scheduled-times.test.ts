/** When windows were active, are and will be: what is over as the versions of the parameter had it then. */
import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../core/units.ts';
import { commitEnd, prepareEnd } from '../../../operator/edits/end.ts';
import { commitExtend, prepareExtend } from '../../../operator/edits/extend.ts';
import { readScheduledTimes } from '../../../operator/windows/scheduled-times.ts';
import { createMemoryOperator } from '../../fakes/memory/memory-operator.ts';

/** A Saturday. */
const NOW = Date.UTC(2026, 10, 21, 2);
const DAILY = { schedule: 'cron(0 2 * * ? *)', duration: 'PT2H', functions: ['billing'] };

const iso = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z');
const textOf = (...windows: object[]) => JSON.stringify({ version: 1, windows });
const once = (startAt: number, endAt: number, more: object = {}) => ({ start: iso(startAt), end: iso(endAt), ...more });

/** An operator whose clock, and SSM's, goes on by hand. */
function worldAt(startAt: number, names: readonly string[] = ['windows']) {
  const clock = { at: startAt };
  const world = createMemoryOperator(names, () => clock.at);
  const read = async (fromAt: number, untilAt: number, functionName?: string) =>
    readScheduledTimes(world.operator, { fromAt, untilAt, ...(functionName !== undefined && { functionName }) });
  /** Starts, ends and standings, to be read. */
  const times = async (fromAt: number, untilAt: number) =>
    (await read(fromAt, untilAt)).times.map(({ occurrence: { startAt: from, endAt }, standing }) => [
      iso(from),
      endAt === undefined ? 'no end' : iso(endAt),
      standing,
    ]);
  return { ...world, clock, read, times };
}

describe('times that are to come', () => {
  it('are those of the windows as they are now, the active one among them', async () => {
    const world = worldAt(NOW - 3 * DAY_MS);
    world.put('windows', textOf(DAILY));
    world.clock.at = NOW + HOUR_MS;
    expect(await world.times(NOW, NOW + 2 * DAY_MS)).toEqual([
      ['2026-11-21T02:00:00Z', '2026-11-21T04:00:00Z', 'active'],
      ['2026-11-22T02:00:00Z', '2026-11-22T04:00:00Z', 'coming'],
    ]);
  });

  it('have the note of daylight saving', async () => {
    const world = worldAt(Date.UTC(2026, 9, 1));
    world.put('windows', textOf({ schedule: 'cron(30 2 * * ? *)', timezone: 'Europe/Rome', duration: 'PT1H' }));
    const { times } = await world.read(Date.UTC(2026, 9, 24), Date.UTC(2026, 9, 26));
    expect(times.map(({ note }) => note)).toEqual([
      undefined,
      '02:30 comes twice that day in Europe/Rome: begins at the first',
    ]);
  });
});

describe('times that are over', () => {
  it('are those that the parameter had then, and not those of a schedule that was added since', async () => {
    const world = worldAt(NOW - 3 * DAY_MS);
    world.put('windows', textOf(DAILY));
    world.clock.at = NOW - DAY_MS - HOUR_MS;
    world.put('windows', textOf());
    world.clock.at = NOW;
    world.put('windows', textOf({ ...DAILY, schedule: 'cron(0 5 * * ? *)' }));
    expect(await world.times(NOW - 4 * DAY_MS, NOW + DAY_MS)).toEqual([
      ['2026-11-18T02:00:00Z', '2026-11-18T04:00:00Z', 'past'],
      ['2026-11-19T02:00:00Z', '2026-11-19T04:00:00Z', 'past'],
      ['2026-11-21T05:00:00Z', '2026-11-21T07:00:00Z', 'coming'],
    ]);
  });

  it('begin when they were written where they say an earlier start, and end when a version took them away', async () => {
    const world = worldAt(NOW);
    world.put('windows', textOf(once(NOW - DAY_MS, NOW + DAY_MS)));
    world.clock.at = NOW + HOUR_MS;
    world.put('windows', textOf());
    world.clock.at = NOW + 2 * HOUR_MS;
    expect(await world.times(NOW - 2 * DAY_MS, NOW + DAY_MS)).toEqual([[iso(NOW), iso(NOW + HOUR_MS), 'past']]);
  });

  it('of a version that no function can read are those of the one before', async () => {
    const world = worldAt(NOW - DAY_MS);
    world.put('windows', textOf(DAILY));
    world.put('more', textOf());
    world.clock.at = NOW - HOUR_MS;
    world.put('windows', 'nonsense');
    world.clock.at = NOW + DAY_MS;
    world.put('windows', textOf());
    expect(await world.times(NOW - HOUR_MS, NOW + DAY_MS)).toEqual([
      ['2026-11-21T02:00:00Z', '2026-11-21T04:00:00Z', 'past'],
    ]);
  });

  it('of a time that was extended and ended are as it came out, once', async () => {
    const world = worldAt(NOW - DAY_MS);
    world.put('windows', textOf(DAILY));
    world.clock.at = NOW + HOUR_MS;
    const extend = await prepareExtend(world.operator, { end: { byMs: 2 * HOUR_MS } });
    await commitExtend(world.operator, extend);
    world.clock.at = NOW + 3 * HOUR_MS;
    expect(await world.times(NOW - HOUR_MS, NOW + HOUR_MS)).toEqual([[iso(NOW), iso(NOW + 4 * HOUR_MS), 'active']]);
    const end = await prepareEnd(world.operator, { ids: [] });
    if (end.kind !== 'prepared') throw new Error('nothing to end');
    await commitEnd(world.operator, end);
    world.clock.at = NOW + 5 * HOUR_MS;
    expect(await world.times(NOW - HOUR_MS, NOW + HOUR_MS)).toEqual([[iso(NOW), iso(NOW + 3 * HOUR_MS), 'past']]);
  });

  it('are not known where the history may not be read: what comes is told, with a warning', async () => {
    const world = worldAt(NOW - DAY_MS, ['windows', 'more']);
    world.put('windows', textOf(DAILY));
    world.put('more', textOf());
    world.deny('more');
    world.clock.at = NOW;
    const { times, faults, warnings, knownFromAt } = await world.read(NOW - DAY_MS, NOW + HOUR_MS);
    expect(times).toHaveLength(2);
    expect(faults).toMatchObject([{ name: 'MaintenanceWindow.Denied' }]);
    expect(knownFromAt).toBe(NOW);
    expect(warnings.at(-1)?.text).toMatch(/^what was before now is not known: ssm:GetParameterHistory on .*more/);
  });
});

describe('united times', () => {
  const HERE = once(NOW, NOW + 2 * HOUR_MS);

  it('are one where they overlap or touch, for each set of functions, those of every function in all', async () => {
    const world = worldAt(NOW - DAY_MS);
    world.put(
      'windows',
      textOf(
        HERE,
        once(NOW + HOUR_MS, NOW + 3 * HOUR_MS, { functions: ['orders-*'] }),
        once(NOW + 3 * HOUR_MS, NOW + 4 * HOUR_MS, { functions: ['orders-*'] }),
        once(NOW + 6 * HOUR_MS, NOW + 7 * HOUR_MS),
      ),
    );
    const { maintenance } = await world.read(NOW - DAY_MS, NOW + DAY_MS);
    expect(
      maintenance.map(({ functions, startAt, endAt = 0, ids }) => [functions, startAt, endAt, ids.length]),
    ).toEqual([
      [undefined, NOW, NOW + 2 * HOUR_MS, 1],
      [undefined, NOW + 6 * HOUR_MS, NOW + 7 * HOUR_MS, 1],
      [['orders-*'], NOW, NOW + 4 * HOUR_MS, 3],
    ]);
  });

  it('of one function are of all windows that name it', async () => {
    const world = worldAt(NOW - DAY_MS);
    world.put('windows', textOf(HERE, once(NOW + HOUR_MS, NOW + 3 * HOUR_MS, { functions: ['orders-*'] }), DAILY));
    const { maintenance, times } = await world.read(NOW, NOW + HOUR_MS * 2, 'orders-api');
    expect(times).toHaveLength(2);
    expect(maintenance).toMatchObject([{ functions: ['orders-api'], startAt: NOW, endAt: NOW + 3 * HOUR_MS }]);
  });
});

it('takes a start of some seconds before its version as it is written', async () => {
  const world = worldAt(NOW);
  world.put('windows', textOf(once(NOW - MINUTE_MS / 2, NOW + HOUR_MS)));
  expect(await world.times(NOW - DAY_MS, NOW + DAY_MS)).toEqual([
    [iso(NOW - MINUTE_MS / 2), iso(NOW + HOUR_MS), 'active'],
  ]);
});

it('tells a thousand times at most, and says that there are more', async () => {
  const world = worldAt(NOW);
  const quarterly = (minute: number) => ({ schedule: `cron(${minute}/15 * * * ? *)`, duration: 'PT1M' });
  world.put('windows', textOf(...[0, 3].map(quarterly)));
  const { times, warnings } = await world.read(NOW, NOW + 6 * DAY_MS);
  expect(times).toHaveLength(1_000);
  expect(warnings.at(-1)?.text).toMatch(/^there are 1152 times or more, and the first 1000 are told/);
});
