import { useState } from 'preact/hooks';
import { counted } from '../../../../core/text/shown.ts';
import { Do } from '../parts/action.tsx';
import { now, zone } from '../parts/clock.ts';
import { Field } from '../parts/field.tsx';
import { Filters } from '../parts/filters.tsx';
import { resultOf, useFollowed } from '../parts/followed.ts';
import { CommandLine, Remarks } from '../parts/remarks.tsx';
import { selectionIn } from '../parts/selection.ts';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { go, hrefOf, place } from '../place.ts';
import type { EventJson } from '../shapes.ts';
import { eventName, shortId, sizeText } from '../text.ts';
import { EventDrawer } from './event-drawer.tsx';
import { reasonOption } from './reason.ts';
import { ReplayForm } from './replay-form.tsx';

/** Stored events, oldest first. */
export function Events() {
  const { query } = place.value;
  const options = selectionIn(query, zone.value);
  const after = query.get('after');
  const run = query.get('run');
  const answer = useFollowed('events list', {
    options: { ...options, ...(after !== null && { after: [after] }), ...(run !== null && { run: [run] }) },
  });
  const page = resultOf<{ events: readonly EventJson[]; next?: string }>(answer);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const events = page?.events ?? [];
  // what was marked on another page, or is gone from this one, is not meant
  const meant = events.map(eventName).filter((name) => marked.has(name));
  const shown = query.get('event');
  const here = Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)]));
  return (
    <>
      <h2>Events</h2>
      {run !== null && (
        <p>
          Of the replay <a href={hrefOf('replays', { replay: run })}>{run}</a> alone.{' '}
          <a href={hrefOf('events')}>All events</a>
        </p>
      )}
      <Filters />
      {meant.length > 0 ? (
        <Marked names={meant} clear={() => setMarked(new Set())} />
      ) : (
        <All options={options} hasReplay={run !== null} />
      )}
      {!answer && <p aria-busy="true">Looking…</p>}
      <Remarks answer={answer} />
      {page && (
        <EventTable
          events={events}
          marked={marked}
          mark={(names, isMarked) => {
            const others = [...marked].filter((name) => !names.includes(name));
            setMarked(new Set(isMarked ? [...others, ...names] : others));
          }}
          hrefOfEvent={(name) => hrefOf('events', { ...here, event: name })}
        />
      )}
      {page?.events.length === 0 && <p>No event.</p>}
      {page?.next !== undefined && <a href={hrefOf('events', { ...here, after: page.next })}>Next page</a>}
      <CommandLine text={answer?.command} />
      {shown !== null && (
        <EventDrawer
          key={shown}
          name={shown}
          onClose={() => {
            const { event: _, ...others } = here;
            go(hrefOf('events', others), true);
          }}
        />
      )}
    </>
  );
}

type Options = Readonly<Record<string, readonly string[] | true>>;

/** All that the filters mean, on whichever page. What a replay had is told by its id, by which nothing is done. */
function All({ options, hasReplay }: { readonly options: Options; readonly hasReplay: boolean }) {
  const [reason, setReason] = useState('');
  if (hasReplay) return null;
  // the tool discards what is pending only where something says so
  const filters = Object.keys(options).length > 0 ? options : { all: true as const };
  const given = { options: { ...filters, ...reasonOption(reason) } };
  return (
    <>
      <ReplayForm given={{ options }} />
      <details>
        <summary class="opens">Discard</summary>
        <Field label="Reason" value={reason} set={setReason} example="duplicates, CHG-1042" />
        <Do isQuiet doing={{ title: 'Discard these events', name: 'events discard', given, isPlanned: true }}>
          Discard all of these…
        </Do>
      </details>
    </>
  );
}

function Marked({ names, clear }: { readonly names: readonly string[]; readonly clear: () => void }) {
  const [reason, setReason] = useState('');
  const withReason = { names, options: reasonOption(reason) };
  const what = counted(names.length, 'event');
  return (
    <section aria-label="Selected events" class="marked">
      <p role="status">
        <strong>{what} selected</strong>{' '}
        <button type="button" class="outline secondary small" onClick={clear}>
          Select none
        </button>
      </p>
      <ReplayForm given={{ names }} />
      <Field label="Reason to discard or restore" value={reason} set={setReason} example="duplicates, CHG-1042" />
      <div class="buttons">
        <Do
          isQuiet
          doing={{
            title: `Discard ${what}`,
            name: 'events discard',
            given: withReason,
            isPlanned: true,
            onDone: clear,
          }}
        >
          Discard
        </Do>
        <Do
          isQuiet
          doing={{
            title: `Restore ${what}`,
            name: 'events restore',
            given: withReason,
            isPlanned: false,
            onDone: clear,
          }}
        >
          Restore
        </Do>
      </div>
    </section>
  );
}

interface TableProps {
  readonly events: readonly EventJson[];
  readonly marked: ReadonlySet<string>;
  /** All events are named by their functions and ids. */
  readonly mark: (names: readonly string[], isMarked: boolean) => void;
  readonly hrefOfEvent: (name: string) => string;
}

function EventTable({ events, marked, mark, hrefOfEvent }: TableProps) {
  if (events.length === 0) return null;
  const hasKeys = events.some(({ orderKeys = [] }) => orderKeys.length > 0);
  const heads = ['Id', 'Function', 'Source', 'Status', 'Deferred', 'Size', 'Attempts', 'Last error'];
  return (
    <Table
      heads={hasKeys ? [...heads, 'Order'] : heads}
      numbers={['Size', 'Attempts']}
      first={
        <input
          type="checkbox"
          aria-label="Select all of this page"
          checked={events.every((event) => marked.has(eventName(event)))}
          onChange={(event) => mark(events.map(eventName), event.currentTarget.checked)}
        />
      }
    >
      {events.map((event) => (
        <tr key={eventName(event)}>
          <td>
            <input
              type="checkbox"
              aria-label={`Select ${shortId(event.id)}`}
              checked={marked.has(eventName(event))}
              onChange={(change) => mark([eventName(event)], change.currentTarget.checked)}
            />
          </td>
          <td>
            <a href={hrefOfEvent(eventName(event))}>
              <code>{shortId(event.id)}</code>
            </a>
          </td>
          <td>{event.function}</td>
          <td>{event.source}</td>
          <td>
            <Status event={event} />
          </td>
          <td>
            <Time at={event.deferredAt} isBare />
          </td>
          <td>{sizeText(event.bytes)}</td>
          <td>{event.attempts}</td>
          <td class="as-is error">{event.lastError !== undefined && <span class="clamped">{event.lastError}</span>}</td>
          {hasKeys && <td class="as-is error">{event.orderKeys?.join(', ')}</td>}
        </tr>
      ))}
    </Table>
  );
}

/** One whose lease is over was left behind by a tool that ended. */
function Status({ event: { status, leaseUntil, damaged } }: { readonly event: EventJson }) {
  const isCutOff = status === 'replaying' && (leaseUntil === undefined || Date.parse(leaseUntil) < now.value);
  return (
    <span class={`status ${status}`}>
      {status}
      {isCutOff && ', cut off'}
      {damaged !== undefined && ', damaged'}
    </span>
  );
}
