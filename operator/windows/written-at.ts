import type { ParameterVersion } from '../../aws/windows/parameter-store.ts';
import { MAX_TTL_SECONDS } from '../../core/gate/config.ts';
import { seenAt } from '../../core/gate/freshness.ts';
import { parseWindows, type Window } from '../../core/windows/window.ts';
import type { Operator } from '../access/operator.ts';
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
    if (!holds(version, window, since)) break;
    since = version.modifiedAt;
  }
  return since;
}

/**
 * Whether a version has the window, perhaps with another end or reason, and was still valid when the next version came.
 */
function holds({ text }: ParameterVersion, window: Window, nextAt: number): boolean {
  const parsed = parseWindows(text);
  if (parsed.kind === 'fault') return false;
  return parsed.document.windows.some(
    (other) => startOf(other) === startOf(window) && (other.kind === 'recurring' || other.endAt > nextAt),
  );
}

/** What decides when, and for whom, a window begins. */
function startOf(window: Window): string {
  const { functions } = window;
  if (window.kind === 'one-off') return JSON.stringify([window.startAt, functions]);
  const { schedule, timezone, durationMs } = window;
  return JSON.stringify([schedule, timezone, durationMs, functions]);
}
