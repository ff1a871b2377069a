import { Do } from '../parts/action.tsx';
import { useWindowFields } from './window-form.tsx';

/** A window from now on. */
export function BeginForm() {
  const { options, fields } = useWindowFields();
  return (
    <details>
      <summary class="opens">Begin a window</summary>
      <div class="grid">{fields}</div>
      <Do doing={{ title: 'Begin the window', name: 'begin', given: { options }, isPlanned: true }}>Begin…</Do>
    </details>
  );
}
