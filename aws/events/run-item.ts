import {
  LAST_INSTANT,
  OPEN_RUNS_GROUP,
  placeOf,
  RUNS_GROUP,
  runIdIn,
  runKey,
  runShareKey,
  TTL_ATTRIBUTE,
} from '../../core/events/table.ts';
import { MOST_CONCURRENCY } from '../../core/replay/plan.ts';
import { noCounts, type ReplayCounts } from '../../core/replay/progress/news.ts';
import type { RunOrders } from '../../core/runs/ports.ts';
import {
  type KeptEnd,
  type KeptRun,
  type LeftToSomebody,
  type RunFacts,
  type RunShare,
  type RunWaiting,
  type RunWishes,
  SHARE_STATES,
  type ShareProgress,
} from '../../core/runs/run.ts';
import { parseJson } from '../../core/text/json.ts';
import { anyOf, anyText, at, listOf, number, object, oneOf, type Shape, text, textAt } from '../../core/text/shape.ts';
import type { Item } from '../dynamodb/dynamodb.ts';
import { createItemReader } from './item-reader.ts';

/** Retention of runs: 90 days after somebody heard of them last. */
export const RUN_KEPT_SECONDS = 90 * 86_400;
/** No run has more shares. */
const MOST_SHARES = 10_000;
const MOST_COUNTED = Number.MAX_SAFE_INTEGER;
/** Stands for a rate without a limit, which DynamoDB has no number for. */
const NO_LIMIT = 'none';

/** Attributes of a run that say what it is. All of its facts are one JSON text: nobody asks the table for one of them. */
export function runItem({ id, ...facts }: RunFacts, shareCount: number, aliveUntil: number, now: number): Item {
  return {
    pk: { S: runKey(id) },
    gpk: { S: OPEN_RUNS_GROUP },
    gsk: { S: placeOf(facts.startedAt, runKey(id)) },
    run: { S: JSON.stringify(facts) },
    shareCount: { N: String(shareCount) },
    aliveUntil: instantAttribute(aliveUntil),
    [TTL_ATTRIBUTE]: runExpiry(now),
  };
}

/** When a run may be deleted that is heard of now. */
export function runExpiry(now: number): Item[string] {
  return { N: String(Math.floor(now / 1_000) + RUN_KEPT_SECONDS) };
}

/** In whole milliseconds: a reader takes any other number for one that no client of ours has written. */
export function instantAttribute(at: number): Item[string] {
  return { N: String(Math.ceil(at)) };
}

/** A share as it is told. Outcomes that nothing came to are left out. */
export function shareItem(id: string, share: RunShare): Item {
  const counted = Object.entries(share.counts).filter(([, count]) => count > 0);
  return {
    pk: { S: runShareKey(id, share.number) },
    state: { S: share.state },
    counts: { S: JSON.stringify(Object.fromEntries(counted)) },
    toldAt: instantAttribute(share.at),
    aliveUntil: instantAttribute(share.aliveUntil),
    ...(share.functionName !== undefined && { functionName: { S: share.functionName } }),
    ...(share.waiting && { waiting: { S: JSON.stringify(share.waiting) } }),
    ...(share.why !== undefined && { why: { S: share.why } }),
    ...(share.hand !== undefined && { hand: { S: share.hand } }),
    ...(share.progress && { progress: { S: JSON.stringify(share.progress) } }),
    [TTL_ATTRIBUTE]: runExpiry(share.at),
  };
}

/** Attributes of a share besides its key and its hand: what the next telling sets or takes away. */
export const SHARE_ATTRIBUTES = [
  'state',
  'counts',
  'toldAt',
  'aliveUntil',
  'functionName',
  'waiting',
  'why',
  'progress',
  TTL_ATTRIBUTE,
];

/** Reads a run. Undefined for what is none, or cannot be read. */
export function readRun(item: Item, shares: readonly RunShare[]): KeptRun | undefined {
  const id = runIdIn(item['pk']?.S ?? '');
  const facts: unknown = parseJson(item['run']?.S ?? '');
  const reader = createItemReader(item);
  const shareCount = reader.number('shareCount', MOST_SHARES);
  const aliveUntil = reader.number('aliveUntil', LAST_INSTANT);
  const execution = reader.optionalText('execution');
  const [wishes, end, left] = [readWishes(item), readEnd(item), readLeft(item)];
  if (id === undefined || !isFacts(facts) || reader.fault !== undefined || wishes === undefined || end === 'none')
    return undefined;
  return {
    ...(facts as Omit<RunFacts, 'id'>),
    id,
    ...(execution !== undefined && { execution }),
    ...(left && { left }),
    wishes,
    shares,
    shareCount,
    aliveUntil,
    ...(end && { end }),
  };
}

/** JSON has `null` for what is no number: no version of ours writes that for what is absent. */
const absentOr =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || shape(value);
const instant: Shape = (value) => typeof value === 'number' && value >= 0 && value <= LAST_INSTANT;

/** All that somebody reads of it: what another version wrote may be of any form. */
const isFacts: Shape = object({
  name: text,
  by: text,
  from: text,
  startedAt: instant,
  reason: absentOr(anyText),
  execution: absentOr(text),
  selection: object({
    functions: listOf(text),
    sources: absentOr(listOf(text)),
    window: absentOr(anyText),
    error: absentOr(anyText),
    errorIs: absentOr(anyText),
    grep: absentOr(anyText),
    fromAt: absentOr(instant),
    untilAt: absentOr(instant),
    underFromAt: absentOr(instant),
    ids: absentOr(listOf(text)),
    idCount: absentOr(number),
  }),
  plan: object({
    statuses: listOf(text),
    mode: text,
    concurrency: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_CONCURRENCY,
    ratePerSecond: absentOr(number),
    limit: absentOr(number),
    canary: absentOr(number),
    qualifier: absentOr(text),
    to: absentOr(text),
    stopAfter: anyOf(
      object({ kind: oneOf('count'), failures: number }),
      object({ kind: oneOf('share'), percent: number }),
    ),
  }),
});

/** Reads a share. Undefined for what is none. */
export function readShare(item: Item, number: number): RunShare | undefined {
  const reader = createItemReader(item);
  const state = SHARE_STATES.find((each) => each === item['state']?.S);
  const functionName = reader.optionalText('functionName');
  const why = reader.optionalText('why');
  const hand = reader.optionalText('hand');
  const waiting = readWaiting(item['waiting']?.S);
  const progress = readProgress(item['progress']?.S);
  const share = {
    number,
    counts: readCounts(item['counts']?.S),
    at: reader.number('toldAt', LAST_INSTANT),
    aliveUntil: reader.number('aliveUntil', LAST_INSTANT),
    ...(functionName !== undefined && { functionName }),
    ...(waiting && { waiting }),
    ...(why !== undefined && { why }),
    ...(hand !== undefined && { hand }),
    ...(progress && { progress }),
  };
  return state && reader.fault === undefined ? { ...share, state } : undefined;
}

/** Reads what is wanted of a run. Undefined where it cannot be read. */
function readWishes(item: Item): RunWishes | undefined {
  const reader = createItemReader(item);
  const wanted = reader.optionalText('wanted', /^(?:running|paused|stopped)$/) as RunWishes['wanted'] | undefined;
  const ratePerSecond = rateIn(item['wantedRate']);
  const concurrency = reader.optionalNumber('wantedConcurrency', MOST_COUNTED);
  const [by, at] = [reader.optionalText('wantedBy'), reader.optionalInstant('wantedAt')];
  if (reader.fault !== undefined) return undefined;
  return {
    wanted: wanted ?? 'running',
    ...(ratePerSecond !== undefined && { ratePerSecond }),
    ...(concurrency !== undefined && { concurrency }),
    ...(by !== undefined && { by }),
    ...(at !== undefined && { at }),
  };
}

/** What a share's heartbeat hears. Undefined for a run that cannot be read. */
export function readOrders(item: Item): RunOrders | undefined {
  const wishes = readWishes(item);
  const shareCount = Number(item['shareCount']?.N ?? 1);
  const sharesLeft = Math.max(1, shareCount - (item['sharesOver']?.NS?.length ?? 0));
  return wishes && { ...wishes, sharesLeft, isEnded: item['endStatus'] !== undefined };
}

/** The attributes by which a run is wished something; what is absent stays. */
export function wishAttributes({ wanted, ratePerSecond, concurrency, by, at: wishedAt }: Partial<RunWishes>): Item {
  const number = (value: number) => (Number.isFinite(value) ? { N: String(value) } : { S: NO_LIMIT });
  return {
    ...(wanted !== undefined && { wanted: { S: wanted } }),
    ...(ratePerSecond !== undefined && { wantedRate: number(ratePerSecond) }),
    ...(concurrency !== undefined && { wantedConcurrency: { N: String(concurrency) } }),
    ...(by !== undefined && { wantedBy: { S: by } }),
    ...(wishedAt !== undefined && { wantedAt: instantAttribute(wishedAt) }),
  };
}

/** The attributes that say what waits beside a run. */
export function leftAttributes({ events, isMore }: LeftToSomebody): Item {
  return { leftEvents: { N: String(events) }, ...(isMore && { leftMore: { BOOL: true } }) };
}

/** Nothing depends on it: what is no number is none. */
function readLeft(item: Item): LeftToSomebody | undefined {
  const events = Number(item['leftEvents']?.N ?? 0);
  if (!Number.isSafeInteger(events) || events < 1) return undefined;
  return { events, ...(item['leftMore']?.BOOL && { isMore: true }) };
}

/** The attributes by which a run ends: it leaves the group of those that are open. */
export function endAttributes({ status, at: endedAt, counts, why }: KeptEnd): Item {
  return {
    gpk: { S: RUNS_GROUP },
    endStatus: { S: status },
    endedAt: instantAttribute(endedAt),
    ...countsAttribute(counts),
    ...(why !== undefined && { why: { S: why } }),
  };
}

/** What a run that has ended came to. */
export function countsAttribute(counts: ReplayCounts): Item {
  return { counts: { S: JSON.stringify(counts) } };
}

/** @returns undefined where it has not ended, `none` where its end cannot be read */
function readEnd(item: Item): KeptEnd | 'none' | undefined {
  const reader = createItemReader(item);
  const status = reader.optionalText('endStatus');
  if (status === undefined && reader.fault === undefined) return undefined;
  const endedAt = reader.number('endedAt', LAST_INSTANT);
  const why = reader.optionalText('why');
  if (reader.fault !== undefined || (status !== 'done' && status !== 'stopped')) return 'none';
  return { status, at: endedAt, counts: readCounts(item['counts']?.S), ...(why !== undefined && { why }) };
}

function rateIn(attribute: Item[string] | undefined): number | undefined {
  if (attribute?.S === NO_LIMIT) return Number.POSITIVE_INFINITY;
  const rate = Number(attribute?.N);
  return rate > 0 ? rate : undefined;
}

function readCounts(json: string | undefined): ReplayCounts {
  const told: unknown = parseJson(json ?? '');
  const counts = noCounts();
  for (const outcome of Object.keys(counts) as (keyof ReplayCounts)[]) {
    const count = at(told, outcome);
    if (Number.isSafeInteger(count) && Number(count) >= 0) counts[outcome] = Number(count);
  }
  return counts;
}

function readProgress(json: string | undefined): ShareProgress | undefined {
  const told: unknown = parseJson(json ?? '');
  return isProgress(told) ? (told as ShareProgress) : undefined;
}

const isProgress: Shape = object({ stretches: number, damaged: number });

function readWaiting(json: string | undefined): RunWaiting | undefined {
  const told: unknown = parseJson(json ?? '');
  const why = textAt(told, 'why');
  const functionName = textAt(told, 'functionName');
  const untilAt = at(told, 'untilAt');
  if (why === '') return undefined;
  return { why, ...(functionName !== '' && { functionName }), ...(instant(untilAt) && { untilAt: Number(untilAt) }) };
}
