import { describe, expect, it } from 'vitest';
import { LOOKED_BACK_MS, maintenanceOf, windowTimes } from '../../../core/calendar/ended.ts';
import { HOUR_MS } from '../../../core/units.ts';
import { parseWithReplay } from '../../../core/windows/with-replay.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const at = (hours: number) => NOW + hours * HOUR_MS;
const iso = (hours: number) => new Date(at(hours)).toISOString();
const once = (from: number, to: number, more: object = {}) => ({ start: iso(from), end: iso(to), ...more });

function documentOf(...windows: readonly object[]) {
  const read = parseWithReplay(JSON.stringify({ version: 1, windows }));
  if (read.kind === 'fault') throw new Error(read.message);
  return read.document;
}

const timesOf = (...windows: readonly object[]) =>
  windowTimes([{ parameter: 'p', document: documentOf(...windows) }], NOW - LOOKED_BACK_MS, NOW);
const maintenance = async (...windows: readonly object[]) => maintenanceOf('orders', await timesOf(...windows), NOW);
const one = (from: number, to: number, ...replays: readonly unknown[]) => ({
  startAt: at(from),
  endAt: at(to),
  replays,
});
const ended = (...all: Parameters<typeof one>) => ({ kind: 'ended', ended: [one(...all)] });

describe('maintenance that has ended', () => {
  it('is a union of windows that name the function', async () => {
    expect(await maintenance(once(-5, -3), once(-4, -2))).toEqual(ended(-5, -2));
    expect(await maintenance(once(-5, -4), once(-6, -1), once(-9, -5.5))).toEqual(ended(-9, -1));
    expect(await maintenance(once(-5, -3), once(-3, -2))).toEqual(ended(-5, -2));
    expect(await maintenance(once(-5, -4), once(-3, -1, { functions: ['billing-*'] }))).toEqual(ended(-5, -4));
    expect(await maintenance(once(-5, -4, { functions: ['ord?rs'] }))).toEqual(ended(-5, -4));
  });

  it('is none before its end, and none where there was no window for a day', async () => {
    expect(await maintenance(once(-5, 1), once(-4, -2))).toEqual({ kind: 'active' });
    expect(await maintenance(once(0, 1))).toEqual({ kind: 'active' });
    expect(await maintenance(once(-5, 0))).toEqual(ended(-5, 0));
    expect(await maintenance(once(-30, -24), once(1, 2))).toEqual({ kind: 'none' });
    expect(await maintenance()).toEqual({ kind: 'none' });
  });

  it('is one for each occurrence of a schedule, in its time zone', async () => {
    const daily = { schedule: 'cron(0 2 * * ? *)', timezone: 'Europe/Rome', duration: 'PT2H', replay: 'manual' };
    expect(await maintenance(daily)).toEqual(ended(-11, -9, 'manual'));
    expect((await timesOf(daily)).map(({ startAt }) => startAt)).toEqual([at(-11)]);
    expect(await maintenance({ schedule: 'cron(0 * * * ? *)', duration: 'PT30M' })).toEqual({ kind: 'active' });
    expect(await maintenance({ schedule: 'cron(30 * * * ? *)', duration: 'PT10M' })).toMatchObject({
      ended: expect.arrayContaining([expect.objectContaining({ endAt: NOW - 20 * 60_000 })]),
    });
  });

  it('has what its windows say of the backlog, the one that ended last behind', async () => {
    const [slow, quick] = [{ rate: '1/s' }, { rate: '9/s' }];
    expect(await maintenance(once(-4, -1, { replay: quick }), once(-5, -2, { replay: slow }))).toEqual(
      ended(-5, -1, slow, quick),
    );
  });

  it('is told apart from what was over before it, in order', async () => {
    const [before, after] = [once(-12, -11, { replay: 'manual' }), once(-4, -1, { replay: {} })];
    const both = { kind: 'ended', ended: [one(-12, -11, 'manual'), one(-4, -1, {})] };
    expect(await maintenance(after, before)).toEqual(both);
    expect(await maintenance(before, after)).toEqual(both);
  });

  it('ends at the same instant whenever it is looked at, however much of it is out of sight', async () => {
    const document = documentOf(once(-40, -20), once(-21, -1));
    for (const now of [at(0), at(2), at(5)]) {
      const times = await windowTimes([{ parameter: 'p', document }], now - LOOKED_BACK_MS, now);
      expect(maintenanceOf('orders', times, now)).toMatchObject({ kind: 'ended', ended: [{ endAt: at(-1) }] });
    }
  });
});
