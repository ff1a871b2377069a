/** What the page may ask for, and how often. */
import { expect, it } from 'vitest';
import { againMsOf, askedOf } from '../../../../operator/console/operations.ts';

function againMs(name: string, options: Readonly<Record<string, readonly string[]>> = {}): number {
  const asked = askedOf(name, { names: [], options });
  if (asked.kind === 'refused') throw new Error(asked.why);
  return againMsOf(asked);
}

it('looks again at what costs little, and seldom at what costs more or is done by hand', () => {
  expect(againMs('status')).toBe(3_000);
  expect(againMs('events list', { function: ['orders'] })).toBe(3_000);
  expect(againMs('history')).toBe(30_000);
  expect(againMs('audit')).toBe(30_000);
  expect(againMs('metrics')).toBe(60_000);
  expect(againMs('events list', { grep: ['customer-4711'] })).toBe(60_000);
});
