import { zone } from '../parts/clock.ts';
import { resultOf, useFollowed } from '../parts/followed.ts';
import { CommandLine, Remarks } from '../parts/remarks.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { hrefOf, place } from '../place.ts';
import type { RunJson } from '../shapes.ts';
import { outcomesText, waitText } from '../text.ts';
import { Replay } from './replays/replay.tsx';

/** Replays of the last 90 days, newest first; those that are under way before the others. */
export function Replays() {
  const id = place.value.query.get('replay');
  return id === null ? <List /> : <Replay key={id} id={id} />;
}

function List() {
  const limit = place.value.query.get('limit');
  const answer = useFollowed('replays list', limit === null ? {} : { options: { limit: [limit] } });
  const found = resultOf<{ replays: readonly RunJson[]; more?: true }>(answer);
  const replays = found && [...found.replays].sort((a, b) => Number(isUnderWay(b)) - Number(isUnderWay(a)));
  return (
    <>
      <h2>Replays</h2>
      {!answer && <p aria-busy="true">Looking…</p>}
      <Remarks answer={answer} />
      {replays?.length === 0 && <p>No replay yet.</p>}
      {replays && replays.length > 0 && (
        <Table heads={['Id', 'Name', 'Status', 'By', 'Begun', 'Outcomes', 'Why']}>
          {replays.map((run) => (
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
      {found?.more && <a href={hrefOf('replays', { limit: String(2 * found.replays.length) })}>More replays</a>}
      <CommandLine text={answer?.command} />
    </>
  );
}

function isUnderWay({ status }: RunJson): boolean {
  return ['running', 'paused', 'stopping'].includes(status);
}
