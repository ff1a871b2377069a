import { MaintenanceWindowError } from '../../../core/errors.ts';
import { counted, numberText, shown } from '../../../core/text/shown.ts';
import { instantText } from '../../../core/time/time-text.ts';
import { withArchive } from '../../access/archive.ts';
import { FAILURES, type FailureGroup, type Failures, groupFailures } from '../../events/failures.ts';
import type { AddNoun } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import type { Output } from '../terminal/output.ts';
import { countValue, durationValue } from '../values.ts';
import { errorCell, idsText } from './event-cells.ts';
import { meantSelection, type TypedSelection, takesSelection } from './selection-options.ts';

interface FailuresOptions extends TypedSelection {
  readonly limit?: number;
  /** Milliseconds. */
  readonly within?: number;
}

const DEFAULT_LIMIT = 50;

/** `events failures`: what failed, by its cause. */
export const addFailures: AddNoun = (events, acting) => {
  const command = takesSelection(
    events
      .command('failures')
      .description(
        'count what failed, or may have, by function and error; numbers, ids and times in errors count as alike',
      ),
    'failed, unknown (default: both)',
  )
    .option('--limit <number>', `how many groups, the largest (default ${DEFAULT_LIMIT})`, countValue)
    .option('--within <duration>', 'stop reading after so long, and say what was found by then: 2s', durationValue)
    .action(acting(failures));
  withExamples(command, 'events failures', "events failures --function 'orders-*' --from 'yesterday 22:00'");
};

async function failures(session: Session, typed: FailuresOptions): Promise<number> {
  const other = typed.status?.find((status) => !FAILURES.includes(status));
  if (other) {
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Usage',
      `--status ${other}: what failed, or may have, is ${FAILURES.join(' or ')}; see  ${session.output.command(['events', 'list'])}`,
    );
  }
  const options = await meantSelection(session, typed);
  const { limit = DEFAULT_LIMIT, within: limitMs } = typed;
  const { output } = session;
  const done = withArchive(session, async (archive) => {
    const all = await groupFailures(session, archive, options, { limitMs, tell: progressOf(output) });
    const shownGroups = all.groups.slice(0, limit);
    const more = all.groups.length - shownGroups.length;
    const { events, isPart } = all;
    const json = {
      events,
      groups: shownGroups.map(groupJson),
      ...(more > 0 && { more }),
      ...(isPart && { atLeast: true }),
    };
    output.show(json, () => failuresText(all, shownGroups, output));
    if (isPart) output.note('read in part: leave  --within  out to read to the end, however long that takes');
    if (more > 0) output.note(`there are ${counted(more, 'group')} more: add  --limit ${all.groups.length}  for all`);
    const [largest] = shownGroups;
    if (largest?.error !== undefined && output.isTerminal)
      output.note(`to replay the first group:  ${output.command(replayOf(largest))}`);
  });
  // Where it fails, the message has its line to itself.
  await done.finally(() => output.progress?.(undefined));
  return DONE;
}

/** On a terminal: how many there are so far, ten times a second. A long index takes seconds. */
function progressOf({ progress }: Output): (found: number) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  progress?.('0 events so far');
  return (found) => {
    const now = performance.now();
    if (!progress || now - toldAt < PROGRESS_MS) return;
    toldAt = now;
    progress(`${counted(found, 'event')} so far`);
  };
}

const PROGRESS_MS = 100;

function groupJson({ functionName, error, events, firstAt, lastAt, sample }: FailureGroup): object {
  return {
    function: functionName,
    error,
    events,
    first: instantText(firstAt),
    last: instantText(lastAt),
    sample: { id: sample.id, error: sample.error },
  };
}

function failuresText(
  { events, isPart, groups }: Failures,
  shownGroups: readonly FailureGroup[],
  output: Output,
): string {
  if (events === 0) return isPart ? 'None that failed was found in time.' : 'No event failed.';
  const { times } = output;
  const names = idsText(
    shownGroups.map(({ sample }) => sample.id),
    output,
  );
  const rows = shownGroups.map(({ functionName, error, events: count, firstAt, lastAt, sample }) => [
    numberText(count),
    functionName,
    error === undefined ? '-' : errorCell(error, output),
    times.cell(firstAt),
    times.cell(lastAt),
    names(sample.id),
  ]);
  const head = ['EVENTS', 'FUNCTION', 'ERROR', times.head('FIRST'), times.head('LAST'), 'SAMPLE'];
  return `${output.table(head, rows)}\n${isPart ? 'at least ' : ''}${counted(events, 'event')} in ${counted(groups.length, 'group')}`;
}

function replayOf({ functionName, error = '' }: FailureGroup): readonly string[] {
  return ['replay', '--function', functionName, '--status', ...FAILURES, '--error-is', shown(error)];
}
