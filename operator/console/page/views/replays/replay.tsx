import { useEffect, useState } from 'preact/hooks';
import { numberText } from '../../../../../core/text/shown.ts';
import { Do } from '../../parts/action.tsx';
import { zone } from '../../parts/clock.ts';
import { resultOf, useFollowed } from '../../parts/followed.ts';
import { CommandLine, Remarks } from '../../parts/remarks.tsx';
import { Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { hrefOf } from '../../place.ts';
import type { WholeRunJson } from '../../shapes.ts';
import { outcomesText, waitText } from '../../text.ts';
import { Again } from './again.tsx';
import { failedOf, NOTHING_SEEN, seenOf } from './course.ts';
import { canaryText, Live, stopText } from './live.tsx';

/** One replay: how far it is, and what can be done with it. */
export function Replay({ id }: { readonly id: string }) {
  const answer = useFollowed('replays show', { names: [id] });
  const run = resultOf<WholeRunJson>(answer);
  const [watched, setWatched] = useState(NOTHING_SEEN);
  useEffect(() => {
    if (run) setWatched((before) => seenOf(before, run));
  }, [run]);
  return (
    <>
      <p>
        <a href={hrefOf('replays')}>All replays</a>
      </p>
      <h2>
        {run?.name ?? id} {run && <span class={`status ${run.status}`}>{run.status}</span>}
      </h2>
      {!answer && <p aria-busy="true">Looking…</p>}
      <Remarks answer={answer} />
      {run && (
        <>
          <Controls run={run} />
          <Live run={run} watched={watched} />
          <Facts run={run} />
          {run.shareCount > 1 && <Shares run={run} />}
        </>
      )}
      <CommandLine text={answer?.command} />
    </>
  );
}

function Controls({ run }: { readonly run: WholeRunJson }) {
  const { id, status, plan } = run;
  const given = { names: [id] };
  // copies leave the events as they are: what failed is not theirs
  const resume = <Do doing={{ title: `Resume ${id}`, name: 'replays resume', given, isPlanned: false }}>Resume</Do>;
  if (status === 'lost' && run.execution !== undefined) return <div class="buttons">{resume}</div>;
  if (!UNDER_WAY.includes(status)) return failedOf(run) > 0 && plan.to === undefined ? <Again run={run} /> : null;
  return (
    <div class="buttons">
      {status === 'paused' ? (
        resume
      ) : (
        <Do doing={{ title: `Pause ${id}`, name: 'replays pause', given, isPlanned: false }}>Pause</Do>
      )}
      {RATES.map((rate) => (
        <Do
          key={rate}
          isQuiet
          doing={{
            title: `Set ${id} to ${rate}`,
            name: 'replays set',
            given: { ...given, options: { rate: [rate] } },
            isPlanned: false,
          }}
        >
          {rate}
        </Do>
      ))}
      <Do isQuiet doing={{ title: `Cancel ${id}`, name: 'replays cancel', given, isPlanned: false }}>
        Cancel
      </Do>
    </div>
  );
}

const UNDER_WAY: readonly string[] = ['running', 'paused', 'stopping'];
const RATES = ['10/s', '50/s', '200/s'];

function Facts({ run }: { readonly run: WholeRunJson }) {
  const why = waitText(run, zone.value);
  return (
    <dl>
      {why !== undefined && (
        <>
          <dt>{run.why === undefined ? 'Waits' : 'Why'}</dt>
          <dd class="as-is">{why}</dd>
        </>
      )}
      <dt>Outcomes</dt>
      <dd>
        {outcomesText(run.counts)} (<a href={hrefOf('events', { run: run.id })}>its events</a>)
      </dd>
      {run.left && (
        <>
          <dt>Left</dt>
          <dd>
            {numberText(run.left.events)}
            {run.left.isMore ? ' or more' : ''} pending{' '}
            <a href={hrefOf('events', { function: run.functions })}>events</a>, deferred under other windows: they wait
            for somebody
          </dd>
        </>
      )}
      <dt>Rate</dt>
      <dd>
        {run.ratePerSecond === undefined ? 'none' : `${run.ratePerSecond}/s`}, {run.concurrency} at once
      </dd>
      {run.plan.canary !== undefined && (
        <>
          <dt>Canary</dt>
          <dd>{canaryText(run)}</dd>
        </>
      )}
      <dt>Stops</dt>
      <dd>{stopText(run)}</dd>
      <dt>By</dt>
      <dd>
        {run.by}, from {run.from}
      </dd>
      <dt>Reason</dt>
      <dd>{run.reason ?? 'none was given'}</dd>
      <dt>Begun</dt>
      <dd>
        <Time at={run.startedAt} />
      </dd>
      {run.endedAt !== undefined && (
        <>
          <dt>Ended</dt>
          <dd>
            <Time at={run.endedAt} />
          </dd>
        </>
      )}
    </dl>
  );
}

/** Of a drain: a function each, or part of one. */
function Shares({ run: { shares, shareCount } }: { readonly run: WholeRunJson }) {
  const later = shareCount - shares.length;
  return (
    <>
      <h3>Shares</h3>
      <Table heads={['Share', 'Function', 'State', 'Outcomes', 'Why']}>
        {shares.map((share) => (
          <tr key={share.number}>
            <th scope="row">{share.number}</th>
            <td>{share.function}</td>
            <td>{share.state}</td>
            <td>{outcomesText(share.counts)}</td>
            <td class="as-is">{waitText(share, zone.value)}</td>
          </tr>
        ))}
      </Table>
      {later > 0 && <p>{later} not begun yet</p>}
    </>
  );
}
