import { at, isObject, listAt } from '../../core/text/shape.ts';

/** A service may be that much behind by its own clock. */
const LATE_MS = 500;

/**
 * In how many milliseconds what a look has told is over by what it says itself: a window begins, becomes quiet or ends. What is
 * looked at seldom would be wrong for minutes. Infinity where it says nothing of the kind.
 *
 * @param results of `status -o json`: `at`, and the instants to come
 */
export function nextTurnMs(results: readonly unknown[]): number {
  const turns = results.flatMap((result) => {
    const told = [...listAt(result, 'maintenance'), ...listAt(result, 'windows'), at(result, 'next')].filter(isObject);
    const instants = told.flatMap(({ start, quietFrom, until, end }) => [start, quietFrom, until, end]);
    return instants.map((instant) => Date.parse(String(instant)) - Date.parse(String(at(result, 'at'))));
  });
  return Math.min(...turns.filter((ms) => ms > 0)) + LATE_MS;
}
