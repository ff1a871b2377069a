import { turnsTakeMs } from '../../../../core/replay/pace.ts';
import { counted } from '../../../../core/text/shown.ts';
import { durationText } from '../../../../core/time/time-text.ts';
import { hrefOf, place } from '../place.ts';
import type { BacklogJson } from '../shapes.ts';

/** Events a second. */
const RATES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

interface EmptyAtProps {
  readonly backlog: BacklogJson;
  readonly rate: number;
  readonly setRate: (rate: number) => void;
}

/** How long what is pending takes at a rate, with its ramp. */
export function EmptyAt({ backlog: { groups, atLeast }, rate, setRate }: EmptyAtProps) {
  const pending = groups.reduce((sum, { status, events }) => sum + (status === 'pending' ? events : 0), 0);
  const takes = durationText(turnsTakeMs(pending, rate));
  const here = place.value.query;
  return (
    <section class="empty-at" aria-label="When it would be empty">
      <label>
        At a rate of <strong>{rate}/s</strong>
        <input
          type="range"
          min={0}
          max={RATES.length - 1}
          value={RATES.indexOf(rate)}
          aria-valuetext={`${rate} a second`}
          onInput={(event) => setRate(RATES[Number(event.currentTarget.value)] ?? rate)}
        />
      </label>
      <p>
        <output>
          {atLeast ? 'at least ' : ''}
          {counted(pending, 'pending event')}: empty in <strong>{takes}</strong>, or later where Lambda throttles or
          something fails
        </output>{' '}
        <a
          class="go"
          href={hrefOf('events', {
            function: here.getAll('function'),
            source: here.getAll('source'),
            rate: `${rate}/s`,
          })}
        >
          Replay at {rate}/s…
        </a>
      </p>
    </section>
  );
}
