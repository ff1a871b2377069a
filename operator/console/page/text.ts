/** Times, numbers and names as the page shows them. */

import { numberText } from '../../../core/text/shown.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `33 min`, `2 h 5 min`, `3 days`. */
export function lengthText(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.round(ms / SECOND_MS))} s`;
  if (ms < HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) {
    const minutes = Math.round((ms % HOUR_MS) / MINUTE_MS);
    const hours = Math.floor(ms / HOUR_MS);
    return minutes === 0 || minutes === 60 ? `${hours + Math.floor(minutes / 60)} h` : `${hours} h ${minutes} min`;
  }
  return `${Math.round(ms / DAY_MS)} days`;
}

/** `in 33 min`, `2 h ago`. */
export function distanceText(instant: string, now: number): string {
  const ms = Date.parse(instant) - now;
  return ms >= 0 ? `in ${lengthText(ms)}` : `${lengthText(-ms)} ago`;
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
  return ms < MINUTE_MS ? `${(ms / SECOND_MS).toFixed(1)} s` : lengthText(ms);
}

/** Whose window it is. */
export function functionsText(functions: readonly string[] | undefined): string {
  return functions === undefined ? 'every function' : functions.join(', ');
}

/** What a version of the parameter changed. */
export function changesText(changes: readonly { readonly kind: string; readonly id?: string }[]): string {
  return changes.map(({ kind, id }) => [kind, id].filter(Boolean).join(' ')).join(', ');
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
  return `${whose}${waiting.why}${waiting.until === undefined ? '' : `, until ${instantText(waiting.until, zone)}`}`;
}

interface WhyJson {
  readonly why?: string | undefined;
  readonly waiting?: { readonly why: string; readonly function?: string; readonly until?: string } | undefined;
}
