import { counted, numberText } from '../../../../core/text/shown.ts';
import { Do } from '../parts/action.tsx';
import { now } from '../parts/clock.ts';
import { Table } from '../parts/table.tsx';
import { hrefOf } from '../place.ts';
import type { BacklogGroupJson } from '../shapes.ts';
import { distanceText, sizeText } from '../text.ts';
import { ExportButton } from './export-button.tsx';

const STATUSES = ['pending', 'failed', 'unknown', 'replaying'] as const;
/** Rules and schedules: what they missed may be worth its last run alone. */
const SCHEDULED = 'eventbridge';

interface MatrixProps {
  readonly groups: readonly BacklogGroupJson[];
  /** Events a second, for who goes on to replay. */
  readonly rate: number;
}

/** What waits by function, source and status, and what can be done with each row. */
export function Matrix({ groups, rate }: MatrixProps) {
  const rows = [...Map.groupBy(groups, ({ function: name, source }) => `${name} ${source}`).values()];
  if (rows.length === 0) return null;
  return (
    <Table heads={['Function', 'Source', ...STATUSES, 'Actions']}>
      {rows.map((row) => (
        <Row key={`${row[0]?.function} ${row[0]?.source}`} row={row} rate={rate} />
      ))}
    </Table>
  );
}

function Row({ row, rate }: { readonly row: readonly BacklogGroupJson[]; readonly rate: number }) {
  const { function: name = '', source = '' } = row[0] ?? {};
  const whose = { function: name, source };
  const options = { function: [name], source: [source] };
  const on = `of ${name}, ${source}`;
  const events = row.reduce((sum, group) => sum + group.events, 0);
  const pending = row.find(({ status }) => status === 'pending')?.events ?? 0;
  return (
    <tr>
      <th scope="row" class="as-is">
        <a href={hrefOf('events', { function: name })}>{name}</a>
      </th>
      <td>{source}</td>
      {STATUSES.map((status) => (
        <Cell
          key={status}
          group={row.find((each) => each.status === status)}
          href={hrefOf('events', { ...whose, status })}
        />
      ))}
      <td>
        <div class="buttons">
          <a class="go" href={hrefOf('events', { ...whose, rate: `${rate}/s` })} aria-label={`Replay… ${on}`}>
            Replay…
          </a>
          {source === SCHEDULED && (
            <Do
              isQuiet
              on={on}
              doing={{
                title: `Replay the last run of each schedule of ${name}, and discard the others`,
                name: 'replay',
                given: { options: { ...options, 'latest-per': ['resource'] } },
                isPlanned: true,
              }}
            >
              Keep the latest…
            </Do>
          )}
          <Do
            isQuiet
            on={on}
            doing={{
              title: `Discard ${counted(pending, 'pending event')} of ${name}`,
              name: 'events discard',
              given: { options },
              isPlanned: true,
            }}
          >
            Discard…
          </Do>
          <ExportButton options={options} events={events} whose={`${name}, ${source}`} />
        </div>
      </td>
    </tr>
  );
}

function Cell({ group, href }: { readonly group: BacklogGroupJson | undefined; readonly href: string }) {
  if (!group) return <td>–</td>;
  const { status, events, bytes, oldestAt } = group;
  return (
    <td class={`count ${status}`}>
      <a href={href}>
        <strong>{numberText(events)}</strong>
      </a>{' '}
      <small>
        {sizeText(bytes)}
        <br />
        <time dateTime={oldestAt} title={oldestAt}>
          {distanceText(oldestAt, now.value)}
        </time>
      </small>
    </td>
  );
}
