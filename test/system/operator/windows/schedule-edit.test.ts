import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../core/units.ts';
import { activeDocument, ESCAPE, iso, NO_WINDOWS, windowOperatorForEach } from '../../../worlds/window-operator.ts';

const operator = windowOperatorForEach();
const windows = async () => JSON.parse(await operator.text()).windows;
const ids = async () => (await operator.json(['schedule', 'list'])).windows.map(({ id }: { id: string }) => id);
const IN_DAYS = (days: number) => iso(Date.now() + days * DAY_MS);
/** Neither active nor just over, whichever day it is. */
const IN_THREE_DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'][(new Date().getUTCDay() + 3) % 7];
const WEEKLY = { schedule: `cron(0 2 ? * ${IN_THREE_DAYS} *)`, duration: 'PT2H', reason: 'vacuum' };
const documentOf = (...all: readonly object[]) => JSON.stringify({ version: 1, windows: all });

/** A schedule that began two minutes ago, and goes on for an hour each day. */
function dailyNow() {
  const began = Math.floor((Date.now() - 2 * MINUTE_MS) / MINUTE_MS) * MINUTE_MS;
  const [hour, minute] = [new Date(began).getUTCHours(), new Date(began).getUTCMinutes()];
  const daily = {
    schedule: `cron(${minute} ${hour} * * ? *)`,
    duration: 'PT1H',
    reason: 'daily',
    functions: ['orders-api'],
  };
  return { began, daily };
}

describe('schedule edit', () => {
  it('changes what is named of a window that comes once, and leaves the rest and the id', async () => {
    const before = { start: IN_DAYS(3), end: IN_DAYS(4), reason: 'CHG-1', functions: ['orders-*'] };
    const other = { start: IN_DAYS(5), end: IN_DAYS(6) };
    await operator.put(documentOf(before, other));
    const [id, otherId] = await ids();
    const start = iso(Date.parse(before.start) + HOUR_MS);
    const { code, out, err } = await operator.piped(['schedule', 'edit', id, '--start', start, '--reason', 'CHG-2']);
    expect({ code, err }).toEqual({
      code: 0,
      err: `warning: the entry of ${id} has to carry its id from now on, and a client that is too old for that refuses the whole parameter and goes on with the version before\n`,
    });
    expect(out).toMatch(
      new RegExp(
        `^Edited: ${start} to ${before.end}, for 23 h, orders-\\*\n {2}window {2}${id} in windows-\\d+, version 2\n {2}changed start ${start} \\(was ${before.start}\\), reason CHG-2 \\(was CHG-1\\)\n\nSTARTS `,
      ),
    );
    expect(await windows()).toEqual([{ ...before, id, start, reason: 'CHG-2' }, other]);
    expect(await ids()).toEqual([id, otherId]);
    const { changes } = await operator.json(['history']);
    expect(changes[0].changes).toMatchObject([{ kind: 'edited', id, before: { reason: 'CHG-1' } }]);
    expect((await operator.piped(['history'])).out).toContain(
      `edited ${id} (orders-*, CHG-2): start ${start} (was ${before.start}), reason CHG-2 (was CHG-1)`,
    );
  });

  it('shows on a terminal its times in local time, too', async () => {
    await operator.put(documentOf(WEEKLY));
    const [id] = await ids();
    const { code, out } = await operator.terminal(['schedule', 'edit', id.slice(0, 4), '--for', '3h'], {
      environment: { TZ: 'Asia/Kathmandu' },
    });
    expect(code).toBe(0);
    expect(out).toContain(`${ESCAPE}[32mEdited`);
    expect(out).toMatch(/02:00:00Z \(07:45, in .*\) +\S+05:00:00Z \(10:45\) +3 h/);
  });

  it('changes what is named of a window that comes again, and takes away what is not to be there', async () => {
    await operator.put(documentOf({ ...WEEKLY, until: '2041-01-01T00:00:00Z', functions: ['orders-*'] }));
    const [id] = await ids();
    const words = ['schedule', 'edit', id, '--timezone', 'Europe/Rome', '--for', '90m', '--from', '2040-01-01'];
    const edited = await operator.json([...words, '--no-until', '--no-reason', '--no-function', '--yes']);
    const window = {
      schedule: WEEKLY.schedule,
      timezone: 'Europe/Rome',
      duration: 'PT1H30M',
      from: expect.any(String),
    };
    expect(edited).toMatchObject({ code: 0, written: true, version: 2, window: { id, ...window } });
    expect(edited.before).toMatchObject({ ...WEEKLY, timezone: 'UTC', functions: ['orders-*'] });
    expect(edited.next[0].start).toMatch(/^2040-01-0/);
    expect(await windows()).toEqual([{ id, ...window, from: '2039-12-31T23:00:00Z' }]);
  });

  it('takes another expression, and one that is none with its place', async () => {
    await operator.put(documentOf(WEEKLY));
    const [id] = await ids();
    const daily = 'cron(0 5 1 1 ? 2040)';
    expect(await operator.json(['schedule', 'edit', id, daily])).toMatchObject({
      code: 0,
      window: { schedule: daily },
    });
    expect(await windows()).toEqual([{ id, ...WEEKLY, schedule: daily }]);
    expect(await operator.piped(['schedule', 'edit', id, 'cron(0 5 * * *)'])).toMatchObject({
      code: 64,
      out: '',
      err: expect.stringMatching(/^maintenance-window: schedule: .* has five fields, as in crontab.*\n$/),
    });
  });

  it('leaves a list a list where it can', async () => {
    const [start, end] = [IN_DAYS(3), IN_DAYS(4)];
    await operator.put(`${start},${end}`);
    const [id] = await ids();
    expect(await operator.json(['schedule', 'edit', id, '--for', '2h'])).toMatchObject({ code: 0, err: '' });
    expect(await operator.text()).toBe(`${start},${iso(Date.parse(start) + 2 * HOUR_MS)}`);
  });

  it('says what is so already, and writes nothing; nor does a dry run', async () => {
    await operator.put(documentOf(WEEKLY));
    const [id] = await ids();
    expect(await operator.piped(['schedule', 'edit', id, '--for', '2h', '--reason', 'vacuum'])).toEqual({
      code: 0,
      out: `${id} says that already: nothing was written\n`,
      err: '',
    });
    const words = ['schedule', 'edit', id, '--for', '3h', '--dry-run'];
    expect(await operator.json(words)).toMatchObject({ written: false, covers: expect.any(Array), meets: [] });
    const dry = await operator.piped(words);
    expect(dry.out).toMatch(
      /, version 1, would change:\n- .*PT2H.*\n\+ .*PT3H.*\n\ncovers {2}\d functions? now: .*\n\nSTARTS /,
    );
    expect(await operator.versions()).toHaveLength(1);
  });

  it.each([
    ['nothing to change', [], 'say what to change'],
    ['two ends', ['--end', '+4h', '--for', '2h'], '--end and --for both say when it ends'],
    ['an empty reason', ['--reason', ' '], '--reason says nothing'],
    ['an expression', ['cron(0 2 ? * SUN *)'], 'comes once: say --start, --end or --for'],
    ['a limit', ['--no-until'], 'comes once: say --start, --end or --for'],
    ['an end before the start', ['--end', '2020-01-01T00:00:00Z'], 'comes before start'],
  ])('refuses %s for a window that comes once', async (_what, words, message) => {
    await operator.put(documentOf({ start: IN_DAYS(3), end: IN_DAYS(4) }));
    const { code, out, err } = await operator.piped(['schedule', 'edit', ...(await ids()), ...words]);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toContain(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(await operator.versions()).toHaveLength(1);
  });

  it.each([
    ['a start', ['--start', '+2h'], 64, 'comes again: say an expression, --for, --from or --until'],
    ['limits in disorder', ['--from', '2041-01-01', '--until', '2040-01-01'], 64, 'comes before from'],
    ['a word that is no id', undefined, 64, '"none" is no window'],
    ['an id that no window has', undefined, 66, 'no window 0123ab in'],
  ])('refuses %s for a window that comes again', async (_what, words, expected, message) => {
    await operator.put(documentOf(WEEKLY));
    const id = message.includes('none') ? 'none' : '0123ab';
    const named = words ? [...(await ids()), ...words] : [id, '--for', '3h'];
    const { code, out, err } = await operator.piped(['schedule', 'edit', ...named]);
    expect({ code, out }).toEqual({ code: expected, out: '' });
    expect(err).toContain(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  it('refuses the beginning of two ids', async () => {
    await operator.put(documentOf({ id: 'abcd01', ...WEEKLY }, { id: 'abcd02', ...WEEKLY }));
    expect(await operator.piped(['schedule', 'edit', 'abcd', '--for', '3h'])).toMatchObject({
      code: 64,
      err: 'maintenance-window: abcd means abcd01 or abcd02: write more of it\n',
    });
  });

  it('does not revive what is over', async () => {
    await operator.put(activeDocument());
    const [id] = await ids();
    await operator.piped(['end'], { environment: { AWS_ACCESS_KEY_ID: 'ada' } });
    expect(await operator.piped(['schedule', 'edit', id, '--for', '9h'])).toMatchObject({
      code: 64,
      err: expect.stringMatching(new RegExp(`${id} ended .* ago\\), by ada; for another one:`)),
    });
  });

  it('warns as schedule add does: of a start that is over, and of functions that read no window', async () => {
    await operator.put(documentOf({ start: IN_DAYS(3), end: IN_DAYS(4) }));
    const [id] = await ids();
    const past = ['schedule', 'edit', id, '--start', iso(Date.now() - HOUR_MS)];
    expect((await operator.piped([...past, '--dry-run'])).err).toMatch(/^warning: .*\nwarning: .* begins in the past/m);
    const { code, out } = await operator.terminal(past, { typed: [['[y/N]', 'n\r']] });
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('nothing was changed') });

    const typo = ['schedule', 'edit', id, '--function', 'fnction'];
    expect(await operator.piped(typo)).toMatchObject({
      code: 64,
      err: expect.stringMatching(/no function fnction exists .*: nothing was written; .* say --yes\n$/),
    });
    expect(await operator.versions()).toHaveLength(1);
  });
});

describe('schedule edit of an active window', () => {
  it('changes its end and its reason, and neither its start nor an end that is over', async () => {
    await operator.put(activeDocument());
    const [id] = await ids();
    const end = iso(Date.now() + 30 * MINUTE_MS);
    const edited = await operator.json(['schedule', 'edit', id, '--end', end, '--reason', 'CHG-9']);
    expect(edited).toMatchObject({ code: 0, window: { id, end, reason: 'CHG-9' } });
    const shorter = iso(Date.now() + 20 * MINUTE_MS);
    expect(await operator.json(['schedule', 'edit', id, '--end', shorter])).toMatchObject({ code: 0, err: '' });
    expect((await operator.piped(['history', '--count', '1'])).out).toContain(`shortened ${id} `);
    const start = await operator.piped(['schedule', 'edit', id, '--start', '+1h', '--for', '2h']);
    expect(start).toMatchObject({
      code: 64,
      err: expect.stringMatching(/has begun, .* ago\), and its start stays; to end it now:/),
    });
    expect(await operator.piped(['schedule', 'edit', id, '--for', '1m'])).toMatchObject({
      code: 64,
      err: expect.stringMatching(/ago\), would be over; to end it now: {2}maintenance-window end /),
    });
  });

  it('warns where functions that it names would run again', async () => {
    await operator.put(activeDocument({ functions: ['orders-api', 'orders-batch'] }));
    const [id] = await ids();
    const { err } = await operator.piped(['schedule', 'edit', id, '--function', 'orders-api', '--dry-run']);
    expect(err).toContain(
      `warning: ${id} is active, and would no longer name all that it names: those functions run again as soon as they see the edit\n`,
    );
    const more = ['schedule', 'edit', id, '--function', 'orders-api', 'orders-batch', 'elsewhere', '--dry-run'];
    expect((await operator.piped(more)).err).not.toContain('run again');
  });

  it('lets the time of a schedule that is active go on as it was, by an id of its own', async () => {
    const { began, daily } = dailyNow();
    await operator.put(documentOf(daily));
    const [id] = await ids();
    const { code, out } = await operator.piped(['schedule', 'edit', id, 'cron(0 3 1 1 ? *)', '--for', '2h']);
    expect(code).toBe(0);
    const [occurrence, rest] = await windows();
    const end = iso(began + HOUR_MS);
    expect(occurrence).toEqual({ start: iso(began), end, reason: 'daily', functions: ['orders-api'] });
    expect(rest).toMatchObject({ id, schedule: 'cron(0 3 1 1 ? *)', duration: 'PT2H', from: expect.any(String) });
    const [occurrenceId] = await ids();
    expect(out).toContain(`\n  active  as ${occurrenceId}, which goes on as it was\n`);
    expect((await operator.json(['status'])).windows).toMatchObject([{ id: occurrenceId, end }]);
    const told = (await operator.piped(['history', '--count', '1'])).out;
    expect(told).toContain(`; the time that was active goes on as ${occurrenceId}`);
    expect(told).not.toContain('began');
  });

  it('leaves a schedule one entry where its active time is not changed', async () => {
    const { daily } = dailyNow();
    await operator.put(documentOf(daily));
    const [id] = await ids();
    expect(await operator.json(['schedule', 'edit', id, '--reason', 'nightly'])).toMatchObject({ code: 0, err: '' });
    expect(await operator.json(['schedule', 'edit', id, '--until', '2041-01-01'])).toMatchObject({ code: 0, err: '' });
    expect(await windows()).toEqual([{ ...daily, reason: 'nightly', until: '2041-01-01T00:00:00Z' }]);
  });

  it('is the last time of a schedule that begins no more', async () => {
    const { began, daily } = dailyNow();
    await operator.put(documentOf(daily));
    const [id] = await ids();
    const words = ['schedule', 'edit', id, '--until', iso(Date.now() - MINUTE_MS), '--for', '2h'];
    expect(await operator.json(words)).toMatchObject({ code: 0, window: { id } });
    expect(await windows()).toMatchObject([{ id, start: iso(began), end: iso(began + HOUR_MS) }]);
  });

  it('meets another operator, and only one of both has it', async () => {
    await operator.put(documentOf(WEEKLY, { start: IN_DAYS(1), end: IN_DAYS(2) }));
    const [id] = await ids();
    const both = await Promise.all(
      ['3h', '4h'].map((length) => operator.piped(['schedule', 'edit', id, '--for', length])),
    );
    const codes = both.map(({ code }) => code).toSorted();
    expect([
      [0, 75],
      [75, 75],
    ]).toContainEqual(codes);
  });

  it('needs no parameter that is not there', async () => {
    await operator.put(NO_WINDOWS);
    expect(await operator.piped(['schedule', 'edit', 'abcdef', '--for', '1h'])).toMatchObject({
      code: 66,
      err: expect.stringContaining('see  maintenance-window schedule list'),
    });
  });
});
