import { beforeEach, describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../../core/units.ts';
import { iso, NO_WINDOWS, windowOperatorForEach } from '../../../worlds/window-operator.ts';

// Times as they are typed at night, and as they are shown on a terminal and in a pipe.

const operator = windowOperatorForEach();
beforeEach(() => operator.put(NO_WINDOWS));
/** An hour ahead of UTC in winter and two in summer; what it shows is looked up here without a line of the tool's. */
const ROME = { environment: { TZ: 'Europe/Rome', NO_COLOR: '1' } };
const PLAIN = { environment: { NO_COLOR: '1' } };
const clockInRome = new Intl.DateTimeFormat('sv', {
  timeZone: 'Europe/Rome',
  ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
});

/** An instant as a terminal in Rome shows it, with what else stands in the brackets. */
function shownInRome(at: number, ...aside: readonly string[]): string {
  const [utc, local] = [iso(at), clockInRome.format(at)];
  const shown = utc.startsWith(local.slice(0, 10)) ? local.slice(11) : local;
  return `${utc} (${[shown, ...aside].join(', ')})`;
}

/**
 * The first whole hour from now, for an end that is typed as a time of day: its instant, its hours from now, and
 * its text in Rome, which is never a time that the end of summer time gives twice. A minute more than those hours: what
 * is left when the tool looks, later than this test, is as many hours still.
 */
function typedInRome() {
  const twice = (at: number) =>
    [-HOUR_MS, HOUR_MS].some((aside) => clockInRome.format(at + aside) === clockInRome.format(at));
  const ahead = (hours: number) => Math.ceil((Date.now() + hours * HOUR_MS + 60_000) / 60_000) * 60_000;
  const hours = [1, 2, 3].find((some) => !twice(ahead(some))) ?? 3;
  const at = ahead(hours);
  return { at, hours, text: clockInRome.format(at).slice(11) };
}

describe('history', () => {
  it('names the zone once, in the head of its column, and not in each cell', async () => {
    const [start, end] = [iso(Date.now() + HOUR_MS), iso(Date.now() + 2 * HOUR_MS)];
    await operator.piped(['schedule', 'add', '--start', start, '--end', end]);
    const { out } = await operator.terminal(['history', '--count', '1'], ROME);
    const whens = [start, end].map((text) => shownInRome(Date.parse(text)));
    expect(out).toContain(`: ${whens.join(' to ')}, for 1 h`);
    expect(out.match(/Europe\/Rome/g)).toHaveLength(1);
  });
});

describe('begin', () => {
  it('takes the time of day that comes next, in the zone of the terminal, and says which it is', async () => {
    const { at, hours, text } = typedInRome();
    const { code, out } = await operator.terminal(['begin', '--until', text, '--yes'], ROME);
    expect(code).toBe(0);
    const [, local = ''] = /\((.*)\)/.exec(shownInRome(at)) ?? [];
    expect(out).toContain(`until ${iso(at)} (${local} Europe/Rome, in ${hours} h`);
    expect(out.split('\n').filter((line) => line.includes(iso(at)))).toHaveLength(1);
    expect(JSON.parse(await operator.text()).windows[0].end).toBe(iso(at));
  });

  it('shows UTC alone in a pipe and in JSON', async () => {
    const piped = await operator.piped(['begin', '--until', typedInRome().text], ROME);
    expect(piped).toMatchObject({ code: 0, err: '' });
    expect(piped.out).toMatch(/until \S+Z \(in [\dhmind ]+\)/);
    expect(piped.out).not.toContain('Rome');
    const json = await operator.json(['status'], ROME);
    expect(JSON.stringify(json)).not.toContain('Rome');
  });

  it('takes --until +90m as --for 90m, to the second', async () => {
    const { window } = await operator.json(['begin', '--until', '+90m']);
    expect(Date.parse(window.end) - Date.parse(window.start)).toBe(1.5 * HOUR_MS);
  });

  it('takes a zone that is not the terminal’s', async () => {
    const words = ['begin', '--until', '2040-01-14 22:00', '--timezone', 'Asia/Kathmandu', '--yes'];
    const { out } = await operator.terminal(words, ROME);
    expect(out).toContain('until 2040-01-14T16:15:00Z (22:00 Asia/Kathmandu, in ');
  });

  it('warns where daylight saving takes the time away', async () => {
    const words = ['begin', '--until', '2040-03-25 02:30', '--yes'];
    const { err, out } = await operator.piped(words, ROME);
    expect(err).toContain('warning: the clocks of Europe/Rome skip 02:30 on 2040-03-25: 2040-03-25T01:00:00Z is taken');
    expect(out).toContain('until 2040-03-25T01:00:00Z');
  });

  it('warns of a zone whose name is a trap', async () => {
    const { err, out } = await operator.piped(['begin', '--until', '2040-07-14 22:00', '--timezone', 'EST', '--yes']);
    expect(err).toMatch(/^warning: the time zone EST is UTC-05:00 all year, without daylight saving; /);
    expect(out).toContain('until 2040-07-15T03:00:00Z');
  });

  it('refuses a time of day where TZ is no zone, and says what to do', async () => {
    const { code, err } = await operator.piped(['begin', '--until', '23:00'], { environment: { TZ: 'CET-1CEST' } });
    expect({ code, err }).toEqual({
      code: 78,
      err: 'maintenance-window: TZ: "CET-1CEST" is not a time zone; write an IANA name, such as Europe/Rome, or say --timezone\n',
    });
    expect(await operator.versions()).toHaveLength(1);
  });

  it('shortens what it quotes of an endless word', async () => {
    const { code, err } = await operator.piped(['begin', '--until', `\u001b[2J${'9'.repeat(10_000)}`]);
    expect(code).toBe(64);
    expect(err.length).toBeLessThan(400);
    expect(err).not.toContain('\u001b');
  });
});

describe('other commands', () => {
  it('add a window at a local time', async () => {
    const words = ['schedule', 'add', '--start', '2040-01-14 23:30', '--end', '2040-01-15 00:30'];
    const { out } = await operator.terminal(words, ROME);
    expect(out).toContain(
      'Added: 2040-01-14T22:30:00Z (23:30 Europe/Rome) to 2040-01-14T23:30:00Z (2040-01-15 00:30 Europe/Rome), for 1 h',
    );
    expect(out).toMatch(/^STARTS \(Europe\/Rome\) +ENDS \(Europe\/Rome\) +LASTS/m);
    expect(out).toMatch(
      /^2040-01-14T22:30:00Z \(23:30, in \d+ d(?: \d+ h)?\) +2040-01-14T23:30:00Z \(2040-01-15 00:30\) +1 h/m,
    );
    const list = await operator.piped(['schedule', 'list'], ROME);
    expect(list.out).toContain('2040-01-14T22:30:00Z to 2040-01-14T23:30:00Z');
  });

  it('end a window at the first such time after it starts', async () => {
    const words = ['schedule', 'add', '--start', '2040-01-14 23:00', '--end', '01:00', '--timezone', 'Europe/Rome'];
    const { window } = await operator.json(words);
    expect(window).toMatchObject({ start: '2040-01-14T22:00:00Z', end: '2040-01-15T00:00:00Z' });
  });

  it('show local time in what they refuse, too', async () => {
    const over = await operator.terminal(['begin', '--until', '2026-01-01 12:00'], ROME);
    expect(over.out).toMatch(
      /the end, 2026-01-01T11:00:00Z \(12:00 Europe\/Rome, \d+ d(?: \d+ h)? ago\), is over already/,
    );
    const [{ id }] = (await operator.json(['schedule', 'add', '--start', '2040-01-14 22:00', '--for', '1h'], ROME))
      .next;
    const notYet = await operator.terminal(['end', id], ROME);
    expect(notYet.out).toMatch(
      /is not active: it begins 2040-01-14T21:00:00Z \(22:00 Europe\/Rome, in \d+ d(?: \d+ h)?\)/,
    );
  });

  it('add an expression in a zone whose limits are typed in that zone, too', async () => {
    const words = ['schedule', 'add', 'cron(0 2 ? * SUN *)', '--for', '1h30', '--from', '2040-01-01'];
    const { window } = await operator.json([...words, '--timezone', 'Europe/Rome']);
    expect(window).toMatchObject({ timezone: 'Europe/Rome', duration: 'PT1H30M', from: '2039-12-31T23:00:00Z' });
  });

  it('look at another time', async () => {
    await operator.piped(['begin', '--for', '2h']);
    expect(await operator.json(['status', '--at', '+1h'])).toMatchObject({ active: true });
    expect(await operator.json(['status', '--at', '+3h'])).toMatchObject({ active: false });
    expect(await operator.json(['status', '--at', '1h ago'])).toMatchObject({ active: false });
    expect(await operator.json(['status', '--at', 'now'])).toMatchObject({ active: true });
  });

  it('double nothing on a terminal in UTC', async () => {
    const { out } = await operator.terminal(['begin', '--until', '+2h', '--yes'], PLAIN);
    expect(out).toMatch(/until \S+Z \(in 2 h\), for 2 h/);
    expect((await operator.terminal(['status'], PLAIN)).out).toMatch(/^ID +PARAMETER +WINDOW +FUNCTIONS/m);
  });
});
