import { type Occurrence, occurrenceAt, occurrencesFrom } from '../../core/calendar/occurrence.ts';
import { DAY_MS } from '../../core/units.ts';
import { type Window, type WindowDocument, windowToText } from '../../core/windows/window.ts';
import { identified } from './known-windows.ts';

/** What one version of a parameter changed. */
export type WindowChange =
  | ChangeOfWindow
  | ChangeOfEnd
  /** The parameter was made, without windows. */
  | { readonly kind: 'created' }
  | { readonly kind: 'policy' }
  /** It says the same as the version before, but for order and spelling. */
  | { readonly kind: 'rewritten' }
  /** No function can read it, for this reason. */
  | { readonly kind: 'malformed'; readonly message: string }
  /** SSM no longer has the version before. */
  | { readonly kind: 'unknown' };

/** A window came, went, or says something else. `cleared`: it had been over for a day. */
interface ChangeOfWindow {
  readonly kind: 'began' | 'added' | 'edited' | 'removed' | 'cleared';
  readonly id: string;
  readonly window: Window;
  /** Of one that was edited. */
  readonly before?: Window;
  /** Of one that was edited while it was active: id of the entry that this occurrence has by that. */
  readonly occurrenceId?: string;
}

/** A window ends at another time; of one that comes again, the occurrence that was active. Epoch milliseconds. */
interface ChangeOfEnd {
  readonly kind: 'ended' | 'extended' | 'shortened';
  readonly id: string;
  readonly window: Window;
  readonly endAt: number;
  /** When it would have ended; absent: never. */
  readonly wasEndAt?: number;
  /** Id of the entry that the occurrence of a window has by that; absent where the window is the entry. */
  readonly occurrenceId?: string;
}

interface Identified {
  readonly id: string;
  readonly window: Window;
}

/** SSM's clock and ours differ by so much, at most. */
const TOLERANCE_MS = 2_000;

/**
 * What a document changes, window by window, as their ids have them.
 *
 * @param at when it was written: epoch milliseconds
 */
export async function changesBetween(
  before: WindowDocument,
  after: WindowDocument,
  at: number,
): Promise<readonly WindowChange[]> {
  const [old, now] = [identified(before.windows), identified(after.windows)];
  const added = now.filter(({ id }) => !old.some((one) => one.id === id));
  const changes: WindowChange[] = [];
  const setApart = new Set<string>();
  for (const one of old) {
    const other = now.find(({ id }) => id === one.id)?.window;
    if (!other) changes.push({ ...one, kind: (await isOverSince(one.window, at - DAY_MS)) ? 'cleared' : 'removed' });
    else if (contentOf(one.window) !== contentOf(other)) {
      const change = await changeOf(one, other, added, at);
      if (change.occurrenceId !== undefined) setApart.add(change.occurrenceId);
      changes.push(change);
    }
  }
  for (const one of added) {
    if (!setApart.has(one.id)) changes.push({ ...one, kind: isActive(one.window, at) ? 'began' : 'added' });
  }
  if (JSON.stringify(before.policy) !== JSON.stringify(after.policy)) changes.push({ kind: 'policy' });
  return changes;
}

async function changeOf(
  { id, window: before }: Identified,
  window: Window,
  added: readonly Identified[],
  at: number,
): Promise<ChangeOfEnd | (ChangeOfWindow & { readonly kind: 'edited' })> {
  const isOtherwise = withoutEnd(before) !== withoutEnd(window);
  if (!isOtherwise && before.kind === 'one-off' && window.kind === 'one-off' && isActive(before, at)) {
    return endChange(id, window, window.endAt, before.endAt, at);
  }
  const was = before.kind === 'recurring' ? await occurrenceAt(before, at) : undefined;
  const apart = was && added.find((other) => isOccurrence(other.window, was, before));
  const edited = { kind: 'edited', id, window, before, ...(apart && { occurrenceId: apart.id }) } as const;
  if (!was || isOtherwise) return edited;
  const is = apart
    ? { endAt: lastOf(apart.window) }
    : [await occurrenceAt(window, was.startAt)].find((occurrence) => occurrence?.startAt === was.startAt);
  if (is?.endAt === undefined || is.endAt === was.endAt) return edited;
  return { ...endChange(id, before, is.endAt, was.endAt, at), ...(apart && { occurrenceId: apart.id }) };
}

function endChange(id: string, window: Window, endAt: number, wasEndAt: number | undefined, at: number): ChangeOfEnd {
  const kind =
    wasEndAt !== undefined && endAt > wasEndAt ? 'extended' : endAt <= at + TOLERANCE_MS ? 'ended' : 'shortened';
  return { kind, id, window, endAt, ...(wasEndAt !== undefined && { wasEndAt }) };
}

/** Whether an entry is an occurrence of a window, set apart from it. */
function isOccurrence(entry: Window, { startAt }: Occurrence, { functions }: Window): boolean {
  return entry.kind === 'one-off' && entry.startAt === startAt && sameFunctions(entry.functions, functions);
}

/** Whether two windows name the same functions, in whatever order. */
export function sameFunctions(one: Window['functions'], other: Window['functions']): boolean {
  return JSON.stringify(one?.toSorted()) === JSON.stringify(other?.toSorted());
}

function lastOf(window: Window): number | undefined {
  return window.kind === 'one-off' ? window.endAt : undefined;
}

/** What it says, without its id. */
function contentOf(window: Window): string {
  const { id: _, ...content } = window;
  return windowToText(content);
}

/** What it says, but for what an end or an extension changes. */
function withoutEnd(window: Window): string {
  const { reason, functions } = window;
  return window.kind === 'one-off'
    ? JSON.stringify([window.startAt, reason, functions])
    : JSON.stringify([window.schedule, window.timezone, reason, functions]);
}

function isActive(window: Window, at: number): boolean {
  return window.kind === 'one-off' && window.startAt <= at + TOLERANCE_MS && window.endAt > at;
}

/** Whether nothing of a window is active at an instant or later. */
export async function isOverSince(window: Window, at: number): Promise<boolean> {
  if (window.kind === 'one-off') return window.endAt < at;
  const [first] = await occurrencesFrom(window, at);
  return first === undefined;
}
