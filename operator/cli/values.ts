import { InvalidArgumentError } from 'commander';
import { quoted } from '../../core/text/parsed.ts';
import { parseDuration } from '../../core/windows/duration.ts';
import { parseInstant } from '../../core/windows/instant.ts';
import { parseTimezone } from '../../core/windows/timezone.ts';

/** For commander: an instant, as epoch milliseconds. */
export function instantValue(text: string): number {
  const instant = parseInstant(text);
  if (instant.kind === 'value') return instant.value;
  throw new InvalidArgumentError(`It ${instant.message}.`);
}

/** For commander: a duration, in milliseconds. */
export function durationValue(text: string): number {
  const duration = parseDuration(text);
  if (duration.kind === 'value') return duration.value;
  throw new InvalidArgumentError(`It ${duration.message}.`);
}

/** For commander: a count of 1 or more. */
export function countValue(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number from 1 to 999999.');
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
