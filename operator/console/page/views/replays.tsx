import { numberText } from '../../../../core/text/shown.ts';
import { Do } from '../parts/action.tsx';
import { resultOf, useFollowed } from '../parts/followed.ts';
import { CommandLine, Remarks } from '../parts/remarks.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { hrefOf, place } from '../place.ts';
import type { RunJson } from '../shapes.ts';

/** Replays of the last 90 days, newest first. */
export function Replays() {
  const id = place.value.query.get('replay');
  return id === null ? <List /> : <One id={id} />;
}

function List() {
  const answer = useFollowed('replays list');
  const found = resultOf<{ replays: readonly RunJson[] }>(answer);
  return (
    <>
      <h2>Replays</h2>
      {!answer && <p aria-busy="true">Looking…</p>}
      <Remarks answer={answer} />
      {found?.replays.length === 0 && <p>No replay yet.</p>}
      {found && found.replays.length > 0 && (
        <Table heads={['Id', 'Name', 'Status', 'By', 'Begun', 'Outcomes', 'Why']}>
          {found.replays.map((run) => (
            <tr key={run.id}>
              <td>
                <a href={hrefOf('replays', { replay: run.id })}>
                  <code>{run.id}</code>
                </a>
              </td>
              <td>{run.name}</td>
              <td>
                <span class={`status ${run.status}`}>{run.status}</span>
              </td>
              <td>{run.by}</td>
              <td>
                <Time at={run.startedAt} isBare />
              </td>
              <td>{outcomesText(run)}</td>
              <td class="as-is">{run.why ?? run.waiting?.why}</td>
            </tr>
          ))}
        </Table>
      )}
      <CommandLine text={answer?.command} />
    </>
  );
}

function One({ id }: { readonly id: string }) {
  const answer = useFollowed('replays show', { names: [id] });
  const run = resultOf<RunJson>(answer);
  const given = { names: [id] };
  const isUnderWay = run !== undefined && ['running', 'paused', 'stopping'].includes(run.status);
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
          <dl>
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
            <dt>Rate</dt>
            <dd>
              {run.ratePerSecond === undefined ? 'none' : `${run.ratePerSecond}/s`}, {run.concurrency} at once
            </dd>
            <dt>Outcomes</dt>
            <dd>{outcomesText(run)}</dd>
            {(run.why ?? run.waiting) !== undefined && (
              <>
                <dt>Why</dt>
                <dd class="as-is">{run.why ?? run.waiting?.why}</dd>
              </>
            )}
          </dl>
          <p>
            <a href={hrefOf('events', { run: id })}>Its events</a>
          </p>
          {isUnderWay && (
            <div class="buttons">
              {run.status === 'paused' ? (
                <Do doing={{ title: `Resume ${id}`, name: 'replays resume', given, isPlanned: false }}>Resume</Do>
              ) : (
                <Do doing={{ title: `Pause ${id}`, name: 'replays pause', given, isPlanned: false }}>Pause</Do>
              )}
              {['10/s', '50/s', '200/s'].map((rate) => (
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
          )}
        </>
      )}
      <CommandLine text={answer?.command} />
    </>
  );
}

function outcomesText({ counts }: RunJson): string {
  const texts = Object.entries(counts).map(([outcome, count]) => `${numberText(count)} ${outcome}`);
  return texts.length === 0 ? 'nothing yet' : texts.join(', ');
}
