import { shown } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/time/instant.ts';
import type { Times } from '../../times/times.ts';
import type { Quiet } from '../../windows/quiet-time.ts';

/** When it is quiet, as an instant; undefined where maintenance ends before that. */
export function quietFromText({ at, overAt }: Quiet): string | undefined {
  return overAt === undefined ? instantToText(at) : undefined;
}

/** One line for people. */
export function quietText({ at, why, overAt }: Quiet, now: number, times: Times): string {
  if (overAt !== undefined) return `not quiet before it ends, ${times.fromNow(overAt, now)}: ${shown(why)}`;
  return `${at > now ? 'quiet from' : 'quiet since'} ${times.fromNow(at, now)}: ${shown(why)}`;
}
