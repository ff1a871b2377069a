import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../core/units.ts';
import { parseWindows } from '../../../../core/windows/window.ts';
import { type ScriptedAnswer, startScriptedSsm } from '../../../fakes/scripted-ssm.ts';
import { runCli } from '../../../worlds/cli.ts';
import { HANG_LIMIT_MS } from '../../../worlds/hang-limit.ts';
import { activeDocument, iso, NO_WINDOWS, windowOperatorForEach } from '../../../worlds/window-operator.ts';

const operator = windowOperatorForEach();

describe('end', () => {
  it('sets the end to now, and leaves the window for environments that start later', async () => {
    await operator.put(activeDocument());
    const { code, out } = await operator.piped(['end']);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Ended: 1 window in windows-\d+, version 2\n {2}\w{6} {2}every function, since .*Z, CHG-1\n {2}every function has seen it by .*\n {2}no event waits so far\n$/,
    );
    const [window] = JSON.parse(await operator.text()).windows;
    expect(window.reason).toBe('CHG-1');
    expect(Date.now() - Date.parse(window.end)).toBeLessThan(HANG_LIMIT_MS);
    expect(await operator.json(['status'])).toMatchObject({ active: false });
  });

  it('ends every active window, or only one of several', async () => {
    await operator.put(
      activeDocument({ more: [{ start: iso(Date.now() - 60_000), end: iso(Date.now() + DAY_MS), reason: 'other' }] }),
    );
    const { windows } = await operator.json(['status']);
    expect(windows).toHaveLength(2);
    const one = await operator.json(['end', windows[1].id]);
    expect(one).toMatchObject({ code: 0, ended: [{ reason: 'other' }], stillActive: [{ id: windows[0].id }] });
    expect(one.err).toContain(`warning: still active: ${windows[0].id} in ${operator.parameter}`);
    expect(await operator.json(['end'])).toMatchObject({ code: 0, ended: [{ reason: 'CHG-1' }], stillActive: [] });
  });

  it('ends an occurrence of a schedule, and leaves those that come', async () => {
    const began = new Date(Date.now() - 2 * 60_000);
    const schedule = `cron(${began.getUTCMinutes()} ${began.getUTCHours()} * * ? *)`;
    const daily = { schedule, duration: 'PT1H', reason: 'daily', functions: ['orders-*'] };
    await operator.put(JSON.stringify({ version: 1, windows: [daily] }));
    expect(await operator.json(['end'])).toMatchObject({ code: 0, ended: [{ reason: 'daily' }] });
    const [past, rest] = JSON.parse(await operator.text()).windows;
    expect(past).toEqual({
      start: iso(Math.floor(began.getTime() / 60_000) * 60_000),
      end: expect.any(String),
      reason: 'daily',
      functions: ['orders-*'],
    });
    expect(rest).toEqual({ ...daily, from: past.end });
    const { active, next } = await operator.json(['status']);
    expect(active).toBe(false);
    expect(Date.parse(next.start) - Date.parse(past.start)).toBe(DAY_MS);
  });

  it('ends the last time of a schedule, which keeps its id', async () => {
    const start = new Date(Date.now() - 60_000).toISOString().slice(0, 19);
    const once = { schedule: `at(${start})`, duration: 'PT1H' };
    await operator.put(JSON.stringify({ version: 1, windows: [once] }));
    const before = await operator.json(['schedule', 'list']);
    expect(await operator.json(['end'])).toMatchObject({ code: 0 });
    expect(JSON.parse(await operator.text()).windows).toEqual([{ ...once, duration: expect.stringMatching(/^PT/) }]);
    expect(await operator.json(['schedule', 'list'])).toMatchObject({
      windows: [{ id: before.windows[0].id, active: false }],
    });
  });

  it('ends a window that began within this second', async () => {
    await operator.put(NO_WINDOWS);
    const { window } = await operator.json(['begin', '--for', '1h']);
    await operator.put(JSON.stringify({ version: 1, windows: [{ start: iso(Date.now()), end: window.end }] }));
    expect(await operator.json(['end'])).toMatchObject({ code: 0 });
    expect(parseWindows(await operator.text()).kind).toBe('windows');
  });

  it('tells of windows that stand in another operator.parameter, with exit code 1', async () => {
    await operator.put(activeDocument({ reason: 'mine' }));
    await operator.put(activeDocument({ reason: 'of the stack' }), `${operator.parameter}-stack`);
    const both = `${operator.parameter},${operator.parameter}-stack`;
    const first = await operator.json(['end', '--parameter', both]);
    expect(first).toMatchObject({
      code: 1,
      ended: [{ reason: 'mine' }],
      stillActive: [{ parameter: `${operator.parameter}-stack` }],
    });
    const again = await operator.piped(['end', '--parameter', both]);
    expect(again).toMatchObject({ code: 1, out: `No window of ${operator.parameter} is active.\n` });
    const [, command = ''] = /to end it: {2}maintenance-window (end .*)\n$/.exec(again.err) ?? [];
    expect(command).toMatch(new RegExp(`^end \\w{6} --edit ${operator.parameter}-stack --parameter ${both}$`));
    expect(await operator.json(command.split(' '))).toMatchObject({ code: 0, stillActive: [] });
  });

  it('says so where nothing is active, and refuses a window that is not', async () => {
    const start = iso(Date.now() + DAY_MS);
    await operator.put(JSON.stringify({ version: 1, windows: [{ start, end: iso(Date.now() + 2 * DAY_MS) }] }));
    expect(await operator.terminal(['end'])).toEqual({
      code: 0,
      out: `No window of ${operator.parameter} is active.\n`,
    });
    const { windows } = await operator.json(['schedule', 'list']);
    const { code, err } = await operator.piped(['end', windows[0].id]);
    expect(code).toBe(64);
    expect(err).toContain(`is not active: it begins ${start}`);
    expect(await operator.piped(['end', 'abcdef'])).toMatchObject({
      code: 66,
      err: expect.stringContaining('no window abcdef in'),
    });
    expect(await operator.piped(['end', 'zzz'])).toMatchObject({
      code: 64,
      err: expect.stringContaining('is no window'),
    });
  });

  it('says of a window that has ended when, and by whom', async () => {
    await operator.put(activeDocument());
    const ended = await operator.json(['end'], { environment: { AWS_ACCESS_KEY_ID: 'ada' } });
    const { id } = ended.ended[0];
    const { code, out, err } = await operator.piped(['end', id]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(new RegExp(`^${id} ended .*Z \\(.* ago\\), by ada\n$`));
    expect(await operator.json(['end', id])).toMatchObject({
      code: 0,
      written: false,
      ended: [],
      endedBefore: [{ id, reason: 'CHG-1', endedAt: expect.any(String), endedBy: expect.stringMatching(/user\/ada$/) }],
    });
    // taken out, it is known of from the history
    await operator.put(NO_WINDOWS);
    expect((await operator.piped(['end', id])).out).toMatch(/ended .*, by ada\n$/);
    expect(await operator.versions()).toHaveLength(3);
  });

  it('says of a window that was taken out while it was active by whom', async () => {
    await operator.put(activeDocument());
    const { windows } = await operator.json(['status']);
    await operator.put(NO_WINDOWS);
    expect(await operator.piped(['end', windows[0].id])).toMatchObject({
      code: 66,
      err: expect.stringMatching(/ is not in windows-\d+ any more: carol took it out .*Z \(.* ago\)\n$/),
    });
  });

  it('keeps the reason with its own version, behind the description of the parameter', async () => {
    await operator.piped(['begin', '--for', '1h', '--reason', 'CHG-1']);
    await operator.piped(['end', '--reason', 'rolled back']);
    await operator.piped(['begin', '--for', '1h']);
    const descriptions = (await operator.versions()).map(({ Description }) => Description);
    expect(descriptions[1]).toBe(`${descriptions[0]} [reason: rolled back]`);
    expect(descriptions[2]).toBe(descriptions[0]);
    const { changes } = await operator.json(['history']);
    expect(changes[1]).toMatchObject({
      reason: 'rolled back',
      changes: [{ kind: 'ended', window: { reason: 'CHG-1' } }],
    });
    expect(await operator.piped(['end', '--reason', ' '])).toMatchObject({ code: 64 });
    for (const words of [[], ['--dry-run']]) {
      expect(await operator.piped(['end', '--reason', 'x'.repeat(1_100), ...words])).toMatchObject({
        code: 64,
        err: expect.stringContaining('the reason is too long'),
      });
    }
  });

  it('shows the difference with --dry-run', async () => {
    await operator.put(activeDocument());
    const { code, out } = await operator.terminal(['end', '--dry-run'], { environment: { NO_COLOR: '1' } });
    expect(code).toBe(0);
    expect(out).toMatch(
      /would change:\n- \{"start".*\n\+ \{"start".*\n\ncovers {2}2 functions now: orders-api, orders-batch\n$/,
    );
    expect(await operator.versions()).toHaveLength(1);
  });
});

describe('end, where not every parameter can be read', () => {
  const DENIED: ScriptedAnswer = { status: 400, body: { __type: 'AccessDeniedException', message: 'no' } };

  /** An SSM with an active window in `maintenance-window`, that answers otherwise where it is told so. */
  async function run(
    words: readonly string[],
    otherwise: (name: string, isWritten: boolean) => ScriptedAnswer | undefined,
    before = activeDocument(),
  ) {
    const writes: string[] = [];
    const now = () => ({ Type: 'String', Value: writes.at(-1) ?? before, Version: writes.length + 1 });
    let readsAfter = 0;
    await using ssm = await startScriptedSsm(({ operation, input }) => {
      if (operation === 'PutParameter') writes.push(String(input['Value']));
      if (operation !== 'GetParameters') return { status: 200, body: { Parameters: [now()], Version: now().Version } };
      const [name] = input['Names'] as string[];
      if (writes.length > 0) readsAfter += 1;
      // the first one after the write is the edit's own
      const other = otherwise(name ?? '', readsAfter > 1);
      return other ?? { status: 200, body: { Parameters: [{ Name: name, ...now() }] } };
    });
    const environment = { AWS_ENDPOINT_URL_SSM: ssm.url, AWS_ENDPOINT_URL_LAMBDA: operator.lambda.url };
    return { ...(await runCli(words, { environment })), writes };
  }

  it('says that it is ended, although nothing can be read behind it', async () => {
    const { code, out, err, writes } = await run(['end'], (_name, isWritten) => (isWritten ? DENIED : undefined));
    expect(writes).toHaveLength(1);
    expect(out).toMatch(/^Ended: 1 window in maintenance-window, version 2\n/);
    expect(err).toMatch(/^warning: whether another window is active is not known: ssm:GetParameters on the parameter/);
    expect(code).toBe(77);
  });

  it.each([
    ['after an end', activeDocument(), /^Ended: 1 window/],
    ['where there was nothing to end', NO_WINDOWS, /^No window of maintenance-window is active/],
  ])('ends with the code of the fault of another one, %s', async (_when, document, said) => {
    const words = ['end', '--parameter', 'maintenance-window,stack'];
    const { code, out, err } = await run(words, (name) => (name === 'stack' ? DENIED : undefined), document);
    expect(out).toMatch(said);
    expect(err).toMatch(/^warning: ssm:GetParameters on the parameter stack is not allowed/);
    expect(code).toBe(77);
  });
});
