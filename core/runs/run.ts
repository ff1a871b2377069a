import type { ReplayPlan } from '../replay/plan.ts';
import { isAnyUndone, noCounts, type ReplayCounts } from '../replay/progress/news.ts';
import type { Waiting } from '../replay/progress/waits.ts';
import { DAY_MS, MINUTE_MS } from '../units.ts';

/**
 * How a run is. `stopping`: somebody cancelled it, and what is under way ends first. `done` and `stopped` are written down
 * by whoever ends it; the others are told by what is wanted of it, how its shares are, and what its events came to.
 * `incomplete`: it came to its end, and not all of its events are done. `lost`: it has not ended, and
 * nobody has heard of it for too long. A drain's is not lost while its machine may go on with it: it waits.
 */
export type RunStatus = 'running' | 'paused' | 'stopping' | 'done' | 'incomplete' | 'stopped' | 'lost';

/** How a run may end. */
export type RunEnd = 'done' | 'stopped';

/** A replay as a record: what it is, what is wanted of it, and how far it is. Instants are epoch milliseconds. */
export interface ReplayRun extends RunFacts {
  readonly status: RunStatus;
  /** Of all shares together. */
  readonly counts: ReplayCounts;
  /** As it is in force; absent for no limit. */
  readonly ratePerSecond?: number;
  /** Invocations at once, as it is in force. */
  readonly concurrency: number;
  /** Why some of it waits. */
  readonly waiting?: RunWaiting;
  readonly wishes: RunWishes;
  /** In the order of their numbers; those that have begun. Of a run of a list that has ended, none. */
  readonly shares: readonly RunShare[];
  /** Number of shares, begun or not. */
  readonly shareCount: number;
  readonly endedAt?: number;
  /** Why it did not come to its end. */
  readonly why?: string;
  /** When somebody heard of it last. */
  readonly heartbeatAt: number;
  /** Who has not heard of it by then may call it lost. */
  readonly aliveUntil: number;
  /** Of a drain's of which nobody has heard for as long as {@link NEXT_STRETCH_MS}: since when its machine has to go on with it. */
  readonly silentSinceAt?: number;
}

/** What a run is from its start on. */
export interface RunFacts {
  /** Eight lower-case hexadecimal digits. Its events have it in the middle of `doneBy` and `leaseBy`: `<who>/<run>/<number>`. */
  readonly id: string;
  readonly name: string;
  readonly reason?: string;
  /** Whoever started it, `alice@laptop`, or the monitor. */
  readonly by: string;
  /** Where it runs: the host name of a terminal, or {@link FROM_DRAIN}. */
  readonly from: string;
  readonly selection: RunSelection;
  readonly plan: RunPlan;
  readonly startedAt: number;
  /** ARN of the state machine's execution. */
  readonly execution?: string;
  /** Of one that a window's end began: what waits beside it, see {@link LeftToSomebody}. */
  readonly left?: LeftToSomebody;
}

/** Events of the same function that were pending as a run began, and were deferred under other windows: for somebody to replay. */
export interface LeftToSomebody {
  readonly events: number;
  /** There are so many or more. */
  readonly isMore?: true;
}

/** `from` of a run that no terminal does. */
export const FROM_DRAIN = 'drain';

/**
 * Which events, as resolved at the start. A drain's has always `untilAt`: what is deferred later is not meant. A terminal's,
 * unless somebody says so, goes on with what comes meanwhile.
 */
export interface RunSelection {
  /** Names, no globs. */
  readonly functions: readonly string[];
  /** Policy keys; absent for all. */
  readonly sources?: readonly string[];
  readonly window?: string;
  /** Words of the last error. */
  readonly error?: string;
  /** The last error whole, as failures are grouped. */
  readonly errorIs?: string;
  /** Words of the event's text. */
  readonly grep?: string;
  /** Epoch milliseconds. */
  readonly fromAt?: number;
  /** Epoch milliseconds. */
  readonly untilAt?: number;
  /**
   * Deferred under windows that began at this instant or later, as the event itself says: one that says nothing is not meant.
   * Of a drain's that a window's end began. Epoch milliseconds.
   */
  readonly underFromAt?: number;
  /** Events that were named one by one: the first {@link MOST_IDS} of them. */
  readonly ids?: readonly string[];
  /** How many were named; absent where `ids` has all of them. */
  readonly idCount?: number;
}

/** Ids that a record keeps. */
const MOST_IDS = 100;

/** Events that were named one by one, as a record has them. */
export function namedIn(ids: readonly string[]): Pick<RunSelection, 'ids' | 'idCount'> {
  return ids.length <= MOST_IDS ? { ids } : { ids: ids.slice(0, MOST_IDS), idCount: ids.length };
}

/** A plan as JSON has it: no limit is none. */
export type RunPlan = Omit<ReplayPlan, 'ratePerSecond' | 'limit'> &
  Partial<Pick<ReplayPlan, 'ratePerSecond' | 'limit'>>;

/** What somebody wants of a run. */
export interface RunWishes {
  readonly wanted: 'running' | 'paused' | 'stopped';
  /** Infinity for no limit; absent: as the plan has it. */
  readonly ratePerSecond?: number;
  /** Absent: as the plan has it. */
  readonly concurrency?: number;
  /** Who said so last, and when. Absent where nobody did. */
  readonly by?: string;
  readonly at?: number;
}

/**
 * How a share is. `more`: between two stretches. `held`: it waits for a window. The others are final: `stopped` by its rule
 * or by somebody, `failed`: what ran it did, `left`: to a terminal, as its function takes longer than a stretch.
 */
export type ShareState = 'running' | 'paused' | 'held' | 'more' | FinalShareState;
export type FinalShareState = 'done' | 'stopped' | 'failed' | 'left';

/** Share states that nothing comes after. */
export const FINAL_SHARE_STATES: readonly FinalShareState[] = ['done', 'stopped', 'failed', 'left'];
export const SHARE_STATES: readonly ShareState[] = ['running', 'paused', 'held', 'more', ...FINAL_SHARE_STATES];

/** Part of a run that one process at a time does: all of a terminal's, a function of a drain's, or a group of its index. */
export interface RunShare {
  /** From 0. */
  readonly number: number;
  readonly functionName?: string;
  readonly state: ShareState;
  /** From the beginning of the run on, whoever did it. */
  readonly counts: ReplayCounts;
  readonly waiting?: RunWaiting;
  readonly why?: string;
  /** When it was told. */
  readonly at: number;
  readonly aliveUntil: number;
  /** Of a drain's: stands for the stretch that has it in hand, or had it last. See `RunStore.take`. */
  readonly hand?: string;
  /** Of a drain's: what its next stretch goes on from. */
  readonly progress?: ShareProgress;
}

/** What one stretch of a share leaves to the next, besides its counts. */
export interface ShareProgress {
  /** Group of the index, from 0; absent for all of the function. */
  readonly group?: number;
  /** Number of the share of the same function whose canary this one waits for; absent where it waits for none. */
  readonly leader?: number;
  /** Stretches so far. */
  readonly stretches: number;
  /** Stands for the execution that it was given to. */
  readonly given?: string;
  /** ARN of the execution that it was given to, where that is not the one of its run. */
  readonly execution?: string;
  /** Events that failed because they cannot be read: its function is not at fault. */
  readonly damaged: number;
  /** Its canary has ended, and did well. */
  readonly hasPassedCanary?: true;
  /** While it is held: since when. Epoch milliseconds. */
  readonly heldSinceAt?: number;
  /** While a stretch is under way, and after one that was cut off. */
  readonly uncounted?: Uncounted;
}

/**
 * What a stretch that is cut off leaves uncertain of its counts: of its latest events it has written down what became of
 * each, and not yet told that they are counted.
 */
export interface Uncounted {
  /** What `doneBy` of events of this stretch, and of no other, begins with. */
  readonly by: string;
  /** What was deferred before is counted to the last event. Epoch milliseconds. */
  readonly fromAt: number;
  /** What is counted already of events that were deferred from then on. */
  readonly counts: Partial<ReplayCounts>;
}

/** Why some of a run waits. */
export type RunWaiting = Pick<Waiting, 'why' | 'functionName' | 'untilAt'> & {
  /** Since when, where that is known. Epoch milliseconds. */
  readonly sinceAt?: number;
};

/** How often a run tells of itself, and hears what is wanted of it. */
export const HEARTBEAT_MS = 2_000;
/** For how long a heartbeat is good where nothing is planned: a table may fail, a machine may be slow. */
export const ALIVE_MS = 60_000;
/** Within so long of its instant the next stretch of a share has begun, unless Lambda has no room for it. */
export const NEXT_STRETCH_MS = 10 * MINUTE_MS;
/**
 * For so long a drain's machine may go on with what nobody has heard of: it tries a stretch for two days while Lambda has no
 * room, then for as long to say that it failed, then to end the run.
 */
export const MACHINE_TRIES_MS = 7 * DAY_MS;

/** A run as it is kept, before its status is told from that. */
export type KeptRun = RunFacts &
  Pick<ReplayRun, 'wishes' | 'shares' | 'shareCount' | 'aliveUntil'> & { readonly end?: KeptEnd };

/** How it ended, as written down. */
export interface KeptEnd {
  readonly status: RunEnd;
  readonly at: number;
  readonly counts: ReplayCounts;
  readonly why?: string;
}

/** A run as it is at an instant. */
export function runAt(kept: KeptRun, now: number): ReplayRun {
  const { end, aliveUntil: begunUntil, ...facts } = kept;
  const { plan, wishes } = kept;
  const isDrained = kept.from === FROM_DRAIN && !end;
  const shares = isDrained ? sharesOfDrain(kept).map((share) => withSilence(share, kept, now)) : kept.shares;
  const aliveUntil =
    Math.max(begunUntil, ...shares.map((share) => share.aliveUntil)) + (isDrained ? MACHINE_TRIES_MS : 0);
  const ratePerSecond = wishes.ratePerSecond ?? plan.ratePerSecond ?? Number.POSITIVE_INFINITY;
  const silence = isDrained ? silenceOf(kept, now) : undefined;
  const waiting = end
    ? undefined
    : (silence?.waiting ?? shares.find((share) => !isFinal(share.state) && share.waiting)?.waiting);
  return {
    ...facts,
    shares,
    status: statusAt({ ...kept, aliveUntil }, now),
    counts: end?.counts ?? sumOfCounts(shares.map(({ counts }) => counts)),
    ...(Number.isFinite(ratePerSecond) && { ratePerSecond }),
    concurrency: wishes.concurrency ?? plan.concurrency,
    ...(waiting && { waiting }),
    ...(end && { endedAt: end.at, ...(end.why !== undefined && { why: end.why }) }),
    heartbeatAt: end?.at ?? Math.max(kept.startedAt, ...shares.map(({ at }) => at)),
    aliveUntil,
    ...(silence?.isOfAll && { silentSinceAt: silence.waiting.sinceAt }),
  };
}

const MAY_HAVE_NO_ROOM = 'Lambda may have no room for it';

/** What of a drain's run its machine has to do, and nobody has heard that it did, for longer than that takes. */
function silenceOf(kept: KeptRun, now: number) {
  const { shareCount, startedAt, aliveUntil } = kept;
  const shares = sharesOfDrain(kept);
  if (shareCount === 0) {
    const waiting = { why: `it has not begun: ${MAY_HAVE_NO_ROOM}`, sinceAt: startedAt };
    return now > aliveUntil ? { waiting, isOfAll: true } : undefined;
  }
  const open = shares.filter(({ state }) => !isFinal(state));
  const silent = open.flatMap((share) => silenceOfShare(share, kept, now) ?? []);
  const [oldest] = silent.toSorted((a, b) => a.sinceAt - b.sinceAt);
  if (oldest) return { waiting: oldest, isOfAll: open.every(({ aliveUntil }) => now > aliveUntil) };
  if (open.length > 0 || shares.length < shareCount) return undefined;
  const sinceAt = Math.max(...shares.map(({ at }) => at));
  const waiting = { why: `its end has not been written down: ${MAY_HAVE_NO_ROOM}`, sinceAt };
  return now > sinceAt + ALIVE_MS ? { waiting, isOfAll: now > sinceAt + NEXT_STRETCH_MS } : undefined;
}

/** A share that was paused waits for somebody; once it is wanted to go on, for a stretch, as any other. */
function sharesOfDrain({ shares, wishes }: KeptRun): readonly RunShare[] {
  if (wishes.wanted !== 'running') return shares;
  return shares.map((share) => {
    if (share.state !== 'paused') return share;
    return { ...share, aliveUntil: Math.max(share.at, wishes.at ?? 0) + NEXT_STRETCH_MS };
  });
}

/** A share of a drain's of which nobody is heard waits for that, whatever it waited for before. */
function withSilence(share: RunShare, kept: KeptRun, now: number): RunShare {
  const waiting = silenceOfShare(share, kept, now);
  return waiting ? { ...share, waiting } : share;
}

/** Between two stretches nobody is at work; one that was cut off is found out once its heartbeat is over. */
function silenceOfShare({ state, at, aliveUntil, functionName }: RunShare, { wishes }: KeptRun, now: number) {
  if (isFinal(state) || (state === 'paused' && wishes.wanted !== 'running')) return undefined;
  const sinceAt = Math.max(at, aliveUntil - NEXT_STRETCH_MS);
  if (now <= (state === 'running' ? aliveUntil : sinceAt + ALIVE_MS)) return undefined;
  const why = `its ${state === 'running' ? 'stretch was cut off, and the next one' : 'next stretch'} has not begun: ${MAY_HAVE_NO_ROOM}`;
  return { why, sinceAt, ...(functionName !== undefined && { functionName }) };
}

/** Whether a process is at work on any of its shares. */
export function isAnyAtWork({ shares, from }: Pick<KeptRun, 'shares' | 'from'>, now: number): boolean {
  return shares.some(({ state, aliveUntil }) => state === 'running' && (from !== FROM_DRAIN || now <= aliveUntil));
}

function statusAt(kept: KeptRun, now: number): RunStatus {
  const { end, wishes, aliveUntil } = kept;
  if (end) return end.status === 'done' && isAnyUndone(end.counts) ? 'incomplete' : end.status;
  if (now > aliveUntil) return 'lost';
  if (wishes.wanted === 'stopped') return 'stopping';
  return wishes.wanted === 'paused' && !isAnyAtWork(kept, now) ? 'paused' : 'running';
}

/** Whether a run is over, as far as anybody knows: nobody works on it, and nobody hears what is wanted of it. */
export function isRunOver(status: RunStatus): boolean {
  return hasEnded(status) || status === 'lost';
}

/** Whether somebody has written down that it is over. */
export function hasEnded(status: RunStatus): boolean {
  return status === 'done' || status === 'incomplete' || status === 'stopped';
}

/**
 * When a share is told now, by whoever goes on with it: what is told later has no earlier instant, also where its clock is
 * behind that of whoever told before. Else it would be passed over for what was true before.
 */
export function tellingAt(before: Pick<RunShare, 'at'> | undefined, now: number): number {
  return Math.max(now, before?.at ?? 0);
}

/** Whether nothing comes after this state of a share. */
export function isFinal(state: ShareState): state is FinalShareState {
  return FINAL_SHARE_STATES.some((each) => each === state);
}

/** Counts of all of these together. */
export function sumOfCounts(all: readonly ReplayCounts[]): ReplayCounts {
  const sum = noCounts();
  for (const counts of all) for (const outcome of OUTCOMES) sum[outcome] += counts[outcome];
  return sum;
}

const OUTCOMES = Object.keys(noCounts()) as (keyof ReplayCounts)[];

/** A plan as a record has it. */
export function runPlanOf({ ratePerSecond, limit, ...plan }: ReplayPlan): RunPlan {
  return {
    ...plan,
    ...(Number.isFinite(ratePerSecond) && { ratePerSecond }),
    ...(Number.isFinite(limit) && { limit }),
  };
}

/** The plan of a record. */
export function planOfRun(plan: RunPlan): ReplayPlan {
  return { ratePerSecond: Number.POSITIVE_INFINITY, limit: Number.POSITIVE_INFINITY, ...plan };
}
