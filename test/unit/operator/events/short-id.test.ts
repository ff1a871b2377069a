import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fittingShortId, shortIdIn, shortIds } from '../../../../operator/events/select/short-id.ts';

const functionName = 'orders';
const ID = '9f1c0a52-6f7e-4d2b-8a51-3d0b5f6c7e11';

it('is what stands before the first hyphen of a UUID, with what tells the rest of a batch from its event', () => {
  const rest = `${ID}.1`;
  expect([...shortIds([ID, rest])]).toEqual([
    [ID, '9f1c0a52'],
    [rest, '9f1c0a52.1'],
  ]);
});

it('grows where two begin alike, and never ends with a hyphen', () => {
  const other = '9f1c0a52-6a7e-4d2b-8a51-3d0b5f6c7e11';
  const third = '9f1c0a52-6a7e-9d2b-8a51-3d0b5f6c7e11';
  expect([...shortIds([ID, other, third]).values()]).toEqual(['9f1c0a52-6f', '9f1c0a52-6a7e-4', '9f1c0a52-6a7e-9']);
  expect([...shortIds(['event-1', 'event-10', 'event-2']).values()]).toEqual(['event-1', 'event-10', 'event-2']);
});

/** Few characters, so that many begin alike. */
const anyId = fc
  .tuple(
    fc.string({ unit: fc.constantFrom('a', 'b', '-'), minLength: 1, maxLength: 20 }),
    fc.constantFrom('', '.1', '.a1.1'),
  )
  .map(([base, rest]) => `a${base}${rest}`);

it('finds its own event among those that it was made among', () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyId, { minLength: 1, maxLength: 30 }), (ids) => {
      const events = ids.map((id) => ({ functionName, id }));
      for (const [id, short] of shortIds(ids)) {
        // What has the whole id is found by that first.
        if (ids.includes(short)) continue;
        const begin = events.filter((event) => event.id.startsWith(shortIdIn(short).base));
        expect(fittingShortId(begin, short)).toEqual([{ functionName, id }]);
      }
    }),
  );
});

it('finds what begins so where nothing is named so', () => {
  const events = [{ functionName, id: 'a.b-1234' }];
  expect(fittingShortId(events, 'a.b-1')).toEqual(events);
  expect(fittingShortId(events, 'a.c')).toEqual([]);
});
