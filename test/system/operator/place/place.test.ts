/** Where a command is about to change something: said first on stderr, on a terminal and in a pipe. */
import { describe, expect, it } from 'vitest';
import { startCallerServices } from '../../../fakes/caller-services.ts';
import { activeDocument, NO_WINDOWS, windowOperatorForEach } from '../../../worlds/window-operator.ts';

const operator = windowOperatorForEach();
const PLACED = { keepsPlace: true } as const;

describe('the place of a change', () => {
  it('names account, alias, region, parameter and table, first of all', async () => {
    await using aws = await startCallerServices({ account: '111122223333', alias: 'acme-prod' });
    const environment = { AWS_ENDPOINT_URL_STS: aws.url };
    await operator.put(activeDocument());
    const place =
      `place: account 111122223333 (acme-prod), region eu-south-1, endpoint ${operator.ssmUrl}, ` +
      `parameter ${operator.parameter}, table maintenance-window-events\n`;
    for (const words of [
      ['end', '-o', 'json'],
      ['begin', '--for', '1h', '--yes'],
      ['begin', '--for', '1h', '--dry-run'],
      ['schedule', 'add', '--start', '2040-01-14T22:00:00Z', '--for', '1h'],
      ['schedule', 'remove', 'abcdef', '--yes'],
      ['replay', '--dry-run'],
      ['events', 'discard', '--all', '--yes'],
      ['schedule', 'edit', 'abcdef', '--for', '1h'],
      ['events', 'restore', 'an-id'],
      ['events', 'sweep'],
      ['invoke', 'orders-api'],
      ['setup', '--apply', '--yes'],
    ]) {
      const { err } = await operator.piped(words, { ...PLACED, environment });
      expect({ words, first: `${err.split('\n')[0]}\n`, times: err.split('place: ').length - 1 }).toEqual({
        words,
        first: place,
        times: 1,
      });
    }
    const { out } = await operator.terminal(['begin', '--yes'], {
      ...PLACED,
      environment: { ...environment, NO_COLOR: '1' },
    });
    expect(out.startsWith(place)).toBe(true);
  });

  it('is not said, nor asked for, by what only shows', async () => {
    await using aws = await startCallerServices({ account: '111122223333' });
    await operator.put(NO_WINDOWS);
    for (const words of [
      ['status'],
      ['next'],
      ['schedule', 'list'],
      ['history'],
      ['config'],
      ['setup', '--print', 'table'],
    ]) {
      const { err } = await operator.piped(words, { ...PLACED, environment: { AWS_ENDPOINT_URL_STS: aws.url } });
      expect({ words, err }).toEqual({ words, err: expect.not.stringContaining('place: ') });
    }
    expect(aws.requests).toHaveLength(0);
  });

  it('has the account that the credentials name without STS, and goes without what is denied', async () => {
    await using aws = await startCallerServices({});
    await operator.put(NO_WINDOWS);
    const said = async (environment: Record<string, string>) =>
      (await operator.piped(['end'], { ...PLACED, environment })).err;
    expect(await said({ AWS_ACCOUNT_ID: '444455556666' })).toContain('place: account 444455556666, region');
    expect(await said({ AWS_ENDPOINT_URL_STS: aws.url })).toContain('place: account not known, region');
  });

  it('asks nobody where SSM is a stand-in, and waits for no silent STS', async () => {
    await using aws = await startCallerServices({ silent: true });
    await operator.put(NO_WINDOWS);
    const { code, err } = await operator.piped(['end'], PLACED);
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringMatching(/^place: account not known, .*\n$/) });
    const silent = await operator.piped(['end'], { ...PLACED, environment: { AWS_ENDPOINT_URL_STS: aws.url } });
    expect(silent).toMatchObject({ code: 0, err: expect.stringMatching(/^place: account not known, .*\n$/) });
    expect(aws.requests.length).toBeGreaterThan(0);
  });

  it('comes behind what is wrong with the words', async () => {
    const { code, err } = await operator.piped(['begin', '--for', '1h', '--until', '+2h'], PLACED);
    expect({ code, err }).toEqual({ code: 64, err: expect.stringMatching(/^maintenance-window: --for and --until/) });
  });
});

describe('begin without --function', () => {
  const words = ['begin', '--for', '1h'];

  it.each([
    ['without functions', words],
    ['for *', [...words, '--function', '*']],
  ])('says on a terminal which functions that is, and asks once, %s', async (_, words) => {
    await operator.put(NO_WINDOWS);
    const declined = await operator.terminal(words, { typed: [['[y/N]', 'n\r']] });
    expect(declined.code).toBe(1);
    expect(declined.out).toContain(
      `every function that reads ${operator.parameter}, or may: 2 (orders-api, orders-batch)`,
    );
    expect(await operator.versions()).toHaveLength(1);
    const accepted = await operator.terminal(words, { typed: [['[y/N]', 'y\r']] });
    expect(accepted).toMatchObject({ code: 0, out: expect.stringMatching(/: (?:every function|\*), until /) });
    expect(accepted.out.match(/\[y\/N\]/g)).toHaveLength(1);
  });

  it('asks once where there is a doubt as well, and not with --yes, --function or in a pipe', async () => {
    await operator.put(NO_WINDOWS);
    const long = await operator.terminal(['begin', '--for', '25h'], { typed: [['[y/N]', 'y\r']] });
    expect(long.code).toBe(0);
    expect(long.out.match(/\[y\/N\]/g)).toHaveLength(1);
    for (const more of [['--yes'], ['--function', 'orders-*']]) {
      const { code, out } = await operator.terminal([...words, ...more]);
      expect({ more, code, asks: out.includes('[y/N]') }).toEqual({ more, code: 0, asks: false });
    }
    expect(await operator.piped(words)).toMatchObject({ code: 0, err: '' });
  });
});

describe('whoami', () => {
  it('names account, alias, ARN, region, parameter and table', async () => {
    await using aws = await startCallerServices({ account: '111122223333', alias: 'acme-prod' });
    const environment = { AWS_ENDPOINT_URL_STS: aws.url, AWS_ACCOUNT_ID: '999999999999' };
    expect(await operator.json(['whoami'], { environment })).toEqual({
      code: 0,
      err: '',
      account: '111122223333',
      alias: 'acme-prod',
      arn: 'arn:aws:iam::111122223333:user/ada',
      region: 'eu-south-1',
      endpoint: operator.ssmUrl,
      parameters: [operator.parameter],
      table: 'maintenance-window-events',
    });
    const { out } = await operator.terminal(['whoami'], { environment });
    expect(out).toMatch(/^account {4}111122223333 \(acme-prod\)\narn {8}arn:aws:iam::111122223333:user\/ada\nregion/);
  });

  it('says why the account is not known', async () => {
    await using aws = await startCallerServices({});
    const denied = await operator.piped(['whoami'], { environment: { AWS_ENDPOINT_URL_STS: aws.url } });
    expect(denied).toMatchObject({ code: 0, err: 'note: the account is not known: STS says: not allowed\n' });
    const { err } = await operator.piped(['whoami']);
    expect(err).toBe('note: the account is not known: SSM’s endpoint is not AWS’s own, and none was given for STS\n');
  });
});
