import { type Occurrence, occurrenceAfter, occurrenceAt } from '../../../core/calendar/occurrence.ts';
import { FAULTS, MaintenanceWindowError } from '../../../core/errors.ts';
import { seenAt } from '../../../core/gate/freshness.ts';
import { counted } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/windows/instant.ts';
import { fromNow, instantText } from '../../../core/windows/time-text.ts';
import type { OneOffWindow, Window } from '../../../core/windows/window.ts';
import { functionsText, reasonText, whenText, windowJson } from '../../../core/windows/window-text.ts';
import { lookUpFunctions } from '../../access/function-lookup.ts';
import { type Draft, openDraft } from '../../windows/draft.ts';
import { readWindows, windowsWithId } from '../../windows/known-windows.ts';
import { slowestTtl } from '../../windows/quiet-time.ts';
import type { AddNoun } from '../command.ts';
import { withExamples } from '../examples.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import type { Session } from '../session.ts';
import { commitDraft } from './commit.ts';
import { differenceText } from './difference-text.ts';
import { type EditOptions, takesEdits } from './edit-options.ts';

/** A window that is active, and the occurrence of it that is. */
interface ActiveDraftWindow {
  readonly index: number;
  readonly id: string;
  readonly window: Window;
  readonly occurrence: Occurrence;
}

/** `end`: active windows, now. */
export const addEnd: AddNoun = (program, acting) => {
  const command = program
    .command('end')
    .description('end the active windows now, or only those that are named')
    .argument('[ids...]', 'windows to end, as status shows them (default: every active one)')
    .action(acting(end));
  withExamples(takesEdits(command), 'end', 'end 3f9a1c', 'end --parameter team-windows,on-call --edit on-call');
};

async function end(session: Session, ids: readonly string[], options: EditOptions): Promise<number> {
  const { output } = session;
  const lookup = lookUpFunctions(session, undefined);
  const draft = await openDraft(session, options.edit);
  const clock = await session.clock();
  const now = clock.now();
  const chosen = await windowsToEnd(draft, ids, now);
  if (chosen.length === 0) return tellNoneEnded(session, draft);

  const replaced = new Map(
    await Promise.all(
      chosen.map(async ({ index, window, occurrence }) => [index, await endedWindow(window, occurrence, now)] as const),
    ),
  );
  const committed = await commitDraft(session, draft, { replaced }, options, []);
  if (committed.kind === 'declined') return NOT_ALL_DONE;

  const { kind, version, difference } = committed;
  const { active: stillActive, fault } = kind === 'written' ? await activeElsewhere(session) : NOTHING_LOOKED_AT;
  const seen = kind === 'written' ? seenAt(clock.now(), slowestTtl(await lookup, [draft.parameter])) : undefined;
  output.show(
    {
      written: kind === 'written',
      parameter: draft.parameter,
      version,
      ended: chosen.map(({ id, window }) => ({ id, ...windowJson(window) })),
      ...(seen !== undefined && { seenBy: instantToText(seen) }),
      stillActive: stillActive.map(({ id, parameter }) => ({ id, parameter })),
      ...difference,
    },
    () =>
      seen === undefined
        ? `${draft.parameter}, version ${version}, would change:\n${differenceText(difference, output)}`
        : endedText(session, chosen, `${draft.parameter}, version ${version}`, seen, clock.now()),
  );
  for (const { id, parameter, text } of stillActive) {
    output.warn(
      `still active: ${id} in ${parameter} (${text}); to end it:  maintenance-window end ${id} --edit ${parameter}`,
    );
  }
  return ids.length > 0 ? DONE : exitCodeOf(stillActive, fault);
}

/** Where everything was to end: whether it has, and whether that is known. */
function exitCodeOf(stillActive: readonly unknown[], fault: MaintenanceWindowError | undefined): number {
  if (stillActive.length > 0) return NOT_ALL_DONE;
  return fault ? FAULTS[fault.name].exitCode : DONE;
}

/** What is to end: the windows that were named, each of which must be active, or else every active one. */
async function windowsToEnd(draft: Draft, ids: readonly string[], now: number): Promise<readonly ActiveDraftWindow[]> {
  const named = new Set(ids.flatMap((id) => windowsWithId(draft.windows, id, draft.parameter)));
  const candidates = ids.length > 0 ? [...named] : draft.windows;
  const active: ActiveDraftWindow[] = [];
  for (const candidate of candidates) {
    const occurrence = await occurrenceAt(candidate.window, now);
    if (occurrence) active.push({ ...candidate, occurrence });
    else if (ids.length > 0) throw await notActive(candidate.id, candidate.window, now);
  }
  return active;
}

async function notActive(id: string, window: Window, now: number): Promise<MaintenanceWindowError> {
  const next = await occurrenceAfter(window, now);
  const when = next ? `it begins ${fromNow(next.startAt, now)}` : 'it is over';
  return new MaintenanceWindowError(
    'MaintenanceWindow.Usage',
    `${id} (${whenText(window)}) is not active: ${when}; to take it out:  maintenance-window schedule remove ${id}`,
  );
}

/**
 * What stands for an active window once it is ended: the window up to now, which stays so that environments that start
 * later know that one was active; and, of one that recurs, its occurrences from now on.
 */
async function endedWindow(window: Window, { startAt }: Occurrence, now: number): Promise<readonly Window[]> {
  const endAt = Math.max(Math.floor(now / 1_000) * 1_000, startAt + 1);
  if (window.kind === 'one-off') return [{ ...window, endAt }];
  const { reason, functions } = window;
  const past: OneOffWindow = {
    kind: 'one-off',
    startAt,
    endAt,
    ...(reason !== undefined && { reason }),
    ...(functions && { functions }),
  };
  const rest = { ...window, fromAt: endAt };
  const isOver = window.untilAt !== undefined && window.untilAt <= endAt;
  return isOver || !(await occurrenceAfter(rest, now)) ? [past] : [past, rest];
}

async function tellNoneEnded(session: Session, draft: Draft): Promise<number> {
  const { output } = session;
  const { active: others, fault } = await activeElsewhere(session);
  output.show(
    {
      written: false,
      parameter: draft.parameter,
      ended: [],
      stillActive: others.map(({ id, parameter }) => ({ id, parameter })),
    },
    () => `No window of ${draft.parameter} is active.`,
  );
  for (const { id, parameter, text } of others) {
    output.warn(
      `active: ${id} in ${parameter} (${text}); to end it:  maintenance-window end ${id} --edit ${parameter}`,
    );
  }
  return exitCodeOf(others, fault);
}

interface ActiveElsewhere {
  readonly active: readonly { readonly id: string; readonly parameter: string; readonly text: string }[];
  /** Why there may be more of them. */
  readonly fault?: MaintenanceWindowError;
}

const NOTHING_LOOKED_AT: ActiveElsewhere = { active: [] };

/** The windows of all parameters that are active after the edit. Never rejects for a fault of AWS's: the edit is made. */
async function activeElsewhere(session: Session): Promise<ActiveElsewhere> {
  const { windows, faults, warnings } = await readWindows(session).catch((fault) => {
    if (!(fault instanceof MaintenanceWindowError)) throw fault;
    const warnings = [`whether another window is active is not known: ${fault.message}`];
    return { windows: [], faults: [fault], warnings };
  });
  for (const warning of warnings) session.output.warn(warning);
  const now = (await session.clock()).now();
  const found = await Promise.all(
    windows.map(async ({ id, parameter, window }) => ({
      id,
      parameter: parameter.name,
      text: `${functionsText(window)}, ${reasonText(window)}`,
      isActive: (await occurrenceAt(window, now)) !== undefined,
    })),
  );
  const [fault] = faults;
  return { active: found.filter(({ isActive }) => isActive), ...(fault && { fault }) };
}

function endedText(
  { output }: Session,
  chosen: readonly ActiveDraftWindow[],
  where: string,
  seen: number,
  now: number,
): string {
  const { bold, green } = output.paint;
  return [
    `${bold(green('Ended'))}: ${counted(chosen.length, 'window')} in ${where}`,
    ...chosen.map(
      ({ id, window, occurrence }) =>
        `  ${id}  ${functionsText(window)}, since ${instantText(occurrence.startAt)}, ${reasonText(window)}`,
    ),
    `  every function has seen it by ${fromNow(seen, now)}`,
    '  to replay what was stored  maintenance-window replay',
  ].join('\n');
}
