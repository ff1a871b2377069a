import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shown } from '../../../../core/text/shown.ts';
import { foldedError, isSameError } from '../../../../operator/events/select/folded-error.ts';

it.each([
  ['Orders.Unknown: order 4711 is unknown', 'Orders.Unknown: order <n> is unknown'],
  ['no answer of 10.0.3.7:5432 in 1.5 s', 'no answer of <n> in <n> s'],
  [
    'RequestId: 9f1c0a52-6f7e-4d2b-8a51-3d0b5f6c7e11 Error: Task timed out after 3.00 seconds',
    'RequestId: <id> Error: Task timed out after <n> seconds',
  ],
  ['2026-11-21T02:03:04.567Z late', '<time> late'],
  ['since 2026-11-21 02:03:04 +01:00, and on 2026-11-22', 'since <time>, and on <time>'],
  ['object 3f2a91c0d4 at 0x7ffe is gone', 'object <id> at <id> is gone'],
  ['Slow down (request 4442587FB7D0A2F9)', 'Slow down (request <id>)'],
  ['order_17 and order-18, customer 12345678', 'order_<n> and order-<n>, customer <n>'],
  ['the deadline of s3 in Lambda2 was\n  defaced', 'the deadline of s3 in Lambda2 was defaced'],
])('makes %j into %j', (error, folded) => {
  expect(foldedError(error)).toBe(folded);
});

it('of two errors that differ in numbers and ids alone is one text', () => {
  const error = fc
    .record({
      order: fc.nat(),
      id: fc.uuid(),
      at: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
    })
    .map(({ order, id, at }) => `order ${order} of ${id} failed at ${at.toISOString()}`);
  fc.assert(fc.property(error, (text) => foldedError(text) === 'order <n> of <id> failed at <time>'));
});

it('stays as it is when it is folded again, so that it can be searched for', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const folded = foldedError(text);
      expect(foldedError(folded)).toBe(folded);
    }),
  );
});

it('reads no more than the beginning of a text that a function wrote to take long', () => {
  for (const text of ['a'.repeat(400_000), '1'.repeat(400_000), 'a1'.repeat(200_000), '0-'.repeat(200_000)])
    expect(foldedError(text).length).toBeLessThanOrEqual(8_000);
});

it('is of the group that it is shown under, and of none whose text it only contains', () => {
  expect(isSameError('E: order 17 is gone', 'E: order <n> is gone')).toBe(true);
  expect(isSameError('E: order 17 is gone for good', 'E: order <n> is gone')).toBe(false);
  expect(isSameError('E: order 17 is gone', 'e: order <n> is gone')).toBe(false);
  expect(isSameError('E: order 17 is \u001bgone', shown('E: order <n> is \u001bgone'))).toBe(true);
});
