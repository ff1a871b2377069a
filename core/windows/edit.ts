import { MaintenanceWindowError } from '../errors.ts';
import { type Container, containerAt, memberNamed } from '../text/json-text.ts';
import { instantToText } from '../time/instant.ts';
import { isListed, parseWindows, type Window, windowsToText, windowToText } from './window.ts';
import { type Entry, windowIds, withKeptIds } from './window-ids.ts';

/** Edit of the windows of a text. Indices count the windows before the edit. */
export interface WindowEdits {
  /** In the place of the window at this index: none, or one or several of which the last is that window still, with its id. */
  readonly replaced?: ReadonlyMap<number, readonly Window[]>;
  /** Behind the last one. */
  readonly added?: readonly Window[];
}

/** `START,END` of the list form, as it stands there. */
interface ListEntry {
  readonly text: string;
  readonly start: string;
  readonly end: string;
}

/**
 * Edits the text of a window parameter. What the edits do not name stays as it was written, byte for byte: windows,
 * their order, the policy, blanks and line breaks.
 *
 * A list stays a list while it can say everything. It becomes a document for a reason, for functions, for a schedule, and
 * for no windows at all; its instants are then taken over as they were written.
 *
 * ```ts
 * editWindows(text, { replaced: new Map([[2, []]]), added: [window] }); // without the third one, and with another
 * ```
 *
 * @param text what `parseWindows` reads
 * @throws MaintenanceWindowError `MaintenanceWindow.Fault` for any other text
 */
export function editWindows(text: string, edits: WindowEdits): string {
  const parsed = parseWindows(text);
  if (parsed.kind === 'fault') {
    throw new MaintenanceWindowError('MaintenanceWindow.Fault', `an edit of what is not windows: ${parsed.message}`);
  }
  const kept = keepingIds(parsed.document.windows, edits);
  return parsed.document.form === 'list' ? editList(text, kept) : editDocument(text, kept);
}

/** The edits that also write an id wherever one would change. */
function keepingIds(windows: readonly Window[], { replaced = new Map(), added = [] }: WindowEdits): WindowEdits {
  const ids = windowIds(windows);
  const places: number[] = [];
  const entries: Entry[] = [];
  for (const [index, window] of windows.entries()) {
    const others = replaced.get(index) ?? [window];
    for (const [place, other] of others.entries()) {
      const id = place === others.length - 1 ? ids[index] : undefined;
      entries.push({ window: other, ...(id !== undefined && { id }) });
      places.push(index);
    }
  }
  const kept = withKeptIds([...entries, ...added.map((window) => ({ window }))]);
  const changed = new Map<number, readonly Window[]>();
  for (const [index, window] of windows.entries()) {
    const others = kept.filter((_, place) => places[place] === index);
    if (replaced.has(index) || others[0] !== window) changed.set(index, others);
  }
  return { replaced: changed, added };
}

function editList(text: string, { replaced = new Map(), added = [] }: WindowEdits): string {
  const kept = entriesOf(text);
  const windows = kept.flatMap((entry, index): readonly (ListEntry | Window)[] => replaced.get(index) ?? [entry]);
  const all = [...windows, ...added];
  if (all.length === 0) return windowsToText({ form: 'document', windows: [], policy: {} });
  if (all.every((one) => 'text' in one || isListed(one))) return all.map(listEntryText).join(',');
  const entries = all.map((one) => `\n${'text' in one ? documentEntryText(one) : windowToText(one)}`);
  return `{"version":1,"windows":[${entries}\n]}`;
}

function entriesOf(text: string): ListEntry[] {
  const instants = text.split(',');
  return Array.from({ length: instants.length / 2 }, (_, index) => {
    const [start = '', end = ''] = instants.slice(2 * index, 2 * index + 2);
    return { text: `${start},${end}`, start: start.trim(), end: end.trim() };
  });
}

function listEntryText(one: ListEntry | Window): string {
  if ('text' in one) return one.text;
  if (one.kind === 'one-off') return `${instantToText(one.startAt)},${instantToText(one.endAt)}`;
  throw new MaintenanceWindowError('MaintenanceWindow.Fault', 'a schedule in the list form');
}

function documentEntryText({ start, end }: ListEntry): string {
  return JSON.stringify({ start, end });
}

function editDocument(text: string, { replaced = new Map(), added = [] }: WindowEdits): string {
  const list = windowList(text);
  const { members } = list;
  const [first, last] = [members[0], members.at(-1)];
  const [before, after] =
    first && last ? [text.slice(list.start + 1, first.start), text.slice(last.end, list.end - 1)] : ['\n', '\n'];

  let inside = '';
  const append = (entry: string, separator: string) => {
    inside += `${inside === '' ? before : separator}${entry}`;
  };
  for (const [index, { start, end }] of members.entries()) {
    const others = replaced.get(index);
    const separator = index === 0 ? '' : text.slice(members[index - 1]?.end, start);
    if (!others) append(text.slice(start, end), separator);
    for (const other of others ?? []) append(windowToText(other), `,${before}`);
  }
  for (const window of added) append(windowToText(window), `,${before}`);
  return `${text.slice(0, list.start + 1)}${inside === '' ? '' : inside + after}${text.slice(list.end - 1)}`;
}

/** The list under `windows`. */
function windowList(text: string): Container {
  const document = containerAt(text, text.indexOf('{'));
  const windows = document && memberNamed(document, 'windows');
  const list = windows && containerAt(text, windows.valueStart);
  if (!list) throw new MaintenanceWindowError('MaintenanceWindow.Fault', 'a document without its windows');
  return list;
}
