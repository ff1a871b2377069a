import { steadyClock } from '../../aws/time/steady-clock.ts';
import { type ParameterReading, readWindowParameter } from '../../aws/windows/window-parameter.ts';
import { type Calendar, createCalendar, NO_WINDOW_EVER } from '../../core/calendar/calendar.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { SETTINGS } from '../../core/gate/config.ts';
import { createWindowWatch, type WatchedWindows, type WindowWatch } from '../../core/replay/window-watch.ts';
import type { Window } from '../../core/windows/window.ts';
import { lookUpFunctions } from '../access/function-lookup.ts';
import type { Operator } from '../access/operator.ts';
import { type Remark, remarkOf } from '../access/remedy.ts';
import { malformed } from '../windows/known-windows.ts';
import { paceOf } from '../windows/quiet-time.ts';

/** What a parameter said when it could be read last. */
interface Reading {
  readonly windows: readonly Window[];
  /** Epoch milliseconds; -Infinity where there is no parameter. */
  readonly editedAt: number;
}

/**
 * Watches the named parameters for the functions that are replayed. A parameter that does not exist has no windows, which
 * is said once. Each stands or falls by itself: one that is malformed, denied or not answered keeps what it said before, which is
 * said as well, and hides no edit of the others.
 *
 * @param ttlSeconds of functions of which Lambda does not tell
 * @throws MaintenanceWindowError where the first reading of one of them fails
 */
export async function watchWindows(
  operator: Operator,
  functionNames: readonly string[],
  ttlSeconds: number | undefined,
): Promise<WindowWatch> {
  const { settings, parameters, remarks, clockSoFar } = operator;
  const store = await parameters();
  const lastGood = new Map<string, Reading>();
  /** Last warning for each parameter that has one. */
  const told = new Map<string, string>();
  const ttls = await ttlsOf(operator, functionNames);
  const watch = createWindowWatch({
    read,
    ttlSecondsOf: (functionName) => ttls.get(functionName) ?? ttlSeconds ?? Number(SETTINGS.ttlSeconds.default),
    clock: clockSoFar, // which has been told the time by the first reading
    timer: steadyClock,
    onFailure: (fault) =>
      remarks.warn({
        ...(fault instanceof MaintenanceWindowError && remarkOf(fault)),
        text: `the windows could not be read again: ${fault instanceof Error ? fault.message : fault}`,
      }),
  });
  await watch.refresh();
  return watch;

  async function read(): Promise<WatchedWindows> {
    await Promise.all(settings.parameters.map(readAgain));
    const readings = [...lastGood.values()];
    const windows = readings.flatMap((reading) => reading.windows);
    const calendars = new Map<string, Calendar>();
    for (const functionName of functionNames) calendars.set(functionName, await createCalendar(windows, functionName));
    return {
      stateAt: (functionName, at) => calendars.get(functionName)?.stateAt(at) ?? NO_WINDOW_EVER,
      editedAt: Math.max(...readings.map(({ editedAt }) => editedAt)),
    };
  }

  async function readAgain(name: string): Promise<void> {
    try {
      lastGood.set(name, readingOf(name, await readWindowParameter(store, name)));
    } catch (fault) {
      const before = lastGood.get(name);
      if (!before || !(fault instanceof MaintenanceWindowError)) throw fault;
      tell(name, { ...remarkOf(fault), effect: 'the replay goes on with what it said before' });
    }
  }

  function readingOf(name: string, reading: ParameterReading): Reading {
    switch (reading.kind) {
      case 'absent':
        tell(name, {
          text: `the parameter ${name} does not exist: it counts as no window`,
          remedy: { kind: 'other-parameter' },
        });
        return { windows: [], editedAt: Number.NEGATIVE_INFINITY };
      case 'malformed':
        throw malformed(name, reading.version, reading.message);
      case 'windows':
        told.delete(name);
        return { windows: reading.document.windows, editedAt: reading.modifiedAt };
    }
  }

  /** Once, until there is something else to say of it: it is read every few seconds. */
  function tell(name: string, remark: Remark): void {
    if (told.get(name) !== remark.text) remarks.warn(remark);
    told.set(name, remark.text);
  }
}

/** How long the environments of each function keep a reading, as far as Lambda tells. Seconds. */
async function ttlsOf(operator: Operator, functionNames: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const lookup = await lookUpFunctions(operator, functionNames);
  if (lookup.kind === 'unknown') return new Map();
  return new Map(lookup.functions.map((facts) => [facts.name, paceOf(facts).ttlSeconds]));
}
