import { createCalendar } from '../../core/calendar/calendar.ts';
import { occurrenceAt } from '../../core/calendar/occurrence.ts';
import {
  type OneOffWindow,
  parseWindows,
  type RecurringWindow,
  type Window,
  windowToText,
} from '../../core/windows/window.ts';
import type { WindowChange } from '../windows/changes.ts';
import type { Change } from '../windows/history.ts';
import { identified } from '../windows/known-windows.ts';

/** One time that functions were under maintenance, from its first word to its end. Instants are epoch milliseconds. */
export interface WindowLife extends Pick<Window, 'reason' | 'functions'> {
  readonly id: string;
  /** Of an occurrence that was set apart from a window that comes again: that window's id. */
  readonly scheduleId?: string;
  readonly parameter: string;
  readonly startAt: number;
  /** As it stood when the window began; Infinity where it had none. */
  readonly plannedEndAt: number;
  /** As it stands: it may lie ahead. Not after the start where it was taken out before that. */
  readonly endAt: number;
}

/** A version of a parameter, as far as lives are read from it. */
export type Version = Pick<Change, 'parameter' | 'version' | 'at' | 'by' | 'reason' | 'changes' | 'isFirst' | 'text'>;

/** What somebody did with a window. */
export interface LifeStep extends Pick<Version, 'at' | 'by' | 'reason'> {
  readonly change: WindowChange;
}

interface Entry<One extends Window> {
  readonly id: string;
  readonly window: One;
}

/** A schedule as it stood from one version to another. Epoch milliseconds. */
interface Stretch {
  readonly window: RecurringWindow;
  readonly fromAt: number;
  toAt: number;
}

/**
 * Reads the lives of all windows out of the versions of their parameters: each window that comes once, occurrences that were set
 * apart among them, and of each schedule the occurrence that was active at an instant, or the last one before it. A version that
 * is malformed counts as the one before, as for functions.
 *
 * @param versions in any order
 * @param at epoch milliseconds, not ahead
 */
export async function livesIn(versions: readonly Version[], at: number): Promise<readonly WindowLife[]> {
  const lives: WindowLife[] = [];
  for (const [parameter, own] of Map.groupBy(versions, (version) => version.parameter)) {
    const read = own
      .toSorted((a, b) => a.version - b.version)
      .flatMap((version) => {
        const parsed = parseWindows(version.text);
        return parsed.kind === 'fault' ? [] : [{ ...version, entries: identified(parsed.document.windows) }];
      });
    const once = onceOnly(parameter, read);
    const isApart = ({ id, startAt }: WindowLife) =>
      once.some((life) => life.scheduleId === id && life.startAt === startAt);
    const last = await lastOccurrences(parameter, read, at);
    lives.push(...once, ...last.filter((life) => !isApart(life)));
  }
  return lives;
}

interface ReadVersion extends Version {
  readonly entries: readonly Entry<Window>[];
}

function onceOnly(parameter: string, versions: readonly ReadVersion[]): readonly WindowLife[] {
  const lives = new Map<string, WindowLife>();
  let there = new Set<string>();
  for (const { at, changes, entries } of versions) {
    const found = entries.filter((entry): entry is Entry<OneOffWindow> => entry.window.kind === 'one-off');
    for (const { id, window } of found) lives.set(id, goneOn(parameter, lives.get(id), { id, window }, changes, at));
    const now = new Set(found.map(({ id }) => id));
    for (const id of [...there].filter((each) => !now.has(each))) {
      const life = lives.get(id);
      if (life && at < life.endAt) lives.set(id, { ...life, endAt: Math.max(at, life.startAt) });
    }
    there = now;
  }
  return [...lives.values()];
}

/** A life with what a version says of it. */
function goneOn(
  parameter: string,
  life: WindowLife | undefined,
  { id, window }: Entry<OneOffWindow>,
  changes: readonly WindowChange[],
  at: number,
): WindowLife {
  const { startAt, endAt } = window;
  const apart = changes.find((change) => 'occurrenceId' in change && change.occurrenceId === id);
  const source = apart && 'occurrenceId' in apart ? apart : undefined;
  const scheduleId = life?.scheduleId ?? source?.id;
  const isMoved = source !== undefined && 'endAt' in source;
  const plannedEndAt = isMoved
    ? (source.wasEndAt ?? Number.POSITIVE_INFINITY)
    : life && at > startAt
      ? life.plannedEndAt
      : endAt;
  return { id, ...(scheduleId && { scheduleId }), parameter, startAt, plannedEndAt, endAt, ...wordsOf(window) };
}

async function lastOccurrences(
  parameter: string,
  versions: readonly ReadVersion[],
  at: number,
): Promise<readonly WindowLife[]> {
  const lives: WindowLife[] = [];
  for (const [id, stretches] of stretchesOf(versions)) {
    for (const { window, fromAt, toAt } of stretches.toReversed()) {
      const occurrence = fromAt <= at ? await lastOccurrence(window, Math.min(at, toAt - 1)) : undefined;
      if (!occurrence) continue;
      const { startAt, endAt = Number.POSITIVE_INFINITY } = occurrence;
      if (endAt <= fromAt) continue;
      const plannedEndAt = plannedEndOf(id, { startAt, endAt }, versions) ?? endAt;
      lives.push({ id, parameter, startAt, plannedEndAt, endAt: Math.min(endAt, toAt), ...wordsOf(window) });
      break;
    }
  }
  return lives;
}

/** How each schedule stood when, oldest first. */
function stretchesOf(versions: readonly ReadVersion[]): ReadonlyMap<string, readonly Stretch[]> {
  const all = new Map<string, Stretch[]>();
  for (const { at, isFirst, version, entries } of versions) {
    const fromAt = isFirst && version > 1 ? Number.NEGATIVE_INFINITY : at;
    const found = new Map(entries.map(({ id, window }) => [id, window]));
    for (const [id, stretches] of all) {
      const last = stretches.at(-1);
      const window = found.get(id);
      if (last?.toAt !== Number.POSITIVE_INFINITY) continue;
      if (!window || windowToText(window) !== windowToText(last.window)) last.toAt = at;
      else found.delete(id);
    }
    for (const [id, window] of found) {
      if (window.kind !== 'recurring') continue;
      const stretches = all.get(id) ?? [];
      all.set(id, [...stretches, { window, fromAt, toAt: Number.POSITIVE_INFINITY }]);
    }
  }
  return all;
}

async function lastOccurrence(window: RecurringWindow, at: number) {
  const active = await occurrenceAt(window, at);
  if (active) return active;
  const { lastEndAt } = (await createCalendar([{ ...window, functions: ['*'] }], '')).stateAt(at);
  return Number.isFinite(lastEndAt) ? occurrenceAt(window, lastEndAt - 1) : undefined;
}

/** Of an occurrence whose end was moved without setting it apart: it was the schedule's last one. */
function plannedEndOf(id: string, life: Span, versions: readonly ReadVersion[]): number | undefined {
  for (const { at, changes } of versions) {
    for (const change of changes) {
      if ('endAt' in change && change.id === id && change.occurrenceId === undefined && isMoveWithin(life, at, change))
        return change.wasEndAt;
    }
  }
  return undefined;
}

type Span = Pick<WindowLife, 'startAt' | 'endAt'>;

/** Whether an end was moved while this occurrence was active: the version that ends it is a little younger than its end. */
function isMoveWithin({ startAt, endAt }: Span, at: number, moved: { readonly endAt: number }): boolean {
  return at >= startAt && (at < endAt || moved.endAt === endAt);
}

/**
 * Who did what with a window, oldest first: of a schedule without what was done to its other occurrences, and without what
 * was done when it was over.
 */
export function stepsOf(life: WindowLife, versions: readonly Version[]): LifeStep[] {
  const { id, scheduleId, parameter, endAt } = life;
  const isAbout = (change: WindowChange, at: number): boolean => {
    if (!('id' in change) || (change.id !== id && change.id !== scheduleId) || change.kind === 'cleared') return false;
    if (change.kind === 'edited' || change.kind === 'removed') return at <= endAt;
    if (!('endAt' in change)) return true;
    if (change.id === scheduleId) return change.occurrenceId === id;
    return change.occurrenceId === undefined && (change.window.kind === 'one-off' || isMoveWithin(life, at, change));
  };
  return versions
    .filter((version) => version.parameter === parameter)
    .toSorted((a, b) => a.version - b.version)
    .flatMap(({ at, by, reason, changes }) =>
      changes
        .filter((change) => isAbout(change, at))
        .map((change) => ({ at, ...(by !== undefined && { by }), ...(reason !== undefined && { reason }), change })),
    );
}

function wordsOf({ reason, functions }: Window): Pick<Window, 'reason' | 'functions'> {
  return { ...(reason !== undefined && { reason }), ...(functions && { functions }) };
}
