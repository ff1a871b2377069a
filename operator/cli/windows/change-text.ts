import { shown } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/time/instant.ts';
import { durationText } from '../../../core/time/time-text.ts';
import type { Window } from '../../../core/windows/window.ts';
import {
  functionsText,
  instantOrUndefined,
  lengthText,
  reasonText,
  whenText,
  windowJson,
} from '../../../core/windows/window-text.ts';
import type { WindowChange } from '../../windows/changes.ts';

/**
 * What was done, in words: one line, which goes on behind the name of whoever did it.
 *
 * @param instant how instants are shown: in a sentence, or in a column whose head names the zone
 */
export function changeText(change: WindowChange, instant: (at: number) => string): string {
  switch (change.kind) {
    case 'created':
      return 'created the parameter, without windows';
    case 'policy':
      return 'changed the policy';
    case 'rewritten':
      return 'wrote the same again';
    case 'malformed':
      return `wrote what no function can read: ${shown(change.message)}`;
    case 'unknown':
      return 'wrote the oldest version that SSM still has of 100: what it changed is not known';
    case 'began':
      return `began ${aboutWindow(change)}, for ${lengthText(change.window)}`;
    case 'added':
      return `added ${aboutWindow(change)}: ${whenText(change.window, instant)}, for ${lengthText(change.window)}`;
    case 'removed':
      return `removed ${aboutWindow(change)}: ${whenText(change.window, instant)}`;
    case 'cleared':
      return `cleared away ${aboutWindow(change)}, over for a day`;
    case 'edited':
      return `edited ${aboutWindow(change)}${editText(change)}`;
    case 'ended':
    case 'extended':
    case 'shortened': {
      const { endAt, wasEndAt } = change;
      const by =
        wasEndAt === undefined
          ? ''
          : `, ${durationText(Math.abs(endAt - wasEndAt))} ${endAt > wasEndAt ? 'later' : 'earlier'} than before`;
      return change.kind === 'ended'
        ? `ended ${aboutWindow(change)}${by}`
        : `${change.kind} ${aboutWindow(change)} until ${instant(endAt)}${by}`;
    }
  }
}

function aboutWindow({ id, window }: { readonly id: string; readonly window: Window }): string {
  const { reason } = window;
  return `${id} (${functionsText(window)}${reason === undefined ? '' : `, ${reasonText(window)}`})`;
}

function editText({ before, window, occurrenceId }: EditedWindow): string {
  const fields = changedFields(before, window);
  const apart = occurrenceId === undefined ? '' : `; the time that was active goes on as ${occurrenceId}`;
  return `${fields === '' ? '' : `: ${fields}`}${apart}`;
}

type EditedWindow = Pick<Extract<WindowChange, { before?: Window }>, 'before' | 'window' | 'occurrenceId'>;

/** Which fields of a window are other ones, as the document has them: `reason CHG-2 (was CHG-1), …`. */
export function changedFields(before: Window | undefined, after: Window): string {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].filter((key) => old.get(key) !== now.get(key));
  return keys.map((key) => `${key} ${shown(now.get(key) ?? 'none')} (was ${shown(old.get(key) ?? 'none')})`).join(', ');
}

function fieldsOf(window: Window | undefined): ReadonlyMap<string, string> {
  const fields = window ? Object.entries(windowJson(window)) : [];
  return new Map(fields.filter(([, value]) => value !== undefined).map(([key, value]) => [key, fieldText(value)]));
}

function fieldText(value: unknown): string {
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** For programs. */
export function changeJson(change: WindowChange): object {
  switch (change.kind) {
    case 'created':
    case 'policy':
    case 'rewritten':
    case 'unknown':
    case 'malformed':
      return change;
    case 'ended':
    case 'extended':
    case 'shortened':
      return {
        kind: change.kind,
        id: change.id,
        occurrenceId: change.occurrenceId,
        end: instantToText(change.endAt),
        wasEnd: instantOrUndefined(change.wasEndAt),
        window: windowJson(change.window),
      };
    default:
      return {
        kind: change.kind,
        id: change.id,
        window: windowJson(change.window),
        before: change.before && windowJson(change.before),
        occurrenceId: change.occurrenceId,
      };
  }
}
