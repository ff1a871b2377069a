import { describe, expect, it } from 'vitest';
import type { FunctionFacts } from '../../../aws/lambda/functions.ts';
import { quietAt, seenAt } from '../../../core/gate/freshness.ts';
import type { FunctionLookup } from '../../../operator/access/function-lookup.ts';
import { quietFrom, slowestTtl } from '../../../operator/windows/quiet-time.ts';

const NOW = Date.UTC(2026, 10, 21, 2);
const seconds = (at: number) => (at - NOW) / 1_000;

const known = (...functions: FunctionFacts[]): FunctionLookup => ({ kind: 'known', functions, unmatched: [] });
const fn = (name: string, timeoutSeconds: number, variables: Record<string, string> = {}, mayHoldClient = true) => ({
  name,
  timeoutSeconds,
  environment: variables,
  mayHoldClient,
});
const reads = (parameter: string, ttl?: string) => ({
  MAINTENANCE_WINDOW_PARAMETER: parameter,
  ...(ttl && { MAINTENANCE_WINDOW_TTL: ttl }),
});

describe('quiet', () => {
  it('is it when the handlers that run at the start have ended', () => {
    expect(quietAt(NOW, Number.NEGATIVE_INFINITY, { ttlSeconds: 60, timeoutSeconds: 30 })).toBe(NOW + 30_000);
  });

  it('is it later where the edit is seen after the start: TTL, a tenth of it, and a refresh', () => {
    expect(seconds(seenAt(NOW, 60))).toBe(67);
    expect(quietAt(NOW, NOW, { ttlSeconds: 60, timeoutSeconds: 30 })).toBe(NOW + 97_000);
    expect(quietAt(NOW + 3_600_000, NOW, { ttlSeconds: 60, timeoutSeconds: 30 })).toBe(NOW + 3_630_000);
  });

  it('waits for the slowest of the functions that read the parameter and that the window names', () => {
    const lookup = known(
      fn('a-slow', 30, reads('windows', '300')),
      fn('a-long', 900, reads('elsewhere')),
      fn('b-long', 600, reads('windows', '1')),
      fn('plain', 900, {}, false),
    );
    expect(quietFrom(lookup, ['a-*'], [{ parameter: 'windows', startAt: NOW, editedAt: NOW }])).toEqual({
      at: NOW + (331 + 30) * 1_000,
      why: 'functions see the edit within 5 min 31 s, and handlers that run by then go on for up to 30 s (a-slow)',
    });
    expect(quietFrom(lookup, undefined, [{ parameter: 'windows', startAt: NOW, editedAt: NOW }]).why).toContain(
      '(b-long)',
    );
  });

  it('knows a parameter by its ARN, among several, and by default', () => {
    const arn = 'arn:aws:ssm:eu-south-1:111122223333:parameter/team/windows';
    const named = known(fn('f', 10, reads(`other, ${arn}`)));
    expect(quietFrom(named, undefined, [{ parameter: '/team/windows', startAt: NOW, editedAt: NOW }]).why).toContain(
      '(f)',
    );
    const silent = known(fn('f', 10));
    expect(
      quietFrom(silent, undefined, [{ parameter: 'maintenance-window', startAt: NOW, editedAt: NOW }]).why,
    ).toContain('(f)');
    expect(quietFrom(silent, undefined, [{ parameter: 'other', startAt: NOW, editedAt: NOW }]).why).toContain(
      'no function is found that reads it',
    );
    const wrapped = known(fn('f', 10, { AWS_LAMBDA_EXEC_WRAPPER: '/opt/wrapper' }, false));
    expect(
      quietFrom(wrapped, undefined, [{ parameter: 'maintenance-window', startAt: NOW, editedAt: NOW }]).why,
    ).toContain('(f)');
  });

  it('goes by the windows of the parameters that each function reads: by the first of them', () => {
    const lookup = known(fn('both', 30, reads('a, b')), fn('late', 20, reads('b')), fn('early', 10, reads('a')));
    const windows = [
      { parameter: 'a', startAt: NOW - 3_600_000, editedAt: Number.NEGATIVE_INFINITY },
      { parameter: 'b', startAt: NOW, editedAt: Number.NEGATIVE_INFINITY },
    ];
    expect(quietFrom(lookup, undefined, windows)).toMatchObject({
      at: NOW + 20_000,
      why: expect.stringContaining('(late)'),
    });
    expect(quietFrom(lookup, ['both', 'early'], windows)).toMatchObject({
      at: NOW - 3_600_000 + 30_000,
      why: expect.stringContaining('(both)'),
    });
  });

  it('does not become quiet where maintenance ends before that', () => {
    const windows = [{ parameter: 'w', startAt: NOW, editedAt: Number.NEGATIVE_INFINITY }];
    const lookup = known(fn('f', 10, reads('w')));
    expect(quietFrom(lookup, undefined, windows, NOW + 10_000)).toMatchObject({ overAt: NOW + 10_000 });
    expect(quietFrom(lookup, undefined, windows, NOW + 11_000)).not.toHaveProperty('overAt');
  });

  it('takes the worst where functions are not known', () => {
    expect(
      quietFrom({ kind: 'unknown', why: 'denied' }, undefined, [{ parameter: 'windows', startAt: NOW, editedAt: NOW }]),
    ).toEqual({
      at: NOW + (67 + 900) * 1_000,
      why: 'functions see the edit within 1 min 7 s, and handlers that run by then go on for up to 15 min, at worst: denied',
    });
  });

  it('says nothing of an edit that was seen long before the start', () => {
    expect(
      quietFrom(known(fn('f', 10, reads('w'))), undefined, [{ parameter: 'w', startAt: NOW, editedAt: NOW - 600_000 }])
        .why,
    ).toBe('handlers that run by then go on for up to 10 s (f)');
  });
});

it('an end has been seen by everybody after the longest TTL', () => {
  const lookup = known(fn('a', 1, reads('w', '5')), fn('b', 1, reads('w', '90')), fn('c', 1, reads('x', '900')));
  expect(slowestTtl(lookup, ['w'])).toBe(90);
  expect(slowestTtl(lookup, ['none'])).toBe(60);
  expect(slowestTtl(known(fn('a', 1, reads('w', 'nonsense'))), ['w'])).toBe(60);
});
