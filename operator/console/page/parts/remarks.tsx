import type { Answer, Remark } from '../../answer.ts';

/** What the tool said besides its result. Where something is changed stands in the page's head. */
export function Remarks({ answer }: { readonly answer: Pick<Answer, 'remarks'> | undefined }) {
  const told = answer?.remarks.filter(({ kind }) => kind !== 'place') ?? [];
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
      <button type="button" class="outline secondary small" onClick={() => void navigator.clipboard.writeText(text)}>
        Copy
      </button>
    </p>
  );
}
