/** A window that protects nothing is begun only where somebody has said that it is meant. */

import { beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../../core/units.ts';
import { iso, NO_WINDOWS, windowOperatorForEach } from '../../../worlds/window-operator.ts';

const operator = windowOperatorForEach();
beforeEach(async () => {
  operator.lambda.alsoRead = operator.parameter;
  await operator.put(NO_WINDOWS);
});

const begin = ['begin', '--for', '1h'];
const add = ['schedule', 'add', 'cron(0 2 ? * SUN *)', '--for', '1h'];
const once = (fromNowMs: number) => ['schedule', 'add', '--start', iso(Date.now() + fromNowMs), '--for', '1h'];
const NAMES = 'if the names, --profile and --region are right, say --yes';

describe('without a terminal and --yes', () => {
  it.each([
    [
      'a function that does not exist',
      [...begin, '--function', 'typo'],
      /: no function typo exists .*: nothing was written; /,
    ],
    ['a glob that no function has', [...begin, '--function', 'typo-*'], /: no function typo-\* exists/],
    [
      'one that does not exist beside one that does',
      [...begin, '--function', 'orders-api', 'typo'],
      /: no function typo exists/,
    ],
    ['several', [...begin, '--function', 'typo', 'tpyo'], /: no function typo exists [^;]*; no function tpyo exists/],
    ['a schedule for one', [...add, '--function', 'typo-*'], /: no function typo-\* exists/],
    ['a planned window for one', [...once(DAY_MS), '--function', 'typo'], /: no function typo exists/],
    [
      'a function without a client',
      [...begin, '--function', 'elsewhere'],
      /: no function that it names reads windows-\d+: elsewhere: /,
    ],
    ['a window that is over', once(-2 * HOUR_MS), /: the window is over/],
    [
      'a schedule that never comes',
      ['schedule', 'add', 'cron(0 0 1 1 ? 2020)', '--for', '1h'],
      /: the window never occurs any more/,
    ],
  ])('refuses %s, and writes nothing', async (_what, words, message) => {
    const { code, out, err } = await operator.piped(words);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toMatch(message);
    expect(err).toMatch(/nothing was written; if .*, say --yes\n$/);
    expect(await operator.text()).toBe(NO_WINDOWS);

    const dry = await operator.piped([...words, '--dry-run']);
    expect(dry).toMatchObject({ code: 0, err: expect.stringMatching(/^warning: /) });
    expect(await operator.text()).toBe(NO_WINDOWS);

    expect(await operator.piped([...words, '--yes'])).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^warning: /),
    });
    expect(await operator.text()).not.toBe(NO_WINDOWS);
  });

  it('refuses functions that read another parameter', async () => {
    operator.lambda.alsoRead = undefined;
    const { code, err } = await operator.piped([...begin, '--function', 'orders-*']);
    expect({ code, err }).toEqual({
      code: 64,
      err: `maintenance-window: no function that it names reads ${operator.parameter}: orders-api, orders-batch: nothing was written; ${NAMES}\n`,
    });
  });

  it.each([[begin], [add], [once(DAY_MS)]])(
    'refuses one for every function where none reads the parameter: %j',
    async (words) => {
      operator.lambda.alsoRead = undefined;
      const { code, out, err } = await operator.piped(words);
      expect({ code, out, err }).toEqual({
        code: 64,
        out: '',
        err: `maintenance-window: no function in this account and region reads ${operator.parameter}: nothing was written; ${NAMES}\n`,
      });
      expect(await operator.text()).toBe(NO_WINDOWS);
      expect(await operator.piped([...words, '--yes'])).toMatchObject({ code: 0 });
    },
  );

  it('warns of one among several that does not read it', async () => {
    const { code, err } = await operator.piped([...begin, '--function', 'orders-*', 'elsewhere', 'else*']);
    expect({ code, err }).toEqual({
      code: 0,
      err:
        `warning: elsewhere is not protected, as it does not read ${operator.parameter}\n` +
        `warning: else* (elsewhere) is not protected, as it does not read ${operator.parameter}\n`,
    });
  });

  it('begins what is right, what is only long, and what could not be looked up', async () => {
    expect(await operator.piped([...begin, '--function', 'orders-*'])).toMatchObject({ code: 0, err: '' });
    expect(await operator.piped(['begin', '--for', '25h'])).toMatchObject({ code: 0 });
    operator.lambda.mayList = false;
    expect(await operator.piped([...begin, '--function', 'typo-*'])).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^note: whether the functions exist could not be checked/),
    });
  });
});

it('a terminal is asked', async () => {
  const declined = await operator.terminal([...begin, '--function', 'typo'], { typed: [['[y/N]', 'n\r']] });
  expect(declined).toMatchObject({ code: 1, out: expect.stringContaining('no function typo exists') });
  expect(await operator.text()).toBe(NO_WINDOWS);
});

it.each([[['status']], [['next']], [['schedule', 'list']]])(
  '%j --function warns of a function that does not exist',
  async (words) => {
    const { code, err } = await operator.piped([...words, '--function', 'typo']);
    expect({ code, err }).toEqual({ code: 0, err: 'warning: no function typo exists in this account and region\n' });
    expect((await operator.piped([...words, '--function', 'orders-api'])).err).toBe('');
  },
);
