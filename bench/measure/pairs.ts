/** A figure with the interval that holds it with 95 % confidence. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 1_000;
const SEED = 20_261_121;

/**
 * Measures each side once a round, in an order that rotates. Drift (heat, a busy neighbour, a filling disk, a cache
 * that the side before has filled) meets all sides alike. With as many rounds as there are sides, or a multiple, each
 * has been in each place equally often.
 *
 * @returns one figure a round for each side, in the order of the rounds
 */
export async function interleave<Side extends string, Figure>(
  rounds: number,
  sides: Readonly<Record<Side, () => Promise<Figure>>>,
): Promise<Record<Side, Figure[]>> {
  const names = Object.keys(sides) as Side[];
  const figures = Object.fromEntries(names.map((name) => [name, [] as Figure[]])) as Record<Side, Figure[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (const name of rotated(names, round)) figures[name].push(await sides[name]());
  }
  return figures;
}

/** A list that begins with another one of its elements each round. */
export function rotated<Element>(list: readonly Element[], round: number): Element[] {
  const first = round % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}

/** How much more the subject takes than the baseline: the differences within each round. */
export function differences(subject: readonly number[], baseline: readonly number[]): number[] {
  return subject.map((figure, round) => figure - baselineOf(baseline, round));
}

/** How many times what the baseline takes the subject takes: the ratios within each round. */
export function ratios(subject: readonly number[], baseline: readonly number[]): number[] {
  return subject.map((figure, round) => figure / baselineOf(baseline, round));
}

function baselineOf(baseline: readonly number[], round: number): number {
  const figure = baseline[round];
  if (figure === undefined) throw new RangeError(`the baseline has no round ${round}`);
  return figure;
}

/**
 * The median, or another statistic, and its interval by the percentile bootstrap. The resampling is seeded: the same
 * figures give the same interval.
 */
export function estimate(figures: readonly number[], statistic = median): Estimate {
  const random = seededRandom(SEED);
  const resampled = Array.from({ length: RESAMPLES }, () =>
    statistic(figures.map(() => figures[Math.floor(random() * figures.length)] ?? Number.NaN)),
  );
  return { value: statistic(figures), low: quantile(resampled, 0.025), high: quantile(resampled, 0.975) };
}

export function median(figures: readonly number[]): number {
  return quantile(figures, 0.5);
}

/** The mean of the middle half: outliers move it as little as the median, and ordinary scatter less. */
export function midmean(figures: readonly number[]): number {
  const quarter = Math.floor(figures.length / 4);
  const middle = figures.toSorted((a, b) => a - b).slice(quarter, figures.length - quarter);
  return middle.reduce((sum, figure) => sum + figure, 0) / middle.length;
}

/** The quantile, between two figures by linear interpolation. `NaN` where there are none. */
export function quantile(figures: readonly number[], share: number): number {
  const sorted = Float64Array.from(figures).sort();
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** Mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
