import { useState } from 'preact/hooks';
import { counted, numberText } from '../../../../../core/text/shown.ts';
import { lookNow, refusalText } from '../../api.ts';
import { NeedyButton, open } from '../../parts/action.tsx';
import type { EventJson, WholeRunJson } from '../../shapes.ts';
import { eventName } from '../../text.ts';

/** Events that are named one by one in a request. */
const MOST_NAMED = 1_000;

/** Replays what failed in a replay once more, as that one did. Which events these are is asked once it is wanted: it reads all of the functions. */
export function Again({ run }: { readonly run: WholeRunJson }) {
  const [isUnderWay, setUnderWay] = useState(false);
  const [told, tell] = useState<string>();
  const ask = async () => {
    setUnderWay(true);
    tell(undefined);
    try {
      const options = { run: [run.id], status: ['failed', 'unknown'], limit: [String(MOST_NAMED)] };
      const { results, remarks, exitCode } = await lookNow('events list', { options });
      const { events = [], next } = (results[0] ?? {}) as {
        readonly events?: readonly EventJson[];
        readonly next?: string;
      };
      if (exitCode !== 0) tell(remarks.map(({ text }) => text).join(' '));
      else if (events.length === 0) tell('What failed is dealt with meanwhile.');
      else {
        if (next !== undefined)
          tell(`More than ${numberText(events.length)} failed: once these have run, ask again for the others.`);
        open({
          title: `Run ${next === undefined ? '' : 'the oldest '}${counted(events.length, 'event')} again`,
          name: 'replay',
          given: { names: events.map(eventName), options: asBefore(run) },
          isPlanned: true,
        });
      }
    } catch (fault) {
      tell(refusalText(fault));
    } finally {
      setUnderWay(false);
    }
  };
  return (
    <div>
      <NeedyButton
        wanted={{ name: 'replay', given: {} }}
        isDisabled={isUnderWay}
        isBusy={isUnderWay}
        onClick={() => void ask()}
      >
        Run again for what failed…
      </NeedyButton>
      {told !== undefined && <p role="status">{told}</p>}
    </div>
  );
}

/** How fast and in which way that one went. */
function asBefore({ ratePerSecond, concurrency, plan }: WholeRunJson) {
  return {
    concurrency: [String(concurrency)],
    ...(ratePerSecond !== undefined && { rate: [`${ratePerSecond}/s`] }),
    ...(plan.ordered && { ordered: true as const }),
    ...(plan.mode === 'event' && { mode: ['event'] }),
    ...(plan.qualifier !== undefined && { qualifier: [plan.qualifier] }),
  };
}
