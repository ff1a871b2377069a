import type { Backlog } from '../../aws/events/backlog.ts';
import type { MonitorMemory } from '../../aws/events/monitor-memory.ts';
import { listAt } from '../../core/text/shape.ts';
import type { Announcer } from '../../core/words/announcer.ts';
import { backlogWord } from '../../core/words/window-word.ts';

/** What is needed to tell of backlogs that are old. */
export interface OldBacklogsParts {
  readonly memory: MonitorMemory;
  readonly announcer: Announcer;
  /** From which age on a backlog is old: of its oldest event, in milliseconds. */
  readonly oldAfterMs: number;
}

/**
 * Tells of each function whose oldest event has waited for long: once, until nothing of it has.
 *
 * @param now epoch milliseconds
 */
export async function tellOldBacklogs(
  { memory, announcer, oldAfterMs }: OldBacklogsParts,
  backlogs: readonly Backlog[],
  now: number,
): Promise<void> {
  const remembered = await memory.read();
  const told = listAt(remembered.value, 'old');
  const old = backlogs.flatMap(({ functionName, events, oldestAt }) =>
    oldestAt !== undefined && now - oldestAt >= oldAfterMs ? [{ functionName, pending: events, oldestAt }] : [],
  );
  const names = old.map(({ functionName }) => functionName).sort();
  const news = old.filter(({ functionName }) => !told.includes(functionName));
  if (news.length === 0 && told.length === names.length) return;
  await announcer.announce(news.map((backlog) => backlogWord(backlog, now)));
  await memory.write(remembered, { old: names });
}
