import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../core/units.ts';
import { activeDocument, iso, NO_WINDOWS, windowOperatorForEach } from '../../../worlds/window-operator.ts';

const operator = windowOperatorForEach();
const windows = async () => JSON.parse(await operator.text()).windows;

describe('extend', () => {
  it('gives the active window half an hour more, and leaves its id', async () => {
    await operator.put(NO_WINDOWS);
    const { window } = await operator.json(['begin', '--for', '1h', '--reason', 'CHG-1']);
    const { code, out, err } = await operator.piped(['extend']);
    expect({ code, err }).toEqual({ code: 0, err: 'note: by 30 min, as neither --for nor --until was said\n' });
    const end = iso(Date.parse(window.end) + 30 * MINUTE_MS);
    expect(out).toMatch(
      new RegExp(
        `^Extended: every function, until ${end} \\(in .*\\), 30 min longer\n {2}window {2}${window.id} in .*, version 3\n {2}to end {2}maintenance-window end ${window.id}\n$`,
      ),
    );
    expect(await windows()).toEqual([{ start: window.start, end, reason: 'CHG-1' }]);
    expect((await operator.json(['status'])).windows[0].id).toBe(window.id);
  });

  it('shows on a terminal the new end in local time, too', async () => {
    await operator.put(activeDocument());
    const rome = { environment: { TZ: 'Europe/Rome', NO_COLOR: '1' } };
    const { code, out } = await operator.terminal(['extend', '--for', '2h'], rome);
    expect(code).toBe(0);
    expect(out).toMatch(/Extended: every function, until .*Z \(.*\d\d:\d\d Europe\/Rome, in .*\), 2 h longer\n/);
  });

  it('takes a time, and leaves a list a list', async () => {
    const start = iso(Date.now() - HOUR_MS);
    await operator.put(`${start},${iso(Date.now() + HOUR_MS)}`);
    const until = iso(Date.now() + 3 * HOUR_MS);
    expect(await operator.json(['extend', '--until', until])).toMatchObject({ code: 0, written: true, end: until });
    expect(await operator.text()).toBe(`${start},${until}`);
  });

  it('refuses to shorten, and two ends', async () => {
    await operator.put(activeDocument());
    const { windows: active } = await operator.json(['status']);
    expect(await operator.piped(['extend', '--until', '+10m'])).toMatchObject({
      code: 64,
      err: expect.stringMatching(
        new RegExp(
          `^maintenance-window: ${active[0].id} ends later already, .*: an extension makes a window longer; to end it now: {2}maintenance-window end ${active[0].id}\n$`,
        ),
      ),
    });
    expect(await operator.piped(['extend', '--for', '1h', '--until', '23:00'])).toMatchObject({
      code: 64,
      err: 'maintenance-window: --for and --until both say how much longer: say one of them\n',
    });
    expect(await operator.versions()).toHaveLength(1);
  });

  it('lists the windows of which it cannot know which one is meant', async () => {
    const other = { start: iso(Date.now() - MINUTE_MS), end: iso(Date.now() + DAY_MS), reason: 'other' };
    await operator.put(activeDocument({ more: [other] }));
    const { windows: active } = await operator.json(['status']);
    const { code, err } = await operator.piped(['extend', '--for', '90m']);
    expect(code).toBe(64);
    expect(err).toContain(`several windows are active: ${active[0].id} (`);
    expect(err).toMatch(
      new RegExp(`, ${active[1].id} \\(.*\\); name one: {2}maintenance-window extend ${active[0].id} --for PT1H30M\n$`),
    );
    expect(await operator.json(['extend', active[0].id.slice(0, 4), '--for', '10m'])).toMatchObject({ code: 0 });
    expect((await windows())[1]).toEqual(other);
  });

  it('makes this time of a schedule longer, and no other one', async () => {
    const began = new Date(Math.floor((Date.now() - 2 * MINUTE_MS) / MINUTE_MS) * MINUTE_MS);
    const schedule = `cron(${began.getUTCMinutes()} ${began.getUTCHours()} * * ? *)`;
    const daily = { schedule, duration: 'PT1H', reason: 'daily', functions: ['orders-*'] };
    await operator.put(JSON.stringify({ version: 1, windows: [daily] }));
    const { windows: before } = await operator.json(['schedule', 'list']);
    const extended = await operator.json(['extend', '--for', '30m']);
    expect(extended).toMatchObject({ code: 0, window: { id: before[0].id } });
    const [occurrence, rest] = await windows();
    const end = iso(began.getTime() + 1.5 * HOUR_MS);
    expect(occurrence).toEqual({ start: iso(began.getTime()), end, reason: 'daily', functions: ['orders-*'] });
    expect(rest).toEqual({ ...daily, from: iso(began.getTime() + HOUR_MS) });
    const { windows: after } = await operator.json(['schedule', 'list']);
    expect(after).toMatchObject([
      { id: extended.occurrenceId, active: true },
      { id: before[0].id, active: false },
    ]);
    // the id of the schedule means this time of it, as long as that lasts
    expect(await operator.json(['end', before[0].id])).toMatchObject({
      code: 0,
      ended: [{ id: extended.occurrenceId }],
    });
  });

  it('warns of a window longer than a day, and asks on a terminal', async () => {
    await operator.put(activeDocument());
    const typed = [['[y/N]', 'n\n']] as const;
    expect(await operator.terminal(['extend', '--for', '25h'], { typed })).toMatchObject({
      code: 1,
      out: expect.stringMatching(/warning: the window is 1 d 3 h long, which is more than a day/),
    });
    expect(await operator.versions()).toHaveLength(1);
    expect(await operator.json(['extend', '--for', '25h', '--dry-run'])).toMatchObject({ code: 0, written: false });
    expect(await operator.versions()).toHaveLength(1);
  });

  it('does not revive what is over, nor begin what is to come', async () => {
    await operator.put(
      activeDocument({ more: [{ start: iso(Date.now() + DAY_MS), end: iso(Date.now() + 2 * DAY_MS) }] }),
    );
    const { windows: listed } = await operator.json(['schedule', 'list']);
    await operator.piped(['end'], { environment: { AWS_ACCESS_KEY_ID: 'ada' } });
    expect(await operator.piped(['extend', listed[0].id])).toMatchObject({
      code: 64,
      err: expect.stringMatching(
        new RegExp(`${listed[0].id} ended .*Z \\(.* ago\\), by ada; for another one: {2}maintenance-window begin\n$`),
      ),
    });
    expect(await operator.piped(['extend', listed[1].id])).toMatchObject({
      code: 64,
      err: expect.stringContaining('is not active: it begins '),
    });
    expect(await operator.piped(['extend'])).toMatchObject({
      code: 66,
      err: expect.stringContaining(`no window of ${operator.parameter} is active; for another one:`),
    });
  });

  it('meets another operator, and only one of both has it', async () => {
    await operator.put(activeDocument());
    const both = await Promise.all([
      operator.piped(['extend', '--for', '10m']),
      operator.piped(['extend', '--for', '20m']),
    ]);
    const codes = both.map(({ code }) => code).toSorted();
    expect([
      [0, 75],
      [75, 75],
    ]).toContainEqual(codes);
  });
});
