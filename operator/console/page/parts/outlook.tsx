import { counted } from '../../../../core/text/shown.ts';
import type { NextJson, WindowJson } from '../shapes.ts';
import { functionsText } from '../text.ts';
import { Time } from './time.tsx';

/** What an edit of windows comes to, as its dry run tells it. */
export interface OutlookJson {
  readonly window?: WindowJson;
  /** When an extension ends. */
  readonly end?: string;
  readonly next?: readonly NextJson[];
  /** Functions; absent where they are not known, or nobody asked. */
  readonly covers?: readonly string[];
  readonly coversUnknown?: string;
  readonly meets?: readonly NextJson[];
}

const SHOWN_NAMES = 20;

/** Whom an edit is for, when, and which other windows it meets. */
export function Outlook({ outlook }: { readonly outlook: OutlookJson }) {
  const { window, end = window?.end, next, covers, coversUnknown, meets } = outlook;
  if (meets === undefined) return null;
  return (
    <dl>
      {next === undefined && window?.start !== undefined && (
        <>
          <dt>When</dt>
          <dd>
            <Time at={window.start} isBare /> to {end !== undefined && <Time at={end} />}
          </dd>
        </>
      )}
      {next && (
        <>
          <dt>Next times</dt>
          <dd>{next.length === 0 ? 'none' : <Times times={next} />}</dd>
        </>
      )}
      <dt>Functions now</dt>
      {covers ? <Covers names={covers} /> : <dd>not known: {coversUnknown}</dd>}
      <dt>Other windows then</dt>
      <dd>{meets.length === 0 ? 'none' : <Times times={meets} areNamed />}</dd>
    </dl>
  );
}

function Covers({ names }: { readonly names: readonly string[] }) {
  return (
    <dd class={names.length === 0 ? 'fault' : undefined}>
      <strong>{counted(names.length, 'function')}</strong>
      {names.length > 0 && `: ${names.slice(0, SHOWN_NAMES).join(', ')}${names.length > SHOWN_NAMES ? ', …' : ''}`}
      {names.length === 0 && ': none that it names reads the parameter'}
    </dd>
  );
}

function Times({ times, areNamed }: { readonly times: readonly NextJson[]; readonly areNamed?: boolean }) {
  return (
    <ul class="times">
      {times.map(({ id, start, end, functions, reason, note }) => (
        <li key={id + start}>
          {areNamed && (
            <>
              <code>{id}</code> {functionsText(functions)}
              {reason !== undefined && <span class="as-is">, {reason}</span>}:{' '}
            </>
          )}
          <Time at={start} isBare /> to {end === undefined ? 'no end in sight' : <Time at={end} isBare />}
          {note !== undefined && <strong> {note}</strong>}
        </li>
      ))}
    </ul>
  );
}
