import type { EventRow, FoundEvent } from '../../../core/events/archive.ts';
import type { HistoryEntry } from '../../../core/events/history.ts';
import type { OrderKey } from '../../../core/sources/record-order.ts';
import { shown } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/time/instant.ts';
import { durationText } from '../../../core/time/time-text.ts';
import type { ListedEvent } from '../../events/list.ts';
import type { Times } from '../../times/times.ts';
import type { Output } from '../terminal/output.ts';

/** How an event is named on the command line: by its id, or with its function's name where that is not enough. */
export const EVENT_NAMED = 'its Lambda request id or the beginning of it; FUNCTION#ID where two functions have that id';

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** A size to look at: `812 B`, `1.4 MB`. */
export function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(1_000)));
  const value = bytes / 1_000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** An event's status to look at; one whose lease is over has been left behind by a tool that ended. */
export function statusText({ status, leaseUntilAt, damaged }: EventRow, now: number, times: Times): string {
  if (damaged !== undefined) return `${status}, damaged`;
  if (status !== 'replaying' && status !== 'unknown') return status;
  if (leaseUntilAt === undefined || leaseUntilAt < now) return status === 'replaying' ? 'replaying (cut off)' : status;
  return `${status} (until ${times.cell(leaseUntilAt)})`;
}

/** A row for programs. */
export function rowJson(row: ListedEvent): object {
  const {
    id,
    functionName,
    source,
    status,
    deferredAt,
    bytes,
    attempts,
    clientVersion,
    lastError,
    leaseUntilAt,
    ...more
  } = row;
  return {
    id,
    function: functionName,
    source,
    status,
    deferredAt: instantToText(deferredAt),
    bytes,
    attempts,
    clientVersion,
    lastError,
    leaseUntil: textOf(leaseUntilAt),
    orderKeys: more.orderKeys?.map(({ key }) => key),
    damaged: more.damaged,
  };
}

/** An event for programs, by the names that the table has; of one that is damaged, what is certain. */
export function eventJson(event: FoundEvent): object {
  if (event.damaged !== undefined) {
    const { id, functionName, status, damaged } = event;
    return { id, function: functionName, status, damaged };
  }
  const { id, functionName, source, status, deferredAt, orderKeys, ...more } = event;
  const { windowStartAt, windowEndAt, leaseUntilAt, doneAt, expiresAt, history, ...facts } = more;
  return {
    id,
    function: functionName,
    source,
    status,
    deferredAt: instantToText(deferredAt),
    ...facts,
    orderKeys,
    windowStart: textOf(windowStartAt),
    windowEnd: textOf(windowEndAt),
    leaseUntil: textOf(leaseUntilAt),
    doneAt: textOf(doneAt),
    expiresAt: textOf(expiresAt),
    history: history?.map((entry) => ({ ...entry, at: instantToText(entry.at) })),
  };
}

/** What an event has of instants, by the names of {@link eventJson}. */
const INSTANTS = ['deferredAt', 'windowStart', 'windowEnd', 'leaseUntil', 'doneAt', 'expiresAt'];

/** An event for people: a line for each thing that is known of it. */
export function eventText(event: FoundEvent, { paint: { bold }, times }: Pick<Output, 'paint' | 'times'>): string {
  const { orderKeys: keys, history = [] } = event.damaged === undefined ? event : {};
  const facts = {
    ...eventJson(event),
    orderKeys: keys?.map(keyText).join(', '),
    history: undefined,
    // It stays in the item when the lease is over, and would read as if somebody had the event.
    ...(event.status !== 'replaying' && event.status !== 'unknown' && { leaseBy: undefined }),
  };
  const entries = Object.entries(facts).filter(([, value]) => value !== undefined);
  const width = Math.max(...entries.map(([name]) => name.length));
  const lines = entries.map(([name, value]): readonly [string, string] => [
    name,
    textOfFact(name, String(value), times),
  ]);
  const past = history.map((entry, index): readonly [string, string] => [
    index === 0 ? 'history' : '',
    historyLine(entry, times),
  ]);
  return [...lines, ...past].map(([name, text]) => `${bold(name.padEnd(width))}  ${shown(text)}`).join('\n');
}

/** `2026-11-21T05:00:00Z  failed in 1.2 s, by alice@laptop/3f2a91c0/17: Orders.Unknown`. */
/** How long an attempt took: `312 ms`, `1 min 4 s`. */
export function tookText(tookMs: number): string {
  return tookMs < 1_000 ? `${tookMs} ms` : durationText(tookMs);
}

function historyLine({ at, by, outcome, tookMs, error, reason, to }: HistoryEntry, times: Times): string {
  const took = tookMs === undefined ? '' : ` in ${tookText(tookMs)}`;
  const where = to === undefined ? '' : ` as a copy by ${to}`;
  const why = error ?? reason;
  return `${times.cell(at)}  ${outcome}${where}${took}, by ${by}${why === undefined ? '' : `: ${why}`}`;
}

function textOfFact(name: string, value: string, times: Times): string {
  return INSTANTS.includes(name) ? times.text(Date.parse(value)) : value;
}

function keyText({ key, sequence }: OrderKey): string {
  return sequence === undefined ? key : `${key} (${sequence})`;
}

function textOf(at: number | undefined): string | undefined {
  return at === undefined ? undefined : instantToText(at);
}
