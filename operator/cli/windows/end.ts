import { FAULTS } from '../../../core/errors.ts';
import { counted } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/windows/instant.ts';
import { fromNow, instantText } from '../../../core/windows/time-text.ts';
import { functionsText, reasonText, windowJson } from '../../../core/windows/window-text.ts';
import {
  commitEnd,
  type Ended,
  type NothingToEnd,
  type PreparedEnd,
  prepareEnd,
  type StillActive,
} from '../../windows/end.ts';
import type { PlacedWindow } from '../../windows/known-windows.ts';
import type { AddNoun } from '../command.ts';
import { withExamples } from '../examples.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import type { Session } from '../session.ts';
import type { Output } from '../terminal/output.ts';
import { commit } from './commit.ts';
import { differenceText } from './difference-text.ts';
import { type EditOptions, takesEdits } from './edit-options.ts';

/** After a dry run nothing has ended yet. */
const NOT_LOOKED_AT: StillActive = { windows: [], faults: [], warnings: [] };

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
  const { edit: parameter } = options;
  const prepared = await prepareEnd(session, { ids, ...(parameter !== undefined && { parameter }) });
  if (prepared.kind === 'none-active') return tellNoneEnded(output, prepared);
  const committed = await commit(session, prepared, options, commitEnd);
  if (committed.kind === 'declined') return NOT_ALL_DONE;

  const { draft, ending, difference } = prepared;
  const ended = committed.kind === 'written' ? committed.outcome : undefined;
  const { version, stillActive } = ended ?? { version: draft.base.version, stillActive: NOT_LOOKED_AT };
  for (const warning of stillActive.warnings) output.warn(warning);
  output.show(
    {
      written: ended !== undefined,
      parameter: draft.parameter,
      version,
      ended: ending.map(({ id, window }) => ({ id, ...windowJson(window) })),
      ...(ended && { seenBy: instantToText(ended.seenAt) }),
      stillActive: stillActive.windows.map(placeJson),
      ...difference,
    },
    () =>
      ended
        ? endedText(output, prepared, ended)
        : `${draft.parameter}, version ${version}, would change:\n${differenceText(difference, output)}`,
  );
  warnOfActive(output, 'still active', stillActive);
  return ids.length > 0 ? DONE : exitCodeOf(stillActive);
}

function tellNoneEnded(output: Output, { parameter, elsewhere }: NothingToEnd): number {
  for (const warning of elsewhere.warnings) output.warn(warning);
  output.show(
    { written: false, parameter, ended: [], stillActive: elsewhere.windows.map(placeJson) },
    () => `No window of ${parameter} is active.`,
  );
  warnOfActive(output, 'active', elsewhere);
  return exitCodeOf(elsewhere);
}

function placeJson({ id, parameter }: PlacedWindow): object {
  return { id, parameter: parameter.name };
}

function warnOfActive(output: Output, how: string, { windows }: StillActive): void {
  for (const { id, parameter, window } of windows) {
    output.warn(
      `${how}: ${id} in ${parameter.name} (${functionsText(window)}, ${reasonText(window)}); to end it:  maintenance-window end ${id} --edit ${parameter.name}`,
    );
  }
}

/** Where everything was to end: whether it has, and whether that is known. */
function exitCodeOf({ windows, faults }: StillActive): number {
  if (windows.length > 0) return NOT_ALL_DONE;
  return faults[0] ? FAULTS[faults[0].name].exitCode : DONE;
}

function endedText(output: Output, { draft, ending }: PreparedEnd, { version, seenAt, now }: Ended): string {
  const { bold, green } = output.paint;
  return [
    `${bold(green('Ended'))}: ${counted(ending.length, 'window')} in ${draft.parameter}, version ${version}`,
    ...ending.map(
      ({ id, window, occurrence }) =>
        `  ${id}  ${functionsText(window)}, since ${instantText(occurrence.startAt)}, ${reasonText(window)}`,
    ),
    `  every function has seen it by ${fromNow(seenAt, now)}`,
    '  to replay what was stored  maintenance-window replay',
  ].join('\n');
}
