/** Times, numbers and names as the page shows them. */

import { numberText } from '../../../core/text/shown.ts';
import { distanceText as distance, durationText } from '../../../core/time/time-text.ts';
import { MINUTE_MS, SECOND_MS } from '../../../core/units.ts';

/** `in 33 min 20 s`, `2 h ago`. */
export function distanceText(instant: string, now: number): string {
  return distance(Date.parse(instant), now);
}

/** In a zone: `2026-11-30 22:15:00`. */
export function instantText(instant: string, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(instant));
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')}`;
}

export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** How long an attempt took: `312 ms`, `1.4 s`, `2 min`. */
export function tookText(ms: number): string {
  if (ms < SECOND_MS) return `${ms} ms`;
  return ms < MINUTE_MS ? `${(ms / SECOND_MS).toFixed(1)} s` : durationText(ms);
}

/** Whose window it is. */
export function functionsText(functions: readonly string[] | undefined): string {
  return functions === undefined ? 'every function' : functions.join(', ');
}

/** A window as somebody knows it: `window 745950, database upgrade`. */
export function windowText({ id, reason }: { readonly id: string; readonly reason?: string }): string {
  return reason === undefined ? `window ${id}` : `window ${id}, ${reason}`;
}

/** What a version of the parameter changed. */
export function changesText(changes: readonly { readonly kind: string; readonly id?: string }[]): string {
  return changes.map(({ kind, id }) => [kind, id].filter(Boolean).join(' ')).join(', ');
}

/** As the tool takes one event's name always: two functions may have one of the same id. */
export function eventName({ function: of, id }: { readonly function: string; readonly id: string }): string {
  return `${of}#${id}`;
}

/** The id of an event that is named so, or by its id alone. */
export function idOf(name: string): string {
  return name.slice(name.lastIndexOf('#') + 1);
}

/** As short as an id is named by: the tool takes any beginning that fits one alone. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** What became of events of a replay. */
export function outcomesText(counts: Readonly<Record<string, number>>): string {
  const texts = Object.entries(counts).map(([outcome, count]) => `${numberText(count)} ${outcome}`);
  return texts.length === 0 ? 'nothing yet' : texts.join(', ');
}

/** Why a replay, or a share of one, has ended or waits; undefined where it does neither. */
export function waitText({ why, waiting }: WhyJson, zone: string): string | undefined {
  if (why !== undefined || !waiting) return why;
  const whose = waiting.function === undefined ? '' : `${waiting.function}: `;
  const since = waiting.since === undefined ? '' : `, since ${instantText(waiting.since, zone)}`;
  return `${whose}${waiting.why}${since}${waiting.until === undefined ? '' : `, until ${instantText(waiting.until, zone)}`}`;
}

interface WhyJson {
  readonly why?: string | undefined;
  readonly waiting?:
    | { readonly why: string; readonly function?: string; readonly since?: string; readonly until?: string }
    | undefined;
}
