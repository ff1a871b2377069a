import type { ParameterStore } from '../../aws/windows/parameter-store.ts';
import { type ParameterReading, readWindowParameter } from '../../aws/windows/window-parameter.ts';
import { type ActiveWindow, createCalendar } from '../../core/calendar/calendar.ts';
import type { Window } from '../../core/windows/window.ts';

/** What the window parameters amount to at an instant. */
export interface WindowActivity {
  /** Absent where none of the windows that could be read is active. */
  readonly active?: ActiveWindow;
  /** One message for each parameter that could not be read or is malformed: of its windows nothing is known. */
  readonly faults: readonly string[];
}

/**
 * Reads the window parameters and evaluates them as the runtime does: the union of all windows around an instant, for
 * any function. Each parameter is read by itself. One that does not exist has no windows.
 *
 * @param names one to ten
 * @param now epoch milliseconds
 */
export async function readWindowActivity(
  store: Pick<ParameterStore, 'read'>,
  names: readonly string[],
  now: number,
): Promise<WindowActivity> {
  const windows: Window[] = [];
  const faults: string[] = [];
  const readings = await Promise.all(names.map((name) => readWindowParameter(store, name).catch(failed)));
  for (const [index, reading] of readings.entries()) {
    if (reading.kind === 'windows') windows.push(...reading.document.windows);
    else if (reading.kind !== 'absent') faults.push(`${names[index]}: ${reading.message}`);
  }
  const { active } = (await createCalendar(windows.map(forEveryFunction), '')).stateAt(now);
  return { ...(active && { active }), faults };
}

function failed(error: unknown): ParameterReading | { readonly kind: 'failed'; readonly message: string } {
  return { kind: 'failed', message: String(error) };
}

function forEveryFunction({ functions: _, ...window }: Window): Window {
  return window;
}
