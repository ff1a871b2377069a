import { describe, expect, it } from 'vitest';
import { ITEM_LIMIT_BYTES, REPLAY_ROOM_BYTES } from '../../../aws/events/item.ts';
import { FOLLOWED_DAYS, FOLLOWED_INTERVALS } from '../../../core/calendar/calendar.ts';
import { LEASE_MARGIN_MS } from '../../../core/events/archive.ts';
import { FINISHED_KEPT_SECONDS } from '../../../core/events/table.ts';
import { readConfig, SETTINGS } from '../../../core/gate/config.ts';
import { seenAt } from '../../../core/gate/freshness.ts';
import { storingLimitMs } from '../../../core/gate/patience.ts';
import { RETRIED_MS } from '../../../core/gate/retries.ts';
import { contextOfReplay, whyNotAsEvent } from '../../../core/replay/outcome.ts';
import { parsePolicy } from '../../../core/sources/policy.ts';
import { KEYS_LIMIT_BYTES } from '../../../core/sources/record-order.ts';
import { ADVANCED_TIER_BYTES, STANDARD_TIER_BYTES } from '../../../core/windows/parameter-limits.ts';
import { parseWindows } from '../../../core/windows/window.ts';
import { pageText, sectionOf, tableIn } from './pages.ts';

const page = pageText('docs/limits.md');
const stated = new Map(
  ['## Sizes', '## Times'].flatMap((heading) =>
    tableIn(sectionOf(page, heading)).map(([what = '', limit = '']): [string, string] => [what, limit]),
  ),
);
const figure = (count: number) => count.toLocaleString('en');

/** The largest number that is taken, of which one more is not. */
function largest(isTaken: (count: number) => boolean, guess: string | undefined): string | undefined {
  const count = Number(guess?.replaceAll(',', '').match(/^\d+/)?.[0]);
  return isTaken(count) && !isTaken(count + 1) ? guess : undefined;
}

const parametersTaken = (count: number) => {
  const names = Array.from({ length: count }, (_, index) => `w${index}`).join();
  try {
    return readConfig({ [SETTINGS.parameters.name]: names }).parameters.length === count;
  } catch {
    return false;
  }
};
const windowTaken = (window: object) =>
  parseWindows(JSON.stringify({ version: 1, windows: [window] })).kind === 'windows';
const zones = Intl.supportedValuesOf('timeZone');
const zonesTaken = (count: number) => {
  const windows = zones
    .slice(0, count)
    .map((timezone) => ({ schedule: 'cron(0 2 * * ? *)', timezone, duration: '1h' }));
  return parseWindows(JSON.stringify({ version: 1, windows })).kind === 'windows';
};
const daysTaken = (days: number) => windowTaken({ schedule: 'cron(0 2 * * ? *)', duration: `P${days}D` });
const bodyTaken = (length: number) =>
  parsePolicy({ http: { body: JSON.stringify('x'.repeat(length - 2)) } }, 'policy').kind === 'policy';
const rule = (match: object, reply?: unknown) => ({ match, do: 'answer', ...(reply !== undefined && { reply }) });
const rulesTaken = (rules: readonly object[]) => parsePolicy({ rules }, 'policy').kind === 'policy';
const manyTaken = (count: number) => rulesTaken(Array.from({ length: count }, () => rule({ a: ['b'] })));
const comparisonsTaken = (count: number) =>
  rulesTaken([rule({ a: Array.from({ length: count }, (_, index) => ({ prefix: String(index) })) })]);
const replyTaken = (length: number) => rulesTaken([rule({ a: ['b'] }, 'x'.repeat(length - 2))]);
const asEventTaken = (megabytes: number) =>
  whyNotAsEvent({ source: 's3', bytes: Math.ceil(megabytes * 1_048_576) }) === undefined;
const contextTaken = (base64Bytes: number) => {
  const mark = { replay: 'id', deferredAt: 0, proof: 'p', dispatch: false };
  const bare = contextOfReplay(mark, '{"a":""}');
  if (bare.kind === 'refused') return false;
  const room = Math.floor(base64Bytes / 4) * 3 - Buffer.from(bare.base64, 'base64').length;
  return contextOfReplay(mark, JSON.stringify({ a: 'x'.repeat(room) })).kind === 'context';
};

describe('the page on limits', () => {
  it.each([
    ['window parameters of a function', () => largest(parametersTaken, stated.get('window parameters of a function'))],
    [
      'text of a window parameter',
      () => `${STANDARD_TIER_BYTES / 1_024} KB standard tier, ${ADVANCED_TIER_BYTES / 1_024} KB advanced`,
    ],
    ['time zones in one text', () => largest(zonesTaken, stated.get('time zones in one text'))],
    ['duration of a window', () => largest(daysTaken, stated.get('duration of a window'))],
    ['a union of windows is followed for', () => `${FOLLOWED_DAYS} days and ${figure(FOLLOWED_INTERVALS)} intervals`],
    ["body of the policy's 503", () => largest(bodyTaken, stated.get("body of the policy's 503"))],
    ['rules of a policy', () => largest(manyTaken, stated.get('rules of a policy'))],
    ["comparisons of a policy's rules", () => largest(comparisonsTaken, stated.get("comparisons of a policy's rules"))],
    ['reply of a rule', () => largest(replyTaken, stated.get('reply of a rule'))],
    ['an event in one item', () => `${(ITEM_LIMIT_BYTES - REPLAY_ROOM_BYTES) / 1_024} KB`],
    [
      'an event in a replay with `--mode event`',
      () => largest(asEventTaken, stated.get('an event in a replay with `--mode event`')),
    ],
    ['order keys of one event', () => `${figure(KEYS_LIMIT_BYTES)} bytes`],
    [
      'an edit is seen within',
      () => {
        const isSo = seenAt(0, 60) === 60_000 + 6_000 + 1_000;
        return isSo ? `the TTL (${SETTINGS.ttlSeconds.default} s, 1 to 3,600), a tenth of it, and a second` : undefined;
      },
    ],
    [
      'storing an event is tried for',
      () => {
        const [usual, cognito] = [{ key: 'sqs' }, { key: 'cognito' }].map(
          (source) => storingLimitMs(source as never) / 1_000,
        );
        return `${usual} s (Cognito: ${cognito} s), and until 300 ms before the invocation's deadline`;
      },
    ],
    ["a replay's lease", () => (LEASE_MARGIN_MS === 60_000 ? "the function's time-out and a minute" : undefined)],
    ['a finished event stays', () => `${FINISHED_KEPT_SECONDS / 86_400} days`],
    [
      "Lambda's retries are looked for",
      () => `${Math.floor(RETRIED_MS / 3_600_000)} h ${(RETRIED_MS / 60_000) % 60} min after a window or an edit`,
    ],
  ])('is right about this: %s', (what, inTheCode) => {
    expect(stated.get(what)).toBe(inTheCode());
  });

  it('is right about a client context', () => {
    const [limit] = stated.get('client context of a replay, in Base64')?.split(' ') ?? [];
    const bytes = Number(limit?.replaceAll(',', ''));
    // Base64 comes in fours: four bytes more than the limit are too many, however it is rounded.
    expect([contextTaken(bytes), contextTaken(bytes + 4)]).toEqual([true, false]);
  });
});
