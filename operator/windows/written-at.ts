import type { ParameterVersion } from '../../aws/windows/parameter-store.ts';
import { occurrenceAt } from '../../core/calendar/occurrence.ts';
import { MAX_TTL_SECONDS } from '../../core/gate/config.ts';
import { seenAt } from '../../core/gate/freshness.ts';
import { parseWindows, type Window } from '../../core/windows/window.ts';
import type { Operator } from '../access/operator.ts';
import { sameFunctions } from './changes.ts';
import type { PlacedWindow } from './known-windows.ts';

/**
 * Time at which a window was first written with its start, so that an edit of another window in its parameter does not
 * count. Epoch milliseconds; -Infinity if that was long before the window's start, and so does not matter.
 */
export async function writtenAt(operator: Operator, placed: PlacedWindow, startAt: number): Promise<number> {
  const { parameter, window } = placed;
  if (seenAt(parameter.modifiedAt, MAX_TTL_SECONDS) <= startAt) return Number.NEGATIVE_INFINITY;
  const store = await operator.parameters();
  const versions = await store.history(parameter.name).catch((): readonly ParameterVersion[] => []);
  let since = parameter.modifiedAt;
  for (const version of versions.toReversed()) {
    if (version.version > parameter.version) continue;
    if (!(await holds(version, window, startAt, since))) break;
    since = version.modifiedAt;
  }
  return since;
}

/**
 * Whether a version has the occurrence, perhaps with another end or reason, or as one of a schedule, and it was not over when
 * the next version came.
 */
async function holds(
  { text }: ParameterVersion,
  { functions }: Window,
  startAt: number,
  nextAt: number,
): Promise<boolean> {
  const parsed = parseWindows(text);
  if (parsed.kind === 'fault') return false;
  const others = parsed.document.windows.filter((other) => sameFunctions(other.functions, functions));
  const occurrences = await Promise.all(others.map((other) => occurrenceAt(other, startAt)));
  return occurrences.some((one) => one?.startAt === startAt && (one.endAt === undefined || one.endAt > nextAt));
}
