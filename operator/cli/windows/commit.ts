import { MaintenanceWindowError } from '../../../core/errors.ts';
import type { Difference } from '../../../core/windows/difference.ts';
import type { WindowEdits } from '../../../core/windows/edit.ts';
import { commitEdit, type Draft, prepareEdit } from '../../windows/draft.ts';
import type { Doubt } from '../../windows/warnings.ts';
import type { Session } from '../session.ts';
import { differenceLines } from './difference-text.ts';
import type { EditOptions } from './edit-options.ts';

/** What became of a draft. */
export type Committed =
  | { readonly kind: 'written' | 'dry-run'; readonly version: number; readonly difference: Difference }
  | { readonly kind: 'declined' };

/**
 * Writes a draft with its edits. Shows the difference instead where that was asked for; asks first where there is a doubt and
 * somebody to ask.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` for a window that protects nothing, where nobody can be asked and
 *   `--yes` was not said; `MaintenanceWindow.Conflict` where somebody else edits at the same time
 */
export async function commitDraft(
  session: Session,
  draft: Draft,
  edits: WindowEdits,
  options: EditOptions,
  doubtsOfWindow: readonly Doubt[],
): Promise<Committed> {
  const { output } = session;
  const prepared = await prepareEdit(session, draft, edits, doubtsOfWindow);
  const { difference, doubts } = prepared;
  refuseInVain(session, doubts, options);
  for (const { text } of doubts) output.warn(text);
  if (options.dryRun) return { kind: 'dry-run', version: draft.base.version, difference };
  if (doubts.length > 0 && session.isInteractive && !options.yes) {
    output.note(`${draft.parameter} would change:`, ...differenceLines(difference, output));
    if (!(await session.confirm('Write it all the same?'))) {
      output.note('nothing was changed');
      return { kind: 'declined' };
    }
  }
  session.interrupted(); // a write that met another one has to be put right, whatever the operator's patience
  return { kind: 'written', version: await commitEdit(session, prepared), difference };
}

/** Nobody may believe in a window that protects nothing: it is not written where nobody has seen that. */
function refuseInVain({ isInteractive }: Session, doubts: readonly Doubt[], { yes, dryRun }: EditOptions): void {
  const inVain = doubts.filter(({ vainUnless }) => vainUnless !== undefined);
  if (inVain.length === 0 || yes || dryRun || isInteractive) return;
  throw new MaintenanceWindowError(
    'MaintenanceWindow.Usage',
    `${inVain.map(({ text }) => text).join('; ')}: nothing was written; if ${inVain[0]?.vainUnless}, say --yes`,
  );
}
