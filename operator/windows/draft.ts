import { type EditOutcome, NEVER_WRITTEN, replaceText } from '../../aws/windows/parameter-edit.ts';
import type { ParameterVersion } from '../../aws/windows/parameter-store.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { counted, shown } from '../../core/text/shown.ts';
import { type Difference, differenceOf } from '../../core/windows/difference.ts';
import { editWindows, type WindowEdits } from '../../core/windows/edit.ts';
import { ADVANCED_TIER_BYTES, STANDARD_TIER_BYTES } from '../../core/windows/parameter-limits.ts';
import { fromNow } from '../../core/windows/time-text.ts';
import { NO_WINDOWS, parseWindows, type Window } from '../../core/windows/window.ts';
import { lookUpFunctions } from '../access/function-lookup.ts';
import type { Operator } from '../access/operator.ts';
import { remedyWithout } from '../access/parameter-faults.ts';
import { malformed, windowId } from './known-windows.ts';
import { isReadBySome } from './quiet-time.ts';
import type { Doubt } from './warnings.ts';

/** A parameter that is about to be edited. */
export interface Draft {
  /** As it was named to us. */
  readonly parameter: string;
  /** As SSM takes it for a write. */
  readonly name: string;
  readonly base: ParameterVersion;
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
  readonly difference: Difference;
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
const KEPT_AFTER_END_MS = 86_400_000;

/**
 * Opens a parameter for an edit.
 *
 * One that does not exist has no windows, and the edit makes it.
 *
 * @param edit which of the named parameters; absent: the first
 * @throws MaintenanceWindowError for a parameter that cannot be edited: not named to us, another account's, malformed, or
 * absent and named by its ARN, which may be another account's
 */
export async function openDraft({ settings, parameters }: Operator, edit?: string): Promise<Draft> {
  const parameter = edit ?? settings.parameters[0] ?? '';
  if (!settings.parameters.includes(parameter)) {
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Usage',
      `--edit ${parameter}: this is none of the named parameters (${settings.parameters.join(', ')}): name it with --parameter, too`,
    );
  }
  const store = await parameters();
  const stored = await store.read(parameter);
  if (stored?.name.startsWith('arn:')) {
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Usage',
      `the parameter ${parameter} is another account's, which alone can edit it: edit another one (--edit), or say that account's --profile`,
    );
  }
  const base = stored ? (await store.history(parameter)).at(-1) : toBeMade(parameter);
  if (!base) throw absent(parameter);
  const parsed = parseWindows(base.text);
  if (parsed.kind === 'fault') throw malformed(parameter, base.version, parsed.message);
  const windows = parsed.document.windows.map((window, index) => ({ index, id: windowId(window), window }));
  return { parameter, name: stored?.name ?? parameter, base, windows };
}

function toBeMade(parameter: string): ParameterVersion {
  if (parameter.startsWith('arn:')) throw absent(parameter);
  return { version: NEVER_WRITTEN, text: NO_WINDOWS, modifiedAt: Number.NEGATIVE_INFINITY, attributes: {} };
}

function absent(parameter: string): MaintenanceWindowError {
  return new MaintenanceWindowError(
    'MaintenanceWindow.NotFound',
    `the parameter ${parameter} does not exist: ${remedyWithout(parameter)}`,
  );
}

/**
 * What a draft comes to with its edits, and without windows that have been over for more than a day.
 *
 * @param said what is to be said of it already
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` for what no function could read, `MaintenanceWindow.Malformed` for what
 *   is longer than a parameter holds
 */
export async function prepareEdit(
  operator: Operator,
  draft: Draft,
  edits: WindowEdits,
  said: Said = { doubts: [], notes: [] },
): Promise<Prepared> {
  const now = (await operator.clock()).now();
  const over = endedBefore(draft, edits, now - KEPT_AFTER_END_MS);
  const text = editWindows(draft.base.text, without(edits, over));
  refuseUnreadable(text);
  refuseTooLong(text);
  return {
    draft,
    text,
    difference: differenceOf(draft.base.text, text),
    doubts: [...(await doubtsAboutMaking(operator, draft, edits)), ...said.doubts],
    notes: [...said.notes, ...notesOfEnded(over), ...notesOfForm(draft.base.text, text)],
    now,
  };
}

/** Windows that were over before an instant, and that the edits leave as they are. */
function endedBefore({ windows }: Draft, { replaced }: WindowEdits, before: number): readonly DraftWindow[] {
  return windows.filter(
    ({ index, window }) => window.kind === 'one-off' && window.endAt < before && !replaced?.has(index),
  );
}

/** The edits, and the removal of these windows. */
function without(edits: WindowEdits, windows: readonly DraftWindow[]): WindowEdits {
  if (windows.length === 0) return edits;
  const removed = windows.map(({ index }) => [index, []] as const);
  return { ...edits, replaced: new Map([...(edits.replaced ?? []), ...removed]) };
}

/** Functions refuse what they cannot read as a whole, and an edit can make that: by a clock of AWS's in the year 9999, say. */
function refuseUnreadable(text: string): void {
  const parsed = parseWindows(text);
  if (parsed.kind === 'windows') return;
  throw new MaintenanceWindowError(
    'MaintenanceWindow.Usage',
    `no function could read what this would write (${parsed.message}): nothing was written`,
  );
}

function refuseTooLong(text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= ADVANCED_TIER_BYTES) return;
  throw new MaintenanceWindowError(
    'MaintenanceWindow.Malformed',
    `this would be ${bytes} characters, and a parameter holds ${ADVANCED_TIER_BYTES}: take windows out first (maintenance-window schedule remove), or use a second parameter`,
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
  const text = `the parameter ${parameter} does not exist, and is made now; ${why}`;
  return [{ text, vainUnless: 'parameter-right' }];
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
 * Writes it. A write that met another one is put right: nobody may break that off.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Conflict` where somebody else edits at the same time
 */
export async function commitEdit(operator: Operator, { draft, text }: Prepared): Promise<Written> {
  const clock = await operator.clock();
  const outcome = await operator.waits.during(
    'edit',
    () => ({ why: 'whether the edit holds is not certain yet: SSM is slow, or somebody else edits, too' }),
    replaceText(await operator.parameters(), draft.name, draft.base, text),
  );
  return writtenFrom(outcome, draft.parameter, clock.now());
}

function writtenFrom(outcome: EditOutcome, parameter: string, now: number): Written {
  switch (outcome.kind) {
    case 'written':
      return { version: outcome.version, isUnchecked: outcome.unchecked === true, now };
    case 'changed-before':
      throw conflict(
        `${parameter} was changed meanwhile (${whose(outcome.by, now)}): nothing was written; look (maintenance-window history), then run this again`,
      );
    case 'lost': {
      const { covered, restored } = outcome;
      const those = covered
        ? covered.map((version) => whose(version, now)).join('; ') || 'it was deleted and made anew'
        : 'SSM did not tell by whom';
      const mended = restored
        ? `version ${restored.from.version} is restored as version ${restored.version}, and your edit is not made: look (maintenance-window history), then run this again`
        : `that could not be restored: put it back by hand (maintenance-window history has it)`;
      throw conflict(`${parameter} was changed in the same moment (${those}): ${mended}`);
    }
    case 'undone':
      throw conflict(
        `${parameter}: your edit was written as version ${outcome.version}, and does not hold any more (${whose(outcome.by, now)}): look (maintenance-window history), then run this again`,
      );
  }
}

function whose({ version, modifiedBy, modifiedAt }: ParameterVersion, now: number): string {
  return `version ${version} by ${shown(modifiedBy ?? 'somebody')}, ${fromNow(modifiedAt, now)}`;
}

function conflict(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Conflict', message);
}
