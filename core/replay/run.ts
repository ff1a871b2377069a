import type { EventRow } from '../events/archive.ts';
import { eventKey } from '../events/table.ts';
import { fixedControls, type RunControls } from './controls.ts';
import { copyOne, functionIn } from './copy.ts';
import { createElsewhere } from './held-elsewhere.ts';
import type { ReservedConcurrency } from './invoker.ts';
import { type Replayed, type ReplayParts, replayOne } from './one-event.ts';
import { inSequence } from './order/in-sequence.ts';
import type { LatestTicks } from './order/latest-ticks.ts';
import { createRate } from './pace.ts';
import { isOver, type ReplayPlan, whyLeft } from './plan.ts';
import type { Advised } from './progress/advice.ts';
import { type EventNews, type EventOutcome, noCounts, type ReplayCounts, type ReplayNews } from './progress/news.ts';
import type { Waiting, Waits } from './progress/waits.ts';
import { createReplayQueue, type LaneSource, type Settlement, type Turn } from './queue.ts';
import type { Hold, WindowWatch } from './window-watch.ts';

/** A function that turns away everything for this long, for a reason that should have passed, is given up. */
const PATIENCE_MS = 120_000;
/** How often Lambda is asked whether a function that it throttles may run at all. */
const ASK_AGAIN_MS = 60_000;

/** Ports and sources of a whole replay. */
export interface RunParts extends ReplayParts {
  readonly windows: WindowWatch;
  readonly sources: readonly LaneSource[];
  /** Present where only the last tick of each schedule is wanted. */
  readonly latest?: LatestTicks;
  readonly waits: Waits;
  readonly tell: (news: ReplayNews) => void;
  /** What somebody may change in the middle. Absent: it goes as its plan says. */
  readonly controls?: RunControls | undefined;
  /** Whether to go on after the canary of the plan. Absent: where all of it succeeded. */
  readonly afterCanary?: ((counts: ReplayCounts) => Promise<boolean>) | undefined;
  /** Of a replay that goes on where another process left off. */
  readonly before?: ReplayBefore;
}

/** What became of a replay before: its rule to stop counts from the beginning, its limit and its canary are what is left of them. */
export interface ReplayBefore {
  readonly counts: ReplayCounts;
  /** Events that failed because they cannot be read. */
  readonly damaged: number;
  /** It went at its whole rate a moment ago: no ramp. */
  readonly isWarm: boolean;
  /** See {@link RateBegun}: others have turns of the same rate, or had them a moment ago. Default: 0. */
  readonly firstAfter?: number;
}

/** How a replay ended. */
export interface ReplaySummary {
  /** From its beginning on. */
  readonly counts: ReplayCounts;
  /** Why it stopped before its end; absent where it came to it. */
  readonly stopped?: Advised;
  /** After the canary somebody said no. */
  readonly isDeclined?: true;
  /** What the table, or the search for credentials, ended with. What was under way then was waited for. */
  readonly fault?: unknown;
}

/**
 * Replays, oldest first, until nothing is left, the limit is reached, too much fails or the signal is aborted. Then
 * waits for events in flight. Memory does not grow with the number of events. Never rejects: the counts are worth
 * knowing also if it ends with a fault.
 */
export async function runReplay(parts: RunParts, plan: ReplayPlan): Promise<ReplaySummary> {
  const { clock, tell, timer, waits } = parts;
  const counts = { ...noCounts(), ...parts.before?.counts };
  const stop = new AbortController();
  const signal = AbortSignal.any([parts.signal, stop.signal]);
  const restsMade = new Set<string>();
  let damaged = parts.before?.damaged ?? 0;
  const elsewhere = createElsewhere(parts.events, timer, signal);
  const turnedAway = new Map<string, TurnedAway>();
  const holds = new Map<string, () => void>();
  /** Targets that nothing is sent to any more. Several events in flight may each report one. */
  const shutNames = new Set<string>();
  const controls = parts.controls ?? fixedControls(plan);
  const rate = createRate(controls.ratePerSecond(), timer.now(), parts.before);
  /** Aborted with the next change, or the end of the run: what waits for its turn looks again. */
  let change = new AbortController();
  let hadRate = false;
  let pauseOver: (() => void) | undefined;
  let stopped: Advised | undefined;
  let isDeclined: boolean | undefined;

  const queue = createReplayQueue({
    sources: parts.sources.map(({ functionName, rows }) => ({
      functionName,
      rows: plan.ordered ? inSequence(rows, (ids) => parts.events.facts(functionName, ids), onCycle) : rows,
    })),
    controls,
    limit: plan.limit,
    ...(plan.canary !== undefined && { canary: { limit: plan.canary, goesOn: goesOnAfterCanary } }),
    ordered: plan.ordered,
    windows: parts.windows,
    clock,
    timer,
    signal,
    leave,
    qualifierOf: ({ qualifier = '' }) => plan.to ?? plan.qualifier ?? qualifier,
    onHeld: (row, behindId) => report({ kind: 'event', row, outcome: 'held', error: `${behindId} comes before it` }),
    onWaiting(functionName, hold) {
      answered(functionName);
      holds.get(functionName)?.();
      holds.set(
        functionName,
        waits.begin(`${functionName} held`, () => ({ functionName: sentTo(functionName), ...told(hold) }), true),
      );
    },
    onResumed(functionName) {
      beginRamp();
      answered(functionName);
      holds.get(functionName)?.();
      holds.delete(functionName);
    },
  });
  const unsubscribe = controls.subscribe(onChange);
  signal.addEventListener('abort', () => change.abort());
  if (signal.aborted) change.abort();
  tellPace();
  tellPause();
  const working: Promise<void>[] = [];
  beginWork();
  const workers = await allOf(working);
  unsubscribe();
  pauseOver?.();
  const rest = await Promise.allSettled([workers.every(({ status }) => status === 'fulfilled') && concludeElsewhere()]);
  for (const over of [...holds.values(), ...[...turnedAway.values()].map((each) => each.over)]) over();
  const broken = [...workers, ...rest].find((each) => each.status === 'rejected');
  return {
    counts,
    ...(stopped !== undefined && { stopped }),
    ...(isDeclined && { isDeclined }),
    ...(broken && { fault: broken.reason }),
  };

  /** As many as may be under way at once: who has none to take waits in the queue. */
  function beginWork(): void {
    while (working.length < controls.concurrency()) {
      const one = work();
      // Whoever is added is waited for once those before are over: until then nobody hears what it fails with.
      one.catch(() => undefined);
      working.push(one);
    }
  }

  function onChange(): void {
    const isPaced = rate.change(controls.ratePerSecond(), timer.now());
    change.abort();
    change = new AbortController();
    if (signal.aborted) change.abort();
    beginWork();
    if (tellPause()) beginRamp();
    else if (isPaced) tellPace();
    queue.wake();
  }

  /** @returns whether a pause has ended */
  function tellPause(): boolean {
    const why = controls.pausedWhy();
    const wasPaused = pauseOver !== undefined;
    if (why !== undefined) pauseOver ??= waits.begin('paused', () => ({ why: controls.pausedWhy() ?? why }), true);
    else {
      pauseOver?.();
      pauseOver = undefined;
    }
    return wasPaused && why === undefined;
  }

  async function work(): Promise<void> {
    try {
      for (let turn = await queue.next(); turn; turn = await queue.next()) await takeTurn(turn);
    } catch (fault) {
      stop.abort();
      throw fault;
    }
  }

  async function takeTurn({ row, settle }: Turn): Promise<void> {
    let settlement: Settlement = NOT_SENT;
    try {
      settlement = await replay(row);
    } finally {
      settle(settlement);
    }
  }

  async function replay(row: EventRow): Promise<Settlement> {
    if (controls.pausedWhy() !== undefined) return GIVEN_BACK;
    const laterId = await parts.latest?.laterThan(row);
    if (laterId !== undefined) return discard(row, laterId);
    await turnByRate();
    if (signal.aborted) return NOT_SENT;
    if (controls.pausedWhy() !== undefined) return GIVEN_BACK;
    const own = { ...parts, signal };
    return conclude(row, await (plan.to === undefined ? replayOne(own, plan, row) : copyOne(own, plan, plan.to, row)));
  }

  /** Waits for a turn of the rate, whatever becomes of the rate meanwhile; or for a pause, or the end of the run. */
  async function turnByRate(): Promise<void> {
    while (!signal.aborted && controls.pausedWhy() === undefined) {
      const askedAt = timer.now();
      const waitMs = rate.turn(askedAt);
      if (waitMs <= 0) return;
      const waiting = { ...BY_RATE, untilAt: parts.clock.now() + waitMs };
      const { signal: changed } = change;
      await waits.during('rate', () => waiting, timer.sleep(waitMs, changed));
      if (!changed.aborted || timer.now() >= askedAt + waitMs) return;
    }
  }

  /** What events of a function are sent to, without its version or alias where that is their own. */
  function sentTo(functionName: string): string {
    return plan.to === undefined ? functionName : functionIn(plan.to);
  }

  async function conclude(row: EventRow, replayed: Replayed): Promise<Settlement> {
    switch (replayed.kind) {
      case 'told':
        report(replayed.news);
        if (replayed.answered) answered(row.functionName);
        return {
          kind: 'settled',
          ...ranOf(replayed),
          ok: isFine(replayed.news),
          ...(replayed.holds && { holds: replayed.holds }),
          counts: !NOT_REPLAYED.includes(replayed.news.outcome),
        };
      case 'turned-away':
        return putOff(row, replayed);
      case 'shut':
        return replayed.by === 'credentials' ? stopAll(replayed.error) : shutOne(row, replayed.error);
    }
  }

  async function discard(row: EventRow, laterId: string): Promise<Settlement> {
    const isDiscarded = await parts.events.discard(row, `a later tick of its schedule is there: ${laterId}`);
    report({ kind: 'event', row, outcome: isDiscarded ? 'discarded' : 'taken' });
    return { kind: 'settled', ok: true, counts: false };
  }

  async function putOff(row: EventRow, { by, error }: Replayed & { kind: 'turned-away' }): Promise<Settlement> {
    const { functionName } = row;
    const since = turnedAway.get(functionName) ?? beginTurnedAway(functionName);
    since.why = WHY_PUT_OFF[by](error);
    if (by === 'busy' && timer.now() - since.askedAt >= ASK_AGAIN_MS) {
      since.askedAt = timer.now();
      since.reserved = await parts.lambda.reservedConcurrency(sentTo(functionName).replace(/:.*$/, ''));
      if (since.reserved.kind === 'known' && since.reserved.invocations === 0) return shut(row, { why: SHUT });
    }
    // A function that is throttled may be so for hours; the others should be over by now.
    if (by !== 'busy' && timer.now() - since.beganAt > PATIENCE_MS) {
      return shut(row, by === 'active' ? whyActive(plan) : { why: error });
    }
    return { kind: 'turned-away' };
  }

  function beginTurnedAway(functionName: string): TurnedAway {
    const waiting = () => ({ functionName: sentTo(functionName), why: whyTurnedAway(since) });
    const over = waits.begin(`${functionName} turned away`, waiting);
    const since: TurnedAway = { beganAt: timer.now(), over, why: '', askedAt: Number.NEGATIVE_INFINITY };
    turnedAway.set(functionName, since);
    return since;
  }

  function answered(functionName: string): void {
    turnedAway.get(functionName)?.over();
    turnedAway.delete(functionName);
  }

  function shut({ functionName }: EventRow, why: Advised): Settlement {
    tellShut(functionName, sentTo(functionName), why);
    return { kind: 'shut', reach: 'function' };
  }

  function shutOne({ functionName, qualifier: own }: EventRow, why: string): Settlement {
    const qualifier = plan.to === undefined ? (plan.qualifier ?? own) : undefined;
    const target = sentTo(functionName);
    tellShut(functionName, qualifier === undefined ? target : `${target}:${qualifier}`, { why });
    return { kind: 'shut', reach: 'one' };
  }

  function tellShut(functionName: string, target: string, why: Advised): void {
    stopped ??= why;
    answered(functionName);
    if (!shutNames.has(target)) tell({ kind: 'stopped', functionName: target, ...why });
    shutNames.add(target);
  }

  function stopAll(why: string): Settlement {
    if (!stop.signal.aborted) {
      stopped = { why };
      tell({ kind: 'stopped', why });
      stop.abort();
    }
    return NOT_SENT;
  }

  function onCycle(rows: readonly EventRow[]): void {
    const functionName = rows[0]?.functionName ?? '';
    tell({ kind: 'out-of-sequence', functionName, ids: rows.map(({ id }) => id) });
  }

  function leave(row: EventRow): { readonly holds: boolean } | undefined {
    if (restsMade.has(eventKey(row))) return { holds: true };
    const why = whyLeft(plan, row, clock.now());
    if (why === 'leased' && !elsewhere.putOff(row)) report({ kind: 'event', row, outcome: 'leased' });
    return why === undefined ? undefined : { holds: true };
  }

  async function concludeElsewhere(): Promise<void> {
    let over: (() => void) | undefined;
    const onWaiting = ({ functionName }: EventRow) => {
      over = waits.begin('elsewhere', () => ({ functionName, why: IN_HAND }), true);
    };
    const onOutcome = (row: EventRow, outcome: EventOutcome) => report({ kind: 'event', row, outcome });
    await elsewhere.conclude({ onWaiting, onOutcome }).finally(() => over?.());
  }

  async function goesOnAfterCanary(): Promise<boolean> {
    const soFar = { ...counts };
    tell({ kind: 'canary-ended', counts: soFar });
    const bad = sumOf(soFar, NOT_SUCCEEDED);
    if (parts.afterCanary) isDeclined = !(await parts.afterCanary(soFar));
    else if (bad > 0) stopAll(`${bad} of the ${bad + sumOf(soFar, SUCCEEDED)} events of the canary did not succeed`);
    if (isDeclined || stopped !== undefined) stop.abort();
    beginRamp();
    return !signal.aborted;
  }

  /** After a pause nothing is warm any more. */
  function beginRamp(): void {
    rate.restart(timer.now());
    tellPace();
  }

  function tellPace(): void {
    const ratePerSecond = controls.ratePerSecond();
    const isLimited = Number.isFinite(ratePerSecond);
    if (hadRate || isLimited) tell({ kind: 'pace', ratePerSecond, rampedMs: rate.rampedMs(timer.now()) });
    hadRate = isLimited;
  }

  function report(news: EventNews): void {
    counts[news.outcome] += 1;
    if (news.rest !== undefined) restsMade.add(eventKey({ ...news.row, id: news.rest }));
    tell(news);
    // What cannot be read says nothing of its function: it must not end the replay of all others.
    if (news.damaged) damaged += 1;
    const failures = counts.failed - damaged + counts.unknown;
    if (!stop.signal.aborted && isOver(plan.stopAfter, failures, failures + counts.replayed + counts.accepted)) {
      stopAll(`${failures} of ${failures + counts.replayed + counts.accepted} failed`);
    }
  }
}

/** Settles with all of them, those that come while it waits among them. */
async function allOf(working: readonly Promise<void>[]): Promise<readonly PromiseSettledResult<void>[]> {
  for (;;) {
    const settled = await Promise.allSettled(working);
    if (settled.length === working.length) return settled;
  }
}

/** A function that turns away everything that is sent to it. */
interface TurnedAway {
  readonly beganAt: number;
  readonly over: () => void;
  /** The latest reason. */
  why: string;
  reserved?: ReservedConcurrency;
  /** When Lambda was asked for that. */
  askedAt: number;
}

const WHY_PUT_OFF: Readonly<Record<(Replayed & { kind: 'turned-away' })['by'], (error: string) => string>> = {
  busy: (error) => `Lambda turns it away (${error}); it is tried again`,
  unreachable: (error) => `${error}; it is tried again for 2 min`,
  active: (error) => `${error}; it is tried again for 2 min`,
  fault: (error) => `${error}; it is tried again for 2 min`,
};

function whyTurnedAway({ why, reserved }: TurnedAway): string {
  if (!reserved) return why;
  if (reserved.kind === 'unknown') return `${why}; whether its reserved concurrency is 0 is not known: ${reserved.why}`;
  return reserved.invocations === undefined ? why : `${why}; its reserved concurrency is ${reserved.invocations}`;
}

/** Each event has an instant of its own, so the next one is no news: it is told again each minute. */
const BY_RATE: Waiting = { why: 'the rate that was asked for lets no event go before', advice: 'rate', isSteady: true };

function told({ why, untilAt }: Hold): Pick<Waiting, 'why' | 'untilAt'> {
  return { why, ...(untilAt !== undefined && { untilAt }) };
}

const SHUT = 'its reserved concurrency is 0, so it never runs: raise it, then replay again';
const IN_HAND = 'another replay has events of it in hand';
const GIVEN_BACK: Settlement = { kind: 'given-back' };
const NOT_SENT: Settlement = { kind: 'settled', ok: false, counts: false };

/** Why a function may say that it is under maintenance, again and again. */
function whyActive({ duringWindow }: ReplayPlan): Advised {
  return duringWindow
    ? { why: 'it does not let itself be replayed inside a window', advice: 'newer-client' }
    : {
        why: 'it says that it is under maintenance, but no window that is known here is active',
        advice: 'compare-parameters',
      };
}

/** Facts about the function itself that a turn brought. */
function ranOf({ answered, news }: Replayed & { kind: 'told' }): Pick<Settlement & { kind: 'settled' }, 'ran'> {
  if (answered) return { ran: isFine(news) ? 'well' : 'ill' };
  if (news.outcome === 'taken') return { ran: 'elsewhere' };
  return news.outcome === 'unknown' ? { ran: 'ill' } : {};
}

/** Outcomes that leave the limit as it is: nothing was sent. */
const NOT_REPLAYED: readonly EventOutcome[] = ['taken', 'released'];

/** Outcomes after which a canary is no good sign. */
const NOT_SUCCEEDED: readonly EventOutcome[] = ['failed', 'unknown', 'refused'];
const SUCCEEDED: readonly EventOutcome[] = ['replayed', 'accepted'];

function sumOf(counts: ReplayCounts, outcomes: readonly EventOutcome[]): number {
  return outcomes.reduce((sum, outcome) => sum + counts[outcome], 0);
}

/** Whether what comes after it in its order keys may go on. */
function isFine({ outcome }: EventNews): boolean {
  return outcome === 'replayed' || outcome === 'accepted' || outcome === 'discarded';
}
