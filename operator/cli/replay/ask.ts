import type { LatestTicks } from '../../../core/replay/order/latest-ticks.ts';
import type { ReplayPlan } from '../../../core/replay/plan.ts';
import type { ReplayCounts } from '../../../core/replay/progress/news.ts';
import { counted, numberText } from '../../../core/text/shown.ts';
import type { Meant } from '../../replay/meant.ts';
import type { ReplayPreview } from '../../replay/preview.ts';

/** What is asked before a replay: always on a terminal, elsewhere only where it runs events again or discards some. */
export interface Question {
  readonly text: string;
  /** Without an answer it must not go on, be there a terminal or not. */
  readonly isNeeded: boolean;
}

/** @param found absent where it was not looked at */
export function questionOf(
  { again = [] }: Meant,
  { canary, to }: ReplayPlan,
  latest: LatestTicks | undefined,
  found?: ReplayPreview,
): Question {
  if (again.length > 0) {
    return { text: again.length === 1 ? 'Run it again?' : `Run these ${again.length} events again?`, isNeeded: true };
  }
  if (latest && latest.earlier > 0) {
    return {
      text: `Discard ${counted(latest.earlier, 'earlier run')} of schedules, and replay the last of each?`,
      isNeeded: true,
    };
  }
  const events = found?.counts.events ?? 0;
  const what = events === 1 ? 'it' : 'them';
  if (to !== undefined)
    return { text: `Send ${events === 1 ? 'a copy' : 'copies'} of ${what} to ${to}?`, isNeeded: false };
  const isFirst = canary !== undefined && canary < events;
  return { text: isFirst ? `Replay the first ${numberText(canary)} of them?` : `Replay ${what}?`, isNeeded: false };
}

/** @param total all events of the replay; absent where nobody knows how many there are */
export function canaryQuestion(counts: ReplayCounts, total: number | undefined): string {
  const { replayed, failed, unknown, refused, discarded, held, leased, taken } = counts;
  const went = replayed + failed + unknown + refused;
  const left = total === undefined ? 0 : total - went - discarded - held - leased - taken;
  const rest = left > 0 ? `the other ${numberText(left)}` : 'the rest';
  return `${numberText(replayed)} of ${numberText(went)} succeeded. Go on with ${rest}?`;
}
