import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseWindows, windowsToText } from '../../../../core/windows/window.ts';
import { activeDocument, ESCAPE, NO_WINDOWS, windowOperatorForEach } from '../../../worlds/window-operator.ts';

const operator = windowOperatorForEach();

describe('check', () => {
  const GOOD = '{ "version": 1, "windows": [ { "schedule": "cron(0 2 ? * sun 2040)", "duration": "2h" } ] }';

  it('prints the canonical form of a file and what comes next, and asks nothing of AWS', async () => {
    const file = join(operator.folder, 'windows.json');
    writeFileSync(file, GOOD);
    const { code, out, err } = await operator.piped(['check', file], {
      environment: { AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:9' },
    });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const parsed = parseWindows(GOOD);
    const canonical = parsed.kind === 'windows' ? windowsToText(parsed.document) : '';
    expect(out).toMatch(/\ngood: 1 window, document form, \d+ characters\n\nSTARTS/);
    expect(out.startsWith(`${canonical}\n`)).toBe(true);
    expect(await operator.terminal(['check', file])).toMatchObject({ code: 0, out: expect.stringContaining('STARTS') });
  });

  it('reads what is piped in', async () => {
    expect(await operator.json(['check', '-'], { input: '2040-01-01T00:00:00Z,2040-01-02T00:00:00Z\n' })).toMatchObject(
      {
        code: 0,
        form: 'list',
        canonical: '2040-01-01T00:00:00Z,2040-01-02T00:00:00Z',
        next: [{ start: '2040-01-01T00:00:00Z' }],
        warnings: [],
      },
    );
  });

  it('says what it waits for where nothing is piped in', async () => {
    const asked = 'note: stdin is read from this terminal: type or paste it, then Enter and Ctrl-D';
    const { code, out } = await operator.terminal(['check', '-'], { typed: [[asked, `${NO_WINDOWS}\n\u0004`]] });
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('No window is going to begin') });
  });

  it('warns of windows that have no end, or are over', async () => {
    const windows = [
      { schedule: 'cron(0 0 * * ? *)', duration: 'PT30H' },
      { start: '2020-01-01T00:00:00Z', end: '2020-01-02T00:00:00Z' },
    ];
    const { warnings } = await operator.json(['check', '-'], { input: JSON.stringify({ version: 1, windows }) });
    expect(warnings).toEqual([
      expect.stringContaining('is 1 d 6 h long'),
      expect.stringContaining('begins in the past'),
      expect.stringContaining('has no end'),
      expect.stringContaining('is over'),
    ]);
  });

  it('warns of windows that have no end together, of each set of functions that they name', async () => {
    const pair = (first: string, second: string, members: object) =>
      [first, second].map((minutes) => ({ schedule: `cron(${minutes} * * * ? *)`, duration: 'PT5M', ...members }));
    const windows = [
      ...pair('0/10', '5/10', { functions: ['orders-*'] }),
      ...pair('0/10', '5/10', { functions: ['billing'], from: '2040-01-01T00:00:00Z' }),
      ...pair('0/10', '5/10', { functions: ['mail'], from: '2041-01-01T00:00:00Z', until: '2041-01-02T00:00:00Z' }),
      ...pair('0/10', '6/10', { functions: ['search'] }),
    ];
    const { code, warnings } = await operator.json(['check', '-'], { input: JSON.stringify({ version: 1, windows }) });
    expect(code).toBe(0);
    expect((warnings as string[]).filter((warning) => warning.includes('together'))).toEqual([
      expect.stringMatching(
        /^the windows for orders-\* have no end together: from .* more than 400 days or 3000 times/,
      ),
      expect.stringMatching(/^the windows for billing have no end together: from 2040-01-01T00:00:00Z/),
    ]);
  });

  it('is quick about a document that costs as much as one can', async () => {
    const windows = Array.from({ length: 60 }, (_, minute) => ({
      schedule: `cron(${minute} * * * ? *)`,
      duration: '1m',
    }));
    const { code, warnings } = await operator.json(['check', '-'], { input: JSON.stringify({ version: 1, windows }) });
    expect(code).toBe(0);
    expect(warnings).toContainEqual(expect.stringMatching(/^the windows for every function have no end together/));
  });

  it('names the place of a fault and ends with 65, and a file that is not there with 66', async () => {
    expect(await operator.piped(['check', '-'], { input: '{"version":1,"windows":[{"start":"2026-01-01"}]}' })).toEqual(
      {
        code: 65,
        out: '',
        err: 'maintenance-window: stdin: windows[0].start: "2026-01-01" is a date without a time; write 2026-01-01T00:00:00Z\n',
      },
    );
    expect(await operator.piped(['check', join(operator.folder, 'none')])).toMatchObject({
      code: 66,
      err: expect.stringContaining('ENOENT'),
    });
  });

  it.each([
    ['one of ISO 8859-1', 'latin1', 'line 1 is no UTF-8, from byte 101 (0xdf) on'],
    ['one of UTF-16, as PowerShell writes it', 'utf16le', 'line 1 is no UTF-8, from byte 0 (0xff) on'],
  ] as const)(
    'refuses a file that is no UTF-8, whose reading would be another text: %s',
    async (_what, encoding, why) => {
      const file = join(operator.folder, 'windows.json');
      const text =
        '{"version":1,"windows":[{"schedule":"cron(0 2 ? * SUN *)","duration":"PT2H","reason":"Umzug Hauptstraße"}]}';
      writeFileSync(file, `${encoding === 'utf16le' ? '\ufeff' : ''}${text}`, encoding);
      expect(await operator.piped(['check', file])).toEqual({
        code: 65,
        out: '',
        err: `maintenance-window: ${file}: ${why}; save it as UTF-8\n`,
      });
      writeFileSync(file, `\ufeff${text}`);
      expect(await operator.piped(['check', file])).toMatchObject({
        code: 0,
        out: expect.stringContaining('Hauptstraße'),
      });
    },
  );
});

describe('history', () => {
  it('says who changed what, and when, newest first', async () => {
    await operator.put(NO_WINDOWS);
    await operator.piped(['begin', '--for', '1h', '--reason', 'upgrade'], {
      environment: { AWS_ACCESS_KEY_ID: 'ada' },
    });
    await operator.piped(['end', '--reason', 'rolled back'], { environment: { AWS_ACCESS_KEY_ID: 'bob' } });
    const { code, out, err } = await operator.piped(['history']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [head, ...lines] = out.trimEnd().split('\n');
    expect(head).toMatch(/^WHEN +WHO +WHAT +WHY$/);
    expect(lines).toEqual([
      expect.stringMatching(
        /Z \(.* ago\) {2}bob +ended \w{6} \(every function, upgrade\), .* earlier than before +rolled back$/,
      ),
      expect.stringMatching(/Z \(.* ago\) {2}ada +began \w{6} \(every function, upgrade\), for 1 h +-$/),
      expect.stringMatching(/Z \(.* ago\) {2}carol +created the parameter, without windows +-$/),
    ]);
    const [third = '', second = '', first = ''] = (await operator.piped(['history', '--diff'])).out.split('\n\n');
    expect(third).toMatch(
      /^windows-\d+, version 3 {2}.* ago\) {2}arn:aws:iam::\d+:user\/bob\n- \{.*\n\+ \{.*"upgrade"\}$/,
    );
    expect(second).toMatch(/version 2 .*user\/ada\n\+ \{.*"upgrade"\}$/);
    expect(first).toMatch(/version 1 .*user\/carol\n\(the parameter was created, without windows\)\n$/);
    const { changes } = await operator.json(['history', '--count', '2']);
    expect(changes[0]).toMatchObject({ removed: [expect.stringContaining('upgrade')], added: [expect.anything()] });
    expect(changes[1]).toMatchObject({ removed: [], by: expect.stringContaining('user/ada') });
    expect(changes.map((change: { version: number }) => change.version)).toEqual([3, 2]);
    expect(changes).toMatchObject([
      { reason: 'rolled back', changes: [{ kind: 'ended', id: changes[1].changes[0].id }] },
      { changes: [{ kind: 'began', window: { reason: 'upgrade' } }] },
    ]);
    const rome = { environment: { TZ: 'Europe/Rome', NO_COLOR: '1' } };
    expect((await operator.terminal(['history', '--count', '1'], rome)).out).toMatch(
      /^WHEN \(Europe\/Rome\) .*\n.*Z \(.*\d\d:\d\d.*, .* ago\) {2}bob +ended/,
    );
    expect(await operator.terminal(['history', '--count', '1', '--diff'])).toMatchObject({
      code: 0,
      out: expect.stringContaining(`${ESCAPE}[31m- `),
    });
  });

  it('says of a fresh parameter that it was created, and with what', async () => {
    await operator.put(NO_WINDOWS);
    expect((await operator.piped(['history'])).out).toMatch(
      /^WHEN .*\n.* carol +created the parameter, without windows +-\n$/,
    );
    expect((await operator.piped(['history', '--diff'])).out).toMatch(
      /^\S+, version 1 .*\n\(the parameter was created, without windows\)\n$/,
    );
    const { out } = await operator.terminal(['history', '--diff'], { environment: { NO_COLOR: '1' } });
    expect(out).toMatch(/^\S+, version 1 .*\n\(the parameter was created, without windows\)\n$/);

    operator.another();
    await operator.put(activeDocument({ reason: 'upgrade' }));
    expect((await operator.piped(['history', '--diff'])).out).toMatch(
      /^\S+, version 1 .*\n\(the parameter was created with this\)\n\+ .*"upgrade"\}\n$/,
    );
  });

  it('says how many versions are older than the ten that it shows', async () => {
    for (let version = 1; version <= 12; version += 1) await operator.put(NO_WINDOWS);
    expect((await operator.piped(['history'])).err).toBe('note: 2 versions are older, and not shown: add --count 12\n');
    expect(await operator.piped(['history', '--count', '12'])).toMatchObject({ code: 0, err: '' });
    expect(await operator.json(['history', '--count', '5'])).toMatchObject({ older: 7, err: '' });
  });

  it('says of the oldest version that SSM still has that there is none before it', async () => {
    for (let version = 1; version <= 101; version += 1) await operator.put(NO_WINDOWS);
    const { out } = await operator.piped(['history', '--diff', '--count', '200']);
    const all = out.split('\n\n');
    expect(all).toHaveLength(100);
    expect(all[0]).toMatch(/version 101 .*\n\(nothing, but for order and spelling\)$/);
    expect(all.at(-1)).toMatch(/version 2 .*\n\(SSM has no older version; this one has no windows\)\n$/);
  });

  it('says of a malformed version what is wrong with it', async () => {
    await operator.put(NO_WINDOWS);
    await operator.put('tomorrow');
    expect((await operator.piped(['history'])).out).toMatch(
      /carol +wrote what no function can read: entry 1 \("tomorrow"\): is not an instant.*\n.*carol +created/,
    );
    expect((await operator.piped(['history', '--diff'])).out).toMatch(
      /malformed: entry 1 \("tomorrow"\): is not an instant.*\n\+ tomorrow/,
    );
    // nothing is edited on what is malformed
    expect(await operator.piped(['begin', '--for', '1h'])).toMatchObject({
      code: 65,
      err: expect.stringContaining('put an older one back'),
    });
  });

  it('reads more versions than fit on one page', async () => {
    for (let version = 0; version < 60; version += 1)
      await operator.put(`2040-01-01T00:00:00Z,2040-01-02T00:00:${String(version).padStart(2, '0')}Z`);
    const { changes } = await operator.json(['history', '--count', '100']);
    expect(changes).toHaveLength(60);
  });
});
