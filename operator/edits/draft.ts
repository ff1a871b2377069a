import { type EditOutcome, NEVER_WRITTEN, replaceText } from '../../aws/windows/parameter-edit.ts';
import type { ParameterVersion } from '../../aws/windows/parameter-store.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { counted, shown } from '../../core/text/shown.ts';
import { DAY_MS } from '../../core/units.ts';
import { type Difference, differenceOf } from '../../core/windows/difference.ts';
import { editWindows, type WindowEdits } from '../../core/windows/edit.ts';
import { ADVANCED_TIER_BYTES, STANDARD_TIER_BYTES, whyNeverMade } from '../../core/windows/parameter-limits.ts';
import { NO_WINDOWS, parseWindows, type Window } from '../../core/windows/window.ts';
import { lookUpFunctions } from '../access/function-lookup.ts';
import type { Operator } from '../access/operator.ts';
import { OperatorFault, type Remedy } from '../access/remedy.ts';
import type { Times } from '../times/times.ts';
import { isOverSince } from '../windows/changes.ts';
import { describedWith } from '../windows/edit-reason.ts';
import { identified, malformed } from '../windows/known-windows.ts';
import { isReadBySome } from '../windows/quiet-time.ts';
import type { Doubt } from '../windows/warnings.ts';

/** A parameter that is about to be edited. */
export interface Draft {
  /** As it was named to us. */
  readonly parameter: string;
  /** As SSM takes it for a write. */
  readonly name: string;
  readonly base: ParameterVersion;
  /** Those that SSM still has, oldest first, up to the base. */
  readonly versions: readonly ParameterVersion[];
  readonly windows: readonly DraftWindow[];
}

/** A window of a draft. */
export interface DraftWindow {
  /** Where it stands in the text. */
  readonly index: number;
  readonly id: string;
  readonly window: Window;
}

/** What is to be said of an edit before it is written. */
export interface Said {
  /** What may not be meant. */
  readonly doubts: readonly Doubt[];
  /** What is good to know, and no reason to think again: a line each. */
  readonly notes: readonly string[];
}

/** What an edit of a draft comes to, before it is written: for somebody to look at, and to say yes. */
export interface Prepared extends Said {
  readonly draft: Draft;
  /** The parameter's text with the edit. */
  readonly text: string;
  /** The windows of that text. */
  readonly windows: readonly DraftWindow[];
  readonly difference: Difference;
  /** Of the parameter's next version; its description has the reason for it. */
  readonly attributes: ParameterVersion['attributes'];
  /** When it was prepared: epoch milliseconds, by AWS's clock. */
  readonly now: number;
}

/** An edit that is written. */
export interface Written {
  /** The parameter's version with it. */
  readonly version: number;
  /** Whether SSM did not tell afterwards that it is still in force. */
  readonly isUnchecked: boolean;
  /** When that was known: epoch milliseconds, by AWS's clock. */
  readonly now: number;
}

/**
 * Time for which an ended window stays in the parameter, so that fresh environments know of it and take back events
 * that Lambda retries.
 */
const KEPT_AFTER_END_MS = DAY_MS;

/**
 * Opens a parameter for an edit.
 *
 * One that does not exist has no windows, and the edit makes it.
 *
 * @param edit which of the named parameters; absent: the first
 * @throws MaintenanceWindowError for a parameter that cannot be edited: not named to us, another account's, malformed, or
 * absent and of a name that SSM refuses, or named by its ARN, which may be another account's
 */
export async function openDraft({ settings, parameters }: Operator, edit?: string): Promise<Draft> {
  const parameter = edit ?? settings.parameters[0] ?? '';
  if (!settings.parameters.includes(parameter)) {
    throw new OperatorFault(
      'MaintenanceWindow.Usage',
      `the parameter ${parameter} is none of the named ones (${settings.parameters.join(', ')})`,
      { kind: 'name-parameter', parameter, named: settings.parameters },
    );
  }
  const store = await parameters();
  const stored = await store.read(parameter);
  if (stored?.name.startsWith('arn:')) {
    throw new OperatorFault(
      'MaintenanceWindow.Usage',
      `the parameter ${parameter} is another account's, which alone can edit it`,
      { kind: 'owner-account' },
    );
  }
  const versions = stored ? await store.history(parameter) : [];
  const base = stored ? versions.at(-1) : toBeMade(parameter);
  if (!base) throw absent(parameter);
  const parsed = parseWindows(base.text);
  if (parsed.kind === 'fault') throw malformed(parameter, base.version, parsed.message);
  return { parameter, name: stored?.name ?? parameter, base, versions, windows: placed(parsed.document.windows) };
}

function placed(windows: readonly Window[]): readonly DraftWindow[] {
  return identified(windows).map((one, index) => ({ ...one, index }));
}

function toBeMade(parameter: string): ParameterVersion {
  if (parameter.startsWith('arn:')) throw absent(parameter);
  const why = whyNeverMade(parameter);
  if (why !== undefined) {
    throw new OperatorFault(
      'MaintenanceWindow.Usage',
      `the parameter ${parameter} does not exist, and SSM would not make it: its name ${why}`,
      { kind: 'other-parameter' },
    );
  }
  return { version: NEVER_WRITTEN, text: NO_WINDOWS, modifiedAt: Number.NEGATIVE_INFINITY, attributes: {} };
}

function absent(parameter: string): MaintenanceWindowError {
  return new OperatorFault('MaintenanceWindow.NotFound', `the parameter ${parameter} does not exist`, {
    kind: 'absent-parameter',
    parameter,
  });
}

/**
 * What a draft comes to with its edits, and without windows that have been over for more than a day.
 *
 * @param said what is to be said of it already
 * @param reason why, kept with the version alone
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` for what no function could read and for a reason that is too long,
 *   `MaintenanceWindow.Malformed` for what is longer than a parameter holds
 */
export async function prepareEdit(
  operator: Operator,
  draft: Draft,
  edits: WindowEdits,
  said: Said = { doubts: [], notes: [] },
  reason?: string,
): Promise<Prepared> {
  const now = (await operator.clock()).now();
  const over = await endedBefore(draft, edits, now - KEPT_AFTER_END_MS);
  const text = editWindows(draft.base.text, without(edits, over));
  const windows = placed(readableWindows(text));
  refuseTooLong(text);
  return {
    draft,
    text,
    attributes: attributesOf(draft, reason),
    windows,
    difference: differenceOf(draft.base.text, text),
    doubts: [
      ...(await doubtsAboutMaking(operator, draft, edits)),
      ...said.doubts,
      ...doubtsAboutIds(draft.windows, windows),
      ...doubtsAboutReplay(draft.windows, windows),
    ],
    notes: [...said.notes, ...notesOfEnded(over), ...notesOfForm(draft.base.text, text)],
    now,
  };
}

/** Windows that were over before an instant, and that the edits leave as they are. */
async function endedBefore(
  { windows }: Draft,
  { replaced }: WindowEdits,
  before: number,
): Promise<readonly DraftWindow[]> {
  const over = await Promise.all(windows.map(({ window }) => hasEnd(window) && isOverSince(window, before)));
  return windows.filter(({ index }) => over[index] === true && !replaced?.has(index));
}

/** Whether a window is made to be over once. A schedule that never comes may be one that is yet to be corrected. */
function hasEnd(window: Window): boolean {
  return window.kind === 'one-off' || window.untilAt !== undefined || window.schedule.startsWith('at(');
}

/** The edits, and the removal of these windows. */
function without(edits: WindowEdits, windows: readonly DraftWindow[]): WindowEdits {
  if (windows.length === 0) return edits;
  const removed = windows.map(({ index }) => [index, []] as const);
  return { ...edits, replaced: new Map([...(edits.replaced ?? []), ...removed]) };
}

/** Functions refuse what they cannot read as a whole, and an edit can make that: by a clock of AWS's in the year 9999, say. */
function readableWindows(text: string): readonly Window[] {
  const parsed = parseWindows(text);
  if (parsed.kind === 'windows') return parsed.document.windows;
  throw new MaintenanceWindowError(
    'MaintenanceWindow.Usage',
    `no function could read what this would write (${parsed.message}): nothing was written`,
  );
}

function refuseTooLong(text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= ADVANCED_TIER_BYTES) return;
  throw new OperatorFault(
    'MaintenanceWindow.Malformed',
    `this would be ${bytes} characters, and a parameter holds ${ADVANCED_TIER_BYTES}`,
    { kind: 'fewer-windows' },
  );
}

/**
 * A window in a parameter that nobody reads protects nothing, and a name that is mistyped is one. So what is to be made is
 * made without a word only where Lambda shows a function that reads it.
 */
async function doubtsAboutMaking(
  operator: Operator,
  { base, parameter }: Draft,
  { added = [] }: WindowEdits,
): Promise<readonly Doubt[]> {
  if (base.version !== NEVER_WRITTEN) return [];
  const globs = added.some(({ functions }) => !functions)
    ? undefined
    : added.flatMap(({ functions = [] }) => functions);
  const lookup = await lookUpFunctions(operator, globs);
  if (isReadBySome(lookup, parameter)) return [];
  const why =
    lookup.kind === 'unknown' ? `whether a function reads it is not known: ${lookup.why}` : 'no function reads it';
  const text = `the parameter ${parameter} does not exist, and this would make it; ${why}`;
  return [{ text, vainUnless: 'parameter-right' }];
}

/** A client that is too old for ids goes on with the version before, in which a window may not have begun, or not have ended. */
function doubtsAboutIds(before: readonly DraftWindow[], after: readonly DraftWindow[]): readonly Doubt[] {
  if (before.some(({ window }) => window.id !== undefined)) return [];
  const carrying = after.filter(({ window }) => window.id !== undefined).map(({ id }) => id);
  if (carrying.length === 0) return [];
  const which = carrying.join(', ');
  return [
    {
      text: `the entry of ${which} has to carry its id from now on, and a client that is too old for that refuses the whole parameter and goes on with the version before`,
    },
  ];
}

/** The same of a client that is too old for `replay`. */
function doubtsAboutReplay(before: readonly DraftWindow[], after: readonly DraftWindow[]): readonly Doubt[] {
  if (before.some(({ window }) => window.replay !== undefined)) return [];
  const carrying = after.filter(({ window }) => window.replay !== undefined).map(({ id }) => id);
  if (carrying.length === 0) return [];
  return [
    {
      text: `the entry of ${carrying.join(', ')} says how its events are replayed, and a client that is too old for that refuses the whole parameter and goes on with the version before`,
    },
  ];
}

function notesOfEnded(over: readonly DraftWindow[]): readonly string[] {
  if (over.length === 0) return [];
  const ids = over.map(({ id }) => id).join(', ');
  return [`${counted(over.length, 'window')} that ended more than a day ago will be taken out: ${ids}`];
}

/** What SSM, and the form of the text, make of the edit. */
function notesOfForm(before: string, after: string): readonly string[] {
  const notes: string[] = [];
  const bytes = Buffer.byteLength(after);
  if (bytes > STANDARD_TIER_BYTES) {
    const already = Buffer.byteLength(before) > STANDARD_TIER_BYTES ? ', as before' : '';
    notes.push(
      `${bytes} characters are more than the ${STANDARD_TIER_BYTES} of SSM's standard tier: the parameter is of the advanced tier${already}, which costs a little each month and cannot be undone`,
    );
  }
  if (!before.trim().startsWith('{') && after.startsWith('{')) {
    notes.push('the list form cannot say this: the parameter is a document from now on');
  }
  return notes;
}

/**
 * Refuses an edit that was made up for another version of the parameter than the one it would be written on.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Conflict`, which says who changed it
 */
export function refuseOtherVersion({ draft, now }: Prepared, expected: number, times: Times): void {
  const { base, versions, parameter } = draft;
  if (base.version === expected) return;
  const since = versions.filter(({ version }) => version > expected).map((version) => whose(version, now, times));
  throw conflict(
    `${parameter} was changed meanwhile (${since.join('; ') || 'it was deleted and made anew'}): nothing was written`,
    { kind: 'look-first', isWritten: false },
  );
}

/**
 * Writes it. A write that met another one is put right: nobody may break that off.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Conflict` where somebody else edits at the same time
 */
export async function commitEdit(operator: Operator, { draft, text, attributes }: Prepared): Promise<Written> {
  const clock = await operator.clock();
  const base = { ...draft.base, attributes };
  const outcome = await operator.waits.during(
    'edit',
    () => ({ why: 'whether the edit holds is not certain yet: SSM is slow, or somebody else edits, too' }),
    replaceText(await operator.parameters(), draft.name, base, text),
  );
  return writtenFrom(outcome, draft.parameter, clock.now(), operator.remarks.times);
}

/** As they were, but for the reason that the version before had for itself. */
function attributesOf({ base }: Draft, reason: string | undefined): ParameterVersion['attributes'] {
  const { Description } = base.attributes;
  if (Description === undefined && reason === undefined) return base.attributes;
  const described = describedWith(Description, reason);
  if (described === undefined) {
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Usage',
      `the reason is too long: SSM keeps it in the parameter's description, of 1,024 characters in all; nothing was written`,
    );
  }
  return { ...base.attributes, Description: described };
}

function writtenFrom(outcome: EditOutcome, parameter: string, now: number, times: Times): Written {
  switch (outcome.kind) {
    case 'written':
      return { version: outcome.version, isUnchecked: outcome.unchecked === true, now };
    case 'changed-before':
      throw conflict(`${parameter} was changed meanwhile (${whose(outcome.by, now, times)}): nothing was written`, {
        kind: 'look-first',
        isWritten: false,
      });
    case 'lost': {
      const { covered, restored } = outcome;
      const those = covered
        ? covered.map((version) => whose(version, now, times)).join('; ') || 'it was deleted and made anew'
        : 'SSM did not tell by whom';
      const mended = restored
        ? `version ${restored.from.version} is restored as version ${restored.version}, and your edit is not made`
        : 'that could not be restored';
      throw conflict(
        `${parameter} was changed in the same moment (${those}): ${mended}`,
        restored ? { kind: 'look-first', isWritten: true } : { kind: 'restore-by-hand' },
      );
    }
    case 'undone':
      throw conflict(
        `${parameter}: your edit was written as version ${outcome.version}, and does not hold any more (${whose(outcome.by, now, times)})`,
        { kind: 'look-first', isWritten: true },
      );
  }
}

function whose({ version, modifiedBy, modifiedAt }: ParameterVersion, now: number, times: Times): string {
  return `version ${version} by ${shown(modifiedBy ?? 'somebody')}, ${times.fromNow(modifiedAt, now)}`;
}

function conflict(message: string, remedy: Remedy): OperatorFault {
  return new OperatorFault('MaintenanceWindow.Conflict', message, remedy);
}
