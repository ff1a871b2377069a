import { nextWindows, type Upcoming } from '../../core/calendar/upcoming.ts';
import { ADVANCED_TIER_BYTES, STANDARD_TIER_BYTES } from '../../core/windows/parameter-limits.ts';
import { parseWindows, type Window, type WindowDocument, windowsToText } from '../../core/windows/window.ts';
import { faultOfReplay, parseWithReplay } from '../../core/windows/with-replay.ts';
import type { Times } from '../times/times.ts';
import { identified } from './known-windows.ts';
import { doubtsOfTimes, type WrittenOrNot, warningsOfUnions } from './warnings.ts';

/** What a text comes to as a window parameter. */
export type Checked =
  | {
      readonly kind: 'good';
      readonly document: WindowDocument;
      /** As this product would write it. */
      readonly canonical: string;
      /** Of the canonical form, in UTF-8. */
      readonly bytes: number;
      /** The windows that begin next. */
      readonly upcoming: readonly Upcoming<IdentifiedWindow>[];
      /** What may not be meant, a line each. */
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'malformed'; readonly message: string };

interface IdentifiedWindow {
  readonly id: string;
  readonly window: Window;
}

/**
 * Checks the text of a window parameter: before it becomes one, or one that is stored. Asks nothing of AWS.
 *
 * @param now epoch milliseconds
 * @param count how many of the next windows at most
 * @param times how warnings show an instant
 */
export async function checkText(
  text: string,
  now: number,
  count: number,
  times: Times,
  written: WrittenOrNot = 'draft',
): Promise<Checked> {
  const parsed = written === 'draft' ? parseWithReplay(text) : parseWindows(text);
  if (parsed.kind === 'fault') return { kind: 'malformed', message: parsed.message };
  const { document } = parsed;
  const canonical = windowsToText(document);
  const bytes = Buffer.byteLength(canonical);
  const windows = identified(document.windows);
  const ofWindows = await Promise.all(windows.map((window) => warningsOfTimes(window, now, times, written)));
  return {
    kind: 'good',
    document,
    canonical,
    bytes,
    upcoming: await nextWindows(windows, now, count),
    warnings: [
      ...ofWindows.flat(),
      ...(await warningsOfUnions(document.windows, now, times)),
      ...(written === 'draft' ? warningsOfSize(bytes) : warningsOfReplay(document)),
    ],
  };
}

async function warningsOfTimes(
  { id, window }: IdentifiedWindow,
  now: number,
  times: Times,
  written: WrittenOrNot,
): Promise<readonly string[]> {
  return (await doubtsOfTimes(window, now, times, written)).map(({ text }) => `${id}: ${text}`);
}

/** Its windows hold all the same: no function looks there. */
function warningsOfReplay(document: WindowDocument): readonly string[] {
  const message = faultOfReplay(document);
  return message === undefined ? [] : [`${message}; until then its events wait for somebody`];
}

function warningsOfSize(bytes: number): readonly string[] {
  if (bytes > ADVANCED_TIER_BYTES)
    return [`${bytes} characters are more than a parameter holds (${ADVANCED_TIER_BYTES})`];
  return bytes > STANDARD_TIER_BYTES
    ? [`${bytes} characters need SSM's advanced tier (more than ${STANDARD_TIER_BYTES})`]
    : [];
}
