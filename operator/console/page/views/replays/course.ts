/** What was seen of a replay while somebody watched it. */
import type { Series } from '../../parts/series.ts';
import type { RunJson } from '../../shapes.ts';

/** How far a replay was at an instant. */
interface Sample {
  /** Epoch milliseconds, by who does the replay. */
  readonly at: number;
  readonly replayed: number;
  readonly failed: number;
  /** Null where none is asked for. */
  readonly ratePerSecond: number | null;
}

/** Something that it waited for. */
export interface SeenWait {
  readonly why: string;
  readonly function?: string;
  /** Epoch milliseconds. */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** Both oldest first. */
export interface Watched {
  readonly samples: readonly Sample[];
  readonly waits: readonly SeenWait[];
}

export const NOTHING_SEEN: Watched = { samples: [], waits: [] };

/** An hour of heartbeats, of two seconds each. */
const MOST_SAMPLES = 1_800;
const MOST_WAITS = 50;
/** A rate is told over this long: fewer events than seconds would else draw a comb. */
const OVER_MS = 10_000;

/** What was seen, with one more answer. One that tells of no later instant changes nothing. */
export function seenOf(before: Watched, run: RunJson): Watched {
  const at = Date.parse(run.heartbeatAt);
  if (at <= (before.samples.at(-1)?.at ?? 0)) return before;
  const sample = {
    at,
    replayed: replayedOf(run),
    failed: failedOf(run),
    ratePerSecond: run.ratePerSecond ?? null,
  };
  return {
    samples: [...before.samples, sample].slice(-MOST_SAMPLES),
    waits: run.waiting ? waitsWith(before.waits, run.waiting, at) : before.waits,
  };
}

function waitsWith(before: readonly SeenWait[], { why, function: name }: Waiting, at: number): readonly SeenWait[] {
  const same = before.find((wait) => wait.why === why && wait.function === name);
  const wait = { why, ...(name !== undefined && { function: name }), firstAt: same?.firstAt ?? at, lastAt: at };
  return [...before.filter((each) => each !== same), wait].slice(-MOST_WAITS);
}
type Waiting = NonNullable<RunJson['waiting']>;

/** Events of which it is known that they ran well, or that Lambda's own queue has them. */
export function replayedOf({ counts: { replayed = 0, accepted = 0 } }: RunJson): number {
  return replayed + accepted;
}

/** Events of which it is not known that they ran well. */
export function failedOf({ counts: { failed = 0, unknown = 0 } }: RunJson): number {
  return failed + unknown;
}

/** Events a second at each sample but the first, against the rate that was asked for. */
export function courseOf({ samples }: Watched): {
  readonly times: readonly number[];
  readonly series: readonly Series[];
} {
  const later = samples.slice(1);
  const rates = later.map((_, index) => rateAt(samples, index + 1));
  const asked = later.map(({ ratePerSecond }) => ratePerSecond);
  return {
    times: later.map(({ at }) => at),
    series: [
      { name: 'replayed', values: rates.map(({ replayed }) => replayed) },
      { name: 'failed', values: rates.map(({ failed }) => failed) },
      ...(asked.some((rate) => rate !== null) ? [{ name: 'asked for', values: asked, nullMeans: 'none' }] : []),
    ],
  };
}

/** Since the first of the samples of some seconds, or since the one before. To a tenth. */
function rateAt(samples: readonly Sample[], index: number): { readonly replayed: number; readonly failed: number } {
  const { at, replayed, failed } = samples[index] as Sample;
  const first = samples.findIndex((sample) => sample.at >= at - OVER_MS);
  const since = samples[Math.min(first, index - 1)] as Sample;
  const perSecond = (events: number) => Math.round((events / (at - since.at)) * 10_000) / 10;
  return { replayed: perSecond(replayed - since.replayed), failed: perSecond(failed - since.failed) };
}
