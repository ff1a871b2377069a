import { FAULTS } from '../../../core/errors.ts';
import { counted } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/time/instant.ts';
import { functionsText, instantOrUndefined, reasonText, windowJson } from '../../../core/windows/window-text.ts';
import { type ActiveWindow, type OverWindow, overText } from '../../edits/active-windows.ts';
import {
  commitEnd,
  type Ended,
  type NothingToEnd,
  type PreparedEnd,
  prepareEnd,
  type StillActive,
} from '../../edits/end.ts';
import { type Concerned, outlookOf } from '../../edits/outlook.ts';
import { readTableState, type TableState } from '../../events/table-state.ts';
import type { PlacedWindow } from '../../windows/known-windows.ts';
import type { AddNoun } from '../command.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import { waitingJson, waitingTexts } from '../status/waiting-text.ts';
import type { Output } from '../terminal/output.ts';
import { wouldChangeText } from '../windows/difference-text.ts';
import { commit } from './commit.ts';
import { type EditOptions, refuseEmptyReason, takesEdits, tellEditPlace } from './edit-options.ts';
import { outlookJson, outlookText } from './outlook-text.ts';

interface EndOptions extends EditOptions {
  readonly reason?: string;
}

/** After a dry run nothing has ended yet. */
const NOT_LOOKED_AT: StillActive = { windows: [], faults: [], warnings: [] };

/** `end`: active windows, now. */
export const addEnd: AddNoun = (program, acting) => {
  const command = program
    .command('end')
    .description('end the active windows now, or only those that are named')
    .argument('[ids...]', 'windows to end, as status shows them (default: every active one)')
    .option('--reason <text>', 'why: shown by history')
    .action(acting(end));
  withExamples(
    takesEdits(command),
    'end',
    "end 3f9a1c --reason 'rolled back'",
    'end --parameter team-windows,on-call --edit on-call',
  );
};

async function end(session: Session, ids: readonly string[], options: EndOptions): Promise<number> {
  const { output } = session;
  const { edit: parameter, reason } = options;
  refuseEmptyReason(reason);
  await tellEditPlace(session, options);
  const prepared = await prepareEnd(session, {
    ids,
    ...(reason !== undefined && { reason }),
    ...(parameter !== undefined && { parameter }),
  });
  if (prepared.kind === 'none-active') return tellNoneEnded(output, prepared);
  for (const over of prepared.over) output.note(overText(over, prepared.now, output.times));
  const committed = await commit(session, prepared, options, commitEnd);
  if (committed.kind === 'declined') return NOT_ALL_DONE;

  const { draft, ending, difference } = prepared;
  const ended = committed.kind === 'written' ? committed.outcome : undefined;
  const { version, stillActive } = ended ?? { version: draft.base.version, stillActive: NOT_LOOKED_AT };
  const table = ended && (await readTableState(session));
  const outlook = ended
    ? undefined
    : await outlookOf(
        session,
        prepared,
        ending.map((one) => concerned(one, prepared)),
      );
  for (const warning of stillActive.warnings) output.warn(warning);
  output.show(
    {
      written: ended !== undefined,
      parameter: draft.parameter,
      version,
      ended: ending.map(({ id, window }) => ({ id, ...windowJson(window) })),
      endedBefore: prepared.over.map(overJson),
      reason,
      ...(ended && { seenBy: instantToText(ended.seenAt) }),
      stillActive: stillActive.windows.map(placeJson),
      ...(table && waitingJson(table, ({ functionName }) => ({ name: functionName }))),
      ...(outlook && outlookJson(outlook)),
      ...difference,
    },
    () =>
      ended && table
        ? endedText(session, prepared, ended, table)
        : wouldChangeText(draft.parameter, version, difference, output, outlook && outlookText(outlook, output)),
  );
  warnOfActive(output, 'still active', stillActive);
  return ids.length > 0 ? DONE : exitCodeOf(stillActive);
}

/** What would have been left of its time: other windows may hold functions then. */
function concerned({ id, window, occurrence }: ActiveWindow, { now }: PreparedEnd): Concerned {
  return { id, window, times: [{ ...occurrence, startAt: now }] };
}

function tellNoneEnded(output: Output, { parameter, now, over, elsewhere }: NothingToEnd): number {
  for (const warning of elsewhere.warnings) output.warn(warning);
  output.show(
    {
      written: false,
      parameter,
      ended: [],
      endedBefore: over.map(overJson),
      stillActive: elsewhere.windows.map(placeJson),
    },
    () =>
      over.length > 0
        ? over.map((one) => overText(one, now, output.times)).join('\n')
        : `No window of ${parameter} is active.`,
  );
  warnOfActive(output, over.length > 0 ? 'still active' : 'active', elsewhere);
  return over.length > 0 ? DONE : exitCodeOf(elsewhere);
}

function overJson({ id, window, endedAt, endedBy }: OverWindow): object {
  return { id, ...windowJson(window), endedAt: instantOrUndefined(endedAt), endedBy };
}

function placeJson({ id, parameter }: PlacedWindow): object {
  return { id, parameter: parameter.name };
}

function warnOfActive(output: Output, how: string, { windows }: StillActive): void {
  for (const { id, parameter, window } of windows) {
    output.warn(
      `${how}: ${id} in ${parameter.name} (${functionsText(window)}, ${reasonText(window)}); to end it:  ${output.command(['end', id, '--edit', parameter.name])}`,
    );
  }
}

/** Where everything was to end: whether it has, and whether that is known. */
function exitCodeOf({ windows, faults }: StillActive): number {
  if (windows.length > 0) return NOT_ALL_DONE;
  return faults[0] ? FAULTS[faults[0].name].exitCode : DONE;
}

function endedText(
  { output }: Session,
  { draft, ending }: PreparedEnd,
  { version, seenAt, now }: Ended,
  table: TableState,
): string {
  const { paint, times } = output;
  const { headline, summary, table: byFunction, commands } = waitingTexts(table, output, now);
  const { bold, green } = paint;
  return [
    `${bold(green('Ended'))}: ${counted(ending.length, 'window')} in ${draft.parameter}, version ${version}`,
    ...ending.map(
      ({ id, window, occurrence }) =>
        `  ${id}  ${functionsText(window)}, since ${times.text(occurrence.startAt)}, ${reasonText(window)}`,
    ),
    `  every function has seen it by ${times.fromNow(seenAt, now)}`,
    `  ${waitingLine(headline, summary)}`,
    ...commands.map(([what, command]) => `  ${what}  ${command}`),
    ...(byFunction === undefined ? [] : ['', byFunction]),
  ].join('\n');
}

function waitingLine(headline: string | undefined, summary: string | undefined): string {
  if (headline !== undefined) return `${headline}: ${summary}`;
  return summary === undefined ? 'no event waits so far' : `what waits is ${summary}`;
}
