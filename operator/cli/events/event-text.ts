import type { EventRow, FoundEvent } from '../../../core/events/archive.ts';

import type { OrderKey } from '../../../core/sources/record-order.ts';
import { shown } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/windows/instant.ts';
import { instantText } from '../../../core/windows/time-text.ts';

/** How an event is named on the command line: by its id, or with its function's name where that is not enough. */
export const EVENT_NAMED = 'its Lambda request id, or FUNCTION#ID where two functions have one of that id';

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** A size to look at: `812 B`, `1.4 MB`. */
export function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(1_000)));
  const value = bytes / 1_000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** An event's status to look at; one whose lease is over has been left behind by a tool that ended. */
export function statusText({ status, leaseUntilAt, damaged }: EventRow, now: number): string {
  if (damaged !== undefined) return `${status}, damaged`;
  if (status !== 'replaying' && status !== 'unknown') return status;
  if (leaseUntilAt === undefined || leaseUntilAt < now) return status === 'replaying' ? 'replaying (cut off)' : status;
  return `${status} (until ${instantText(leaseUntilAt)})`;
}

/** A row for programs. */
export function rowJson(row: EventRow): object {
  const { id, functionName, source, status, deferredAt, bytes, attempts, leaseUntilAt, orderKeys, damaged } = row;
  return {
    id,
    function: functionName,
    source,
    status,
    deferredAt: instantToText(deferredAt),
    bytes,
    attempts,
    leaseUntil: textOf(leaseUntilAt),
    orderKeys: orderKeys?.map(({ key }) => key),
    damaged,
  };
}

/** An event for programs, by the names that the table has; of one that is damaged, what is certain. */
export function eventJson(event: FoundEvent): object {
  if (event.damaged !== undefined) {
    const { id, functionName, status, damaged } = event;
    return { id, function: functionName, status, damaged };
  }
  const { id, functionName, source, status, deferredAt, orderKeys, ...more } = event;
  const { windowStartAt, windowEndAt, leaseUntilAt, doneAt, expiresAt, ...facts } = more;
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
  };
}

/** An event for people: a line for each thing that is known of it. */
export function eventText(event: FoundEvent, bold: (text: string) => string): string {
  const orderKeys = event.damaged === undefined ? event.orderKeys?.map(keyText).join(', ') : undefined;
  const facts = { ...eventJson(event), orderKeys };
  const entries = Object.entries(facts).filter(([, value]) => value !== undefined);
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${bold(name.padEnd(width))}  ${shown(String(value))}`).join('\n');
}

function keyText({ key, sequence }: OrderKey): string {
  return sequence === undefined ? key : `${key} (${sequence})`;
}

function textOf(at: number | undefined): string | undefined {
  return at === undefined ? undefined : instantToText(at);
}
