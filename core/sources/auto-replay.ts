import { nearest } from '../text/nearest.ts';
import { fault, type Parsed, parsed, quoted } from '../text/parsed.ts';
import { isObject } from '../text/shape.ts';

/**
 * What becomes of a backlog when its window has ended, as a document says it. `manual`: it waits for somebody who
 * replays it. An object: the drain replays it by itself, `{}` with the defaults of `replay`.
 *
 * ```json
 * { "rate": "50/s", "canary": 20, "stopAfter": "10%", "ordered": true }
 * ```
 */
export type ReplayPolicy = 'manual' | ReplayPlanPolicy;

/** How a backlog is replayed by itself. Every field may be absent. */
interface ReplayPlanPolicy {
  /** At most so many events a second: `50/s`. Default: as fast as they are answered. */
  readonly rate?: string;
  /** Replay so many first, and go on only if all of them succeeded. Default: none. */
  readonly canary?: number;
  /** Stop at so many failures, or at such a part of 10 outcomes or more: `20`, `10%`. Default: that of `replay`. */
  readonly stopAfter?: string;
  /** One at a time for each shard, partition or message group. Default: false. */
  readonly ordered?: boolean;
}

/** The same, read. */
export type AutoReplay = 'manual' | AutoReplayPlan;

/** How a backlog is replayed by itself. What is absent is as `replay` has it. */
export interface AutoReplayPlan {
  readonly ratePerSecond?: number;
  readonly canary?: number;
  readonly stopAfter?: FailureLimit;
  readonly ordered?: boolean;
}

/** When to stop by itself: at so many failures, or at such a part of what has an outcome. */
export type FailureLimit =
  | { readonly kind: 'count'; readonly failures: number }
  | { readonly kind: 'share'; readonly percent: number };

/** Fields of a {@link ReplayPlanPolicy}, each with what it says in an {@link AutoReplayPlan}. */
const FIELDS: { readonly [Name in keyof ReplayPlanPolicy]-?: (value: unknown) => Parsed<AutoReplayPlan> } = {
  rate: (value) => read(parseRate(value), (ratePerSecond) => ({ ratePerSecond })),
  canary: (value) => read(parseCanary(value), (canary) => ({ canary })),
  stopAfter: (value) => read(parseFailureLimit(value), (stopAfter) => ({ stopAfter })),
  ordered: (value) => (typeof value === 'boolean' ? parsed({ ordered: value }) : fault('must be true or false')),
};

/**
 * Reads a {@link ReplayPolicy} from a parsed JSON value. Never throws; stops at the first fault. The gate has no use for
 * it, and does not read it: so a word that is new here asks for no newer client.
 *
 * @param place what the message begins with: `policy.replay`, `windows[0].replay`
 */
export function parseAutoReplay(value: unknown, place: string): Parsed<AutoReplay> {
  if (value === 'manual') return parsed(value);
  if (!isObject(value)) {
    return fault(`${place}: must be "manual", or an object such as {"rate":"50/s","canary":20}; {} has the defaults`);
  }
  let plan: AutoReplayPlan = {};
  for (const [name, field] of Object.entries(value)) {
    if (!isField(name)) return fault(`${place}: ${unknownField(name)}`);
    const one = FIELDS[name](field);
    if (one.kind === 'fault') return fault(`${place}.${name}: ${one.message}`);
    plan = { ...plan, ...one.value };
  }
  return parsed(plan);
}

/** An event in 17 minutes: at less than this a replay stands still, and who typed it has lost a digit. */
export const LEAST_RATE_PER_SECOND = 0.001;

/** Events a second: `50/s`, `0.5/s`. The one place where a rate is read. */
export function parseRate(value: unknown): Parsed<number> {
  const [, number] = (typeof value === 'string' && /^(\d{1,9}(?:\.\d{1,9})?)\/s$/.exec(value)) || [];
  const rate = Number(number ?? 0);
  if (rate === 0) return fault(`${quoted(value)} is no rate; write events a second, such as "50/s"`);
  if (rate >= LEAST_RATE_PER_SECOND) return parsed(rate);
  return fault(
    `${quoted(value)} is too slow; write ${LEAST_RATE_PER_SECOND}/s or more, which is an event in 17 minutes`,
  );
}

/** A number of failures, or a part of all outcomes: `20`, `10%`. */
export function parseFailureLimit(value: unknown): Parsed<FailureLimit> {
  const [, number, percent] = (typeof value === 'string' && /^([1-9]\d{0,5})(%?)$/.exec(value)) || [];
  if (number !== undefined && percent === '') return parsed({ kind: 'count', failures: Number(number) });
  if (number !== undefined && Number(number) <= 100) return parsed({ kind: 'share', percent: Number(number) });
  return fault(`${quoted(value)} is no limit; write a number of failures or a part of all outcomes: "20", "10%"`);
}

function parseCanary(value: unknown): Parsed<number> {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 999_999
    ? parsed(value)
    : fault('must be a whole number from 1 to 999999');
}

function read<Value>(value: Parsed<Value>, into: (value: Value) => AutoReplayPlan): Parsed<AutoReplayPlan> {
  return value.kind === 'value' ? parsed(into(value.value)) : value;
}

function isField(name: string): name is keyof ReplayPlanPolicy {
  return Object.hasOwn(FIELDS, name);
}

function unknownField(name: string): string {
  const names = Object.keys(FIELDS);
  const meant = nearest(name, names);
  return `${quoted(name)} is no field of it; ${meant ? `did you mean ${meant}?` : `use ${names.join(', ')}`}`;
}

/** Whose words there are about a backlog. */
export interface ReplayWords {
  /** Of the windows that have ended, the one that ended last behind. */
  readonly windows: readonly ReplayPolicy[];
  /** Of the function's own policy. */
  readonly function?: ReplayPolicy;
  /** Of the policy of all parameters. */
  readonly parameters?: ReplayPolicy;
}

/**
 * What becomes of a backlog. `manual` of a window or of the function holds whatever others say: an event too many that waits
 * does no harm. Else the window goes before the function, and that before the parameters. What cannot be read is `manual`.
 */
export function replayInForce({ windows, function: own, parameters }: ReplayWords): AutoReplay {
  const words = [...windows, ...(own === undefined ? [] : [own])];
  const readings = words.map((word) => parseAutoReplay(word, ''));
  if (readings.some((reading) => reading.kind === 'fault' || reading.value === 'manual')) return 'manual';
  const word = windows.at(-1) ?? own ?? parameters ?? 'manual';
  const replay = parseAutoReplay(word, '');
  return replay.kind === 'value' ? replay.value : 'manual';
}
