import { Do } from '../parts/action.tsx';
import { Filters } from '../parts/filters.tsx';
import { resultOf, useFollowed } from '../parts/followed.ts';
import { CommandLine, Remarks } from '../parts/remarks.tsx';
import { selectionIn } from '../parts/selection.ts';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { go, hrefOf, place } from '../place.ts';
import type { EventJson } from '../shapes.ts';
import { shortId, sizeText } from '../text.ts';
import { EventDrawer } from './event-drawer.tsx';
import { ReplayForm } from './replay-form.tsx';

/** Stored events, oldest first. */
export function Events() {
  const { query } = place.value;
  const options = selectionIn(query);
  const after = query.get('after');
  const run = query.get('run');
  const answer = useFollowed('events list', {
    options: { ...options, ...(after !== null && { after: [after] }), ...(run !== null && { run: [run] }) },
  });
  const page = resultOf<{ events: readonly EventJson[]; next?: string }>(answer);
  const shown = query.get('event');
  const here = Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)]));
  return (
    <>
      <h2>Events</h2>
      <Filters />
      <ReplayForm given={{ options }} />
      <div class="buttons">
        <Do
          isQuiet
          doing={{
            title: 'Discard these events',
            name: 'events discard',
            given: { options: discardOptions(options) },
            isPlanned: true,
          }}
        >
          Discard all of these…
        </Do>
      </div>
      {!answer && <p aria-busy="true">Looking…</p>}
      <Remarks answer={answer} />
      {page && (
        <Table heads={['Id', 'Function', 'Source', 'Status', 'Deferred', 'Size', 'Attempts', 'Last error']}>
          {page.events.map((event) => (
            <tr key={event.id}>
              <td>
                <a href={hrefOf('events', { ...here, event: event.id })}>
                  <code>{shortId(event.id)}</code>
                </a>
              </td>
              <td>{event.function}</td>
              <td>{event.source}</td>
              <td>
                <span class={`status ${event.status}`}>{event.status}</span>
              </td>
              <td>
                <Time at={event.deferredAt} isBare />
              </td>
              <td>{sizeText(event.bytes)}</td>
              <td>{event.attempts}</td>
              <td class="as-is error">{event.lastError}</td>
            </tr>
          ))}
        </Table>
      )}
      {page?.events.length === 0 && <p>No event.</p>}
      {page?.next !== undefined && <a href={hrefOf('events', { ...here, after: page.next })}>Next page</a>}
      <CommandLine text={answer?.command} />
      {shown !== null && (
        <EventDrawer
          id={shown}
          onClose={() => {
            const { event: _, ...others } = here;
            go(hrefOf('events', others), true);
          }}
        />
      )}
    </>
  );
}

/** The tool discards what is pending only where something says so. */
function discardOptions(options: Readonly<Record<string, readonly string[] | true>>) {
  return Object.keys(options).length > 0 ? options : { all: true as const };
}
