import { useState } from 'preact/hooks';
import type { Given } from '../api.ts';
import { Do } from '../parts/action.tsx';

/** How these events are replayed. */
export function ReplayForm({ given }: { readonly given: Given }) {
  const [rate, setRate] = useState('');
  const [limit, setLimit] = useState('');
  const [failures, setFailures] = useState('');
  const [to, setTo] = useState('');
  const [name, setName] = useState('');
  const [isOrdered, setOrdered] = useState(false);
  const said = (text: string) => text.trim() !== '';
  const options = {
    ...given.options,
    ...(said(rate) && { rate: [rate.trim()] }),
    ...(said(limit) && { limit: [limit.trim()] }),
    ...(said(failures) && { 'stop-after-failures': [failures.trim()] }),
    ...(said(to) && { to: [to.trim()] }),
    ...(said(name) && { name: [name.trim()] }),
    ...(isOrdered && { ordered: true as const }),
  };
  const doing = { title: 'Replay these events', name: 'replay', given: { ...given, options }, isPlanned: true };
  return (
    <details>
      <summary class="opens">Replay</summary>
      <div class="filters">
        <label>
          At a rate of
          <input value={rate} onInput={(event) => setRate(event.currentTarget.value)} placeholder="50/s" />
        </label>
        <label>
          The oldest alone
          <input
            value={limit}
            onInput={(event) => setLimit(event.currentTarget.value)}
            placeholder="20"
            inputMode="numeric"
          />
        </label>
        <label>
          Stop after failures
          <input value={failures} onInput={(event) => setFailures(event.currentTarget.value)} placeholder="10, 10%" />
        </label>
        <label>
          To another function
          <input value={to} onInput={(event) => setTo(event.currentTarget.value)} placeholder="orders-repaired:live" />
        </label>
        <label>
          Name
          <input value={name} onInput={(event) => setName(event.currentTarget.value)} placeholder="after CHG-1042" />
        </label>
        <label>
          <input type="checkbox" checked={isOrdered} onChange={(event) => setOrdered(event.currentTarget.checked)} />
          In order
        </label>
      </div>
      <Do doing={doing}>Replay…</Do>
    </details>
  );
}
