import type { ParameterVersion } from '../../aws/windows/parameter-store.ts';
import { FOLLOWED_DAYS } from '../../core/calendar/calendar.ts';
import { type Occurrence, occurrencesFrom } from '../../core/calendar/occurrence.ts';
import { type Upcoming, upcomingOf } from '../../core/calendar/upcoming.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../core/units.ts';
import { parseWindows, type Window, windowToText } from '../../core/windows/window.ts';
import { coversAll, groupsOf } from '../../core/windows/window-text.ts';
import type { Operator } from '../access/operator.ts';
import { type Remark, remarkOf } from '../access/remedy.ts';
import { sameFunctions } from './changes.ts';
import { identified, type KnownWindows, namesFunction, readWindows } from './known-windows.ts';

/** Which times are meant. Instants are epoch milliseconds. */
export interface Span {
  readonly fromAt: number;
  readonly untilAt: number;
  /** Only windows that name it; absent: all. */
  readonly functionName?: string;
}

/** One time that a window was active, is, or will be. */
export interface ScheduledTime extends Upcoming<{ readonly id: string; readonly window: Window }> {
  readonly parameter: { readonly name: string };
  readonly standing: 'past' | 'active' | 'coming';
}

/** Times that overlap or touch, of windows that name the same functions. */
export interface UnitedTimes extends Occurrence {
  /** Absent: every function. */
  readonly functions?: readonly string[];
  readonly ids: readonly string[];
}

/** When windows were active, are, and will be, within a span. */
export interface ScheduledTimes extends Pick<KnownWindows, 'faults' | 'warnings'> {
  /** When it was looked: epoch milliseconds, by AWS's clock. */
  readonly now: number;
  /** In the order of their starts. */
  readonly times: readonly ScheduledTime[];
  /** One entry for each set of functions that a window names, and each union of their times; those for every function are in all. */
  readonly maintenance: readonly UnitedTimes[];
  /** From when on all is known, where that is within the span. Epoch milliseconds. */
  readonly knownFromAt?: number;
}

/** As far as a union of windows is followed. */
export const LONGEST_SPAN_MS = FOLLOWED_DAYS * DAY_MS;
/** As many as `next` tells. */
const MOST_TIMES = 1_000;
/** A version that ends a window is a little younger than its end. */
const SETTLED_MS = 5 * SECOND_MS;
/** A window that began so little before it was written began then: functions take as long to see an edit. */
const WRITTEN_LATE_MS = MINUTE_MS;

/** A window as it stood from one version of its parameter to another. Epoch milliseconds. */
interface Stretch {
  readonly id: string;
  readonly parameter: string;
  readonly window: Window;
  readonly fromAt: number;
  /** Whether it may have stood before that: SSM has no older version. */
  readonly isOldest: boolean;
  toAt: number;
}

/** A time, and between which versions it stood so. */
interface FoundTime extends Pick<Stretch, 'id' | 'parameter' | 'window' | 'fromAt' | 'isOldest'> {
  readonly occurrence: Occurrence;
  readonly toAt: number;
}

/**
 * Reads when windows are active within a span, of all named parameters: before now as the versions of the parameters had it then,
 * from now on as they have it now. What a version was read for that no function can read, the one before it stands for.
 *
 * @param span of {@link LONGEST_SPAN_MS} at most
 * @throws MaintenanceWindowError where no parameter could be read
 */
export async function readScheduledTimes(operator: Operator, span: Span): Promise<ScheduledTimes> {
  const { functionName } = span;
  const { windows, faults, warnings } = await readWindows(operator, functionName);
  const now = (await operator.clock()).now();
  const read = await Promise.all(operator.settings.parameters.map((name) => readStretches(operator, name)));
  const stretches = read.flatMap((one) => {
    if (one.kind === 'known') return one.stretches.filter(({ window }) => namesFunction(window, functionName));
    const own = windows.filter(({ parameter }) => parameter.name === one.parameter);
    return own.map(({ id, window }) => stretchFrom(one.parameter, id, window, now, false));
  });
  const found = (await Promise.all(stretches.map((stretch) => timesOf(stretch, span)))).flat();
  const all = settled(found).sort((a, b) => a.occurrence.startAt - b.occurrence.startAt);
  const times = all.slice(0, MOST_TIMES).map((time) => scheduled(time, now));
  const knownFromAt = Math.max(...read.map((one) => (one.kind === 'known' ? one.knownFromAt : now)));
  return {
    now,
    times,
    maintenance: unitedTimes(times, functionName),
    ...(knownFromAt > span.fromAt && { knownFromAt }),
    faults,
    warnings: [
      ...warnings,
      ...read.flatMap((one) => (one.kind === 'unknown' ? [one.warning] : [])),
      ...(all.length > times.length ? [tooMany(all.length)] : []),
    ],
  };
}

type ReadStretches =
  | { readonly kind: 'known'; readonly stretches: readonly Stretch[]; readonly knownFromAt: number }
  /** The history could not be read: what was before now is not known. */
  | { readonly kind: 'unknown'; readonly parameter: string; readonly warning: Remark };

async function readStretches({ parameters }: Operator, parameter: string): Promise<ReadStretches> {
  try {
    const versions = await (await parameters()).history(parameter);
    const [oldest] = versions;
    const knownFromAt = oldest && oldest.version > 1 ? oldest.modifiedAt : Number.NEGATIVE_INFINITY;
    return { kind: 'known', stretches: stretchesIn(parameter, versions), knownFromAt };
  } catch (error) {
    if (!(error instanceof MaintenanceWindowError)) throw error;
    // one that does not exist is warned of already
    if (error.name === 'MaintenanceWindow.NotFound')
      return { kind: 'known', stretches: [], knownFromAt: Number.NEGATIVE_INFINITY };
    const { text, ...remark } = remarkOf(error);
    return { kind: 'unknown', parameter, warning: { ...remark, text: `what was before now is not known: ${text}` } };
  }
}

function stretchesIn(parameter: string, versions: readonly ParameterVersion[]): readonly Stretch[] {
  const all: Stretch[] = [];
  let standing: readonly Stretch[] = [];
  for (const [index, { text, version, modifiedAt }] of versions.entries()) {
    const parsed = parseWindows(text);
    if (parsed.kind === 'fault') continue; // functions go on with the version before
    standing = identified(parsed.document.windows).map(({ id, window }) => {
      const before = standing.find((stretch) => stretch.id === id);
      if (before && windowToText(before.window) === windowToText(window)) return before;
      return stretchFrom(parameter, id, window, modifiedAt, index === 0 && version > 1);
    });
    for (const stretch of all)
      if (stretch.toAt === Number.POSITIVE_INFINITY && !standing.includes(stretch)) stretch.toAt = modifiedAt;
    all.push(...standing.filter((stretch) => !all.includes(stretch)));
  }
  return all;
}

function stretchFrom(parameter: string, id: string, window: Window, fromAt: number, isOldest: boolean): Stretch {
  return { id, parameter, window, fromAt, isOldest, toAt: Number.POSITIVE_INFINITY };
}

async function timesOf(stretch: Stretch, { fromAt, untilAt }: Span): Promise<readonly FoundTime[]> {
  const [firstAt, lastAt] = [Math.max(fromAt, stretch.fromAt - SETTLED_MS), Math.min(untilAt, stretch.toAt)];
  if (firstAt >= lastAt) return [];
  const times: FoundTime[] = [];
  for (const occurrence of await occurrencesFrom(stretch.window, firstAt)) {
    if (occurrence.startAt >= lastAt || times.length > MOST_TIMES) break;
    times.push({ ...stretch, occurrence });
  }
  return times;
}

/** Each time once, as it came out in the end: one that was edited while it was active stood in several versions. */
function settled(found: readonly FoundTime[]): FoundTime[] {
  const times = new Map<string, FoundTime>();
  for (const time of found.toSorted((a, b) => a.fromAt - b.fromAt)) {
    const { parameter, id, occurrence, toAt } = time;
    const key = `${parameter} ${id} ${occurrence.startAt}`;
    const before = times.get(key);
    times.set(key, { ...time, ...(before && { fromAt: before.fromAt, isOldest: before.isOldest }), toAt });
  }
  const all = [...times.values()];
  // forty thousand may be here, and one is set apart from another that starts with it alone
  const byStart = Map.groupBy(all, startKey);
  return all.flatMap((time) => {
    const beside = byStart.get(startKey(time)) ?? [];
    return beside.some((other) => isApart(other, time)) ? [] : clipped(time, beside);
  });
}

function startKey({ parameter, occurrence }: FoundTime): string {
  return `${parameter} ${occurrence.startAt}`;
}

/** Whether an entry is the occurrence of a window, set apart from it while it was active. */
function isApart(entry: FoundTime, { parameter, window, occurrence, toAt }: FoundTime): boolean {
  return (
    window.kind === 'recurring' &&
    entry.window.kind === 'one-off' &&
    entry.parameter === parameter &&
    entry.fromAt === toAt &&
    entry.occurrence.startAt === occurrence.startAt &&
    sameFunctions(entry.window.functions, window.functions)
  );
}

/**
 * A time without what was over before the window was written, and without what a later version took away.
 *
 * @param beside all that start with it, in the same parameter
 */
function clipped(time: FoundTime, beside: readonly FoundTime[]): readonly FoundTime[] {
  const { fromAt, toAt, isOldest, occurrence } = time;
  const isLate =
    !isOldest && occurrence.startAt < fromAt - WRITTEN_LATE_MS && !beside.some((one) => isApart(time, one));
  const startAt = isLate ? fromAt : occurrence.startAt;
  const endAt = Math.min(occurrence.endAt ?? Number.POSITIVE_INFINITY, toAt);
  if (endAt <= startAt) return [];
  return [{ ...time, occurrence: { startAt, ...(Number.isFinite(endAt) && { endAt }) } }];
}

function scheduled({ id, parameter, window, occurrence }: FoundTime, now: number): ScheduledTime {
  const { startAt, endAt = Number.POSITIVE_INFINITY } = occurrence;
  const standing = endAt <= now ? 'past' : startAt <= now ? 'active' : 'coming';
  return { ...upcomingOf({ id, window }, occurrence), parameter: { name: parameter }, standing };
}

function unitedTimes(times: readonly ScheduledTime[], functionName: string | undefined): readonly UnitedTimes[] {
  if (functionName !== undefined) return united(times).map((union) => ({ functions: [functionName], ...union }));
  return groupsOf(times.map(({ window }) => window)).flatMap((functions) => {
    const own = new Set(times.filter(({ window }) => sameFunctions(window.functions, functions)).map(({ id }) => id));
    return united(times.filter(({ window }) => coversAll(window, functions)))
      .filter(({ ids }) => ids.some((id) => own.has(id)))
      .map((union) => ({ ...(functions && { functions }), ...union }));
  });
}

/** @param times in the order of their starts */
function united(times: readonly ScheduledTime[]): readonly Omit<UnitedTimes, 'functions'>[] {
  const unions: { startAt: number; endAt: number; ids: Set<string> }[] = [];
  for (const { id, occurrence } of times) {
    const { startAt, endAt = Number.POSITIVE_INFINITY } = occurrence;
    const last = unions.at(-1);
    if (last && startAt <= last.endAt) {
      last.endAt = Math.max(last.endAt, endAt);
      last.ids.add(id);
    } else unions.push({ startAt, endAt, ids: new Set([id]) });
  }
  return unions.map(({ startAt, endAt, ids }) => ({
    startAt,
    ...(Number.isFinite(endAt) && { endAt }),
    ids: [...ids],
  }));
}

function tooMany(count: number): Remark {
  return { text: `there are ${count} times or more, and the first ${MOST_TIMES} are told: say a shorter span` };
}
