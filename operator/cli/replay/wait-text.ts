import type { Waiting } from '../../../core/replay/progress/waits.ts';
import { shown } from '../../../core/text/shown.ts';
import { SECOND_MS } from '../../../core/units.ts';
import type { Times } from '../../times/times.ts';
import { advisedText } from './advice-text.ts';

/** Nothing goes on before that. */
export function wholeSecond(at: number): number {
  return Math.ceil(at / SECOND_MS) * SECOND_MS;
}

/** What a replay waits for, and until when: the first of several waits, on one line. */
export function waitText([first, ...others]: readonly Waiting[], times: Times): string {
  if (!first) return '';
  const until = first.untilAt === undefined ? '' : ` until ${times.text(wholeSecond(first.untilAt))}`;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `${first.functionName ?? 'the replay'} waits${until}${more}: ${shown(advisedText(first))}`;
}
