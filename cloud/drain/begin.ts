import { createHash } from 'node:crypto';
import { eachOf } from '../../core/each-of.ts';
import type { EventArchive } from '../../core/events/archive.ts';
import { SHARDS } from '../../core/events/table.ts';
import type { ReplayPlan } from '../../core/replay/plan.ts';
import { noCounts } from '../../core/replay/progress/news.ts';
import { planOf } from '../../core/replay/wish.ts';
import type { RunMade, ShareRef, WindowOver } from '../../core/runs/drain-input.ts';
import { isFreeShare } from '../../core/runs/executions.ts';
import {
  FROM_DRAIN,
  type LeftToSomebody,
  NEXT_STRETCH_MS,
  planOfRun,
  type ReplayRun,
  type RunFacts,
  type RunShare,
  runPlanOf,
  tellingAt,
} from '../../core/runs/run.ts';
import { numberText } from '../../core/text/shown.ts';
import { replayWord } from '../../core/words/replay-word.ts';
import type { DrainParts } from './parts.ts';
import { deferredUnder, rowsOfShare } from './share-rows.ts';
import type { BeginTask, Begun } from './task.ts';
import { unreadableRun } from './unreadable.ts';

/** With more events than this a function has a share for each group of its index. */
const MANY_EVENTS = 20_000;
/**
 * JSON of the shares that are given out: a state of Step Functions takes 256 KiB, with what Lambda's answer has besides.
 * Source: Step Functions developer guide, "Quotas related to state machine executions".
 */
const MOST_GIVEN_BYTES = 200_000;
/** Events beside a run that are counted. */
const MOST_LEFT = 1_000;
/** Ids that an execution tries. */
const MOST_IDS = 8;
/** Functions that are looked at side by side, and shares that are written. */
const AT_ONCE = 20;

/**
 * Begins a run, or goes on with one: who are its shares, and which of them has nobody in hand. Done twice for one execution,
 * it is the same run.
 */
export async function begin(parts: DrainParts, { execution, startedAt, input }: BeginTask): Promise<Begun> {
  if ('run' in input) return goOn(parts, input, execution);
  // An id is short, and a record of the last 90 days may have it: then the execution has the next one that is its own.
  for (let time = 0; time < MOST_IDS; time += 1) {
    const facts = factsOf(input, execution, Date.parse(startedAt), time);
    const isOwn = await parts.runs.create(facts, 0, parts.clock.now() + NEXT_STRETCH_MS);
    if (isOwn) return goOn(parts, { run: facts.id }, execution);
  }
  throw new Error(`${execution} finds no id for its run: each has one already`);
}

/**
 * A run of what a window left. Its id is the execution's, whose name is unique.
 *
 * @param time which of the ids of this execution
 */
function factsOf(
  { name, functionName, window, replay }: WindowOver,
  execution: string,
  startedAt: number,
  time: number,
): RunFacts {
  const planned = planOf(replay, false);
  if (planned.kind === 'none') throw new Error(`the policy of ${functionName} makes no plan: ${planned.why.kind}`);
  return {
    id: givenMarkOf(time === 0 ? execution : `${execution}#${time}`),
    name,
    reason: `the window from ${window.startAt} to ${window.endAt} is over`,
    by: 'monitor',
    from: FROM_DRAIN,
    selection: { functions: [functionName], ...spanOf(window, startedAt) },
    plan: runPlanOf(planned.plan),
    startedAt,
    execution,
  };
}

/** What was deferred under the window, or under one before that is replayed by itself as well. */
function spanOf({ startAt, nextAt, underFromAt = startAt }: WindowOver['window'], startedAt: number) {
  const untilAt = nextAt === undefined ? startedAt : Math.min(startedAt, Date.parse(nextAt));
  return { fromAt: Date.parse(startAt), untilAt, underFromAt: Date.parse(underFromAt) };
}

/** What is pending of its functions, and not meant, of a run that a window's end began: nobody else may ever say that it waits. */
async function leftBeside({ archive: open }: DrainParts, run: ReplayRun): Promise<LeftToSomebody | undefined> {
  const { functions, fromAt, untilAt, underFromAt } = run.selection;
  if (fromAt === undefined || underFromAt === undefined) return undefined;
  const archive = open(`drain/${run.id}`);
  const statuses = ['pending'] as const;
  let events = 0;
  let looked = 0;
  for (const functionName of functions) {
    for await (const _ of archive.rows({ functionName, statuses, untilAt: fromAt })) {
      events += 1;
      if (events >= MOST_LEFT) return { events, isMore: true };
    }
    const within = { fromAt, ...(untilAt !== undefined && { untilAt }) };
    const rows = archive.rows({ functionName, statuses, ...within });
    for await (const { isAside } of deferredUnder(archive, rows, { underFromAt })) {
      if (isAside) events += 1;
      looked += 1;
      if (looked >= MOST_LEFT) break;
    }
  }
  return events === 0 ? undefined : { events };
}

/**
 * Lambda may be asked again where its answer was lost, or it was killed, so each step can be done twice: the shares are written
 * down before their number, without which there are none; and a share knows to which execution it was given.
 */
async function goOn(parts: DrainParts, { run: id, shares, ended = [] }: RunMade, execution: string): Promise<Begun> {
  const run = await parts.runs.read(id);
  if (!run) throw unreadableRun(id);
  if (run.endedAt !== undefined) return { run: id, shares: [] };
  if (shares) return { run: id, shares };
  const given = givenMarkOf(execution);
  if (run.shareCount === 0) {
    const found = await sharesOf(parts, run);
    if (isTooMuch(found)) {
      const why = `${numberText(found.length)} functions are too many for one replay of the drain: name some of them at a time`;
      await parts.runs.end(id, { status: 'stopped', counts: run.counts, why });
      return { run: id, shares: [] };
    }
    const refs = await handOut(parts, run, found, execution);
    const left = await leftBeside(parts, run);
    await parts.runs.begun(id, {
      shareCount: found.length,
      aliveUntil: parts.clock.now() + NEXT_STRETCH_MS,
      execution,
      ...(left && { left }),
    });
    await tellStarted(parts, { ...run, ...(left && { left }) });
    return { run: id, shares: refs };
  }
  const now = parts.clock.now();
  const free = run.shares.filter((share) => isGivenTo(given, share) || isFreeShare(share, run, ended, now));
  const refs = await handOut(parts, run, free, execution);
  if (run.execution === execution) await tellStarted(parts, run);
  return { run: id, shares: refs };
}

/** Nobody has to be told for events to be replayed: the bus may be denied, or out of reach. */
async function tellStarted({ announcer, write }: DrainParts, run: ReplayRun): Promise<void> {
  const word = replayWord('Replay Started', factsForWord(run), run.startedAt);
  await announcer.announce([word]).catch((fault) => write(`${word.type} of ${run.id} could not be told: ${fault}`));
}

/** Whether an execution was given a share before, and no stretch has begun it. */
function isGivenTo(given: string, { state, progress }: RunShare): boolean {
  return state === 'more' && progress?.given === given;
}

/** Stands for an execution. */
function givenMarkOf(execution: string): string {
  return createHash('sha256').update(execution).digest('hex').slice(0, 8);
}

/** Writes down that these shares are given to somebody. */
async function handOut(
  { runs, clock }: DrainParts,
  { id, execution: first }: ReplayRun,
  shares: readonly RunShare[],
  execution: string,
): Promise<readonly ShareRef[]> {
  await eachOf(shares, AT_ONCE, async (share) => {
    const { waiting: _, progress = { stretches: 0, damaged: 0 }, ...own } = share;
    const { execution: __, ...known } = progress;
    const at = tellingAt(share, clock.now());
    await runs.beat(id, {
      ...own,
      progress: {
        ...known,
        given: givenMarkOf(execution),
        ...(first !== undefined && execution !== first && { execution }),
      },
      state: 'more',
      at,
      aliveUntil: at + NEXT_STRETCH_MS,
    });
  });
  return shares.map(refOf);
}

function refOf({ number, functionName = '' }: RunShare): ShareRef {
  return { number, functionName };
}

function isTooMuch(shares: readonly RunShare[]): boolean {
  return JSON.stringify(shares.map(refOf)).length > MOST_GIVEN_BYTES;
}

/** The shares of a run that begins: functions that have events of it, and groups of those that have many. */
async function sharesOf(parts: DrainParts, run: ReplayRun): Promise<readonly RunShare[]> {
  const archive = parts.archive(`drain/${run.id}`);
  const now = parts.clock.now();
  const plan = planOfRun(run.plan);
  const { functions } = run.selection;
  const groups = new Map<string, number>(functions.map((name) => [name, 0])); // in their order
  await eachOf(functions, AT_ONCE, async (functionName) => {
    groups.set(functionName, await groupsOf(archive, functionName, run));
  });
  const shares = sharesBy(groups, plan, now);
  // As one process does as well, only later.
  return isTooMuch(shares)
    ? sharesBy(new Map([...groups].map(([name, count]) => [name, Math.min(1, count)])), plan, now)
    : shares;
}

/** @param groups how many shares each function is to have */
function sharesBy(groups: ReadonlyMap<string, number>, plan: ReplayPlan, now: number): readonly RunShare[] {
  const shares: RunShare[] = [];
  for (const [functionName, count] of groups) {
    const leader = shares.length;
    for (let group = 0; group < count; group += 1) {
      shares.push({
        number: shares.length,
        functionName,
        state: 'more',
        counts: noCounts(),
        at: now,
        aliveUntil: now,
        progress: {
          stretches: 0,
          damaged: 0,
          ...(count > 1 && { group }),
          ...(count > 1 && plan.canary !== undefined && group > 0 && { leader }),
        },
      });
    }
  }
  return shares;
}

/**
 * How many shares a function is to have: none without an event; one in order, where a number of events bounds it, of which
 * each share would have its own, and where one process does as well.
 */
async function groupsOf(archive: EventArchive, functionName: string, { selection, plan }: ReplayRun): Promise<number> {
  const share = { functionName, selection, plan };
  const first = await rowsOfShare(archive, share).next();
  if (first.done) return 0;
  if (plan.ordered || plan.concurrency < SHARDS || plan.limit !== undefined || plan.stopAfter.kind === 'count')
    return 1;
  let events = 0;
  for await (const _ of rowsOfShare(archive, { ...share, group: 0 })) {
    events += 1;
    if (events > MANY_EVENTS / SHARDS) return SHARDS;
  }
  return 1;
}

export function factsForWord(run: ReplayRun) {
  return { ...run, functions: run.selection.functions };
}
