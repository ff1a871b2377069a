import { type Calendar, createCalendar, NO_WINDOW_EVER } from '../../core/calendar/calendar.ts';
import type { WatchedWindows } from '../../core/replay/window-watch.ts';
import type { Window } from '../../core/windows/window.ts';
import type { ParameterStore } from './parameter-store.ts';
import { readWindowParameter } from './window-parameter.ts';

/** How the reading of one parameter went. */
export type ParameterRead =
  | { readonly kind: 'well' }
  /** It does not exist, and counts as no window. */
  | { readonly kind: 'absent' }
  /** What it said before counts. */
  | { readonly kind: 'kept'; readonly fault: unknown };

export interface WatchedWindowsParts {
  readonly store: Pick<ParameterStore, 'read'>;
  /** Names of the window parameters, one to ten. */
  readonly parameters: readonly string[];
  readonly functionNames: readonly string[];
  /** Makes the fault of a parameter whose text is malformed. */
  readonly malformed: (name: string, version: number, message: string) => Error;
  /** Told of each reading of each parameter. */
  readonly onRead: (name: string, read: ParameterRead) => void;
}

/** What a parameter said when it could be read last. */
interface Reading {
  readonly windows: readonly Window[];
  /** Epoch milliseconds; -Infinity where there is no parameter. */
  readonly editedAt: number;
}

/**
 * Reads the window parameters for a watch, again and again. Each stands or falls by itself: one that is malformed, denied or
 * not answered keeps what it said before, and hides no edit of the others.
 *
 * @returns what reads them all. It rejects where a first reading of one of them fails
 */
export function createWatchedWindows(parts: WatchedWindowsParts): () => Promise<WatchedWindows> {
  const { store, parameters, functionNames, malformed, onRead } = parts;
  const lastGood = new Map<string, Reading>();

  return async () => {
    await Promise.all(parameters.map(readAgain));
    const readings = [...lastGood.values()];
    const windows = readings.flatMap((reading) => reading.windows);
    const calendars = new Map<string, Calendar>();
    for (const functionName of functionNames) calendars.set(functionName, await createCalendar(windows, functionName));
    return {
      stateAt: (functionName, at) => calendars.get(functionName)?.stateAt(at) ?? NO_WINDOW_EVER,
      editedAt: Math.max(...readings.map(({ editedAt }) => editedAt)),
    };
  };

  async function readAgain(name: string): Promise<void> {
    try {
      lastGood.set(name, await readOne(name));
    } catch (fault) {
      if (!lastGood.has(name)) throw fault;
      onRead(name, { kind: 'kept', fault });
    }
  }

  async function readOne(name: string): Promise<Reading> {
    const reading = await readWindowParameter(store, name);
    switch (reading.kind) {
      case 'absent':
        onRead(name, { kind: 'absent' });
        return { windows: [], editedAt: Number.NEGATIVE_INFINITY };
      case 'malformed':
        throw malformed(name, reading.version, reading.message);
      case 'windows':
        onRead(name, { kind: 'well' });
        return { windows: reading.document.windows, editedAt: reading.modifiedAt };
    }
  }
}
