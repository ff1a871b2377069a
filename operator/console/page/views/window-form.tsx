import { useState } from 'preact/hooks';
import { facts } from '../parts/facts.ts';
import { Field } from '../parts/field.tsx';

/** What a window does with its events, as the tool's `--replay` takes it. */
export const REPLAY_LABEL = 'Its events: manual, auto, or JSON (none: as the policy says)';

/** What a new window is said to be, as options of the tool; and the fields in which somebody says it. */
export function useWindowFields() {
  const [length, setLength] = useState('2h');
  const [reason, setReason] = useState('');
  const [functions, setFunctions] = useState('');
  const [replay, setReplay] = useState('');
  const { parameters = [] } = facts.value?.where ?? {};
  const [parameter = parameters[0], setParameter] = useState<string>();
  const named = functions.split(/[\s,]+/).filter(Boolean);
  return {
    options: {
      for: [length],
      ...(reason.trim() !== '' && { reason: [reason] }),
      ...(named.length > 0 && { function: named }),
      ...(replay.trim() !== '' && { replay: [replay.trim()] }),
      ...(parameters.length > 1 && parameter !== undefined && { edit: [parameter] }),
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
        <Field label={REPLAY_LABEL} value={replay} set={setReplay} example={'{"rate":"10/s"}'} />
        {parameters.length > 1 && (
          <label>
            Parameter
            <select value={parameter} onChange={(event) => setParameter(event.currentTarget.value)}>
              {parameters.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
      </>
    ),
  };
}
