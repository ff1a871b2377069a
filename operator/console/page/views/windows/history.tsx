import { Difference } from '../../parts/difference.tsx';
import { resultOf, useFollowed } from '../../parts/followed.ts';
import { CommandLine, Remarks } from '../../parts/remarks.tsx';
import { Time } from '../../parts/time.tsx';
import type { ChangeJson } from '../../shapes.ts';
import { changesText } from '../../text.ts';

/** Who changed which window, newest first. */
export function History() {
  const answer = useFollowed('history', { options: { count: ['20'] } });
  const found = resultOf<{ changes: readonly ChangeJson[] }>(answer);
  return (
    <section>
      <h3>History</h3>
      <Remarks answer={answer} />
      {found?.changes.map(({ parameter, version, at, by, reason, changes = [], removed, added }) => (
        <details key={`${parameter} ${version}`} class="change">
          <summary>
            <Time at={at} /> {by ?? 'somebody'}: {changesText(changes)}
            {reason !== undefined && <span class="as-is"> ({reason})</span>}
          </summary>
          {parameter}, version {version}
          {removed && added && <Difference removed={removed} added={added} />}
        </details>
      ))}
      <CommandLine text={answer?.command} />
    </section>
  );
}
