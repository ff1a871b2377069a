import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../../core/units.ts';
import { parseWindows } from '../../../../core/windows/window.ts';
import { windowIds } from '../../../../core/windows/window-ids.ts';
import { livesIn, stepsOf, type WindowLife } from '../../../../operator/report/window-life.ts';
import { readChanges } from '../../../../operator/windows/history.ts';

/** A Sunday. */
const MIDNIGHT = Date.UTC(2026, 10, 22);
const at = (hour: number) => MIDNIGHT + hour * HOUR_MS;
const iso = (hour: number) => new Date(at(hour)).toISOString().replace('.000Z', 'Z');
const night = (end: number, more: object = {}) => ({ start: iso(1), end: iso(end), ...more });
/** At 1 o'clock each Sunday, for two hours. */
const WEEKLY = { schedule: 'cron(0 1 ? * SUN *)', duration: 'PT2H' };

/** A version of the parameter: when it was written, and its windows, or a text that is none. */
type Written = readonly [hour: number, windows: readonly object[] | string];

function idOf(window: object): string {
  const parsed = parseWindows(JSON.stringify({ version: 1, windows: [window] }));
  if (parsed.kind === 'fault') throw new Error(parsed.message);
  return windowIds(parsed.document.windows)[0] ?? '';
}

/** @param first version that SSM still has */
async function read(written: readonly Written[], now: number, first = 1) {
  const versions = await readChanges(
    'windows',
    written.map(([hour, windows], index) => ({
      version: first + index,
      modifiedAt: at(hour),
      modifiedBy: `arn:aws:iam::012345678912:user/${hour}`,
      text: typeof windows === 'string' ? windows : JSON.stringify({ version: 1, windows }),
      attributes: {},
    })) as unknown as Parameters<typeof readChanges>[1],
  );
  const lives = await livesIn(versions, at(now));
  return { lives, stepsOf: (life: WindowLife | undefined) => (life ? stepsOf(life, versions) : []) };
}

/** In hours of that Sunday. */
function spanOf({ startAt, plannedEndAt, endAt }: WindowLife) {
  const hours = (instant: number) => (instant - MIDNIGHT) / HOUR_MS;
  return { start: hours(startAt), planned: hours(plannedEndAt), end: hours(endAt) };
}

describe('the life of a window that comes once', () => {
  it('has the end that was planned as it began, and the one that it came to', async () => {
    const { lives, stepsOf: steps } = await read(
      [
        [-5, [night(3)]],
        [-4, [night(4)]],
        [2, [night(6)]],
        [5, [night(5)]],
        [40, []],
      ],
      50,
    );
    expect(lives.map(spanOf)).toEqual([{ start: 1, planned: 4, end: 5 }]);
    expect(steps(lives[0]).map(({ change }) => change.kind)).toEqual(['added', 'edited', 'extended', 'ended']);
  });

  it('ends with the version that takes it out, and never was active if that is before its start', async () => {
    const taken = await read(
      [
        [-5, [night(3)]],
        [2, []],
      ],
      50,
    );
    expect(taken.lives.map(spanOf)).toEqual([{ start: 1, planned: 3, end: 2 }]);
    expect(taken.stepsOf(taken.lives[0]).map(({ change }) => change.kind)).toEqual(['added', 'removed']);
    const before = await read(
      [
        [-5, [night(3)]],
        [0, []],
      ],
      50,
    );
    expect(before.lives.map(spanOf)).toEqual([{ start: 1, planned: 3, end: 1 }]);
  });

  it('goes on through a version that no function can read', async () => {
    const { lives } = await read(
      [
        [0, [night(3)]],
        [2, 'no windows'],
        [2.5, [night(3)]],
      ],
      50,
    );
    expect(lives.map(spanOf)).toEqual([{ start: 1, planned: 3, end: 3 }]);
  });

  it('has no steps where SSM no longer knows who wrote it', async () => {
    const { lives, stepsOf: steps } = await read([[0, [night(3)]]], 50, 7);
    expect(lives.map(spanOf)).toEqual([{ start: 1, planned: 3, end: 3 }]);
    expect(steps(lives[0])).toEqual([]);
  });
});

describe('the life of a window that comes again', () => {
  it('is its last occurrence, as it stood then', async () => {
    const { lives } = await read([[-200, [WEEKLY]]], 50);
    expect(lives.map(spanOf)).toEqual([{ start: 1, planned: 3, end: 3 }]);
    const longer = await read(
      [
        [-200, [WEEKLY]],
        [20, [{ ...WEEKLY, duration: 'PT9H' }]],
      ],
      50,
    );
    expect(longer.lives.map(spanOf)).toEqual([{ start: 1, planned: 3, end: 3 }]);
    expect(longer.stepsOf(longer.lives[0]).map(({ change }) => change.kind)).toEqual(['added']);
    const gone = await read(
      [
        [-200, [WEEKLY]],
        [20, []],
      ],
      5_000,
    );
    expect(gone.lives.map(spanOf)).toEqual([{ start: 1, planned: 3, end: 3 }]);
    const cut = await read(
      [
        [-200, [WEEKLY]],
        [2, []],
      ],
      5_000,
    );
    expect(cut.lives.map(spanOf)).toEqual([{ start: 1, planned: 3, end: 2 }]);
    expect((await read([[-20, [WEEKLY]]], -1)).lives).toEqual([]);
  });

  it('is the occurrence of an earlier week, where that is asked for, by what stood then', async () => {
    const longer = { ...WEEKLY, id: idOf(WEEKLY), duration: 'PT3H' };
    const written: readonly Written[] = [
      [-200, [WEEKLY]],
      [-100, [longer]],
    ];
    expect((await read(written, 2)).lives.map(spanOf)).toEqual([{ start: 1, planned: 4, end: 4 }]);
    expect((await read(written, -166)).lives.map(spanOf)).toEqual([{ start: -167, planned: -165, end: -165 }]);
    // it was not there yet
    expect((await read(written, -201)).lives).toEqual([]);
  });

  it('has nothing of what was done to the end of a later one', async () => {
    const lasting = (duration: string) => ({ ...WEEKLY, id: idOf(WEEKLY), duration });
    const written: readonly Written[] = [
      [-200, [lasting('PT2H')]],
      [1.5, [lasting('PT1H')]],
    ];
    const [last, earlier] = [await read(written, 4), await read(written, -160)];
    expect(last.lives.map(spanOf)).toEqual([{ start: 1, planned: 3, end: 2 }]);
    expect(earlier.lives.map(spanOf)).toEqual([{ start: -167, planned: -165, end: -165 }]);
    expect(last.stepsOf(last.lives[0]).map(({ change }) => change.kind)).toEqual(['added', 'shortened']);
    expect(earlier.stepsOf(earlier.lives[0]).map(({ change }) => change.kind)).toEqual(['added']);
  });

  it('is an entry of its own once it was set apart, and keeps the id of the window that it is of', async () => {
    const apart = night(2);
    const rest = { ...WEEKLY, from: iso(2) };
    const { lives, stepsOf: steps } = await read(
      [
        [-200, [WEEKLY]],
        [2, [apart, rest]],
      ],
      50,
    );
    expect(lives).toMatchObject([{ id: idOf(apart), scheduleId: idOf(WEEKLY) }]);
    expect(lives.map(spanOf)).toEqual([{ start: 1, planned: 3, end: 2 }]);
    expect(steps(lives[0]).map(({ change, by }) => [change.kind, by?.split('/')[1]])).toEqual([
      ['added', '-200'],
      ['ended', '2'],
    ]);
  });
});
