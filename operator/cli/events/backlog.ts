import { numberText } from '../../../core/text/shown.ts';
import { instantText } from '../../../core/time/time-text.ts';
import { withArchive } from '../../access/archive.ts';
import { type Backlog, readBacklog } from '../../events/backlog.ts';
import { type BacklogCourse, readBacklogCourse } from '../../events/backlog-course.ts';
import type { SelectionOptions } from '../../events/select/selection.ts';
import type { AddNoun } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import type { Output } from '../terminal/output.ts';
import { durationValue } from '../values.ts';
import { countsJson, countsText } from './counts-text.ts';
import { takesWhose } from './selection-options.ts';

interface BacklogOptions extends Pick<SelectionOptions, 'function' | 'source'> {
  /** Milliseconds. */
  readonly last?: number;
  readonly countAll?: boolean;
}

/** `events backlog`: what waits, at once, and how it came about. */
export const addBacklog: AddNoun = (events, acting) => {
  const command = takesWhose(
    events
      .command('backlog')
      .description('say at once what waits, by function, source and status; of very many events it counts a part'),
  )
    .option(
      '--last <duration>',
      'how that came about, too, over so long: 6h, 7d; as the monitor measured it',
      durationValue,
    )
    .option('--count-all', 'count all of them, however long that takes')
    .action(acting(backlog));
  withExamples(command, 'events backlog', "events backlog --function 'orders-*' --last 6h", 'events backlog -o json');
};

async function backlog(session: Session, { last, countAll, ...filter }: BacklogOptions): Promise<number> {
  const { output } = session;
  const query = { ...filter, ...(countAll && { countsAll: true }) };
  await withArchive(session, async (archive) => {
    const found: Backlog & { readonly course?: BacklogCourse } =
      last === undefined
        ? await readBacklog(session, archive, query)
        : await readBacklogCourse(session, archive, query, last);
    output.show(backlogJson(found), () => backlogText(found, output));
    const { isPart, course } = found;
    if (isPart) output.note(`counted in part: add  --count-all  to count to the end, however long that takes`);
    if (course?.measured.kind === 'unknown')
      output.note(
        `what the monitor measured is not known: ${course.measured.why}; it shows when what waits was deferred`,
      );
  });
  return DONE;
}

function backlogJson({ counts, isPart, now, course }: Backlog & { readonly course?: BacklogCourse }): object {
  return {
    at: instantText(now),
    ...countsJson(counts),
    ...(isPart && { atLeast: true }),
    ...(course && { course: courseJson(course) }),
  };
}

function courseJson({ fromAt, untilAt, periodMs, measured, deferred }: BacklogCourse): object {
  return {
    from: instantText(fromAt),
    until: instantText(untilAt),
    periodSeconds: periodMs / 1_000,
    ...(measured.kind === 'known'
      ? {
          measured: measured.functions.map(({ functionName, events }) => ({
            function: functionName,
            events: events.map((each) => each ?? null),
          })),
        }
      : { measuredUnknown: measured.why }),
    deferred: deferred.map(({ functionName, ...more }) => ({ function: functionName, ...more })),
  };
}

function backlogText(
  { counts, isPart, course }: Backlog & { readonly course?: BacklogCourse },
  output: Output,
): string {
  const waits = counts.events === 0 && isPart ? 'Nothing was counted in time.' : countsText(counts, output, isPart);
  return course ? `${waits}\n\n${courseText(course, output)}` : waits;
}

/** Lines that a terminal has room for. */
const MOST_LINES = 12;

/** Sums of all functions, at a few of its instants. */
function courseText({ fromAt, periodMs, untilAt, measured, deferred }: BacklogCourse, output: Output): string {
  const courses = measured.kind === 'known' ? measured.functions : deferred;
  const periods = (untilAt - fromAt) / periodMs;
  const step = Math.ceil(periods / MOST_LINES);
  const rows = Array.from({ length: Math.ceil(periods / step) }, (_, line) => {
    const period = periods - 1 - line * step;
    const values = courses.map(({ events }) => events[period]);
    const isKnown = values.every((each) => each !== undefined);
    const sum = values.reduce<number>((all, each) => all + (each ?? 0), 0);
    return [output.times.cell(fromAt + period * periodMs), isKnown ? numberText(sum) : '-'];
  }).reverse();
  const what = measured.kind === 'known' ? 'WAITED' : 'OF THEM DEFERRED';
  return output.table([output.times.head('FROM'), what], rows);
}
