import { turnsTakeMs, turnsWithin } from '../../../core/replay/pace.ts';
import type { ReplayPlan } from '../../../core/replay/plan.ts';
import { type EventOutcome, noCounts, type ReplayNews } from '../../../core/replay/progress/news.ts';
import { numberText } from '../../../core/text/shown.ts';
import { durationText } from '../../../core/time/time-text.ts';
import type { Session } from '../session.ts';
import { waitText } from './wait-text.ts';

/** How a replay goes on: on a terminal a line that is written over, elsewhere a line on stderr every 10 s. */
export interface Progress {
  /** Something came to an end. */
  count(outcome: EventOutcome): void;
  /** How many events there are to come to an end, once that is known: without regard to the plan's limit. */
  expect(events: number): void;
  /** It goes at another rate from now on, or begins its ramp anew. */
  paced(pace: Pace): void;
  /** Takes the line away until the next one is due, so that something else can be written or asked. */
  pause(): void;
  resume(): void;
  end(): void;
}

const REDRAW_MS = 200;
/** How often a line is written where none can be written over. */
const LINE_MS = 10_000;
/** Window for the moving average of the rate. */
const RATE_OVER_MS = 10_000;
/** So long without an outcome is a rest, and what it waits for is said. */
const REST_MS = 5_000;

/** Outcomes that leave an event as it was: it is not done. */
const PASSED_OVER: readonly EventOutcome[] = ['held', 'leased', 'taken', 'released'];

type Pace = Omit<ReplayNews & { kind: 'pace' }, 'kind'>;

export function createProgress({ output, waits }: Session, { limit, ...plan }: ReplayPlan): Progress {
  let { ratePerSecond } = plan;
  const counts = noCounts();
  let [done, passedOver] = [0, 0];
  let events: number | undefined;
  let pacedAt = performance.now();
  let isPaused = false;
  let toldDone = 0;
  let lastAt = performance.now();
  let marks = [{ at: performance.now(), done: 0 }];
  const timer = setInterval(output.progress ? redraw : writeLine, output.progress ? REDRAW_MS : LINE_MS);
  timer.unref();

  return {
    count(outcome) {
      counts[outcome] += 1;
      if (PASSED_OVER.includes(outcome)) passedOver += 1;
      else done += 1;
      lastAt = performance.now();
    },
    expect(count) {
      events = count;
    },
    paced(pace) {
      const now = performance.now();
      ratePerSecond = pace.ratePerSecond;
      pacedAt = now - pace.rampedMs;
      marks = [{ at: now, done }];
    },
    pause() {
      isPaused = true;
      output.progress?.(undefined);
    },
    resume() {
      isPaused = false;
    },
    end() {
      clearInterval(timer);
      output.progress?.(undefined);
    },
  };

  function redraw(): void {
    if (!isPaused) output.progress?.(line());
  }

  /** A wait that goes on is reported by itself each minute. */
  function writeLine(): void {
    if (isPaused || (done === toldDone && waits.current().length > 0)) return;
    toldDone = done;
    output.note(line());
  }

  function line(): string {
    const now = performance.now();
    const perSecond = rateAt(now);
    const left = leftOver();
    const waiting = waits.current().filter(({ isSure }) => isSure || now - lastAt >= REST_MS);
    const leftMs = left === undefined ? undefined : timeFor(left, perSecond, now);
    const { failed, unknown, refused } = counts;
    return [
      left === undefined ? `${numberText(done)} done` : `${numberText(done)} of ${numberText(done + left)} done`,
      `${perSecond < 10 ? perSecond.toFixed(1) : numberText(Math.round(perSecond))}/s`,
      `${numberText(failed)} failed`,
      ...(unknown > 0 ? [`${numberText(unknown)} unknown`] : []),
      ...(refused > 0 ? [`${numberText(refused)} refused`] : []),
      ...(waiting.length > 0
        ? [waitText(waiting, output.times)]
        : leftMs === undefined || left === 0
          ? []
          : [`${durationText(leftMs)} left`]),
    ].join(' · ');
  }

  function leftOver(): number | undefined {
    if (events === undefined) return undefined;
    return Math.max(0, Math.min(events - passedOver, limit + counts.discarded) - done);
  }

  /** Events a second, as a moving average. */
  function rateAt(now: number): number {
    marks.push({ at: now, done });
    while (marks.length > 2 && now - (marks[1]?.at ?? now) > RATE_OVER_MS) marks.shift();
    const { at, done: doneThen } = marks[0] ?? { at: now, done };
    return now > at ? ((done - doneThen) / (now - at)) * 1_000 : 0;
  }

  /**
   * How long the rest takes, in milliseconds. Under a rate it follows the rate and its ramp, stretched where the functions
   * have been slower than that; else it follows the average.
   */
  function timeFor(left: number, perSecond: number, now: number): number | undefined {
    if (ratePerSecond === Number.POSITIVE_INFINITY) return perSecond > 0 ? (left / perSecond) * 1_000 : undefined;
    const { at, done: doneThen } = marks[0] ?? { at: now, done };
    const due = turnsWithin(now - at, ratePerSecond, at - pacedAt);
    const share = due < LEAST_DUE ? 1 : Math.min(1, (done - doneThen) / due);
    return share > 0 ? turnsTakeMs(left, ratePerSecond, now - pacedAt) / share : undefined;
  }
}

/** Of fewer turns than this nobody can say that they are late. */
const LEAST_DUE = 10;
