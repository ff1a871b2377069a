import { useState } from 'preact/hooks';
import { counted } from '../../../../core/text/shown.ts';
import { zone } from '../parts/clock.ts';
import { resultOf, useFollowed } from '../parts/followed.ts';
import { CommandLine, Remarks } from '../parts/remarks.tsx';
import { selectionIn } from '../parts/selection.ts';
import { place } from '../place.ts';
import type { BacklogJson } from '../shapes.ts';
import { sizeText } from '../text.ts';
import { BacklogCourse } from './backlog-course.tsx';
import { EmptyAt } from './backlog-empty.tsx';
import { Matrix } from './backlog-matrix.tsx';

/** What waits, how that came about, and what can be done about it. */
export function Backlog() {
  const { function: functions, source } = selectionIn(place.value.query, zone.value);
  const options = { ...(functions && { function: functions }), ...(source && { source }) };
  const [rate, setRate] = useState(50);
  const answer = useFollowed('events backlog', { options });
  const backlog = resultOf<BacklogJson>(answer);
  return (
    <>
      <h2>Backlog</h2>
      {!answer && <p aria-busy="true">Looking…</p>}
      <Remarks answer={answer} />
      {backlog && (
        <>
          <p aria-live="polite">
            <strong>{waitText(backlog)}</strong>
          </p>
          {backlog.events > 0 && <EmptyAt backlog={backlog} rate={rate} setRate={setRate} />}
          <BacklogCourse options={options} backlog={backlog} />
          <Matrix groups={backlog.groups} rate={rate} />
        </>
      )}
      <CommandLine text={answer?.command} />
    </>
  );
}

function waitText({ events, bytes, atLeast }: BacklogJson): string {
  if (events === 0) return atLeast ? 'Nothing was counted in time: it is counted again.' : 'Nothing waits.';
  return `${atLeast ? 'At least ' : ''}${counted(events, 'event')} wait${events === 1 ? 's' : ''}, ${sizeText(bytes)}`;
}
