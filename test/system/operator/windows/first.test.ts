/** The first window of all: the operator's parameter does not exist until somebody begins one. */
import { GetParameterHistoryCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { NO_WINDOWS, windowOperatorForEach } from '../../../worlds/window-operator.ts';

const operator = windowOperatorForEach();

/** What SSM has of a parameter: nothing where it does not exist. */
async function stored(Name = operator.parameter) {
  const credentials = { accessKeyId: 'carol', secretAccessKey: 'secret' };
  const client = new SSMClient({ endpoint: operator.ssmUrl, region: 'eu-south-1', credentials });
  const { Parameters = [] } = await client
    .send(new GetParameterHistoryCommand({ Name }))
    .catch(() => ({ Parameters: [] }));
  client.destroy();
  return Parameters;
}

describe('a parameter that does not exist', () => {
  it('has no windows, which a warning says, with what makes it', async () => {
    for (const words of [['status'], ['next'], ['schedule', 'list'], ['end']]) {
      const { code, out, err } = await operator.piped(words);
      expect({ words, code }).toEqual({ words, code: 0 });
      expect(out).not.toBe('');
      expect(err).toBe(
        `warning: the parameter ${operator.parameter} does not exist in this account and region, so it has no windows: ` +
          'name another one (--parameter, MAINTENANCE_WINDOW_PARAMETER), say the right --profile and --region, or make it:  ' +
          `maintenance-window begin --parameter ${operator.parameter}\n`,
      );
    }
    expect(await stored()).toEqual([]);
  });

  it('is no reason not to show the windows of another one', async () => {
    await operator.put(
      '{"version":1,"windows":[{"start":"2020-01-01T00:00:00Z","end":"2090-01-01T00:00:00Z"}]}',
      'stack',
    );
    const environment = { MAINTENANCE_WINDOW_PARAMETER: `${operator.parameter},stack` };
    expect(await operator.json(['status'], { environment })).toMatchObject({ code: 0, active: true });
  });

  it('is made by the first begin, without a word where a function reads it', async () => {
    const environment = { MAINTENANCE_WINDOW_PARAMETER: 'orders' };
    const begun = await operator.json(['begin', '--for', '1h', '--reason', 'CHG-7'], { environment });
    expect(begun).toMatchObject({ code: 0, err: '', written: true, parameter: 'orders', version: 1 });
    expect(await stored('orders')).toMatchObject([
      { Type: 'String', Tier: 'Standard', Value: expect.stringContaining('CHG-7') },
    ]);
    expect(await operator.json(['status'], { environment })).toMatchObject({ code: 0, err: '', active: true });
    expect(await operator.json(['end'], { environment })).toMatchObject({ code: 0, version: 2 });
  });

  it('is made by a schedule, too, however large', async () => {
    const reason = 'x'.repeat(4_500);
    const words = ['schedule', 'add', 'cron(0 2 ? * SUN *)', '--for', '2h', '--reason', reason, '--yes'];
    expect(await operator.json(words)).toMatchObject({ code: 0, version: 1 });
    expect(await stored()).toMatchObject([{ Type: 'String', Tier: 'Advanced' }]);
  });

  it('is not made where no function is seen to read it, unless that is said, or a terminal agrees', async () => {
    operator.lambda.alsoRead = undefined;
    const refused = await operator.piped(['begin', '--for', '1h']);
    expect(refused).toEqual({
      code: 64,
      out: '',
      err:
        `maintenance-window: the parameter ${operator.parameter} does not exist, and this would make it; no function reads it: ` +
        'nothing was written; if the name, --profile and --region are right, say --yes\n',
    });
    expect(await stored()).toEqual([]);

    const declined = await operator.terminal(['begin', '--for', '1h'], { typed: [['[y/N]', 'n\r']] });
    expect(declined.code).toBe(1);
    expect(await stored()).toEqual([]);

    const dry = await operator.piped(['begin', '--for', '1h', '--dry-run']);
    expect(dry).toMatchObject({ code: 0, err: expect.stringContaining('does not exist, and this would make it') });
    expect(await stored()).toEqual([]);

    expect(await operator.json(['begin', '--for', '1h', '--yes'])).toMatchObject({ code: 0, version: 1 });
    expect(await stored()).toHaveLength(1);
  });

  it('is in doubt where Lambda may not be asked', async () => {
    operator.lambda.mayList = false;
    const { code, err } = await operator.piped(['begin', '--for', '1h']);
    expect({ code, err }).toMatchObject({
      code: 64,
      err: expect.stringContaining('whether a function reads it is not known: lambda:ListFunctions is not allowed'),
    });
  });

  it('is not made by its ARN, which may be another account’s', async () => {
    const MAINTENANCE_WINDOW_PARAMETER = 'arn:aws:ssm:eu-south-1:111122223333:parameter/windows';
    const { code, err } = await operator.piped(['begin', '--yes'], { environment: { MAINTENANCE_WINDOW_PARAMETER } });
    expect({ code, err }).toMatchObject({ code: 66, err: expect.stringContaining('does not exist') });
  });

  it.each([
    ['a/b', 'has levels and does not begin with "/"'],
    ['aws-windows', 'begins with aws or ssm, which SSM keeps to itself'],
    ['/a//b', 'has a level without a name'],
  ])('is not made by the name %s, which SSM refuses: a dry run says so, too', async (name, why) => {
    for (const words of [[], ['--dry-run'], ['--yes']]) {
      const { code, out, err } = await operator.piped(['begin', '--for', '1h', '--parameter', name, ...words]);
      expect({ code, out, err }).toEqual({
        code: 64,
        out: '',
        err: `maintenance-window: the parameter ${name} does not exist, and SSM would not make it: its name ${why} (--parameter names another one)\n`,
      });
    }
  });

  it('is made once by two who begin at the same moment: the other one is told, and nothing of either is lost in silence', async () => {
    const words = (reason: string) => ['begin', '--for', '1h', '--reason', reason, '--yes'];
    const both = await Promise.all([operator.piped(words('one')), operator.piped(words('other'))]);
    const text = (await stored()).at(-1)?.Value ?? NO_WINDOWS;
    for (const [index, reason] of ['one', 'other'].entries()) {
      const { code, err } = both[index] ?? {};
      if (text.includes(`"${reason}"`)) expect({ code }).toEqual({ code: 0 });
      else expect({ code, err }).toMatchObject({ code: 75, err: expect.stringContaining('was changed meanwhile') });
    }
    expect(both.some(({ code }) => code === 0)).toBe(true);
  });
});
