import type { FunctionFacts } from '../../aws/lambda/functions.ts';
import { SETTINGS } from '../../core/gate/config.ts';
import { type Pace, quietAt, seenAt } from '../../core/gate/freshness.ts';
import { matchesGlob } from '../../core/text/glob.ts';
import { parameterPath } from '../../core/windows/parameter-name.ts';
import { durationText } from '../../core/windows/time-text.ts';
import type { FunctionLookup } from '../access/function-lookup.ts';

/** From when on it is quiet, and why not before. */
export interface Quiet {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly why: string;
}

/** Lambda's longest time-out. https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html */
const LONGEST_TIMEOUT_SECONDS = 900;
const DEFAULT_TTL_SECONDS = Number(SETTINGS.ttlSeconds.default);
/**
 * When it is quiet: when the last of the functions is, that the globs name and that may read one of the parameters. Where they
 * are not known, the default TTL and Lambda's longest time-out are taken.
 *
 * @param editedAt when the window was written; -Infinity where it has been known for long
 */
export function quietFrom(
  lookup: FunctionLookup,
  globs: readonly string[] | undefined,
  parameters: readonly string[],
  startAt: number,
  editedAt: number,
): Quiet {
  const following =
    lookup.kind === 'known' ? lookup.functions.filter((facts) => isAbout(facts, globs, parameters)) : [];
  const last = following
    .map((facts) => ({ name: facts.name, at: quietAt(startAt, editedAt, paceOf(facts)), pace: paceOf(facts) }))
    .sort((a, b) => b.at - a.at)[0];
  if (last) return { at: last.at, why: `${whyWaits(startAt, editedAt, last.pace)} (${last.name})` };

  const pace = { ttlSeconds: DEFAULT_TTL_SECONDS, timeoutSeconds: LONGEST_TIMEOUT_SECONDS };
  const unknown = lookup.kind === 'unknown' ? lookup.why : 'no function is found that reads it';
  return { at: quietAt(startAt, editedAt, pace), why: `${whyWaits(startAt, editedAt, pace)}, at worst: ${unknown}` };
}

function whyWaits(startAt: number, editedAt: number, { ttlSeconds, timeoutSeconds }: Pace): string {
  const isSeenLater = quietAt(startAt, editedAt, { ttlSeconds, timeoutSeconds: 0 }) > startAt;
  const seenMs = seenAt(0, ttlSeconds);
  const seen = isSeenLater ? `functions see the edit within ${durationText(seenMs)}, and ` : '';
  return `${seen}handlers that run by then go on for up to ${durationText(timeoutSeconds * 1_000)}`;
}

function isAbout(facts: FunctionFacts, globs: readonly string[] | undefined, parameters: readonly string[]): boolean {
  const isNamed = !globs || globs.some((glob) => matchesGlob(glob, facts.name));
  return isNamed && mayRead(facts, parameters);
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

/** How soon a function follows an edit. */
export function paceOf({ environment, timeoutSeconds }: FunctionFacts): Pace {
  const ttl = SETTINGS.ttlSeconds.parse(environment[SETTINGS.ttlSeconds.name] ?? SETTINGS.ttlSeconds.default);
  return { ttlSeconds: ttl.kind === 'value' ? ttl.value : DEFAULT_TTL_SECONDS, timeoutSeconds };
}

/** The longest TTL of the functions that may read one of these parameters; the default where none is known. Seconds. */
export function slowestTtl(lookup: FunctionLookup, parameters: readonly string[]): number {
  const following = lookup.kind === 'known' ? lookup.functions.filter((facts) => mayRead(facts, parameters)) : [];
  return following.length > 0 ? Math.max(...following.map((facts) => paceOf(facts).ttlSeconds)) : DEFAULT_TTL_SECONDS;
}
