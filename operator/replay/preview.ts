import { functionIn } from '../../core/replay/copy.ts';
import type { LatestTicks } from '../../core/replay/order/latest-ticks.ts';
import { turnsTakeMs } from '../../core/replay/pace.ts';
import type { ReplayPlan } from '../../core/replay/plan.ts';
import type { Hold, WindowWatch } from '../../core/replay/window-watch.ts';
import type { OpenArchive } from '../access/archive.ts';
import { type DryRun, dryRun } from './dry-run.ts';
import type { Meant } from './meant.ts';

/** What a replay would do, for somebody who is about to be asked. Instants are epoch milliseconds. */
export interface ReplayPreview extends DryRun {
  readonly now: number;
  /** Functions that have to wait first. */
  readonly holds: readonly { readonly functionName: string; readonly hold: Hold }[];
  /** When the last event goes. Absent where no rate was asked for, or nobody knows how long a function has to wait. */
  readonly endAt?: number;
}

/** Who is to be asked waits for the question. */
const COUNTING_MS = 3_000;

/**
 * @param windows as `windowsOf` found them
 * @param forMs after which it counts no further
 */
export async function previewReplay(
  archive: OpenArchive,
  meant: Meant,
  plan: ReplayPlan,
  latest: LatestTicks | undefined,
  windows: WindowWatch,
  forMs = COUNTING_MS,
): Promise<ReplayPreview> {
  const found = await dryRun(archive, meant, plan, latest, forMs);
  const now = (await archive.clock()).now();
  const holds = (plan.to === undefined ? found.functions : found.functions.slice(0, 1)).flatMap(({ functionName }) => {
    const hold = windows.holdOf(functionName);
    return hold ? [{ functionName: plan.to === undefined ? functionName : functionIn(plan.to), hold }] : [];
  });
  const beginAt = Math.max(now, ...holds.map(({ hold }) => hold.untilAt ?? Number.POSITIVE_INFINITY));
  const hasEnd = Number.isFinite(plan.ratePerSecond) && Number.isFinite(beginAt);
  return { ...found, now, holds, ...(hasEnd && { endAt: beginAt + sendingMs(found, plan) }) };
}

/** How long a replay sends at the least, from its first event on. 0 where no rate was asked for. */
export function sendingMs(found: DryRun, { ratePerSecond }: ReplayPlan): number {
  return turnsTakeMs(sentBy(found), ratePerSecond);
}

/** Events that take a turn of the rate. */
function sentBy({ counts, others }: DryRun): number {
  return counts.events + others.refused + others.damaged;
}

/** All events that a replay would look at, whatever becomes of them. */
export function eventsOf(found: DryRun): number {
  const { discarded, held, leased } = found.others;
  return sentBy(found) + discarded + held + leased;
}

/** Whether a replay would find nothing to do. */
export function isIdle(found: DryRun): boolean {
  return sentBy(found) + found.others.discarded === 0;
}
