import { FAULTS } from '../../../core/errors.ts';
import { shown } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/windows/instant.ts';
import { fromNow } from '../../../core/windows/time-text.ts';
import { type Change, readHistory } from '../../windows/history.ts';
import type { AddNoun } from '../command.ts';
import { withExamples } from '../examples.ts';
import { DONE } from '../exit-code.ts';
import type { Session } from '../session.ts';
import { countValue } from '../values.ts';
import { differenceText } from './difference-text.ts';

interface HistoryOptions {
  readonly count: number;
}

const DEFAULT_COUNT = 10;

/** `history`: who changed what, and when. */
export const addHistory: AddNoun = (program, acting) => {
  const command = program
    .command('history')
    .description('show who changed which window, and when, newest first')
    .option('--count <number>', 'how many changes', countValue, DEFAULT_COUNT)
    .action(acting(history));
  withExamples(command, 'history', 'history --count 3', 'history -o json');
};

async function history(session: Session, { count }: HistoryOptions): Promise<number> {
  const { output } = session;
  const { now, changes, faults } = await readHistory(session, count);
  for (const { message } of faults) output.warn(message);
  output.show({ changes: changes.map(changeJson) }, () =>
    changes.map((change) => changeText(change, output, now)).join('\n\n'),
  );
  return faults[0] ? FAULTS[faults[0].name].exitCode : DONE;
}

function changeText(change: Change, output: Session['output'], now: number): string {
  const { parameter, version, at, by = 'somebody', isFirst, difference, malformed } = change;
  const { bold, dim, red } = output.paint;
  return [
    `${bold(`${parameter}, version ${version}`)}  ${fromNow(at, now)}  ${shown(by)}`,
    ...(malformed === undefined ? [] : [red(`malformed: ${shown(malformed)}`)]),
    ...(isFirst ? [dim('(the first version that SSM still has: all that it says)')] : []),
    differenceText(difference, output),
  ].join('\n');
}

function changeJson({ parameter, version, at, by, difference, malformed, text }: Change): object {
  return { parameter, version, at: instantToText(at), by, ...difference, malformed, text };
}
