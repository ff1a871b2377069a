import { describe, expect, it } from 'vitest';
import { parseAutoReplay } from '../../../core/sources/auto-replay.ts';

const EXAMPLE = 'must be "manual", or an object such as {"rate":"50/s","canary":20}; {} has the defaults';

describe('how a backlog is replayed by itself', () => {
  it.each([
    ['manual', 'manual'],
    [{}, {}],
    [
      { rate: '50/s', canary: 20, stopAfter: '10%', ordered: true },
      { ratePerSecond: 50, canary: 20, stopAfter: { kind: 'share', percent: 10 }, ordered: true },
    ],
    [
      { rate: '0.001/s', stopAfter: '20', ordered: false },
      { ratePerSecond: 0.001, stopAfter: { kind: 'count', failures: 20 }, ordered: false },
    ],
    [
      { stopAfter: '100%', canary: 999_999 },
      { stopAfter: { kind: 'share', percent: 100 }, canary: 999_999 },
    ],
  ])('reads %j', (value, replay) => {
    expect(parseAutoReplay(value, 'policy.replay')).toEqual({ kind: 'value', value: replay });
  });

  it.each([
    ['auto', `policy.replay: ${EXAMPLE}`],
    [true, `policy.replay: ${EXAMPLE}`],
    [null, `policy.replay: ${EXAMPLE}`],
    [[], `policy.replay: ${EXAMPLE}`],
    [{ rates: '50/s' }, 'policy.replay: "rates" is no field of it; did you mean rate?'],
    [{ limit: 5 }, 'policy.replay: "limit" is no field of it; use rate, canary, stopAfter, ordered'],
    [
      JSON.parse('{"__proto__":1}'),
      'policy.replay: "__proto__" is no field of it; use rate, canary, stopAfter, ordered',
    ],
    [{ rate: 50 }, 'policy.replay.rate: 50 is no rate; write events a second, such as "50/s"'],
    [{ rate: '0/s' }, 'policy.replay.rate: "0/s" is no rate; write events a second, such as "50/s"'],
    [
      { rate: '0.00000001/s' },
      'policy.replay.rate: "0.00000001/s" is too slow; write 0.001/s or more, which is an event in 17 minutes',
    ],
    [
      { rate: '0.0009/s' },
      'policy.replay.rate: "0.0009/s" is too slow; write 0.001/s or more, which is an event in 17 minutes',
    ],
    [{ rate: '50' }, 'policy.replay.rate: "50" is no rate; write events a second, such as "50/s"'],
    [{ canary: 0 }, 'policy.replay.canary: must be a whole number from 1 to 999999'],
    [{ canary: '20' }, 'policy.replay.canary: must be a whole number from 1 to 999999'],
    [
      { stopAfter: 20 },
      'policy.replay.stopAfter: 20 is no limit; write a number of failures or a part of all outcomes: "20", "10%"',
    ],
    [
      { stopAfter: '101%' },
      'policy.replay.stopAfter: "101%" is no limit; write a number of failures or a part of all outcomes: "20", "10%"',
    ],
    [{ ordered: 'yes' }, 'policy.replay.ordered: must be true or false'],
  ])('refuses %j, with place and remedy', (value, message) => {
    expect(parseAutoReplay(value, 'policy.replay')).toEqual({ kind: 'fault', message });
  });
});
