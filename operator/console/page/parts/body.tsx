import { useState } from 'preact/hooks';
import type { Answer } from '../../answer.ts';
import { body, refusalText } from '../api.ts';
import { AsWritten } from './as-written.tsx';
import { Remarks } from './remarks.tsx';

/** The body of an event: hidden until somebody asks for it, which is noted. */
export function Body({ name }: { readonly name: string }) {
  const [answer, setAnswer] = useState<Answer>();
  const [refusal, setRefusal] = useState<string>();
  const ask = () => void body(name).then(setAnswer, (fault) => setRefusal(refusalText(fault)));
  const [text] = answer?.results ?? [];
  return (
    <section aria-label="Body">
      <h3>Body</h3>
      {typeof text === 'string' ? (
        <AsWritten text={text} />
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
