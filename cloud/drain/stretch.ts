import { randomBytes } from 'node:crypto';
import { paceOf } from '../../aws/lambda/pace.ts';
import { isDenied } from '../../aws/request/aws-codes.ts';
import { createWaits } from '../../aws/time/waits.ts';
import { createWatchedWindows } from '../../aws/windows/watched-windows.ts';
import { STRETCHES_AN_EXECUTION } from '../../core/deployment/drain-machine.ts';
import { eachOf } from '../../core/each-of.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import type { EventArchive, EventRow } from '../../core/events/archive.ts';
import { isFinished } from '../../core/events/deferred-event.ts';
import type { Pace } from '../../core/gate/freshness.ts';
import type { Clock } from '../../core/gate/ports.ts';
import type { InvokeAnswer, InvokeRequest, Invoker } from '../../core/replay/invoker.ts';
import type { ReplayPlan } from '../../core/replay/plan.ts';
import { noCounts, type ReplayCounts, type ReplayNews } from '../../core/replay/progress/news.ts';
import { type ReplaySummary, runReplay } from '../../core/replay/run.ts';
import { createWindowWatch, type Hold, NO_WATCH, type WindowWatch } from '../../core/replay/window-watch.ts';
import type { ShareRef } from '../../core/runs/drain-input.ts';
import { type Pace as RunPace, startHeart } from '../../core/runs/heart.ts';
import type { RunOrders } from '../../core/runs/ports.ts';
import {
  type FinalShareState,
  HEARTBEAT_MS,
  isFinal,
  NEXT_STRETCH_MS,
  planOfRun,
  type RunFacts,
  type RunShare,
  type ShareProgress,
  tellingAt,
} from '../../core/runs/run.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/units.ts';
import type { DrainParts } from './parts.ts';
import { deferredUnder, rowsOfShare, triedOnce } from './share-rows.ts';
import type { Stretched, StretchTask } from './task.ts';
import { createLedger, recounted } from './uncounted.ts';
import { unreadableShare } from './unreadable.ts';

/** What is under way has this long after its time-out to be written down. */
const MARGIN_MS = 10_000;
/** With less time than this for sending, a stretch is not worth its beginning. */
const LEAST_WORK_MS = 30_000;
/** Until it knows a function's time-out, an invocation has used some of its own time. */
const START_MS = 10_000;
/** How often a share that is held looks whether it still is: windows are edited. */
const HELD_LOOK_MS = 5 * MINUTE_MS;
const LONG_HELD_LOOK_MS = 30 * MINUTE_MS;
/** A paused run waits for somebody. */
const PAUSED_MS = 90 * DAY_MS;
/** How soon a share looks again whether its function's canary has ended. */
const CANARY_LOOK_MS = 15_000;
/** Who should have told of the canary by then is gone: for two days Lambda may have had no room for it. */
const SILENT_CANARY_MS = 2 * DAY_MS;
/** How soon a share looks again for events that somebody else has in hand: who lives, ends them before their leases do. */
const LEASED_LOOK_MS = 15_000;
/** How long the index may be behind the table. Where that is known to matter, it is waited for. */
const INDEX_MS = 3_000;
/** Events that somebody else seems to have: the first so many are looked at in the table, where the index is behind. */
const MOST_LOOKS = 1_000;
const LOOKS_AT_ONCE = 20;
/** Idle ones are closed, so a bound is all that this is: somebody may set another concurrency. */
const MOST_CONNECTIONS = 1_000;
/** So long after its last heartbeat all that a stretch wrote before it was killed is in the index. */
const INDEX_SETTLES_MS = HEARTBEAT_MS + 5_000;
/** How soon is asked again what AWS did not tell, and up to twice that; later for as long as it has not told it. */
const ASK_AGAIN_MS = 10_000;
/** How soon a share that another stretch has in hand is looked at again. */
const AT_WORK_LOOK_MS = MINUTE_MS;

/** A share as its stretch has it in hand. */
interface InHand {
  readonly facts: RunFacts;
  readonly orders: RunOrders;
  readonly share: RunShare;
  readonly progress: ShareProgress;
  readonly plan: ReplayPlan;
}

/**
 * Replays one share for as long as the invocation allows, by the engine that a terminal has. It ends in time for what is
 * under way, so that the outcome of each event is written down; what is left is for the next stretch. Killed in the middle,
 * it leaves leases in the table, for whose end the next stretch waits, and outcomes that it did not live to tell, which the
 * next one counts.
 *
 * @param remainingMs what is left of this invocation
 * @throws what the table failed with: the state machine tries again
 */
export async function runStretch(parts: DrainParts, task: StretchTask, remainingMs: () => number): Promise<Stretched> {
  const { runs, clock } = parts;
  const found = await runs.share(task.run, task.share.number);
  if (!found || found.orders.isEnded || (found.share && isFinal(found.share.state))) return over(clock.now());
  if (await isAtWork(parts, task, found.share)) return othersHaveIt(clock.now());
  const before = await withItsCounts(parts, found.facts, found.share ?? newShare(task.share, clock.now()));
  const share = { ...before, ...taking(before, clock.now()) };
  if (!(await runs.take(task.run, share, before.hand))) {
    const isReadable = found.share ?? (await runs.share(task.run, task.share.number))?.share;
    if (!isReadable) throw unreadableShare(task.run, task.share.number);
    return othersHaveIt(clock.now());
  }
  const inHand = takeInHand(found.facts, found.orders, share);
  return conclude(parts, task, inHand, await outcomeOf(parts, task, inHand, remainingMs));
}

/**
 * Whether another stretch tells of the share still. Lambda is asked again where its answer was lost, and what it was asked
 * first may go on: two would have twice the concurrency, and each count what it did itself.
 */
async function isAtWork({ runs, clock, timer }: DrainParts, task: StretchTask, share: RunShare | undefined) {
  if (share?.progress?.uncounted === undefined && share?.state !== 'running') return false;
  const waitMs = share.at + INDEX_SETTLES_MS - clock.now();
  if (waitMs <= 0) return false;
  await timer.sleep(Math.min(INDEX_SETTLES_MS, waitMs));
  const after = (await runs.share(task.run, task.share.number))?.share;
  return after !== undefined && after.at !== share.at;
}

/** What changes of a share as a stretch takes it in hand: of two that begin in one moment, one gets it. */
function taking(share: RunShare, now: number) {
  const at = tellingAt(share, now);
  return { state: 'running', hand: randomBytes(8).toString('hex'), at, aliveUntil: at + NEXT_STRETCH_MS } as const;
}

function othersHaveIt(now: number): Stretched {
  return { state: 'held', untilAt: textOf(now + AT_WORK_LOOK_MS) };
}

async function outcomeOf(
  parts: DrainParts,
  task: StretchTask,
  inHand: InHand,
  remainingMs: () => number,
): Promise<Outcome> {
  const { functionName } = task.share;
  const asked = askedOf(inHand.orders);
  if (asked) return asked;
  const found = await parts.functions
    .find(functionName)
    .catch((fault: unknown) => timeoutNotTold(parts, inHand, fault));
  if (!found) return { state: 'stopped', why: `Lambda has no function ${functionName}` };
  if ('state' in found) return found;
  const pace = paceOf(found);
  return (
    whyNoRoom(pace, parts.wholeMs, remainingMs()) ??
    (await whyCanaryHolds(parts, task.run, inHand)) ??
    work(parts, task, inHand, pace, remainingMs)
  );
}

/** What becomes of a share after a stretch. */
type Outcome = Pick<RunShare, 'why' | 'waiting'> & {
  readonly counts?: ReplayCounts;
  readonly progress?: ShareProgress;
} & (
    | { readonly state: 'more' | 'paused' | FinalShareState }
    /** @see HELD_LOOK_MS */
    | { readonly state: 'held'; readonly untilAt: number }
  );

function takeInHand(facts: RunFacts, orders: RunOrders, share: RunShare): InHand {
  const progress = share.progress ?? { stretches: 0, damaged: 0 };
  const plan = planOfRun(facts.plan);
  return {
    facts,
    orders,
    share,
    progress,
    plan,
  };
}

/** What its last stretch did not live to tell. The same again where this one does not, either. */
export async function withItsCounts(
  { archive, clock, timer }: DrainParts,
  facts: RunFacts,
  share: RunShare,
): Promise<RunShare> {
  const { functionName, progress } = share;
  if (functionName === undefined || !progress?.uncounted) return share;
  const { uncounted: _, ...known } = progress;
  const plan = planOfRun(facts.plan);
  const rows = { functionName, group: progress.group, selection: facts.selection, plan };
  await timer.sleep(Math.min(INDEX_SETTLES_MS, share.at + INDEX_SETTLES_MS - clock.now()));
  return { ...share, counts: await recounted(archive(`drain/${facts.id}`), share, rows), progress: known };
}

function newShare({ number, functionName }: ShareRef, now: number): RunShare {
  return { number, functionName, state: 'more', counts: noCounts(), at: now, aliveUntil: now };
}

/** What somebody wants of the run, where that is not to go on. */
function askedOf({ wanted, by }: RunOrders): Outcome | undefined {
  const who = by === undefined ? 'somebody' : by;
  switch (wanted) {
    case 'running':
      return undefined;
    case 'paused':
      return { state: 'paused', waiting: { why: `paused by ${who}` } };
    case 'stopped':
      return { state: 'stopped', why: `cancelled by ${who}` };
  }
}

/** Lambda takes few questions a second: of many stretches that begin together, some ask again. */
function timeoutNotTold(parts: DrainParts, inHand: InHand, fault: unknown): Outcome {
  const why = isDenied(fault instanceof Error ? fault.name : '')
    ? 'its time-out is not known: lambda:GetFunctionConfiguration is not allowed to the drain'
    : 'Lambda does not tell its time-out';
  return notTold(parts, inHand, why, fault);
}

/** What a stretch has to know before it sends is asked for again, as often as it takes: its share has done nothing wrong. */
function notTold({ clock, write }: DrainParts, { share, progress }: InHand, why: string, fault: unknown): Outcome {
  write(`${why}, of ${share.functionName}: ${fault}`);
  const now = clock.now();
  const waitedMs = now - (progress.heldSinceAt ?? now);
  const untilAt = now + Math.ceil(Math.min(LONG_HELD_LOOK_MS, Math.max(ASK_AGAIN_MS, waitedMs)) * (1 + clock.random()));
  return { state: 'held', untilAt, waiting: { why, untilAt } };
}

function whyNoRoom({ timeoutSeconds }: Pace, wholeMs: number, remainingMs: number): Outcome | undefined {
  const neededMs = timeoutSeconds * 1_000 + MARGIN_MS + LEAST_WORK_MS;
  if (neededMs > wholeMs - START_MS) return { state: 'left', why: tooLong(timeoutSeconds, wholeMs) };
  return neededMs > remainingMs ? { state: 'more' } : undefined;
}

function tooLong(timeoutSeconds: number, wholeMs: number): string {
  return `its time-out of ${timeoutSeconds} s does not fit a stretch of ${wholeMs / 1_000} s: replay its events from a terminal`;
}

/** A function has one canary, however many shares it has. */
async function whyCanaryHolds(
  { runs, clock }: DrainParts,
  run: string,
  { plan: { canary }, progress: { leader } }: InHand,
): Promise<Outcome | undefined> {
  if (canary === undefined || leader === undefined) return undefined;
  const first = (await runs.share(run, leader))?.share;
  if (first?.progress?.hasPassedCanary || first?.state === 'done') return undefined;
  if (first && isFinal(first.state)) return { state: 'stopped', why: first.why ?? 'its canary did not do well' };
  const silentMs = first ? clock.now() - first.aliveUntil : 0;
  if (silentMs > SILENT_CANARY_MS) return { state: 'stopped', why: 'nobody has heard of its canary any more' };
  const untilAt = clock.now() + (silentMs > 0 ? HELD_LOOK_MS : CANARY_LOOK_MS);
  return { state: 'held', untilAt, waiting: { why: 'the canary of its function is under way', untilAt } };
}

/** Sends, until there is a reason not to. */
async function work(
  parts: DrainParts,
  { run, share: { functionName } }: StretchTask,
  inHand: InHand,
  pace: Pace,
  remainingMs: () => number,
): Promise<Outcome> {
  const { clock, timer } = parts;
  const { facts, orders, share, progress, plan } = inHand;
  const lambda = parts.lambda(MOST_CONNECTIONS);
  const ends = createEnds();
  try {
    if (progress.stretches === 0 && (await isShut(lambda, functionName))) return { state: 'stopped', why: SHUT };
    const watch = plan.duringWindow ? NO_WATCH : await watchOf(parts, functionName, pace).catch(windowsNotTold);
    if ('state' in watch) return watch;
    const windows = ends.whenHeld(watch, functionName);
    if (ends.held) return heldBy(ends.held, progress, clock.now());

    const by = `drain-${randomBytes(4).toString('hex')}/${run}`;
    const archive = parts.archive(by);
    const waits = createWaits(() => undefined);
    const notes = createNotes(share.counts, progress);
    const ledger = createLedger(by, plan, clock.now);
    const rows = await ledger.reading(
      triedOnce(archive, deferredUnder(archive, rowsOf(archive), facts.selection), run),
    );
    const { number, counts, at, hand } = share;
    const heart = startHeart({
      store: parts.runs,
      runId: run,
      share: { number, functionName, counts: carriedOn(counts), at, ...(hand !== undefined && { hand }) },
      progress: () => ({ ...notes.progress(), uncounted: ledger.uncounted() }),
      pace: plan,
      orders,
      partOf: shared,
      endsAtPause: true,
      waiting: () => waits.current().map(({ why, untilAt }) => ({ why, ...(untilAt !== undefined && { untilAt }) }))[0],
      clock,
      timer,
      onTrouble: (fault) => fault && parts.write(`the record of the run ${run} cannot be written: ${fault}`),
      onTaken: () => ends.ask({ state: 'more' }),
      onOrders: (heard) => ends.ask(askedOf(heard.isEnded ? { ...heard, wanted: 'stopped' } : heard)),
    });
    const stopAt = timer.now() + remainingMs() - pace.timeoutSeconds * 1_000 - MARGIN_MS;
    const over = new AbortController();
    void timer.sleep(stopAt - timer.now(), over.signal).then(() => over.signal.aborted || ends.timeUp());
    const summary = await runReplay(
      {
        events: archive,
        lambda: answeringIn(lambda, () => remainingMs() - MARGIN_MS / 2),
        clock,
        timer,
        account: parts.account,
        timeoutMsOf: () => pace.timeoutSeconds * 1_000,
        signal: ends.signal,
        windows,
        sources: [{ functionName, rows }],
        waits,
        controls: heart.controls,
        tell(news) {
          heart.hear(news);
          notes.hear(news);
          ledger.hear(news);
        },
        before: {
          counts: carriedOn(counts),
          damaged: progress.damaged,
          isWarm: progress.stretches > 0,
          firstAfter: firstTurn(number, orders.sharesLeft, progress, clock),
        },
      },
      notes.restOf(plan),
    ).finally(() => {
      over.abort();
      return heart.stop('more');
    });
    if (summary.fault !== undefined) throw summary.fault;
    return { ...(await came(summary)), counts: summary.counts, progress: notes.progress() };

    function windowsNotTold(fault: unknown): Outcome {
      const told = fault instanceof Error ? fault.message : String(fault);
      return notTold(parts, inHand, `the windows cannot be read: ${told}`, fault);
    }

    function rowsOf(events: EventArchive) {
      return rowsOfShare(events, { functionName, group: progress.group, selection: facts.selection, plan });
    }

    async function came({ stopped, counts: { held } }: ReplaySummary): Promise<Outcome> {
      if (ends.asked) return ends.asked;
      // What is sent to one version or alias is left, and all else goes on: with the next stretch, which meets the same again.
      const hasMore = ends.signal.aborted && !notes.isAllStopped();
      if (stopped && !hasMore) return { state: 'stopped', why: stopped.why };
      if (ends.held) return heldBy(ends.held, {}, clock.now());
      if (ends.signal.aborted) return { state: 'more' };
      const leasedUntilAt = notes.leasedUntilAt();
      if (leasedUntilAt !== undefined) return leased(leasedUntilAt, clock.now());
      return (await leftByIndex(archive, notes.taken(), held > 0, clock.now())) ?? { state: 'done' };
    }
  } finally {
    lambda.close();
  }
}

const SHUT = 'its reserved concurrency is 0, so it never runs: raise it, then replay again';

async function isShut(lambda: Invoker, functionName: string): Promise<boolean> {
  const reserved = await lambda.reservedConcurrency(functionName);
  return reserved.kind === 'known' && reserved.invocations === 0;
}

async function watchOf(
  { parameterStore, parameters, clock, timer, write }: DrainParts,
  functionName: string,
  { ttlSeconds }: Pace,
): Promise<WindowWatch> {
  const watch = createWindowWatch({
    read: createWatchedWindows({
      store: parameterStore,
      parameters,
      functionNames: [functionName],
      malformed: (name, version, message) =>
        new MaintenanceWindowError(
          'MaintenanceWindow.Malformed',
          `the parameter ${name} is malformed in version ${version} (${message})`,
        ),
      onRead: (name, read) => {
        if (read.kind === 'kept') write(`${name} cannot be read, and what it said before counts: ${read.fault}`);
      },
    }),
    ttlSecondsOf: () => ttlSeconds,
    clock,
    timer,
    onFailure: (fault) => write(`the windows could not be read again: ${fault}`),
  });
  await watch.refresh();
  return watch;
}

/** What ends a stretch before its events do. */
function createEnds() {
  const stop = new AbortController();
  let held: Hold | undefined;
  let asked: Outcome | undefined;
  return {
    signal: stop.signal,
    get held() {
      return held;
    },
    get asked() {
      return asked;
    },
    timeUp: () => stop.abort(),
    ask(outcome: Outcome | undefined) {
      asked ??= outcome;
      if (outcome) stop.abort();
    },
    /** The same windows; the first hold ends the stretch: to wait is the state machine's. */
    whenHeld(watch: WindowWatch, functionName: string): WindowWatch {
      const holdOf = (name: string) => {
        const hold = watch.holdOf(name);
        if (hold) {
          held ??= hold;
          stop.abort();
        }
        return hold;
      };
      holdOf(functionName);
      return { refresh: watch.refresh, holdOf };
    },
  };
}

function heldBy({ why, untilAt }: Hold, { heldSinceAt }: Pick<ShareProgress, 'heldSinceAt'>, now: number): Outcome {
  const lookMs = now - (heldSinceAt ?? now) >= HOUR_MS ? LONG_HELD_LOOK_MS : HELD_LOOK_MS;
  const lookAt = Math.min(untilAt ?? Number.POSITIVE_INFINITY, now + lookMs);
  return { state: 'held', untilAt: lookAt, waiting: { why, ...(untilAt !== undefined && { untilAt }) } };
}

function leased(untilAt: number, now: number): Outcome {
  const lookAt = Math.max(now, Math.min(untilAt, now + LEASED_LOOK_MS)) + 1_000;
  const why = 'events are in the hands of another replay, or of one that was cut off: until their leases are over';
  return { state: 'held', untilAt: lookAt, waiting: { why, untilAt } };
}

/**
 * The index is a little behind the table, so a row may be of an event that this run, or another one, has just dealt with, and
 * holds back what comes after it in its order keys for nothing; or of one that a process had in hand when it was killed. The
 * next stretch sees them as they are.
 *
 * @returns undefined where nothing was left for that
 */
async function leftByIndex(
  archive: Pick<EventArchive, 'look'>,
  taken: readonly EventRow[],
  isAnyHeld: boolean,
  now: number,
): Promise<Outcome | undefined> {
  if (taken.length === 0) return undefined;
  if (!isAnyHeld && taken.length <= MOST_LOOKS) {
    let isAnyLeft = false;
    await eachOf(taken, LOOKS_AT_ONCE, async (row) => {
      const status = (await archive.look(row))?.status ?? 'discarded';
      isAnyLeft ||= !isFinished(status) && status !== 'failed';
    });
    if (!isAnyLeft) return undefined;
  }
  const untilAt = now + LEASED_LOOK_MS;
  return { state: 'held', untilAt, waiting: { why: 'events of it were in other hands a moment ago', untilAt } };
}

/** An answer that comes too late for this invocation is none: it is written down that nobody knows. */
function answeringIn(lambda: Invoker, leftMs: () => number): Invoker {
  const invoke = (request: InvokeRequest): Promise<InvokeAnswer> =>
    lambda.invoke({ ...request, limitMs: Math.max(0, Math.min(request.limitMs, leftMs())) });
  return { ...lambda, invoke };
}

/** What a stretch goes on counting from: an event that is as it was before is told anew by each. */
function carriedOn(counts: ReplayCounts): ReplayCounts {
  return { ...counts, held: 0, leased: 0, refused: 0, released: 0 };
}

/**
 * When a stretch has its first turn of the rate, as a part of the time between two. Where one turn is all that a share has in
 * a stretch, or fewer, one at once in each stretch of each share would be many times the rate. At the beginning shares have
 * turns one after the other, later as it falls out.
 */
function firstTurn(number: number, sharesLeft: number, { stretches }: ShareProgress, { random }: Clock): number {
  return stretches === 0 ? (number % sharesLeft) / sharesLeft : random();
}

/** A share's part of the pace of its run. Each has one invocation at once at the least. */
function shared({ ratePerSecond, concurrency }: RunPace, sharesLeft: number): RunPace {
  return {
    ratePerSecond: ratePerSecond / sharesLeft,
    concurrency: Math.max(1, Math.floor(concurrency / sharesLeft)),
  };
}

/** What is to be remembered of a stretch's news, and what the stretches before leave of the plan. */
function createNotes(before: ReplayCounts, progress: ShareProgress) {
  let { damaged } = progress;
  let hasCanaryEnded = false;
  let hasStopped = false;
  let isAllStopped = false;
  let leasedUntilAt: number | undefined;
  const taken: EventRow[] = [];
  const spent = Object.entries(before).reduce((sum, [outcome, count]) => sum + (UNSPENT.has(outcome) ? 0 : count), 0);
  return {
    leasedUntilAt: () => leasedUntilAt,
    /** The rule of the run stopped it, or the credentials, and not what one version or alias answers. */
    isAllStopped: () => isAllStopped,
    /** One more than {@link MOST_LOOKS} stands for as many or more. */
    taken: (): readonly EventRow[] => taken,
    hear(news: ReplayNews): void {
      if (news.kind === 'canary-ended') hasCanaryEnded = true;
      if (news.kind === 'stopped') {
        hasStopped = true;
        isAllStopped ||= news.functionName === undefined;
      }
      if (news.kind !== 'event') return;
      if (news.damaged) damaged += 1;
      if (news.outcome === 'taken' && taken.length <= MOST_LOOKS) taken.push(news.row);
      if (news.outcome === 'leased') leasedUntilAt = Math.max(leasedUntilAt ?? 0, news.row.leaseUntilAt ?? 0);
    },
    restOf({ canary, limit, ...plan }: ReplayPlan): ReplayPlan {
      const isAhead = canary !== undefined && !progress.hasPassedCanary && progress.leader === undefined;
      return {
        ...plan,
        limit: Math.max(0, limit - spent),
        ...(isAhead && { canary: Math.max(0, canary - spent) }),
      };
    },
    progress(): ShareProgress {
      const hasPassed = progress.hasPassedCanary || (hasCanaryEnded && !hasStopped);
      const { heldSinceAt: _, ...kept } = progress;
      return { ...kept, damaged, ...(hasPassed && { hasPassedCanary: true }) };
    },
  };
}

/** Outcomes that leave limit and canary as they are: nothing was sent. What is refused counts anew in each stretch. */
const UNSPENT: ReadonlySet<string> = new Set(['taken', 'released', 'leased', 'held', 'refused']);

/** Writes down what became of the share, and says it to the state machine. */
async function conclude(
  parts: DrainParts,
  task: StretchTask,
  inHand: InHand,
  { counts = inHand.share.counts, progress = inHand.progress, ...outcome }: Outcome,
): Promise<Stretched> {
  const { runs, clock } = parts;
  const { run } = task;
  const { share, progress: before, plan } = inHand;
  const now = tellingAt(share, clock.now());
  const { why: _, waiting: __, ...own } = share;
  const stretches = before.stretches + 1;
  const { state, why, waiting } = outcome;
  const { heldSinceAt = now, ...known } = progress;
  const heard = await runs.beat(run, {
    ...own,
    state,
    counts,
    progress: { ...known, stretches, ...(state === 'held' && { heldSinceAt }) },
    at: now,
    aliveUntil: aliveUntil(outcome, now),
    ...(why !== undefined && { why }),
    ...(waiting && { waiting }),
  });
  if (heard === 'taken') return othersHaveIt(now);
  // Whoever resumed it while this stretch ended found the share at work, and gave it to nobody.
  const isResumed = state === 'paused' && heard !== 'gone' && heard.wanted === 'running';
  if (isResumed) return conclude(parts, task, inHand, { counts, progress, state: 'more' });
  if (state !== 'more' && state !== 'held') return over(now);
  if (stretches % STRETCHES_AN_EXECUTION === 0) return { state: 'onward', untilAt: textOf(now) };
  if (outcome.state === 'held') return { state: 'held', untilAt: textOf(outcome.untilAt) };
  // A row that is behind would hold its order keys back for all of the next stretch.
  return plan.ordered ? { state: 'held', untilAt: textOf(now + INDEX_MS) } : { state: 'more', untilAt: textOf(now) };
}

function aliveUntil(outcome: Outcome, now: number): number {
  switch (outcome.state) {
    case 'paused':
      return now + PAUSED_MS;
    case 'held':
      return outcome.untilAt + NEXT_STRETCH_MS;
    default:
      return now + NEXT_STRETCH_MS;
  }
}

function over(now: number): Stretched {
  return { state: 'over', untilAt: textOf(now) };
}

function textOf(at: number): string {
  return new Date(at).toISOString();
}
