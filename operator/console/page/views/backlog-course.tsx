import { useMemo, useState } from 'preact/hooks';
import { counted } from '../../../../core/text/shown.ts';
import type { Given } from '../api.ts';
import { resultOf, useFollowed } from '../parts/followed.ts';
import { MOST_SERIES, Plot } from '../parts/plot.tsx';
import { CommandLine } from '../parts/remarks.tsx';
import { byName, largestOf, type Series } from '../parts/series.ts';
import type { BacklogJson, CourseJson } from '../shapes.ts';

const SPANS = ['3h', '12h', '24h', '7d'] as const;
type By = 'function' | 'source';

interface BacklogCourseProps {
  readonly options: NonNullable<Given['options']>;
  /** As it is now. */
  readonly backlog: BacklogJson;
}

/** What waited over time, by function or by source. */
export function BacklogCourse({ options, backlog }: BacklogCourseProps) {
  const [last, setLast] = useState<string>('12h');
  const [by, setBy] = useState<By>('function');
  const answer = useFollowed('events backlog', { options: { ...options, last: [last] } });
  const course = resultOf<BacklogJson>(answer)?.course;
  const isMeasured = by === 'function' && course?.measured !== undefined;
  const drawn = useMemo(() => course && drawnOf(course, by, backlog), [course, by, backlog]);
  return (
    <section aria-label="Over time">
      <h3>Over time</h3>
      <div class="filters">
        <label>
          Over the last
          <select value={last} onChange={(event) => setLast(event.currentTarget.value)}>
            {SPANS.map((span) => (
              <option key={span} value={span}>
                {span}
              </option>
            ))}
          </select>
        </label>
        <label>
          By
          <select value={by} onChange={(event) => setBy(event.currentTarget.value as By)}>
            <option value="function">function</option>
            <option value="source">source</option>
          </select>
        </label>
      </div>
      {answer === undefined && <p aria-busy="true">Looking at what the monitor measured…</p>}
      {course && (
        <p>
          <small>{sourceText(course, by, isMeasured, backlog)}</small>
        </p>
      )}
      {drawn && drawn.series.length > 0 && (
        <Plot label={`What waited, by ${by}`} times={drawn.times} series={drawn.series} isStacked />
      )}
      <CommandLine text={answer?.command} />
    </section>
  );
}

function sourceText(course: CourseJson, by: By, isMeasured: boolean, backlog: BacklogJson): string {
  if (isMeasured) return 'All that waited, failed events too, as the monitor measured it.';
  const why = by === 'function' ? `What the monitor measured is not known: ${course.measuredUnknown}. ` : '';
  const which = backlog.atLeast
    ? `Of the ${counted(backlog.events, 'event')} that were counted in time`
    : 'Of what waits now';
  return `${why}${which}, how much had been deferred by then; what was replayed since is not among it.`;
}

/** Instants are the ends of the periods. What waits now is the last value, where it was counted whole. */
function drawnOf(
  { from, periodSeconds, measured, deferred }: CourseJson,
  by: By,
  { at, groups, atLeast }: BacklogJson,
): { readonly times: readonly number[]; readonly series: readonly Series[] } {
  const now = Date.parse(at);
  const all = byName(
    by === 'function' && measured
      ? measured.map((each) => ({ name: each.function, values: each.events }))
      : deferred.map((each) => ({ name: each[by], values: each.events })),
  );
  const periods = all[0]?.values.length ?? 0;
  const ends = Array.from({ length: periods }, (_, index) => Date.parse(from) + (index + 1) * periodSeconds * 1_000);
  const past = ends.filter((end) => end < now);
  const current = (name: string) => groups.reduce((sum, group) => sum + (group[by] === name ? group.events : 0), 0);
  const series = all.map(({ name, values }) => ({
    name,
    values: [...values.slice(0, past.length), ...(atLeast ? [] : [current(name)])],
  }));
  const times = atLeast ? past : [...past, now];
  return {
    times,
    series: largestOf(
      series.filter(({ values }) => values.some(Boolean)),
      MOST_SERIES,
      `other ${by}s`,
    ),
  };
}
