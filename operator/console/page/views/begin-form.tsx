import { useState } from 'preact/hooks';
import { Do } from '../parts/action.tsx';

/** A window from now on. */
export function BeginForm() {
  const [length, setLength] = useState('2h');
  const [reason, setReason] = useState('');
  const [functions, setFunctions] = useState('');
  const named = functions.split(/[\s,]+/).filter(Boolean);
  const given = {
    options: {
      for: [length],
      ...(reason.trim() !== '' && { reason: [reason] }),
      ...(named.length > 0 && { function: named }),
    },
  };
  return (
    <details>
      <summary class="opens">Begin a window</summary>
      <div class="grid">
        <label>
          For how long
          <input value={length} onInput={(event) => setLength(event.currentTarget.value)} placeholder="2h" />
        </label>
        <label>
          Functions (names, with * and ?; none: every function)
          <input
            value={functions}
            onInput={(event) => setFunctions(event.currentTarget.value)}
            placeholder="orders-*"
          />
        </label>
        <label>
          Reason
          <input
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
            placeholder="database upgrade CHG-1042"
          />
        </label>
      </div>
      <Do doing={{ title: 'Begin the window', name: 'begin', given, isPlanned: true }}>Begin…</Do>
    </details>
  );
}
