import ICAL from 'ical.js';
import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../../core/units.ts';
import { activeDocument, iso, NO_WINDOWS, windowOperatorForEach } from '../../../worlds/window-operator.ts';

// `next`, as a calendar of another program takes it, and in the zone of whoever looks.

const operator = windowOperatorForEach();
const SUNDAYS = {
  schedule: 'cron(0 2 ? * SUN *)',
  timezone: 'Europe/Rome',
  duration: 'PT2H',
  from: '2040-01-01T00:00:00Z',
};

async function calendar(...words: readonly string[]) {
  const { code, out, err } = await operator.piped(['next', '--ics', ...words]);
  const events = new ICAL.Component(ICAL.parse(out)).getAllSubcomponents('vevent').map((event) => {
    const value = (name: string) => String(event.getFirstPropertyValue(name));
    return {
      uid: value('uid'),
      start: value('dtstart'),
      end: value('dtend'),
      summary: value('summary'),
      description: value('description'),
      sequence: value('sequence'),
    };
  });
  return { code, err, out, events };
}

describe('next --ics', () => {
  it('has an event for each time that a window is active, those that are going on among them', async () => {
    await operator.put(activeDocument({ reason: 'CHG-1; a, b', functions: ['orders-*'], more: [SUNDAYS] }));
    const { windows } = await operator.json(['schedule', 'list']);
    const { code, err, out, events } = await calendar('--count', '3');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^BEGIN:VCALENDAR\r\nVERSION:2\.0\r\nPRODID:-\/\/maintenance-window \S+\/\/EN\r\n/);
    expect(events).toHaveLength(4);
    expect(events[0]).toMatchObject({
      start: windows[0].start,
      end: windows[0].end,
      summary: 'Maintenance: CHG-1; a, b (orders-*)',
      description: `Functions: orders-*\nWindow: ${windows[0].id} in ${operator.parameter}`,
      sequence: '1',
    });
    expect(events[1]).toMatchObject({
      start: '2040-01-01T01:00:00Z',
      end: '2040-01-01T03:00:00Z',
      summary: 'Maintenance: every function',
      description: expect.stringContaining(
        '\nSchedule: cron(0 2 ? * SUN *) Europe/Rome from 2040-01-01T00:00:00Z, for 2 h',
      ),
    });
    expect(new Set(events.map(({ uid }) => uid)).size).toBe(4);
    expect(events[1]?.uid).toMatch(new RegExp(`^${windows[1].id}-20400101T010000Z-[0-9a-f]{16}@maintenance-window$`));
    expect(out.split('\r\n').every((line) => Buffer.byteLength(line) <= 75)).toBe(true);
  });

  it('keeps the event of a window that is edited, and has the later version', async () => {
    await operator.put(NO_WINDOWS);
    await operator.piped(['schedule', 'add', '--start', iso(Date.now() + DAY_MS), '--for', '2h']);
    const { events: before } = await calendar();
    const [id = ''] = (await operator.json(['schedule', 'list'])).windows.map((one: { id: string }) => one.id);
    const start = iso(Date.now() + 2 * DAY_MS);
    await operator.piped(['schedule', 'edit', id, '--start', start, '--for', '1h']);
    const { events: after } = await calendar();
    expect(after).toMatchObject([{ uid: before[0]?.uid, start, sequence: '3' }]);
    expect(before).toMatchObject([{ sequence: '2' }]);
  });

  it('has other events for the same window of another parameter', async () => {
    const text = JSON.stringify({
      version: 1,
      windows: [{ start: iso(Date.now() + HOUR_MS), end: iso(Date.now() + DAY_MS) }],
    });
    await operator.put(text);
    const both = `${operator.parameter},${operator.parameter}-other`;
    await operator.put(text, `${operator.parameter}-other`);
    const { events } = await calendar('--parameter', both);
    expect(events).toHaveLength(2);
    expect(events[0]?.uid.slice(0, 6)).toBe(events[1]?.uid.slice(0, 6));
    expect(events[0]?.uid).not.toBe(events[1]?.uid);
  });

  it('is the same text each time, of functions that are named', async () => {
    await operator.put(activeDocument({ functions: ['orders-*'], more: [SUNDAYS] }));
    const [once, again, billing] = [await calendar(), await calendar(), await calendar('--function', 'elsewhere')];
    expect(once.events).toHaveLength(101);
    expect(again.out).toBe(once.out);
    expect(billing.events).toHaveLength(100);
  });

  it('is empty with a note where there is nothing, and takes no second form', async () => {
    await operator.put(NO_WINDOWS);
    expect(await calendar()).toMatchObject({
      code: 0,
      events: [],
      err: 'note: no window is active or going to begin: the calendar is empty\n',
    });
    expect(await operator.piped(['next', '--ics', '-o', 'json'])).toEqual({
      code: 64,
      out: '',
      err: 'maintenance-window: --ics and -o json are two forms: say one of them\n',
    });
  });

  it('can be looked at on a terminal', async () => {
    await operator.put(activeDocument());
    const { code, out } = await operator.terminal(['next', '--ics'], { environment: { TZ: 'Europe/Rome' } });
    expect(code).toBe(0);
    expect(out).toMatch(/^BEGIN:VCALENDAR\nVERSION:2\.0\n/);
    expect(out).toMatch(/\nDTSTART:\d{8}T\d{6}Z\n/);
  });
});

describe('next --timezone', () => {
  const words = ['next', '--count', '1', '--timezone', 'Asia/Kathmandu'];

  it('shows on a terminal that zone beside UTC, whichever is the terminal’s', async () => {
    await operator.put(JSON.stringify({ version: 1, windows: [SUNDAYS] }));
    const { code, out } = await operator.terminal(words, { environment: { TZ: 'Europe/Rome', NO_COLOR: '1' } });
    expect(code).toBe(0);
    expect(out).toMatch(/^STARTS \(Asia\/Kathmandu\) +ENDS \(Asia\/Kathmandu\) /);
    expect(out).toMatch(/2040-01-01T01:00:00Z \(06:45, in .*\) +2040-01-01T03:00:00Z \(08:45\)/);
  });

  it('shows UTC alone in a pipe and in JSON', async () => {
    await operator.put(JSON.stringify({ version: 1, windows: [SUNDAYS] }));
    const { out } = await operator.piped(words);
    expect(out).toMatch(/^STARTS +ENDS .*\n2040-01-01T01:00:00Z \(in [^)]*\) +2040-01-01T03:00:00Z /);
    expect((await operator.json(words)).next).toMatchObject([{ start: '2040-01-01T01:00:00Z' }]);
  });

  it('refuses what is no zone', async () => {
    expect(await operator.piped(['next', '--timezone', 'Kathmandu'])).toMatchObject({
      code: 64,
      err: expect.stringContaining('such as Europe/Rome'),
    });
  });
});
