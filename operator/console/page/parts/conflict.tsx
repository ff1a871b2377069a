import { useEffect, useState } from 'preact/hooks';
import type { Answer } from '../../answer.ts';
import { lookNow } from '../api.ts';
import type { ChangeJson } from '../shapes.ts';
import { changesText } from '../text.ts';
import { Difference } from './difference.tsx';
import { resultOf } from './followed.ts';
import { Time } from './time.tsx';

const LOOKED_AT = '100';

interface ConflictProps {
  readonly parameter: string;
  /** That the edit was made up for. */
  readonly version: number;
  /** Looks at the edit anew, with what was typed. */
  readonly onAgain: (version: number) => void;
}

/** What others have written meanwhile: who, when, and the lines. Nothing of it is lost, and nothing of what was typed. */
export function Conflict({ parameter, version, onAgain }: ConflictProps) {
  const [answer, tell] = useState<Answer>();
  const [isUnknown, setUnknown] = useState(false);
  useEffect(() => {
    lookNow('history', { options: { count: [LOOKED_AT] } }).then(tell, () => setUnknown(true));
  }, [parameter, version]);
  const { changes = [] } = resultOf<{ changes?: readonly ChangeJson[] }>(answer) ?? {};
  const since = changes.filter((change) => change.parameter === parameter && change.version > version);
  const newest = since[0];
  if (!newest) return answer || isUnknown ? null : <p aria-busy="true">Looking at who it was…</p>;
  return (
    <section class="conflict" aria-label="Written meanwhile">
      <p>
        <strong>Somebody else has changed {parameter} meanwhile.</strong> It stays; what you typed stays, too, and is
        not written yet.
      </p>
      {since.map(({ version: written, at, by, reason, changes: what = [], removed = [], added = [] }) => (
        <div key={written}>
          Version {written}: {by ?? 'somebody'}, <Time at={at} />: {changesText(what)}
          {reason !== undefined && <span class="as-is"> ({reason})</span>}
          <Difference removed={removed} added={added} />
        </div>
      ))}
      <button type="button" onClick={() => onAgain(newest.version)}>
        Plan anew, with what you typed
      </button>
    </section>
  );
}
