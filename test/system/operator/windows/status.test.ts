import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../../../core/errors.ts';
import { DAY_MS, HOUR_MS } from '../../../../core/units.ts';
import { activeDocument, ESCAPE, iso, NO_WINDOWS, windowOperatorForEach } from '../../../worlds/window-operator.ts';

const operator = windowOperatorForEach();

describe('status', () => {
  it('says that nothing is active, and what comes next', async () => {
    const start = Date.now() + DAY_MS;
    await operator.put(
      JSON.stringify({ version: 1, windows: [{ start: iso(start), end: iso(start + HOUR_MS), reason: 'later' }] }),
    );
    const { code, out, err } = await operator.piped(['status']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(
      /^Not under maintenance\n {2}next {4}\d{4}-\d\d-\d\dT[\d:]+Z \(in .*\), every function, later \([0-9a-f]{6}\)\n$/,
    );
    expect(await operator.json(['status'])).toMatchObject({
      active: false,
      maintenance: [],
      next: { start: iso(start) },
    });
  });

  it('says since when, until when, why and for which functions', async () => {
    await operator.put(activeDocument({ functions: ['orders-*'] }));
    const { code, out } = await operator.piped(['status']);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Under maintenance: orders-\*\n {2}since {3}.*\(1 h ago\)\n {2}until {3}.*\(in (?:1 h|59 min .*)\)\n {2}reason {2}CHG-1\n {2}quiet /,
    );
    expect(out).toContain(operator.parameter);
    expect(out).not.toContain(ESCAPE);
  });

  it('says once what two windows say of the same functions, in whatever order these stand', async () => {
    const other = {
      start: iso(Date.now() - 60_000),
      end: iso(Date.now() + HOUR_MS),
      functions: ['billing', 'orders-*'],
    };
    await operator.put(activeDocument({ functions: ['orders-*', 'billing'], more: [other] }));
    const { maintenance, windows } = await operator.json(['status']);
    expect(maintenance).toHaveLength(1);
    expect(windows).toHaveLength(2);
  });

  it('answers for one function, and for another time', async () => {
    await operator.put(activeDocument({ functions: ['orders-*'] }));
    expect(await operator.json(['status', '--function', 'orders-api'])).toMatchObject({ active: true });
    expect(await operator.json(['status', '--function', 'billing'])).toMatchObject({ active: false });
    const later = await operator.json(['status', '--at', iso(Date.now() + 2 * HOUR_MS)]);
    expect(later).toMatchObject({ active: false });
    expect((await operator.piped(['status', '--at', iso(Date.now() - 60_000)])).out).toMatch(
      /^At .* ago\):\nUnder maintenance/,
    );
  });

  it('counts the seconds until it is quiet from the slowest function that reads the parameter', async () => {
    await operator.put(activeDocument(), 'orders');
    const { maintenance } = await operator.json(['status'], {
      environment: { MAINTENANCE_WINDOW_PARAMETER: 'orders' },
    });
    const written = (await operator.versions('orders')).at(-1)?.LastModifiedDate?.getTime() ?? 0;
    // the edit, ten seconds of TTL with their jitter, one for a refresh; and 300 s for orders-batch
    const quietAt = Math.ceil((written + 12_000) / 1_000) * 1_000 + 300_000;
    expect(maintenance).toMatchObject([
      { quietFrom: iso(quietAt), quietBecause: expect.stringMatching(/within 12 s.*up to 5 min \(orders-batch\)/) },
    ]);
  });

  it('does not begin to wait anew because something else was edited', async () => {
    await operator.put(activeDocument());
    const before = await operator.json(['status']);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await operator.put(
      activeDocument({ more: [{ start: '2040-01-01T00:00:00Z', end: '2040-01-02T00:00:00Z' }] }).replace(
        /"start":"[^"]*"/,
        () => `"start":"${before.windows[0].start}"`,
      ),
    );
    const { maintenance } = await operator.json(['status']);
    expect(maintenance[0].quietFrom).toBe(before.maintenance[0].quietFrom);
  });

  it('takes the worst where Lambda may not be asked, and says so', async () => {
    operator.lambda.mayList = false;
    await operator.put(activeDocument());
    const { maintenance } = await operator.json(['status']);
    expect(maintenance[0].quietBecause).toMatch(/up to 15 min, at worst: lambda:ListFunctions is not allowed$/);
  });

  it('unites the windows of several parameters, and says which one each comes from', async () => {
    await operator.put(activeDocument({ reason: 'account' }), 'account-windows');
    await operator.put(activeDocument({ reason: 'team' }), 'team-windows');
    const { windows, maintenance } = await operator.json(['status', '--parameter', 'account-windows,team-windows']);
    expect(windows.map((window: { parameter: string; reason: string }) => [window.parameter, window.reason])).toEqual([
      ['account-windows', 'account'],
      ['team-windows', 'team'],
    ]);
    expect(maintenance).toMatchObject([{ reason: 'account' }]);
  });

  it('goes on with the parameters that are good, and ends with the fault of one that is not', async () => {
    await operator.put('{"version":1,"windows":[{}]}', 'bad-windows');
    await operator.put(activeDocument());
    const { code, out, err } = await operator.piped(['status', '--parameter', `bad-windows,${operator.parameter}`]);
    expect(code).toBe(FAULTS['MaintenanceWindow.Malformed'].exitCode);
    expect(out).toContain('Under maintenance');
    expect(err).toMatch(/^warning: the parameter bad-windows is malformed in version 1 \(windows\[0\]: has neither/);
  });

  it('writes nothing to the terminal that a reason could paint it with', async () => {
    await operator.put(activeDocument({ reason: `red ${ESCAPE}[31m\nalert \u0007` }));
    const { out } = await operator.terminal(['status'], { environment: { NO_COLOR: '1' } });
    expect(out).toContain('red \\u001b[31m\\u000aalert \\u0007');
    expect(out).not.toContain(ESCAPE);
  });

  it('has colours on a terminal, and none with NO_COLOR', async () => {
    await operator.put(activeDocument());
    const coloured = await operator.terminal(['status']);
    expect(coloured).toMatchObject({ code: 0, out: expect.stringContaining(`${ESCAPE}[33m`) });
    const plain = await operator.terminal(['status'], { environment: { NO_COLOR: '1' } });
    expect(plain.out).not.toContain(ESCAPE);
    expect(plain.out).toMatch(/^Under maintenance: every function\n/);
  });
});

describe('next', () => {
  const WEEKLY = {
    schedule: 'cron(30 2 ? * SUN *)',
    timezone: 'Europe/Rome',
    duration: 'PT2H',
    reason: 'vacuum',
    functions: ['orders-*'],
  };

  it('lists what begins next, and says where daylight saving moves a start', async () => {
    await operator.put(JSON.stringify({ version: 1, windows: [WEEKLY] }));
    const { code, out } = await operator.piped(['next', '--count', '60']);
    expect(code).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(61);
    expect(out).toMatch(
      /-03-\d\dT01:00:00Z .* 02:30 does not exist that day in Europe\/Rome: begins at 03:00, when the clocks have gone forward\n/,
    );
    expect(out).toMatch(/-10-\d\dT00:30:00Z .* 02:30 comes twice that day in Europe\/Rome: begins at the first\n/);
    const { next } = await operator.json(['next', '--count', '2']);
    expect(next).toMatchObject([{ reason: 'vacuum', parameter: operator.parameter }, { functions: ['orders-*'] }]);
  });

  it('lists those of one function alone', async () => {
    await operator.put(JSON.stringify({ version: 1, windows: [WEEKLY] }));
    expect(await operator.json(['next', '--function', 'billing'])).toMatchObject({ next: [] });
    expect((await operator.json(['next', '--function', 'orders-api'])).next).toHaveLength(5);
  });

  it('says on a terminal that none will begin', async () => {
    await operator.put(NO_WINDOWS);
    expect(await operator.terminal(['next'])).toEqual({ code: 0, out: 'No window is going to begin.\n' });
  });
});
