import { type Calendar, createCalendar } from '../gate/calendar.ts';
import { SETTINGS } from '../gate/config.ts';
import { parseWindows, type Window } from '../gate/window.ts';
import { lookUpFunctions, paceOf } from './function-pace.ts';
import { createWindowWatch, type WatchedWindows, type WindowWatch } from './replay-windows.ts';
import type { Session } from './session.ts';
import { malformed } from './window-parameters.ts';

/**
 * Watches the named parameters for the functions that are replayed. A parameter that does not exist has no windows, which
 * is said once; one that is malformed keeps what it said before.
 *
 * @param ttlSeconds of functions of which Lambda does not tell
 * @throws MaintenanceWindowError where the first reading fails
 */
export async function watchWindows(
  session: Session,
  functionNames: readonly string[],
  ttlSeconds: number | undefined,
): Promise<WindowWatch> {
  const { settings, parameters, output, clockSoFar } = session;
  const store = await parameters();
  const lastGood = new Map<string, readonly Window[]>();
  const missing = new Set<string>();
  const ttls = await ttlsOf(session, functionNames);
  const watch = createWindowWatch({
    read,
    ttlSecondsOf: (functionName) => ttls.get(functionName) ?? ttlSeconds ?? Number(SETTINGS.ttlSeconds.default),
    clock: clockSoFar, // which has been told the time by the first reading
    onFailure: (fault) =>
      output.warn(`the windows could not be read again: ${fault instanceof Error ? fault.message : fault}`),
  });
  await watch.refresh();
  return watch;

  async function read(): Promise<WatchedWindows> {
    const stored = await Promise.all(settings.parameters.map(async (name) => ({ name, now: await store.read(name) })));
    for (const { name, now } of stored) {
      if (now) adopt(name, now.version, now.text);
      else if (!missing.has(name)) {
        missing.add(name);
        output.warn(`the parameter ${name} does not exist: it counts as no window (--parameter names another one)`);
      }
    }
    const windows = [...lastGood.values()].flat();
    const calendars = new Map<string, Calendar>();
    for (const functionName of functionNames) calendars.set(functionName, await createCalendar(windows, functionName));
    return {
      stateAt: (functionName, at) => calendars.get(functionName)?.stateAt(at) ?? NEVER,
      editedAt: Math.max(...stored.map(({ now }) => now?.modifiedAt ?? Number.NEGATIVE_INFINITY)),
    };
  }

  function adopt(name: string, version: number, text: string): void {
    const parsed = parseWindows(text);
    if (parsed.kind === 'windows') lastGood.set(name, parsed.document.windows);
    else if (!lastGood.has(name)) throw malformed(name, version, parsed.message);
  }
}

const NEVER = {
  validFrom: Number.NEGATIVE_INFINITY,
  validUntil: Number.POSITIVE_INFINITY,
  lastEndAt: Number.NEGATIVE_INFINITY,
};

/** How long the environments of each function keep a reading, as far as Lambda tells. Seconds. */
async function ttlsOf(session: Session, functionNames: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const lookup = await lookUpFunctions(session, functionNames);
  if (lookup.kind === 'unknown') return new Map();
  return new Map(lookup.functions.map((facts) => [facts.name, paceOf(facts).ttlSeconds]));
}
