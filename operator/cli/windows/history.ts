import { FAULTS } from '../../../core/errors.ts';
import { numberText, shown } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/time/instant.ts';
import type { Difference } from '../../../core/windows/difference.ts';
import { remarkOf } from '../../access/remedy.ts';
import { callerText } from '../../windows/caller.ts';
import { type Change, readHistory } from '../../windows/history.ts';
import type { AddNoun } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import { countValue } from '../values.ts';
import { changeJson, changeText } from './change-text.ts';
import { differenceText } from './difference-text.ts';

interface HistoryOptions {
  readonly count?: number;
  readonly diff?: boolean;
}

const DEFAULT_COUNT = 10;

/** `history`: who changed what, and when. */
export const addHistory: AddNoun = (program, acting) => {
  const command = program
    .command('history')
    .description('show who began, extended, ended, edited, added and removed which window, and when, newest first')
    .option('--count <number>', `how many versions of the parameter (default ${DEFAULT_COUNT})`, countValue)
    .option('--diff', 'the lines that each version took out and added, instead')
    .action(acting(history));
  withExamples(command, 'history', 'history --count 3', 'history --diff', 'history -o json');
};

async function history(session: Session, { count, diff }: HistoryOptions): Promise<number> {
  const { output, settings } = session;
  const { now, changes, older, faults } = await readHistory(session, count ?? DEFAULT_COUNT);
  for (const fault of faults) output.warn(remarkOf(fault));
  output.show({ changes: changes.map(versionJson), older }, () =>
    diff
      ? changes.map((change) => versionText(change, output, now)).join('\n\n')
      : output.table(
          [output.times.head('WHEN'), ...(settings.parameters.length > 1 ? ['PARAMETER'] : []), 'WHO', 'WHAT', 'WHY'],
          changes.flatMap((change) => rowsOf(change, output, now, settings.parameters.length > 1)),
        ),
  );
  if (count === undefined && older > 0) {
    const which = older === 1 ? '1 version is' : `${numberText(older)} versions are`;
    output.note(`${which} older, and not shown: add --count ${changes.length + older}`);
  }
  return faults[0] ? FAULTS[faults[0].name].exitCode : DONE;
}

/** One line for each thing that a version changed. */
function rowsOf(
  { parameter, at, by, reason, changes }: Change,
  { times }: Session['output'],
  now: number,
  hasParameter: boolean,
): readonly (readonly string[])[] {
  return changes.map((change) => [
    times.cellFromNow(at, now),
    ...(hasParameter ? [parameter] : []),
    shown(callerText(by)),
    changeText(change, times.cell),
    reason === undefined ? '-' : shown(reason),
  ]);
}

function versionText(change: Change, output: Session['output'], now: number): string {
  const { parameter, version, at, by = 'somebody', isFirst, difference, malformed } = change;
  const { bold, dim, red } = output.paint;
  return [
    `${bold(`${parameter}, version ${version}`)}  ${output.times.fromNow(at, now)}  ${shown(by)}`,
    ...(malformed === undefined ? [] : [red(`malformed: ${shown(malformed)}`)]),
    ...(isFirst ? [dim(beginningText(change))] : []),
    ...(isFirst && isEmpty(difference) ? [] : [differenceText(difference, output)]),
  ].join('\n');
}

/** What there was before the oldest version, and what that says. */
function beginningText({ version, difference }: Change): string {
  if (version === 1) return `(the parameter was created${isEmpty(difference) ? ', without windows' : ' with this'})`;
  return `(SSM has no older version; this one ${isEmpty(difference) ? 'has no windows' : 'says'})`;
}

function isEmpty({ added, removed }: Difference): boolean {
  return added.length === 0 && removed.length === 0;
}

function versionJson({ parameter, version, at, by, reason, changes, difference, malformed, text }: Change): object {
  return {
    parameter,
    version,
    at: instantToText(at),
    by,
    reason,
    changes: changes.map(changeJson),
    ...difference,
    malformed,
    text,
  };
}
