import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../../core/units.ts';
import { activeDocument, ESCAPE, iso, NO_WINDOWS, windowOperatorForEach } from '../../../worlds/window-operator.ts';

const operator = windowOperatorForEach();

/** Neither active nor just over, whichever day it is. */
const IN_THREE_DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'][(new Date().getUTCDay() + 3) % 7];

describe('schedule', () => {
  it('warns where an active window is removed, which end ends and keeps', async () => {
    await operator.put(
      activeDocument({ more: [{ start: iso(Date.now() + HOUR_MS), end: iso(Date.now() + 2 * HOUR_MS) }] }),
    );
    const { windows } = await operator.json(['schedule', 'list']);
    const [active = '', coming = ''] = windows.map(({ id }: { id: string }) => id);
    expect(await operator.piped(['schedule', 'remove', active, coming, '--yes'])).toMatchObject({
      code: 0,
      err: `warning: ${active} is active: without it functions run again as soon as they see the edit; to end it, and keep it on record,  maintenance-window end ${active}\n`,
    });
  });

  it('adds a window that comes again, lists it, and removes it', async () => {
    await operator.put(NO_WINDOWS);
    operator.lambda.alsoRead = operator.parameter;
    const added = await operator.piped([
      'schedule',
      'add',
      `cron(0 2 ? * ${IN_THREE_DAYS} *)`,
      '--timezone',
      'Europe/Rome',
      '--for',
      '2h',
      '--reason',
      'vacuum',
      '--function',
      'orders-*',
    ]);
    expect(added).toMatchObject({ code: 0, err: '' });
    expect(added.out).toMatch(
      /^Added: cron\(0 2 \? \* [A-Z]{3} \*\) Europe\/Rome, for 2 h, orders-\*\n {2}window {2}\w{6} in windows-\d+, version 2\n\nSTARTS /,
    );

    const listed = await operator.terminal(['schedule', 'list']);
    expect(listed.code).toBe(0);
    expect(listed.out).toMatch(/ID.*PARAMETER.*STARTS/);
    const { windows } = await operator.json(['schedule', 'list', '--function', 'orders-api']);
    expect(windows).toMatchObject([
      { schedule: `cron(0 2 ? * ${IN_THREE_DAYS} *)`, timezone: 'Europe/Rome', duration: 'PT2H', active: false },
    ]);
    expect((await operator.json(['schedule', 'list', '--function', 'billing'])).windows).toEqual([]);

    const removed = await operator.piped(['schedule', 'remove', windows[0].id, '--yes']);
    expect(removed).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Removed: 1 window from windows-\d+, version 3\n/),
    });
    expect(await operator.text()).toBe(NO_WINDOWS);
    expect(await operator.piped(['schedule', 'list'])).toMatchObject({ code: 0, out: 'No windows.\n' });
  });

  it('adds on a terminal, too', async () => {
    await operator.put(NO_WINDOWS);
    const { code, out } = await operator.terminal([
      'schedule',
      'add',
      '--start',
      '2040-01-01T00:00:00Z',
      '--for',
      '2h',
    ]);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(`${ESCAPE}[32mAdded`) });
  });

  it('asks before it removes, and refuses where nobody can be asked', async () => {
    await operator.put(activeDocument());
    const { windows } = await operator.json(['schedule', 'list']);
    const { id } = windows[0];
    const piped = await operator.piped(['schedule', 'remove', id]);
    expect(piped).toMatchObject({ code: 64, err: expect.stringContaining('say --yes') });
    for (const no of ['\r', 'no\r', '\u0003', '\u0004']) {
      const declined = await operator.terminal(['schedule', 'remove', id], { typed: [['[y/N]', no]] });
      expect(declined).toMatchObject({ code: 1, out: expect.stringContaining('nothing was changed') });
    }
    expect(await operator.versions()).toHaveLength(1);
    expect(
      await operator.terminal(['schedule', 'remove', id.slice(0, 4)], { typed: [['[y/N]', 'yes\r']] }),
    ).toMatchObject({
      code: 0,
    });
    expect(await operator.text()).toBe(NO_WINDOWS);
  });

  it('adds a window that comes once, and warns of one that began or is over', async () => {
    await operator.put(NO_WINDOWS);
    expect(
      await operator.piped(['schedule', 'add', '--start', '2040-01-01T00:00:00Z', '--end', '2040-01-01T04:00:00Z']),
    ).toMatchObject({ code: 0, err: '' });
    const begun = await operator.piped(['schedule', 'add', '--start', iso(Date.now() - HOUR_MS), '--for', '2h']);
    expect(begun).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^warning: the window begins in the past: .* \(1 h ago\)\n$/),
    });
    const over = await operator.piped([
      'schedule',
      'add',
      '--start',
      iso(Date.now() - 2 * HOUR_MS),
      '--for',
      '1h',
      '--dry-run',
    ]);
    expect(over).toMatchObject({ code: 0, err: expect.stringContaining('warning: the window is over: it ended') });
    const never = await operator.piped(['schedule', 'add', 'at(2020-01-01T00:00:00)', '--for', '1h', '--dry-run']);
    expect(never.err).toContain('warning: the window never occurs any more');
    const endless = await operator.piped(['schedule', 'add', 'cron(0 0 * * ? *)', '--for', '24h', '--dry-run']);
    expect(endless.err).toContain('warning: the window has no end: each occurrence lasts 1 d');
  });

  it.each([
    ['five fields', ['cron(0 2 * * *)', '--for', '2h'], 'has five fields, as in crontab'],
    ['no length', ['cron(0 2 ? * SUN *)'], 'say how long'],
    ['nothing at all', [], 'say when'],
    ['an unknown zone', ['cron(0 2 ? * SUN *)', '--for', '2h', '--timezone', 'Rome'], 'such as Europe/Rome'],
    [
      'an end before the start',
      ['--start', '2040-01-02T00:00:00Z', '--end', '2040-01-01T00:00:00Z'],
      'comes before start',
    ],
    [
      'a start beside an expression',
      ['cron(0 2 ? * SUN *)', '--for', '2h', '--start', '2040-01-01T00:00:00Z'],
      'say --from and --until',
    ],
    [
      'limits without an expression',
      ['--start', '23:00', '--for', '2h', '--until', '2040-01-01'],
      'go with an expression',
    ],
  ])('refuses %s', async (_what, words, message) => {
    await operator.put(NO_WINDOWS);
    const { code, err } = await operator.piped(['schedule', 'add', ...words]);
    expect(code).toBe(64);
    expect(err).toContain(message);
  });
});
