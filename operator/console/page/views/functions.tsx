import { useEffect, useState } from 'preact/hooks';
import type { Answer } from '../../answer.ts';
import { look } from '../api.ts';
import { resultOf } from '../parts/followed.ts';
import { CommandLine, Remarks } from '../parts/remarks.tsx';
import type { FindingJson } from '../shapes.ts';

/** Whether it is on: what the doctor found. It asks much of AWS, so it looks when it is asked to. */
export function Functions() {
  const [answer, setAnswer] = useState<Answer>();
  const examine = () => {
    setAnswer(undefined);
    void look('doctor').then(setAnswer, () => undefined);
  };
  useEffect(examine, []);
  const found = resultOf<{ findings: readonly FindingJson[] }>(answer);
  return (
    <>
      <h2>Functions</h2>
      {answer ? (
        <button type="button" class="outline small" onClick={examine}>
          Look again
        </button>
      ) : (
        <p aria-busy="true">Looking at every function…</p>
      )}
      <Remarks answer={answer} />
      <ul class="findings">
        {found?.findings.map(({ kind, subject, state, message, remedy }) => (
          <li key={kind + subject + message} class={state}>
            <strong>{state}</strong> <code>{subject}</code> {message}
            {remedy !== undefined && <p class="as-is">{remedy}</p>}
          </li>
        ))}
      </ul>
      <CommandLine text={answer?.command} />
    </>
  );
}
