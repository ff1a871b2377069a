import { useState } from 'preact/hooks';
import { Field } from '../parts/field.tsx';

/** What a new window is said to be, as options of the tool; and the fields in which somebody says it. */
export function useWindowFields() {
  const [length, setLength] = useState('2h');
  const [reason, setReason] = useState('');
  const [functions, setFunctions] = useState('');
  const named = functions.split(/[\s,]+/).filter(Boolean);
  return {
    options: {
      for: [length],
      ...(reason.trim() !== '' && { reason: [reason] }),
      ...(named.length > 0 && { function: named }),
    },
    fields: (
      <>
        <Field label="For how long" value={length} set={setLength} example="2h" />
        <Field
          label="Functions (names, with * and ?; none: every function)"
          value={functions}
          set={setFunctions}
          example="orders-*"
        />
        <Field label="Reason" value={reason} set={setReason} example="database upgrade CHG-1042" />
      </>
    ),
  };
}
