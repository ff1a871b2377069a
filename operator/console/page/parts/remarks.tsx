import { numberText } from '../../../../core/text/shown.ts';
import { durationText } from '../../../../core/time/time-text.ts';
import type { Answer, Remark } from '../../answer.ts';
import type { Followed } from '../live.ts';
import { instantText } from '../text.ts';
import { zone } from './clock.ts';

/** What the tool said besides its result, that this is an older one, and that it is repeated less often. Where something is changed stands in the page's head. */
export function Remarks({ answer }: { readonly answer: (Pick<Answer, 'remarks'> & Partial<Followed>) | undefined }) {
  const said = answer?.remarks.filter(({ kind }) => kind !== 'place') ?? [];
  const { dearUnits, againMs, asOf } = answer ?? {};
  const told = [
    ...said,
    ...(asOf === undefined ? [] : [oldRemark(asOf)]),
    ...(dearUnits !== undefined && againMs !== undefined ? [dearRemark(dearUnits, againMs)] : []),
  ];
  if (told.length === 0) return null;
  return (
    <ul class="remarks">
      {told.map((remark) => (
        <li key={remark.text} class={remark.kind}>
          <strong>{NAMES[remark.kind]}</strong> <span class="as-is">{remark.text}</span>
        </li>
      ))}
    </ul>
  );
}

/** Why the console gave no answer. */
export function Refusal({ text }: { readonly text: string }) {
  return (
    <p role="alert" class="fault">
      {text}
    </p>
  );
}

function oldRemark(asOf: number): Remark {
  return { kind: 'warning', text: `what is shown is of ${instantText(new Date(asOf).toISOString(), zone.value)}` };
}

function dearRemark(readUnits: number, againMs: number): Remark {
  return {
    kind: 'note',
    text: `it reads some ${numberText(readUnits)} units of the table each time, so it is looked at again every ${durationText(againMs)} alone, and after what is done here`,
  };
}

const NAMES: Readonly<Record<Remark['kind'], string>> = {
  place: 'Place',
  note: 'Note',
  warning: 'Warning',
  fault: 'Failed',
};

/** The command that does the same. */
export function CommandLine({ text }: { readonly text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <p class="command">
      <code>{text}</code>{' '}
      <button
        type="button"
        class="outline secondary small"
        aria-label={`Copy ${text}`}
        onClick={() => void navigator.clipboard.writeText(text)}
      >
        Copy
      </button>
    </p>
  );
}
