import type { Clock } from '../../core/gate/ports.ts';
import { steadyClock } from './steady-clock.ts';

/** An answer of AWS's, as far as it tells the time. */
export interface HeardAnswer {
  readonly status: number;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** When its request was sent, and when its head was there. Milliseconds of the steady clock. */
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
}

/** Told of each answer. */
export type Hear = (answer: HeardAnswer) => void;

/** AWS's time, learned from its answers; the local clock's until the first of them. */
export interface AwsClock extends Clock {
  readonly hear: Hear;
  /** Whether any answer has come, whatever it told. */
  readonly hasHeard: boolean;
  /** Whether an answer has told the time. */
  readonly isTold: boolean;
}

/** How far AWS's time is ahead of the steady clock: between two numbers, in milliseconds. */
interface Range {
  readonly least: number;
  readonly most: number;
}

interface Told extends Range {
  /** The number of that range that is gone by. */
  readonly aheadMs: number;
  /** How far the clock here was ahead of the steady one then. */
  readonly localAheadMs: number;
}

/** `Date` has whole seconds. https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 */
const DATE_STEP_MS = 1_000;
/** An answer that took longer says too little: a function may think for minutes before it. */
const LONGEST_ROUND_TRIP_MS = 10_000;
/** Dates before this tool existed, or a lifetime from now, are not AWS's. */
const [LEAST_DATE, MOST_DATE] = [Date.UTC(2026, 0), Date.UTC(2100, 0)];
/** Certainly wrong by more than this is worth a word. */
const TOLERATED_MS = 5_000;

/**
 * Makes the clock. An answer was dated between the sending of its request and its coming, which leaves a range of some more
 * than a second for AWS's time; further answers narrow it. A clock here that may be right is gone by, to the millisecond.
 *
 * One that contradicts those before is another voice, and no better than they: it begins anew where the clock here is with
 * it, or the next answer is. Else one that a stand-in or a proxy has misdated would move what is written in between by hours.
 *
 * It runs with the steady clock, so that nobody who sets the clock here moves it. Only where that one jumps ahead is it
 * followed, until the next answer: a machine that slept must not think that its leases hold, and the steady clock slept, too.
 *
 * @param local the clock here
 * @param onSkew told once, where the clock here is wrong: by how much it is ahead, in milliseconds; negative: behind
 */
export function createAwsClock(local: Clock, onSkew: (aheadMs: number) => void, steady: Clock = steadyClock): AwsClock {
  let told: Told | undefined;
  /** What the last answer said, which nothing bears out yet. */
  let doubted: Range | undefined;
  let hasHeard = false;
  let isSaid = false;
  return {
    now,
    random: local.random,
    hear,
    get hasHeard() {
      return hasHeard;
    },
    get isTold() {
      return told !== undefined;
    },
  };

  function now(): number {
    if (!told) return local.now();
    const jumpMs = Math.max(0, localAheadMs() - told.localAheadMs);
    return Math.round(steady.now() + told.aheadMs + jumpMs);
  }

  function hear(answer: HeardAnswer): void {
    hasHeard = true;
    const heard = rangeOf(answer);
    if (!heard) return;
    const here = localAheadMs();
    const before = told && agreeing(told, heard, here);
    if (told && !before && !isWithin(heard, here) && !(doubted && intersection(doubted, heard))) {
      doubted = heard;
      return;
    }
    doubted = undefined;
    const range = (before && intersection(before, heard)) ?? heard;
    // What stays possible stays: time does not go back and forth with each answer.
    const kept = before ? before.aheadMs : here;
    told = { ...range, aheadMs: isIn(range, kept) ? kept : (range.least + range.most) / 2, localAheadMs: here };
    if (isSaid || isWithin(range, here)) return;
    isSaid = true;
    onSkew(here - told.aheadMs);
  }

  function localAheadMs(): number {
    return local.now() - steady.now();
  }
}

/** AWS's time by one answer; undefined if it is not credible. */
function rangeOf({ status, headers, sentAtMs, receivedAtMs }: HeardAnswer): Range | undefined {
  const { date = '', age } = headers;
  // What lay in a cache is as old as it says; what a proxy says when AWS is away is the proxy's.
  if (age !== undefined || status >= 500 || receivedAtMs - sentAtMs > LONGEST_ROUND_TRIP_MS) return undefined;
  const at = Date.parse(date);
  if (!(at >= LEAST_DATE && at < MOST_DATE) || new Date(at).toUTCString() !== date) return undefined;
  return { least: at - receivedAtMs, most: at + DATE_STEP_MS - sentAtMs };
}

/** What was told before, where this answer agrees with it: as it was, or, after a sleep, as the clock here has jumped since. */
function agreeing(told: Told, heard: Range, localAheadMs: number): Told | undefined {
  const jumpMs = localAheadMs - told.localAheadMs;
  const jumped = {
    least: told.least + jumpMs,
    most: told.most + jumpMs,
    aheadMs: told.aheadMs + jumpMs,
    localAheadMs,
  };
  return [told, jumped].find((each) => intersection(each, heard));
}

function intersection(one: Range, other: Range): Range | undefined {
  const least = Math.max(one.least, other.least);
  const most = Math.min(one.most, other.most);
  return least <= most ? { least, most } : undefined;
}

function isIn({ least, most }: Range, aheadMs: number): boolean {
  return least <= aheadMs && aheadMs <= most;
}

function isWithin({ least, most }: Range, aheadMs: number): boolean {
  return isIn({ least: least - TOLERATED_MS, most: most + TOLERATED_MS }, aheadMs);
}
