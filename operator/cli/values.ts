import { InvalidArgumentError } from 'commander';
import { parseAutoReplay, type ReplayPolicy } from '../../core/sources/auto-replay.ts';
import { quoted } from '../../core/text/parsed.ts';
import { parseTimezone } from '../../core/time/timezone.ts';
import { parseTypedDuration } from '../times/typed-duration.ts';
import { type Direction, parseTime, type TypedTime } from '../times/typed-time.ts';

/** For commander: a time that is to come, of which `Session.instantOf` says which instant it is. */
export function timeAhead(text: string): TypedTime {
  return timeValue(text, 'ahead');
}

/** For commander: a time that is over, of which `Session.instantOf` says which instant it is. */
export function timeBack(text: string): TypedTime {
  return timeValue(text, 'back');
}

function timeValue(text: string, direction: Direction): TypedTime {
  const time = parseTime(text, direction);
  if (time.kind === 'value') return time.value;
  throw new InvalidArgumentError(`It ${time.message}.`);
}

/** For commander: a duration, in milliseconds. */
export function durationValue(text: string): number {
  const duration = parseTypedDuration(text);
  if (duration.kind === 'value') return duration.value;
  throw new InvalidArgumentError(`It ${duration.message}.`);
}

/** For commander: a count of 1 or more. */
export const countValue = countUpTo(999_999);

/** For commander: a count from 1 to the most. */
export function countUpTo(most: number): (text: string) => number {
  return (text) => {
    const count = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : Number.NaN;
    if (count <= most) return count;
    throw new InvalidArgumentError(`Write a whole number from 1 to ${most}.`);
  };
}

/** For commander: a version of a parameter, from 1; 0 is one that is not there yet. */
export function versionValue(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write the version as --dry-run shows it.');
}

/** For commander: a port that can be listened at; 0 is any that is free. */
export function portValue(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('Write a port from 0 to 65535.');
}

/** For commander: what becomes of a backlog, in the words of a window document; `auto` stands for `{}`. */
export function replayValue(text: string): ReplayPolicy {
  const value = text === 'auto' ? {} : text === 'manual' ? text : jsonIn(text);
  const read = parseAutoReplay(value, 'it');
  if (read.kind === 'value') return value as ReplayPolicy;
  throw new InvalidArgumentError(`Write manual, auto, or JSON as a window has it: ${read.message}.`);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** For commander: an IANA time zone. */
export function timezoneValue(text: string): string {
  const timezone = parseTimezone(text);
  if (timezone.kind === 'value') return timezone.value;
  throw new InvalidArgumentError(`It ${timezone.message}.`);
}

/** For commander: the name of one function. */
export function functionNameValue(text: string): string {
  if (/^[\w-]{1,140}$/.test(text)) return text;
  throw new InvalidArgumentError('Write the name of a function, without its ARN.');
}

/** For commander: one of several names of functions, each once. */
export function functionNames(text: string, before: readonly string[] = []): readonly string[] {
  if (!/^[\w-]{1,64}$/.test(text)) {
    throw new InvalidArgumentError('Write the name of a function, without ARN and wildcard.');
  }
  return before.includes(text) ? before : [...before, text];
}

/** For commander: a function to invoke. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, "FunctionName" */
export function invokedFunctionValue(text: string): string {
  if (/^[\w:$-]{1,170}$/.test(text)) return text;
  throw new InvalidArgumentError('Write the name or ARN of a function, with a version or alias if need be.');
}

/** For commander: one of several globs over names of functions. */
export function functionGlobs(text: string, before: readonly string[] = []): readonly string[] {
  if (/^[\w*?-]+$/.test(text)) return [...before, text];
  throw new InvalidArgumentError(
    `${quoted(text)} names no function; write its name without ARN, with * and ? for what may differ.`,
  );
}
