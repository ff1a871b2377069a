import { useState } from 'preact/hooks';
import { shownLines } from '../../../../core/text/shown.ts';
import type { Answer } from '../../answer.ts';
import { body, Unanswered } from '../api.ts';
import { Remarks } from './remarks.tsx';

/** The body of an event: hidden until somebody asks for it, which is noted. */
export function Body({ name }: { readonly name: string }) {
  const [answer, setAnswer] = useState<Answer>();
  const [refusal, setRefusal] = useState<string>();
  const ask = () =>
    void body(name).then(setAnswer, (fault) => setRefusal(fault instanceof Unanswered ? fault.message : String(fault)));
  const [text] = answer?.results ?? [];
  return (
    <section aria-label="Body">
      <h3>Body</h3>
      {typeof text === 'string' ? (
        <pre class="as-is">{inItsOrder(pretty(text))}</pre>
      ) : (
        <p>
          <button type="button" class="outline small" onClick={ask}>
            Show the body
          </button>{' '}
          <small>It is noted that you asked.</small>
        </p>
      )}
      <Remarks answer={answer} />
      {refusal !== undefined && <p role="alert">{refusal}</p>}
    </section>
  );
}

/** What would turn or hide parts of it is spelled out, as in JSON; its tabs are as they are. */
function inItsOrder(text: string): string {
  return text.split('\t').map(shownLines).join('\t');
}

/** JSON with a line for each member, where nothing is lost by that: a number that JavaScript would round stays as it was written. */
function pretty(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text;
  }
}
