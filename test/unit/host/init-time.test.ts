import { expect, it } from 'vitest';
import { initWaitMs } from '../../../host/init-time.ts';

it.each([
  ['a process that has just begun', 100, 9_200],
  ['one whose handler took its time', 8_500, 800],
  ['one that has all but used it up', 9_950, 100],
  ['one that no INIT of ten seconds would have let live', 10_000, undefined],
])('%s may wait so long', (_, ageMs, waitMs) => {
  expect(initWaitMs(ageMs)).toBe(waitMs);
});
