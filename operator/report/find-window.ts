import { createCalendar } from '../../core/calendar/calendar.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { MAX_TTL_SECONDS } from '../../core/gate/config.ts';
import { seenAt } from '../../core/gate/freshness.ts';
import { instantText } from '../../core/time/time-text.ts';
import { windowsToText } from '../../core/windows/window.ts';
import type { Operator } from '../access/operator.ts';
import { type Change, readHistory } from '../windows/history.ts';
import { type KnownWindows, type PlacedWindow, readWindows, windowWithId } from '../windows/known-windows.ts';
import { type LifeStep, livesIn, stepsOf, type Version, type WindowLife } from './window-life.ts';

/** The window that a report is about. */
export interface FoundWindow extends Pick<KnownWindows, 'faults' | 'warnings'> {
  /** Epoch milliseconds, by AWS's clock. */
  readonly now: number;
  readonly life: WindowLife;
  /** Who did what with it, oldest first. */
  readonly steps: readonly LifeStep[];
  /** No event of the window was deferred later: the last function has seen the end of all windows that overlap it. */
  readonly seenAt: number;
  /** Why it is not known who began and ended it. */
  readonly historyUnknown?: string;
}

/**
 * Finds a window by its id: it may have ended, as long as SSM has it in its history. Of a schedule it is the occurrence that is
 * active, or the last one. Without an id it is the active window that began last, else the one that ended last.
 *
 * @param at asks for the window, or the occurrence, that was active then. Epoch milliseconds
 * @throws MaintenanceWindowError `MaintenanceWindow.NotFound`; as {@link readWindows} and {@link windowWithId} have it
 */
export async function findWindow(
  operator: Operator,
  id: string | undefined,
  at: number | undefined,
): Promise<FoundWindow> {
  const { windows, faults, warnings } = await readWindows(operator);
  const now = (await operator.clock()).now();
  const { changes, unknown } = await historyOf(operator);
  const told = new Set(changes.map(({ parameter }) => parameter));
  const versions = [...changes, ...asVersions(windows.filter(({ parameter }) => !told.has(parameter.name)))];
  if (at !== undefined && at > now) {
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Usage',
      `${instantText(at)} is still to come: nothing was stored then`,
    );
  }
  const lives = await livesIn(versions, at ?? now);
  const where = operator.settings.parameters.join(', ');
  const meant = id === undefined ? lives : named(lives, id, where);
  const life =
    at === undefined ? (lastOf(meant, now) ?? (id === undefined ? undefined : meant[0])) : activeAt(meant, at);
  if (!life) {
    const which = id === undefined ? `no window of ${where}` : `window ${id} of ${where}`;
    throw new MaintenanceWindowError(
      'MaintenanceWindow.NotFound',
      at === undefined
        ? `${which} is active or has ended yet`
        : `${which} was${id === undefined ? '' : ' not'} active at ${instantText(at)}, as far as SSM remembers`,
    );
  }
  return {
    now,
    life,
    steps: stepsOf(life, versions),
    seenAt: seenAt(await endOfUnion(life, lives, windows), MAX_TTL_SECONDS),
    faults,
    warnings,
    ...(unknown !== undefined && { historyUnknown: unknown }),
  };
}

async function historyOf(
  operator: Operator,
): Promise<{ readonly changes: readonly Change[]; readonly unknown?: string }> {
  try {
    const { changes, faults } = await readHistory(operator, Number.POSITIVE_INFINITY);
    const [fault] = faults;
    return fault ? { changes, unknown: fault.message } : { changes };
  } catch (fault) {
    if (!(fault instanceof MaintenanceWindowError)) throw fault;
    return { changes: [], unknown: fault.message };
  }
}

/** What stands in the parameters now, where nothing is known of the time before. */
function asVersions(windows: readonly PlacedWindow[]): readonly Version[] {
  const parameters = new Map(windows.map(({ parameter }) => [parameter.name, parameter]));
  return [...parameters.values()].map(({ name, version, modifiedAt, document }) => ({
    parameter: name,
    version,
    at: modifiedAt,
    changes: [],
    isFirst: true,
    text: windowsToText(document),
  }));
}

/** All that an id means: several are occurrences of a schedule. */
function named(lives: readonly WindowLife[], id: string, where: string): readonly WindowLife[] {
  const ids = new Set(lives.flatMap((life) => [life.id, ...(life.scheduleId ? [life.scheduleId] : [])]));
  const whole = windowWithId(
    [...ids].map((each) => ({ id: each })),
    id,
    where,
    { kind: 'past-window' },
  ).id;
  return lives.filter((life) => life.id === whole || life.scheduleId === whole);
}

/** Of several the one that began last. */
function activeAt(lives: readonly WindowLife[], at: number): WindowLife | undefined {
  return lives.filter(({ startAt, endAt }) => startAt <= at && endAt > at).sort((a, b) => b.startAt - a.startAt)[0];
}

function lastOf(lives: readonly WindowLife[], now: number): WindowLife | undefined {
  const begun = lives.filter(({ startAt, endAt }) => startAt <= now && endAt > startAt);
  return activeAt(begun, now) ?? begun.sort((a, b) => b.endAt - a.endAt)[0];
}

/** Windows that overlap or touch are one to a function, also where they name other functions besides. */
async function endOfUnion(
  { startAt, endAt }: WindowLife,
  lives: readonly WindowLife[],
  windows: readonly PlacedWindow[],
): Promise<number> {
  if (endAt <= startAt || !Number.isFinite(endAt)) return endAt;
  const once = lives
    .filter((life) => life.endAt > life.startAt && Number.isFinite(life.endAt))
    .map((life) => ({ kind: 'one-off', startAt: life.startAt, endAt: life.endAt }) as const);
  const all = [...once, ...windows.map(({ window }) => window)].map((window) => ({ ...window, functions: ['*'] }));
  const { active } = (await createCalendar(all, '')).stateAt(endAt - 1);
  return active ? (active.endAt ?? Number.POSITIVE_INFINITY) : endAt;
}
