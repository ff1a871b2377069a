import { counted, numberText } from '../../../../core/text/shown.ts';
import { durationText } from '../../../../core/time/time-text.ts';
import { zone } from '../parts/clock.ts';
import { resultOf, useLookedOnce } from '../parts/followed.ts';
import { CommandLine, Refusal, Remarks } from '../parts/remarks.tsx';
import { STATUSES } from '../parts/statuses.ts';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { go, hrefOf, place } from '../place.ts';
import { changesText, functionsText } from '../text.ts';

interface ReportJson {
  readonly at: string;
  readonly window: {
    readonly id: string;
    readonly scheduleId?: string;
    readonly parameter: string;
    readonly state: string;
    readonly start: string;
    readonly plannedEnd?: string;
    readonly end?: string;
    readonly reason?: string;
    readonly functions?: readonly string[];
  };
  readonly history: readonly {
    readonly at: string;
    readonly by?: string;
    readonly reason?: string;
    readonly change: { readonly kind: string; readonly id?: string };
  }[];
  readonly historyUnknown?: string;
  readonly events: Readonly<Record<string, number>>;
  readonly functions: readonly (Readonly<Record<string, number>> & { readonly name: string })[];
  readonly longestWait?: {
    readonly seconds: number;
    readonly function: string;
    readonly id: string;
    readonly status: string;
  };
  readonly operators: readonly { readonly who: string; readonly events: number }[];
  readonly rejected?: number;
  readonly notStored?: number;
  readonly atLeastBecause?: string;
  readonly rejectedUnknown?: string;
  readonly expiredBefore?: string;
}

/** What happened in one window, to be printed. It reads all of its events, so it looks when it is asked to. */
export function Report() {
  const { query } = place.value;
  const [id, at] = [query.get('window') ?? '', query.get('at') ?? ''];
  const { answer, refusal } = useLookedOnce('report', {
    names: id === '' ? [] : [id],
    options: at === '' ? {} : { at: [at], timezone: [zone.value] },
  });
  const report = resultOf<ReportJson>(answer);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [window = '', active = ''] = ['window', 'at'].map((name) => String(form.get(name)).trim());
    // who opens the address elsewhere means the same time by it
    go(hrefOf('report', { window, at: active, ...(active !== '' && { timezone: zone.value }) }));
  };
  return (
    <>
      <form class="filters not-printed" onSubmit={submit} key={query.toString()}>
        <label>
          Window (the active one, or the last)
          <input name="window" defaultValue={id} placeholder="745950" />
        </label>
        <label>
          Active at
          <input name="at" defaultValue={at} placeholder="sunday 02:30" />
        </label>
        <button type="submit" class="small">
          Show
        </button>
        <button type="button" class="small outline" disabled={!report} onClick={() => window.print()}>
          Print
        </button>
      </form>
      {!answer && (
        <>
          <h2>Report</h2>
          {refusal === undefined ? <p aria-busy="true">Looking at every event of it…</p> : <Refusal text={refusal} />}
        </>
      )}
      {answer && !report && <h2>Report</h2>}
      <Remarks answer={answer} />
      {report && <Written report={report} />}
      <div class="not-printed">
        <CommandLine text={answer?.command} />
      </div>
    </>
  );
}

function Written({ report }: { readonly report: ReportJson }) {
  const { window: of, at, history, historyUnknown } = report;
  const { id, scheduleId, parameter, state, start, plannedEnd, end, reason, functions } = of;
  return (
    <article class="report">
      <h2>
        Maintenance window {id}
        {reason !== undefined && <span class="as-is">: {reason}</span>}
      </h2>
      <dl>
        <dt>Planned</dt>
        <dd>
          <Span start={start} end={plannedEnd} />
        </dd>
        <dt>Actual</dt>
        <dd>
          {state === 'never-active' ? 'removed before it began' : <Span start={start} end={end} />} ({state}, as of{' '}
          <Time at={at} isBare />)
        </dd>
        <dt>Functions</dt>
        <dd>{functionsText(functions)}</dd>
        <dt>Parameter</dt>
        <dd>{parameter}</dd>
        {scheduleId !== undefined && (
          <>
            <dt>One occurrence of</dt>
            <dd>{scheduleId}</dd>
          </>
        )}
      </dl>
      <h3>Who and why</h3>
      {historyUnknown !== undefined && <p>Not known: {historyUnknown}</p>}
      {history.length > 0 && (
        <Table heads={['When', 'Who', 'What', 'Why']}>
          {history.map((step) => (
            <tr key={JSON.stringify(step)}>
              <td>
                <Time at={step.at} isBare />
              </td>
              <td>{step.by ?? 'somebody'}</td>
              <td>{changesText([step.change])}</td>
              <td class="as-is">{step.reason}</td>
            </tr>
          ))}
        </Table>
      )}
      <h3>Events</h3>
      <Numbers report={report} />
      <Notes report={report} />
    </article>
  );
}

function Span({ start, end }: { readonly start: string; readonly end: string | undefined }) {
  return (
    <>
      <Time at={start} isBare /> to{' '}
      {end === undefined ? (
        'no end'
      ) : (
        <>
          <Time at={end} isBare />, for {durationText(Math.max(0, Date.parse(end) - Date.parse(start)))}
        </>
      )}
    </>
  );
}

/** A column for each status that some have, and a line for each function above that of all. */
function Numbers({ report: { events, functions, rejected, notStored } }: { readonly report: ReportJson }) {
  const used = STATUSES.filter((status) => (events[status] ?? 0) > 0);
  const columns = ['deferred', ...used, ...(rejected === undefined ? [] : ['rejected', 'notStored'])];
  const all: Readonly<Record<string, number | undefined>> = { ...events, rejected, notStored };
  const heads = columns.map((name) => (name === 'notStored' ? 'not stored' : name));
  return (
    <Table heads={['Function', ...heads]} numbers={heads}>
      {functions.map((of) => (
        <tr key={of.name}>
          <th scope="row">{of.name}</th>
          {columns.map((name) => (
            <td key={name}>{numberText(of[name] ?? 0)}</td>
          ))}
        </tr>
      ))}
      <tr class="sum">
        <th scope="row">all</th>
        {columns.map((name) => (
          <td key={name}>{numberText(all[name] ?? 0)}</td>
        ))}
      </tr>
    </Table>
  );
}

function Notes({ report }: { readonly report: ReportJson }) {
  const { longestWait, operators, events, atLeastBecause, rejectedUnknown, expiredBefore } = report;
  const names = operators.map(
    ({ who, events: count }) => `${who === 'lambda' ? 'Lambda itself' : who} (${counted(count, 'event')})`,
  );
  return (
    <ul>
      <li>
        Longest wait of an event:{' '}
        {longestWait === undefined
          ? 'none'
          : `${durationText(longestWait.seconds * 1_000)} (${longestWait.function}, ${longestWait.id}, ${longestWait.status})`}
      </li>
      <li>Replayed or discarded by: {names.length === 0 ? 'nobody' : names.join(', ')}</li>
      {(events['rests'] ?? 0) > 0 && (
        <li>Rests of batches that succeeded in part, among the deferred: {numberText(events['rests'] ?? 0)}</li>
      )}
      {(events['shared'] ?? 0) > 0 && (
        <li>
          Deferred while an earlier window was active as well, and in its report, too:{' '}
          {numberText(events['shared'] ?? 0)}
        </li>
      )}
      {rejectedUnknown !== undefined && <li>What was rejected and not stored is not known: {rejectedUnknown}</li>}
      {atLeastBecause !== undefined && (
        <li>Rejected by functions that never stored an event: not known, as they are not listed ({atLeastBecause})</li>
      )}
      {expiredBefore !== undefined && (
        <li>
          Finished events expire after 30 days: those finished before <Time at={expiredBefore} isBare /> are gone, and
          not counted
        </li>
      )}
    </ul>
  );
}
