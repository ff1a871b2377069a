import { zone } from '../parts/clock.ts';
import { resultOf, useFollowed } from '../parts/followed.ts';
import { CommandLine, Remarks } from '../parts/remarks.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { hrefOf, place } from '../place.ts';
import type { RunJson } from '../shapes.ts';
import { outcomesText, waitText } from '../text.ts';
import { Replay } from './replays/replay.tsx';

/** Replays of the last 90 days, newest first. */
export function Replays() {
  const id = place.value.query.get('replay');
  return id === null ? <List /> : <Replay key={id} id={id} />;
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
              <td>{outcomesText(run.counts)}</td>
              <td class="as-is">{waitText(run, zone.value)}</td>
            </tr>
          ))}
        </Table>
      )}
      <CommandLine text={answer?.command} />
    </>
  );
}
