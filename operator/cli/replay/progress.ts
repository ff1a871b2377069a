import type { EventOutcome } from '../../../core/replay/news.ts';
import { durationText } from '../../../core/windows/time-text.ts';
import type { Output } from '../terminal/output.ts';

/** A line on a terminal that is written over as things go on. Nothing at all elsewhere. */
export interface Progress {
  /** Something came to an end. */
  count(outcome: EventOutcome): void;
  /** How many there are to come to an end, once that is known. */
  expect(total: number): void;
  /** Takes the line away until the next count. */
  clear(): void;
  end(): void;
}

/** The line is written this often at most. */
const REDRAW_MS = 200;
/** Window for the moving average of the rate. */
const RATE_OVER_MS = 10_000;

export function createProgress({ progress }: Output): Progress {
  if (!progress) return { count: ignore, expect: ignore, clear: ignore, end: ignore };
  let done = 0;
  let failed = 0;
  let total: number | undefined;
  const marks = [{ at: performance.now(), done: 0 }];
  const timer = setInterval(() => progress(line()), REDRAW_MS);
  timer.unref();

  return {
    count(outcome) {
      done += 1;
      if (outcome === 'failed' || outcome === 'unknown' || outcome === 'refused') failed += 1;
    },
    expect(count) {
      total = count;
    },
    clear: () => progress(undefined),
    end() {
      clearInterval(timer);
      progress(undefined);
    },
  };

  function line(): string {
    const rate = rateNow();
    const left = total === undefined ? undefined : Math.max(0, total - done);
    return [
      total === undefined ? `${done} done` : `${done} of ${Math.max(total, done)} done`,
      `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`,
      `${failed} failed`,
      ...(left !== undefined && left > 0 && rate > 0 ? [`${durationText((left / rate) * 1_000)} left`] : []),
    ].join(' · ');
  }

  function rateNow(): number {
    const now = performance.now();
    marks.push({ at: now, done });
    while (marks.length > 2 && now - (marks[1]?.at ?? now) > RATE_OVER_MS) marks.shift();
    const [first = { at: now, done }] = marks;
    return now > first.at ? ((done - first.done) / (now - first.at)) * 1_000 : 0;
  }
}

function ignore(): void {}
