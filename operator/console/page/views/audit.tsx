import { counted } from '../../../../core/text/shown.ts';
import { resultOf, useFollowed } from '../parts/followed.ts';
import { CommandLine, Remarks } from '../parts/remarks.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { hrefOf } from '../place.ts';
import { changesText } from '../text.ts';

interface EntryJson {
  readonly at: string;
  readonly kind: string;
  readonly by?: string;
  readonly reason?: string;
  readonly parameter?: string;
  readonly version?: number;
  readonly changes?: readonly { readonly kind: string; readonly id?: string }[];
  readonly replay?: string;
  readonly name?: string;
  readonly status?: string;
  readonly events?: number;
  readonly functions?: readonly string[];
  readonly ids?: readonly string[];
}

/** Who did what. */
export function Audit() {
  const answer = useFollowed('audit', { options: { limit: ['100'] } });
  const found = resultOf<{ entries: readonly EntryJson[] }>(answer);
  return (
    <>
      <h2>Audit</h2>
      {!answer && <p aria-busy="true">Looking…</p>}
      <Remarks answer={answer} />
      {found?.entries.length === 0 && <p>Nothing yet.</p>}
      {found && found.entries.length > 0 && (
        <Table heads={['When', 'Who', 'What', 'Why']}>
          {found.entries.map((entry) => (
            <tr key={JSON.stringify(entry)}>
              <td>
                <Time at={entry.at} isBare />
              </td>
              <td>{entry.by ?? 'somebody'}</td>
              <td>
                <What entry={entry} />
              </td>
              <td class="as-is">{entry.reason}</td>
            </tr>
          ))}
        </Table>
      )}
      <CommandLine text={answer?.command} />
    </>
  );
}

function What({ entry }: { readonly entry: EntryJson }) {
  const { kind, changes = [], parameter, version, replay, name, status, events = 0, functions = [], ids = [] } = entry;
  switch (kind) {
    case 'windows':
      return (
        <>
          {changesText(changes)} ({parameter}, version {version})
        </>
      );
    case 'replay':
      return (
        <>
          replay <a href={hrefOf('replays', { replay: replay ?? '' })}>{replay}</a> of {name}, {status}
        </>
      );
    default:
      return (
        <>
          {kind === 'looked' ? 'looked at the body of' : kind} {counted(events, 'event')} of {functions.join(', ')}{' '}
          {ids.map((id) => (
            <code key={id}>{id} </code>
          ))}
        </>
      );
  }
}
