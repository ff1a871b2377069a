/**
 * How fast a replay goes. Numbers in, numbers out: the clock and the waiting are the caller's.
 */

/** Part of the rate at the beginning; whole after {@link RAMP_MS}, because systems come back cold. */
const RAMP_FROM = 0.1;
const RAMP_MS = 30_000;

/** Backoff after a refusal that may pass: up to 0.4, 0.8, … 30 s, and at least half of that. */
const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 30_000;

/** Hands out turns at a rate. */
export interface Rate {
  /** How many milliseconds to wait for one's turn, which is taken by asking. `now`: milliseconds of a steady clock. */
  turn(now: number): number;
  /** Begins the ramp anew: after a pause nothing is warm any more. */
  restart(now: number): void;
  /**
   * Goes on at another rate: at once where it is lower, else as the ramp has it from the present one on. Turns that have
   * not come yet are void: who waits for one asks again. False where it is the same rate.
   */
  change(perSecond: number, now: number): boolean;
  /** How much of the ramp is gone, in milliseconds. */
  rampedMs(now: number): number;
}

/** Where a rate begins, if not at the beginning. */
export interface RateBegun {
  /** The ramp is behind it. Default: false. */
  readonly isWarm?: boolean;
  /** The first turn comes after the time that this part of a turn takes, from 0 to 1. Default: 0, at once. */
  readonly firstAfter?: number;
}

/** @param perSecond Infinity for no limit */
export function createRate(perSecond: number, now: number, { isWarm = false, firstAfter = 0 }: RateBegun = {}): Rate {
  let wholeRate = perSecond;
  let beganAt = isWarm ? now - RAMP_MS : now;
  let nextAt = now;
  /** The last turn that has come, and those that are still to come. */
  let turns: number[] = [];
  const intervalAt = (at: number) => 1_000 / (wholeRate * rampAt(at - beganAt));
  if (firstAfter > 0 && Number.isFinite(perSecond)) {
    nextAt = now + turnsTakeMs(firstAfter, perSecond, now - beganAt);
    turns = [nextAt - intervalAt(now)]; // what comes before the first one, whoever had it
  }
  return {
    turn(at) {
      const turnAt = Math.max(at, nextAt);
      while ((turns[1] ?? turnAt) < at) turns.shift();
      turns.push(turnAt);
      nextAt = turnAt + intervalAt(turnAt);
      return turnAt - at;
    },
    restart(at) {
      beganAt = at;
      nextAt = at;
      turns = [];
    },
    change(nextRate, at) {
      if (nextRate === wholeRate) return false;
      const part = (wholeRate * rampAt(at - beganAt)) / nextRate;
      wholeRate = nextRate;
      // Without a limit before, or with none now, there is nothing to gain step by step.
      beganAt = at - (Number.isFinite(nextRate) ? elapsedAt(part) : RAMP_MS);
      const lastAt = turns.filter((turn) => turn <= at).at(-1);
      turns = lastAt === undefined ? [] : [lastAt];
      nextAt = lastAt === undefined ? at : Math.max(at, lastAt + intervalAt(at));
      return true;
    },
    rampedMs: (at) => Math.min(RAMP_MS, Math.max(0, at - beganAt)),
  };
}

/**
 * How long turns at a rate take that are taken as soon as each comes, in milliseconds. 0 without a limit.
 *
 * @param elapsedMs of the ramp so far
 */
export function turnsTakeMs(turns: number, perSecond: number, elapsedMs = 0): number {
  if (perSecond === Number.POSITIVE_INFINITY) return 0;
  return msAtWork(workAt(elapsedMs) + (turns * 1_000) / perSecond) - elapsedMs;
}

/** How many turns at a rate a time has, the ramp's first `elapsedMs` gone. */
export function turnsWithin(durationMs: number, perSecond: number, elapsedMs = 0): number {
  return ((workAt(elapsedMs + durationMs) - workAt(elapsedMs)) * perSecond) / 1_000;
}

/** Milliseconds at the whole rate that bring as much as the first `ms` of a ramp. */
function workAt(ms: number): number {
  const rampedMs = Math.min(ms, RAMP_MS);
  return RAMP_FROM * rampedMs + RAMP_SLOPE * rampedMs ** 2 + (ms - rampedMs);
}

/** The inverse of {@link workAt}. */
function msAtWork(work: number): number {
  const whole = workAt(RAMP_MS);
  if (work >= whole) return RAMP_MS + (work - whole);
  return (Math.sqrt(RAMP_FROM ** 2 + 4 * RAMP_SLOPE * work) - RAMP_FROM) / (2 * RAMP_SLOPE);
}

/** Half of what the ramp gains in a millisecond. */
const RAMP_SLOPE = (1 - RAMP_FROM) / (2 * RAMP_MS);

/**
 * How much one function may be given at once, and when. A run begins with few, so that a function that is broken meets few:
 * more after each success, less after each failure and each refusal that may pass.
 */
export interface Throttle {
  /** Invocations under way at once, at least 1. */
  readonly allowed: number;
  /** Earliest instant for the next one, in milliseconds of the given clock. */
  readonly notBefore: number;
  /** The function ran, and did not fail. */
  succeeded(): void;
  /** It failed, or nobody knows what became of it. */
  failed(): void;
  /**
   * An invocation was turned away, and may pass later. Those that were under way together count once.
   *
   * @param chance uniform in [0, 1)
   */
  turnedAway(now: number, chance: number): void;
}

/** A run begins with so many at once, and failures never allow fewer. */
const FEW = 2;

/** @param concurrency asked at each look: it may change in the middle */
export function createThrottle(concurrency: () => number): Throttle {
  let allowed = FEW;
  let notBefore = Number.NEGATIVE_INFINITY;
  let streak = 0;
  /** Until a first refusal it is not known how much Lambda bears: then more by one with each success, by one a round later. */
  let wasTurnedAway = false;
  return {
    get allowed() {
      return Math.max(1, Math.floor(Math.min(allowed, concurrency())));
    },
    get notBefore() {
      return notBefore;
    },
    succeeded() {
      streak = 0;
      allowed = Math.max(1, Math.min(concurrency(), allowed + (wasTurnedAway ? 1 / allowed : 1)));
    },
    failed() {
      streak = 0;
      allowed = Math.min(allowed, Math.max(FEW, allowed - 1));
    },
    turnedAway(now, chance) {
      if (now < notBefore) return;
      streak += 1;
      wasTurnedAway = true;
      allowed = Math.max(1, allowed / 2);
      const longestMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** streak);
      notBefore = now + (longestMs * (1 + chance)) / 2;
    },
  };
}

/** The inverse of {@link rampAt}: all of the ramp where that part is 1 or more. */
function elapsedAt(part: number): number {
  return Math.min(RAMP_MS, Math.max(0, ((part - RAMP_FROM) * RAMP_MS) / (1 - RAMP_FROM)));
}

function rampAt(elapsedMs: number): number {
  return Math.min(1, RAMP_FROM + ((1 - RAMP_FROM) * Math.max(0, elapsedMs)) / RAMP_MS);
}
