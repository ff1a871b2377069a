import { useState } from 'preact/hooks';
import type { Given } from '../api.ts';
import { Do } from '../parts/action.tsx';
import { Field } from '../parts/field.tsx';
import { place } from '../place.ts';

/** How these events are replayed. It is open where the address has a rate. */
export function ReplayForm({ given }: { readonly given: Given }) {
  const asked = place.value.query.get('rate');
  const [rate, setRate] = useState(asked ?? '');
  const [limit, setLimit] = useState('');
  const [canary, setCanary] = useState('');
  const [failures, setFailures] = useState('');
  const [to, setTo] = useState('');
  const [name, setName] = useState('');
  const [isOrdered, setOrdered] = useState(false);
  const said = (text: string) => text.trim() !== '';
  const options = {
    ...given.options,
    ...(said(rate) && { rate: [rate.trim()] }),
    ...(said(limit) && { limit: [limit.trim()] }),
    ...(said(canary) && { canary: [canary.trim()] }),
    ...(said(failures) && { 'stop-after-failures': [failures.trim()] }),
    ...(said(to) && { to: [to.trim()] }),
    ...(said(name) && { name: [name.trim()] }),
    ...(isOrdered && { ordered: true as const }),
  };
  const doing = { title: 'Replay these events', name: 'replay', given: { ...given, options }, isPlanned: true };
  return (
    <details open={asked !== null}>
      <summary class="opens">Replay</summary>
      <div class="filters">
        <Field label="At a rate of" value={rate} set={setRate} example="50/s" />
        <Field label="The oldest alone" value={limit} set={setLimit} example="20" isNumber />
        <Field label="On only if the first so many succeed" value={canary} set={setCanary} example="20" isNumber />
        <Field label="Stop after failures" value={failures} set={setFailures} example="10, 10%" />
        <Field label="To another function" value={to} set={setTo} example="orders-repaired:live" />
        <Field label="Name" value={name} set={setName} example="after CHG-1042" />
        <label>
          <input type="checkbox" checked={isOrdered} onChange={(event) => setOrdered(event.currentTarget.checked)} />
          In order
        </label>
      </div>
      <Do doing={doing}>Replay…</Do>
    </details>
  );
}
