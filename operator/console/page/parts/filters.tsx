import { signal } from '@preact/signals';
import { go, hrefOf, place } from '../place.ts';
import { zone } from './clock.ts';
import { selectionIn } from './selection.ts';
import { STATUSES } from './statuses.ts';

const CHOICES = [...STATUSES, 'failed unknown'];

/** Of which there may be several. */
const LISTS = ['function', 'source', 'status'];

/** As a line tells of them. */
const NAMES: Readonly<Record<string, string>> = {
  function: 'function',
  source: 'source',
  status: 'status',
  error: 'last error',
  'error-is': 'last error',
  window: 'window',
  grep: 'body',
  from: 'time',
  until: 'time',
};

const narrow = matchMedia('(max-width: 40rem)');
/** Whether the page is as narrow as a telephone's. The style has the same limit. */
const isNarrow = signal(narrow.matches);
narrow.addEventListener('change', ({ matches }) => {
  isNarrow.value = matches;
});

/** The filters of events. They stand in the address. Where there is no room for them, they open. */
export function Filters() {
  const said = selectionIn(place.value.query, zone.value);
  const names = [...new Set(Object.keys(said).flatMap((name) => NAMES[name] ?? []))];
  if (!isNarrow.value) return <Fields />;
  return (
    <details>
      <summary class="opens">{names.length === 0 ? 'Filter' : `Filtered by ${names.join(', ')}`}</summary>
      <Fields />
    </details>
  );
}

function Fields() {
  const { view, query } = place.value;
  const run = query.get('run');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const said: Record<string, string[]> = run === null ? {} : { run: [run] };
    for (const [name, value] of form) {
      if (typeof value !== 'string' || value.trim() === '') continue;
      said[name] = LISTS.includes(name) ? value.trim().split(/[\s,]+/) : [value.trim()];
    }
    // who opens the address elsewhere means the same times by it
    if (said['from'] || said['until']) said['timezone'] = [zone.value];
    go(hrefOf(view, said));
  };
  const text = (name: string) => query.getAll(name).join(' ');
  return (
    <form class="filters" onSubmit={submit} key={query.toString()}>
      <label>
        Function
        <input name="function" defaultValue={text('function')} placeholder="orders-*" />
      </label>
      <label>
        Source
        <input name="source" defaultValue={text('source')} placeholder="sqs" />
      </label>
      <label>
        Status
        <select name="status" defaultValue={text('status')}>
          <option value="">not finished</option>
          {CHOICES.map((status) => (
            <option key={status} value={status} selected={text('status') === status}>
              {status.replace(' ', ', ')}
            </option>
          ))}
        </select>
      </label>
      <label>
        Last error
        <input name="error" defaultValue={text('error')} />
      </label>
      {query.has('error-is') && (
        <label>
          The whole last error
          <input name="error-is" defaultValue={text('error-is')} />
        </label>
      )}
      <label>
        Window or its reason
        <input name="window" defaultValue={text('window')} placeholder="CHG-1042" />
      </label>
      <label>
        In the body
        <input name="grep" defaultValue={text('grep')} placeholder="customer-4711" title="Every body is read for it" />
      </label>
      <label>
        Deferred from
        <input name="from" defaultValue={text('from')} placeholder="22:00, or 2h" />
      </label>
      <label>
        Until
        <input name="until" defaultValue={text('until')} />
      </label>
      <button type="submit" class="small">
        Filter
      </button>
    </form>
  );
}
