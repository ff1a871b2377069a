import type { EventArchive, EventRow } from '../../events/archive.ts';

import { scheduleTickOf } from '../../sources/schedule-tick.ts';

/** Sources whose events may be a schedule's. */
const SCHEDULES = ['eventbridge', 'scheduler'];

/** Last missed tick of each schedule, for each version or alias of a function. */
export interface LatestTicks {
  /** How many ticks have a later one. */
  readonly earlier: number;
  /** The id of a later tick of the same schedule, sent to the same; undefined where there is none, or it is no tick. */
  laterThan(row: EventRow): Promise<string | undefined>;
}

interface Tick {
  readonly id: string;
  readonly dueAt: number;
}

/**
 * Finds ticks of schedules among the rows, and keeps the last of each schedule. One read for each event of EventBridge;
 * memory for one tick a schedule.
 */
export async function findLatestTicks(
  events: Pick<EventArchive, 'read'>,
  rows: AsyncIterable<EventRow>,
): Promise<LatestTicks> {
  const latest = new Map<string, Tick>();
  let ticks = 0;
  for await (const row of rows) {
    const tick = await tickOf(row);
    if (!tick) continue;
    ticks += 1;
    const before = latest.get(tick.schedule);
    if (!before || tick.dueAt > before.dueAt) latest.set(tick.schedule, { id: row.id, dueAt: tick.dueAt });
  }
  return {
    earlier: ticks - latest.size,
    async laterThan(row) {
      const tick = await tickOf(row);
      const last = tick && latest.get(tick.schedule);
      return last && last.id !== row.id && last.dueAt >= tick.dueAt ? last.id : undefined;
    },
  };

  async function tickOf(row: EventRow) {
    if (!SCHEDULES.includes(row.source)) return undefined;
    const found = await events.read(row);
    const tick = found?.body.kind === 'text' ? scheduleTickOf(found.body.text) : undefined;
    const { functionName, qualifier = '' } = row;
    return tick && { schedule: `${functionName}:${qualifier} ${tick.resource}`, dueAt: tick.dueAt };
  }
}
