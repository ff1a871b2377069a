import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../../../core/errors.ts';
import { DAY_MS, HOUR_MS } from '../../../../core/units.ts';
import { parseWindows } from '../../../../core/windows/window.ts';
import { iso, NO_WINDOWS, windowOperatorForEach } from '../../../worlds/window-operator.ts';

const operator = windowOperatorForEach();

describe('begin', () => {
  it('begins a window now, says from when it is quiet, and how to end it', async () => {
    await operator.put(NO_WINDOWS);
    const { code, out, err } = await operator.piped(['begin', '--for', '4h', '--reason', 'database upgrade']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(
      /^Under maintenance: every function, until .*Z \(in (?:4 h|3 h 59 min)\), for 4 h\n {2}window {2}(\w{6}) in windows-\d+, version 2\n {2}quiet from .*\n {2}to end {2}maintenance-window end \1\n$/,
    );
    expect(parseWindows(await operator.text())).toMatchObject({
      document: { windows: [{ kind: 'one-off', reason: 'database upgrade' }] },
    });
    expect(await operator.json(['status'])).toMatchObject({ active: true });
  });

  it('lasts until an instant, or two hours where nothing is said', async () => {
    await operator.put(NO_WINDOWS);
    const until = iso(Date.now() + 3 * HOUR_MS);
    expect(await operator.json(['begin', '--until', until])).toMatchObject({ code: 0, window: { end: until } });
    const { err, window } = await operator.json(['begin']);
    expect(err).toBe('note: it lasts 2 h, as neither --for nor --until was said\n');
    expect(Date.parse(window.end) - Date.parse(window.start)).toBe(2 * HOUR_MS);
  });

  it('shows the difference with --dry-run, and writes nothing', async () => {
    await operator.put('2040-01-01T00:00:00Z,2040-01-02T00:00:00Z');
    const { code, out, err } = await operator.piped(['begin', '--for', '1h', '--reason', 'x', '--dry-run']);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^windows-\d+, version 1, would change:\n\+ \{"start":".*","end":".*","reason":"x"\}\n\ncovers {2}2 functions now: orders-api, orders-batch\n$/,
    );
    expect(err).toContain('the list form cannot say this: the parameter is a document from now on');
    expect(await operator.versions()).toHaveLength(1);
  });

  it('keeps a list a list while it can say everything', async () => {
    await operator.put('2040-01-01T00:00:00Z , 2040-01-02T00:00:00Z', operator.parameter, 'StringList');
    expect(await operator.json(['begin', '--for', '1h'])).toMatchObject({ code: 0, version: 2 });
    expect(await operator.text()).toMatch(/^2040-01-01T00:00:00Z , 2040-01-02T00:00:00Z,20\d\d-[^,]*Z,20\d\d-[^,]*Z$/);
    expect((await operator.versions()).at(-1)?.Type).toBe('StringList');
  });

  it('keeps a SecureString one', async () => {
    await operator.put(NO_WINDOWS, operator.parameter, 'SecureString');
    expect(await operator.json(['begin', '--for', '1h'])).toMatchObject({ code: 0 });
    expect((await operator.versions()).at(-1)).toMatchObject({
      Type: 'SecureString',
      Value: expect.stringContaining('"start"'),
    });
  });

  it('warns of a long window and of functions that do not exist, and asks on a terminal', async () => {
    await operator.put(NO_WINDOWS);
    operator.lambda.alsoRead = operator.parameter;
    const words = ['begin', '--for', '25h', '--function', 'orders-*', 'billing', 'elsewhere'];
    const piped = await operator.piped([...words, '--yes']);
    expect(piped.code).toBe(0);
    expect(piped.err).toBe(
      'warning: the window is 1 d 1 h long, which is more than a day\nwarning: no function billing exists in this account and region\n' +
        `warning: elsewhere is not protected, as it does not read ${operator.parameter}\n`,
    );

    const declined = await operator.terminal(words, { typed: [['[y/N]', 'n\r']] });
    expect(declined.code).toBe(1);
    expect(declined.out).toContain('nothing was changed');
    expect(await operator.versions()).toHaveLength(2);

    const accepted = await operator.terminal(words, { typed: [['[y/N]', 'y\r']] });
    expect(accepted).toMatchObject({ code: 0, out: expect.stringContaining('Under maintenance') });
    expect(await operator.terminal([...words, '--yes'])).toMatchObject({ code: 0 });
    expect(await operator.versions()).toHaveLength(4);
  });

  it('says where functions could not be looked up', async () => {
    operator.lambda.mayList = false;
    await operator.put(NO_WINDOWS);
    const { code, err } = await operator.piped(['begin', '--for', '1h', '--function', 'orders-*']);
    expect({ code, err }).toEqual({
      code: 0,
      err: 'note: whether the functions exist could not be checked: lambda:ListFunctions is not allowed\n',
    });
    // a name without a wildcard needs no list
    expect((await operator.piped(['begin', '--for', '1h', '--function', 'billing', '--yes'])).err).toBe(
      'warning: no function billing exists in this account and region\n',
    );
  });

  it('edits the first operator.parameter, or the one that --edit names', async () => {
    await operator.put(NO_WINDOWS, `${operator.parameter}-a`);
    await operator.put(NO_WINDOWS, `${operator.parameter}-b`);
    operator.lambda.alsoRead = `${operator.parameter}-a,${operator.parameter}-b`;
    const both = ['--parameter', operator.lambda.alsoRead, '--for', '1h'];
    expect(await operator.json(['begin', ...both])).toMatchObject({ parameter: `${operator.parameter}-a` });
    expect(await operator.json(['begin', ...both, '--edit', `${operator.parameter}-b`])).toMatchObject({
      parameter: `${operator.parameter}-b`,
    });
    const { code, err } = await operator.piped(['begin', ...both, '--edit', 'other']);
    expect(code).toBe(FAULTS['MaintenanceWindow.Usage'].exitCode);
    expect(err).toMatch(/--edit other: this is none of the named parameters/);
  });

  it('takes out what has been over for more than a day, and says so', async () => {
    const old = { start: iso(Date.now() - 3 * DAY_MS), end: iso(Date.now() - 2 * DAY_MS), reason: 'old' };
    const recent = { start: iso(Date.now() - DAY_MS), end: iso(Date.now() - HOUR_MS), reason: 'recent' };
    await operator.put(JSON.stringify({ version: 1, windows: [old, recent] }));
    const { err } = await operator.json(['begin', '--for', '1h', '--reason', 'new']);
    expect(err).toMatch(/^note: 1 window that ended more than a day ago will be taken out: \w{6}\n$/);
    expect(JSON.parse(await operator.text()).windows.map((window: { reason: string }) => window.reason)).toEqual([
      'recent',
      'new',
    ]);
  });

  it('notes when the parameter outgrows the standard tier, and stops where none holds it', async () => {
    const windows = Array.from({ length: 40 }, (_, index) => ({
      start: `2040-01-01T00:00:${String(index).padStart(2, '0')}Z`,
      end: '2040-01-02T00:00:00Z',
      reason: 'r'.repeat(22),
    }));
    await operator.put(JSON.stringify({ version: 1, windows }));
    const grown = await operator.piped(['begin', '--for', '1h', '--reason', 'r'.repeat(400)]);
    expect(grown).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^note: \d{4} characters are more than the 4096 of SSM's standard tier/),
    });
    expect((await operator.versions()).at(-1)?.Tier).toBe('Advanced');
    // an advanced parameter stays one when it shrinks
    expect(await operator.piped(['end'])).toMatchObject({ code: 0 });

    const beyond = await operator.piped(['begin', '--for', '1h', '--reason', 'r'.repeat(5_000)]);
    expect(beyond).toMatchObject({
      code: 65,
      err: expect.stringContaining('a parameter holds 8192: take windows out first'),
    });
  });

  it.each([
    ['two ends', ['--for', '1h', '--until', '2040-01-01T00:00:00Z'], 'say one of them'],
    ['an end that is over', ['--until', '2020-01-01T00:00:00Z'], 'is over already'],
    ['a time of the clock of twelve hours', ['--until', '7pm'], 'write 19:00'],
    ['a duration without a unit', ['--for', '2'], 'write PT2H or 2h'],
    ['an empty reason', ['--reason', ' '], '--reason says nothing'],
    ['a function’s ARN', ['--function', 'arn:aws:lambda:eu-south-1:111122223333:function:a'], 'without ARN'],
  ])('refuses %s', async (_what, words, message) => {
    await operator.put(NO_WINDOWS);
    const { code, out, err } = await operator.piped(['begin', ...words]);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toContain(message);
    expect(await operator.versions()).toHaveLength(1);
  });
});
