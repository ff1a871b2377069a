import { afterEach, describe, expect, it, vi } from 'vitest';
import { invocationOf } from '../../../host/invocation.ts';

const NOW = Date.UTC(2026, 10, 30, 4);
const FIFTEEN_MINUTES_MS = 15 * 60_000;
const HEADERS = {
  'lambda-runtime-aws-request-id': 'one',
  'lambda-runtime-deadline-ms': String(NOW + 30_000),
  'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-south-1:123456789012:function:orders',
};

afterEach(() => vi.useRealTimers());

describe('an invocation', () => {
  it.each([undefined, '', 'soon', '0', '-5', '1e400', 'Infinity', 0])(
    'has all the time that a function may take where its deadline cannot be read: %j',
    (deadline) => {
      vi.useFakeTimers({ now: NOW });
      const headers = { ...HEADERS, 'lambda-runtime-deadline-ms': deadline };
      expect(invocationOf(headers, '{}')?.deadlineAt).toBe(NOW + FIFTEEN_MINUTES_MS);
    },
  );

  it.each([NOW + 30_000, String(NOW + 30_000), NOW - 1])('has its own deadline, be it over: %j', (deadline) => {
    const headers = { ...HEADERS, 'lambda-runtime-deadline-ms': deadline };
    expect(invocationOf(headers, '{}')?.deadlineAt).toBe(Number(deadline));
  });

  it.each(['lambda-runtime-aws-request-id', 'lambda-runtime-invoked-function-arn'])(
    'is none without %s: nobody could answer or replay it',
    (name) => {
      expect(invocationOf({ ...HEADERS, [name]: undefined }, '{}')).toBeUndefined();
      expect(invocationOf({ ...HEADERS, [name]: '' }, '{}')).toBeUndefined();
    },
  );
});
