/** What something came to that was done, in a few words. */
import { counted } from '../../../../core/text/shown.ts';
import type { Answer } from '../../answer.ts';

/** As the tool ends where somebody else has changed the same thing meanwhile, or AWS asks for patience. */
const CONFLICT = 75;

export function isConflict(answer: Pick<Answer, 'exitCode'> | undefined): boolean {
  return answer?.exitCode === CONFLICT;
}

export function outcomeText(answer: Pick<Answer, 'exitCode' | 'results'>): string {
  // of events some may be done by then, and of an edit nothing is
  if (isConflict(answer) && answer.results.length === 0) return 'Not done.';
  return answer.exitCode === 0 ? 'Done.' : `Not all is done (exit code ${answer.exitCode}).`;
}

/** What became of events, as their JSON has it. */
interface DeedJson {
  readonly dryRun?: true;
  readonly discarded?: number;
  readonly restored?: readonly unknown[];
  readonly left?: readonly string[];
}

/** How many events it was done with, and how many were left; nothing for a dry run, and for what is of no events. */
export function deedTexts({ dryRun, discarded, restored, left = [] }: DeedJson): readonly string[] {
  if (dryRun) return [];
  const isAre = (count: number) => `${counted(count, 'event')} ${count === 1 ? 'is' : 'are'}`;
  return [
    ...(discarded === undefined ? [] : [`${isAre(discarded)} discarded.`]),
    ...(restored === undefined ? [] : [`${isAre(restored.length)} restored.`]),
    ...((discarded === undefined && restored === undefined) || left.length === 0
      ? []
      : [`${isAre(left.length)} left as before.`]),
  ];
}
