import type { MonitorMemory } from '../../aws/events/monitor-memory.ts';
import type { ParameterStore } from '../../aws/windows/parameter-store.ts';
import { quietAt } from '../../core/gate/freshness.ts';
import { allOf, at, isObject, number, object, type Shape, text } from '../../core/text/shape.ts';
import type { Announcer } from '../../core/words/announcer.ts';
import { type Told, tellOn, type WindowStory } from '../../core/words/window-story.ts';
import { type Seen, type StartDueParts, startDue } from './start-due.ts';
import { type WatchedWindows, watchWindows } from './watched-windows.ts';

/** What a look at the windows needs, and where its lines go. */
export interface WatchParts {
  readonly parameterStore: Pick<ParameterStore, 'read'>;
  /** The window parameters, one to ten. */
  readonly parameters: readonly string[];
  readonly memory: MonitorMemory;
  readonly announcer: Announcer;
  /** Of the functions under the windows: how long an environment keeps a reading at most. */
  readonly longestTtlSeconds: number;
  /** Absent where there is no drain: then every backlog waits for somebody. */
  readonly drain?: StartDueParts['drain'];
  /** Epoch milliseconds. */
  now(): number;
  /** Whether too little of the invocation is left to look at another function. */
  isTimeUp(): boolean;
  /** Takes a whole line without its end. */
  write(line: string): void;
}

/** What is kept between two looks. */
interface WatchMemory extends Seen {
  readonly story?: WindowStory;
}

/** How long a handler may run: Lambda's longest time-out. A monitor does not know every function that a window names. */
const LONGEST_TIMEOUT_SECONDS = 900;

/**
 * Looks at the windows once: tells what has happened since the last look, and starts the runs that are due. Each of the two
 * goes on where the other fails; the faults come together, at the end. A word or a start that was not remembered is told or
 * asked for again: words have ids, and executions names.
 *
 * @throws AggregateError where something failed, after all that could be done
 */
export async function watch(parts: WatchParts): Promise<void> {
  const { parameterStore, parameters, memory, drain, now } = parts;
  const lookedAt = now();
  const [remembered, windows] = await Promise.all([memory.read(), watchWindows(parameterStore, parameters, lookedAt)]);
  const before = memoryIn(remembered.value);
  const faults: unknown[] = windows.faults.map((message) => new Error(message));
  const told = toldOf(parts, windows, before.story, lookedAt);
  const story = await parts.announcer.announce(told.words).then(() => told.story, failed(before.story));
  const { settled, from } = before;
  const seenBefore = { settled, ...(from !== undefined && { from }) };
  // What cannot be read may have a window that is active.
  const seen =
    drain && windows.isComplete
      ? await startDue(
          { ...parts, drain, onFault: (fault) => faults.push(fault) },
          windows,
          told.story.ended,
          seenBefore,
        ).catch(failed(seenBefore))
      : seenBefore;
  await memory.write(remembered, { ...(story && { story }), ...seen } satisfies WatchMemory).catch(failed(undefined));
  if (faults.length > 0) throw new AggregateError(faults, faults.map(String).join('\n'));

  function failed<Instead>(instead: Instead): (fault: unknown) => Instead {
    return (fault) => {
      faults.push(fault);
      return instead;
    };
  }
}

function toldOf(
  { longestTtlSeconds: ttlSeconds }: WatchParts,
  { times, editedAt }: WatchedWindows,
  before: WindowStory | undefined,
  now: number,
): Told {
  const slowest = { ttlSeconds, timeoutSeconds: LONGEST_TIMEOUT_SECONDS };
  const quiet = ({ startAt, editedAt: writtenAt }: WindowStory['open'][number]) => quietAt(startAt, writtenAt, slowest);
  return tellOn(before, { times, editedAt, quietAt: quiet, now });
}

/** Of another version it may be anything: then it is told from now on. */
function memoryIn(value: unknown): WatchMemory {
  const [story, settled, from] = [at(value, 'story'), at(value, 'settled'), at(value, 'from')];
  const isStory = isStoryShape(story);
  return {
    ...(isStory && { story: story as WindowStory }),
    settled: isObject(settled) ? (settled as WatchMemory['settled']) : {},
    ...(typeof from === 'string' && { from }),
  };
}

const time: Shape = object({ parameter: text, window: text, startAt: number });
const isStoryShape: Shape = object({
  at: number,
  open: (value) => Array.isArray(value) && value.every(time),
  ended: (value) => Array.isArray(value) && value.every(allOf(time, object({ endAt: number }))),
});
