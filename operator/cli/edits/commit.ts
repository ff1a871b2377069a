import { MaintenanceWindowError } from '../../../core/errors.ts';
import type { Operator } from '../../access/operator.ts';
import { type Prepared, refuseOtherVersion, type Written } from '../../edits/draft.ts';
import type { Doubt } from '../../windows/warnings.ts';
import type { Session } from '../session.ts';
import { differenceLines } from '../windows/difference-text.ts';
import type { EditOptions } from './edit-options.ts';

/** What became of a prepared edit. */
export type Committed<Outcome> =
  | { readonly kind: 'written'; readonly outcome: Outcome }
  | { readonly kind: 'dry-run' }
  | { readonly kind: 'declined' };

/** Something that is soon typed by mistake: what it comes to, and the question. */
export interface Slip {
  readonly text: string;
  readonly question: string;
}

const CONDITIONS: Readonly<Record<NonNullable<Doubt['vainUnless']>, string>> = {
  meant: 'that is meant',
  'parameter-right': 'the name, --profile and --region are right',
  'functions-right': 'the names, --profile and --region are right',
};

/**
 * Writes a prepared edit; not where only the difference was asked for. Asks first where there is a doubt and somebody to ask.
 *
 * @param write the second half of the operation that prepared it
 * @param slip what is asked on a terminal, although there is no doubt
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` for a window that protects nothing, where nobody can be asked and
 *   `--yes` was not said; what `write` rejects with
 */
export async function commit<Edit extends Prepared, Outcome extends Written>(
  session: Session,
  prepared: Edit,
  options: EditOptions,
  write: (operator: Operator, prepared: Edit) => Promise<Outcome>,
  slip?: Slip,
): Promise<Committed<Outcome>> {
  const { output } = session;
  const { draft, difference, doubts, notes } = prepared;
  if (options.ifVersion !== undefined) refuseOtherVersion(prepared, options.ifVersion, output.times);
  for (const note of notes) output.note(note);
  refuseInVain(session, doubts, options);
  for (const { text } of doubts) output.warn(text);
  if (options.dryRun) return { kind: 'dry-run' };
  if ((doubts.length > 0 || slip) && session.isInteractive && !options.yes) {
    if (slip) output.note(slip.text);
    output.note(`${draft.parameter} would change:`, ...differenceLines(difference, output));
    if (!(await session.confirm(slip && doubts.length === 0 ? slip.question : 'Write it all the same?'))) {
      output.note('nothing was changed');
      return { kind: 'declined' };
    }
  }
  if (!(await session.mayChange(options))) return { kind: 'declined' };
  session.interrupted(); // a write that met another one has to be put right, whatever the operator's patience
  const outcome = await write(session, prepared);
  if (outcome.isUnchecked) {
    output.warn(
      `version ${outcome.version} is written, and SSM did not tell whether it is still in force: look (${output.command(['status'])})`,
    );
  }
  return { kind: 'written', outcome };
}

/** Nobody may believe in a window that protects nothing: it is not written where nobody has seen that. */
function refuseInVain({ isInteractive }: Session, doubts: readonly Doubt[], { yes, dryRun }: EditOptions): void {
  const inVain = doubts.filter(({ vainUnless }) => vainUnless !== undefined);
  const [first] = inVain;
  if (first?.vainUnless === undefined || yes || dryRun || isInteractive) return;
  throw new MaintenanceWindowError(
    'MaintenanceWindow.Usage',
    `${inVain.map(({ text }) => text).join('; ')}: nothing was written; if ${CONDITIONS[first.vainUnless]}, say --yes`,
  );
}
