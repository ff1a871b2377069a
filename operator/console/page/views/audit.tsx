import { counted } from '../../../../core/text/shown.ts';
import { resultOf, useFollowed } from '../parts/followed.ts';
import { CommandLine, Remarks } from '../parts/remarks.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { go, hrefOf, place } from '../place.ts';
import { changesText, eventName, shortId } from '../text.ts';

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
  readonly replays?: readonly string[];
}

const MOST = '200';
const KINDS = [
  'windows',
  'replay',
  'discarded',
  'restored',
  'looked',
  'exported',
  'paused',
  'resumed',
  'cancelled',
  'set',
];

/** Who did what. The filters are of what is shown: the command has none. */
export function Audit() {
  const { query } = place.value;
  const answer = useFollowed('audit', { options: { limit: [MOST] } });
  const found = resultOf<{ entries: readonly EntryJson[] }>(answer);
  const entries = found?.entries.filter((entry) => isMeant(entry, query)) ?? [];
  return (
    <>
      <h2>Audit</h2>
      <AuditFilters people={[...new Set(found?.entries.flatMap(({ by }) => by ?? []))].sort()} />
      {!answer && <p aria-busy="true">Looking…</p>}
      <Remarks answer={answer} />
      {found && entries.length === 0 && <p>{found.entries.length === 0 ? 'Nothing yet.' : 'Nothing of the kind.'}</p>}
      {entries.length > 0 && (
        <Table heads={['When', 'Who', 'What', 'Why']}>
          {entries.map((entry) => (
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
      {found && found.entries.length >= Number(MOST) && <p>These are the latest {MOST}.</p>}
      <CommandLine text={answer?.command} />
    </>
  );
}

function isMeant({ by = 'somebody', kind, reason = '' }: EntryJson, query: URLSearchParams): boolean {
  const [who, what, why] = ['by', 'kind', 'reason'].map((name) => (query.get(name) ?? '').toLowerCase());
  return (
    by.toLowerCase().includes(who ?? '') && (what === '' || kind === what) && reason.toLowerCase().includes(why ?? '')
  );
}

function AuditFilters({ people }: { readonly people: readonly string[] }) {
  const { query } = place.value;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    go(hrefOf('audit', Object.fromEntries([...form].map(([name, value]) => [name, String(value).trim()]))));
  };
  return (
    <form class="filters" onSubmit={submit} key={query.toString()}>
      <label>
        Who
        <input name="by" list="people" defaultValue={query.get('by') ?? ''} />
      </label>
      <datalist id="people">
        {people.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <label>
        What
        <select name="kind">
          <option value="">all</option>
          {KINDS.map((kind) => (
            <option key={kind} value={kind} selected={query.get('kind') === kind}>
              {kind}
            </option>
          ))}
        </select>
      </label>
      <label>
        Why
        <input name="reason" defaultValue={query.get('reason') ?? ''} placeholder="CHG-1042" />
      </label>
      <button type="submit" class="small">
        Filter
      </button>
    </form>
  );
}

function What({ entry }: { readonly entry: EntryJson }) {
  const {
    kind,
    changes = [],
    parameter,
    version,
    replay,
    name,
    status,
    events = 0,
    functions = [],
    ids = [],
    replays,
  } = entry;
  const [only, ...others] = functions;
  // of several functions nobody has noted whose it is
  const nameOf = (id: string) => (only === undefined || others.length > 0 ? id : eventName({ function: only, id }));
  if (replays)
    return (
      <>
        {DEEDS[kind] ?? kind} the replay{' '}
        {replays.map((id) => (
          <a key={id} href={hrefOf('replays', { replay: id })}>
            <code>{id}</code>{' '}
          </a>
        ))}
        of {functions.join(', ')}
      </>
    );
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
          {DEEDS[kind] ?? kind} {counted(events, 'event')} of {functions.join(', ')}{' '}
          {ids.map((id) => (
            <a key={id} href={hrefOf('events', { event: nameOf(id) })}>
              <code>{shortId(id)}</code>{' '}
            </a>
          ))}
        </>
      );
  }
}

const DEEDS: Readonly<Record<string, string>> = {
  looked: 'looked at the body of',
  exported: 'exported the bodies of',
  set: 'set the pace of',
};
