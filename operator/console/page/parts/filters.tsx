import { go, hrefOf, place } from '../place.ts';

const STATUSES = ['pending', 'failed', 'unknown', 'failed unknown', 'replaying', 'replayed', 'accepted', 'discarded'];

/** Of which there may be several. */
const LISTS = ['function', 'source', 'status'];

/** The filters of events. They stand in the address. */
export function Filters() {
  const { view, query } = place.value;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const said: Record<string, string[]> = {};
    for (const [name, value] of form) {
      if (typeof value !== 'string' || value.trim() === '') continue;
      said[name] = LISTS.includes(name) ? value.trim().split(/[\s,]+/) : [value.trim()];
    }
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
          {STATUSES.map((status) => (
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
        <input name="from" defaultValue={text('from')} placeholder="22:00, 2h, yesterday 22:00" />
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
