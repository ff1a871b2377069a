import type { FunctionFacts } from '../../aws/lambda/functions.ts';
import { paceOf } from '../../aws/lambda/pace.ts';
import { SETTINGS } from '../../core/gate/config.ts';
import { type Pace, quietAt, seenAt } from '../../core/gate/freshness.ts';
import { matchesGlob } from '../../core/text/glob.ts';
import { durationText } from '../../core/time/time-text.ts';
import { parameterPath } from '../../core/windows/parameter-name.ts';
import type { FunctionLookup } from '../access/function-lookup.ts';

/** From when on it is quiet, and why not before. */
export interface Quiet {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly why: string;
  /** When maintenance ends, where that is not later: it does not become quiet. Epoch milliseconds. */
  readonly overAt?: number;
}

/** A window that makes functions quiet. */
export interface Quieting {
  /** The parameter that has it. */
  readonly parameter: string;
  readonly startAt: number;
  /** When the window was written; -Infinity where it has been known for long. */
  readonly editedAt: number;
}

/** Lambda's longest time-out. https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html */
const LONGEST_TIMEOUT_SECONDS = 900;
const DEFAULT_TTL_SECONDS = Number(SETTINGS.ttlSeconds.default);
/**
 * When it is quiet: when the last of the functions is, that the globs name and that may read one of the parameters. A function is
 * by the first of the windows that it reads. Where functions are not known, the default TTL and Lambda's longest time-out are taken.
 *
 * @param windows one at least, which name all of these functions
 * @param endAt when maintenance ends: epoch milliseconds; absent: no end of it is known
 */
export function quietFrom(
  lookup: FunctionLookup,
  globs: readonly string[] | undefined,
  windows: readonly Quieting[],
  endAt?: number,
): Quiet {
  const functions = lookup.kind === 'known' ? lookup.functions.filter(({ name }) => isNamed(name, globs)) : [];
  const last = functions
    .flatMap((facts) => {
      const read = windows.filter(({ parameter }) => mayRead(facts, [parameter]));
      const first = firstQuiet(read, paceOf(facts));
      return first ? [{ ...first, why: `${first.why} (${facts.name})` }] : [];
    })
    .sort((a, b) => b.at - a.at)[0];
  const quiet = last ?? quietAtWorst(lookup, windows);
  return { ...quiet, ...(endAt !== undefined && quiet.at >= endAt && { overAt: endAt }) };
}

function quietAtWorst(lookup: FunctionLookup, windows: readonly Quieting[]): Quiet {
  const unknown = lookup.kind === 'unknown' ? lookup.why : 'no function is found that reads it';
  const pace = { ttlSeconds: DEFAULT_TTL_SECONDS, timeoutSeconds: LONGEST_TIMEOUT_SECONDS };
  const { at, why } = firstQuiet(windows, pace) ?? { at: Number.POSITIVE_INFINITY, why: 'no window is active' };
  return { at, why: `${why}, at worst: ${unknown}` };
}

/** By the window that makes it quiet first. */
function firstQuiet(windows: readonly Quieting[], pace: Pace): Quiet | undefined {
  return windows
    .map((window) => ({ at: quietAt(window.startAt, window.editedAt, pace), why: whyWaits(window, pace) }))
    .sort((a, b) => a.at - b.at)[0];
}

function whyWaits({ startAt, editedAt }: Quieting, { ttlSeconds, timeoutSeconds }: Pace): string {
  const isSeenLater = quietAt(startAt, editedAt, { ttlSeconds, timeoutSeconds: 0 }) > startAt;
  const seenMs = seenAt(0, ttlSeconds);
  const seen = isSeenLater ? `functions see the edit within ${durationText(seenMs)}, and ` : '';
  return `${seen}handlers that run by then go on for up to ${durationText(timeoutSeconds * 1_000)}`;
}

function isNamed(name: string, globs: readonly string[] | undefined): boolean {
  return !globs || globs.some((glob) => matchesGlob(glob, name));
}

/** Names of the functions that may read the parameter, sorted; none where Lambda could not be asked. */
export function readersOf(lookup: FunctionLookup, parameter: string): readonly string[] {
  if (lookup.kind === 'unknown') return [];
  return lookup.functions
    .filter((facts) => mayRead(facts, [parameter]))
    .map(({ name }) => name)
    .sort();
}

/** Whether one of these functions reads the parameter, as far as Lambda could be asked. */
export function isReadBySome(lookup: FunctionLookup, parameter: string): boolean {
  return lookup.kind === 'known' && lookup.functions.some((facts) => mayRead(facts, [parameter]));
}

/** Whether a function may read one of these parameters: it names one, or it names none and may hold a client with its defaults. */
function mayRead({ environment, mayHoldClient }: FunctionFacts, parameters: readonly string[]): boolean {
  const named = environment[SETTINGS.parameters.name];
  const wrapped = environment['AWS_LAMBDA_EXEC_WRAPPER'] !== undefined;
  if (named === undefined && !mayHoldClient && !wrapped) return false;
  const read = (named ?? SETTINGS.parameters.default).split(',').map((name) => parameterPath(name.trim()));
  return parameters.some((name) => read.includes(parameterPath(name)));
}

/** The longest TTL of the functions that may read one of these parameters; the default where none is known. Seconds. */
export function slowestTtl(lookup: FunctionLookup, parameters: readonly string[]): number {
  const following = lookup.kind === 'known' ? lookup.functions.filter((facts) => mayRead(facts, parameters)) : [];
  return following.length > 0 ? Math.max(...following.map((facts) => paceOf(facts).ttlSeconds)) : DEFAULT_TTL_SECONDS;
}
