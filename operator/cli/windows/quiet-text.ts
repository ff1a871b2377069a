import { shown } from '../../../core/text/shown.ts';
import { fromNow } from '../../../core/windows/time-text.ts';
import type { Quiet } from '../../windows/quiet-time.ts';

/** One line for people. */
export function quietText({ at, why }: Quiet, now: number): string {
  return `${at > now ? 'quiet from' : 'quiet since'} ${fromNow(at, now)}: ${shown(why)}`;
}
