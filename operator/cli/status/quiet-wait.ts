import { distanceText } from '../../../core/time/time-text.ts';
import { SECOND_MS } from '../../../core/units.ts';
import type { Quiet } from '../../windows/quiet-time.ts';
import { type QuietWait, type QuietWaitParts, waitUntilQuiet } from '../../windows/wait-quiet.ts';
import type { Session } from '../session.ts';
import type { Output } from '../terminal/output.ts';

/**
 * Waits until it is quiet, and says what it waits for: on a terminal a line that counts down, elsewhere a note at once
 * and each minute.
 */
export async function waitInSight(session: Session, parts: Omit<QuietWaitParts, 'tell'>): Promise<QuietWait> {
  const { output, waits, clockSoFar } = session;
  const { progress, times } = output;
  let quiet: Quiet | undefined;
  let isOver = () => {};
  const why = () => (quiet ? `not quiet before ${times.text(quiet.at)}: ${quiet.why}` : '');
  const line = () => quiet && progress?.(`quiet ${distanceText(quiet.at, clockSoFar.now())}: ${quiet.why}`);
  const begin = () => {
    if (!progress) return waits.begin('quiet', () => ({ why: why() }), true);
    const timer = setInterval(line, SECOND_MS);
    return () => {
      clearInterval(timer);
      progress(undefined);
    };
  };
  try {
    return await waitUntilQuiet(session, {
      ...parts,
      tell(now) {
        const isFirst = quiet === undefined;
        quiet = now;
        if (isFirst) isOver = begin();
        line();
      },
    });
  } finally {
    isOver();
  }
}

/**
 * Text of a wait that would be in vain, as maintenance ends before it is quiet.
 *
 * @param windowId the only window that is waited for
 */
export function endsFirstText({ at, why, overAt = at }: Quiet, { times, command }: Output, windowId?: string): string {
  const extend = command(['extend', ...(windowId === undefined ? [] : [windowId])]);
  return `it does not become quiet: maintenance ends ${times.text(overAt)}, and handlers may run until ${times.text(at)}: ${why}; to let it last longer:  ${extend}`;
}

/** Text of a wait that ended by its time limit. */
export function timedOutText(quiet: Quiet, timeoutText: string, times: Session['output']['times']): string {
  return `it is not quiet after ${timeoutText}, and not before ${times.text(quiet.at)}: ${quiet.why}`;
}
