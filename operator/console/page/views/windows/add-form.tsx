import { useState } from 'preact/hooks';
import { Do } from '../../parts/action.tsx';
import { zone } from '../../parts/clock.ts';
import { Field } from '../../parts/field.tsx';
import { useWindowFields } from '../window-form.tsx';

/** A window that is to come. */
export function AddForm() {
  const [when, setWhen] = useState('');
  const [timezone, setTimezone] = useState(zone.value);
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const { options, fields } = useWindowFields();
  const expression = when.trim();
  const isRecurring = /^(cron|at|rate)\(/.test(expression);
  const given = {
    names: isRecurring ? [expression] : [],
    options: {
      ...(!isRecurring && { start: [expression] }),
      ...(isRecurring && from.trim() !== '' && { from: [from.trim()] }),
      ...(isRecurring && until.trim() !== '' && { until: [until.trim()] }),
      timezone: [timezone],
      ...options,
    },
  };
  return (
    <details>
      <summary class="opens">Add a window</summary>
      <div class="grid">
        <Field
          label="When: a time, or cron(…)"
          value={when}
          set={setWhen}
          example="tomorrow 02:00, cron(0 2 ? * SUN *)"
        />
        <Field label="Its time zone" value={timezone} set={setTimezone} />
        {fields}
      </div>
      {isRecurring && (
        <div class="grid">
          <Field label="Nothing starts before" value={from} set={setFrom} example="2027-01-01" />
          <Field label="Nothing starts from then on" value={until} set={setUntil} example="2027-12-31" />
        </div>
      )}
      <Do
        isDisabled={expression === ''}
        doing={{ title: 'Add the window', name: 'schedule add', given, isPlanned: true }}
      >
        Add…
      </Do>
    </details>
  );
}
