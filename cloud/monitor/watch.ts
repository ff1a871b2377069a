import type { MonitorMemory } from '../../aws/events/monitor-memory.ts';
import type { ParameterStore } from '../../aws/windows/parameter-store.ts';
import { isActive, maintenanceOf, type WindowTime } from '../../core/calendar/ended.ts';
import { quietAt } from '../../core/gate/freshness.ts';
import { type Due, type DueFacts, type DueRun, dueOf } from '../../core/runs/due.ts';
import { allOf, at, isObject, number, object, type Shape, text } from '../../core/text/shape.ts';
import type { Announcer } from '../../core/words/announcer.ts';
import { type Told, tellOn, type WindowStory } from '../../core/words/window-story.ts';
import { type WatchedWindows, watchWindows } from './watched-windows.ts';

/** Starts runs of the drain. */
export interface DrainStarter {
  /** Once for each name, whoever asks, and however often. */
  start(run: DueRun): Promise<'started' | 'already'>;
}

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
  readonly drain?: {
    readonly starter: DrainStarter;
    readonly facts: DueFacts;
    /** Every function that ever deferred an event. */
    functionNames(): Promise<readonly string[]>;
  };
  /** Epoch milliseconds. */
  now(): number;
  /** Takes a whole line without its end. */
  write(line: string): void;
}

/** What is kept between two looks. */
interface WatchMemory {
  readonly story?: WindowStory;
  /** By function: the keys of the maintenances that were seen to. */
  readonly settled: Readonly<Record<string, string>>;
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
  const { parameterStore, parameters, memory, now, write } = parts;
  const lookedAt = now();
  const [remembered, windows] = await Promise.all([memory.read(), watchWindows(parameterStore, parameters, lookedAt)]);
  const before = memoryIn(remembered.value);
  const faults: unknown[] = windows.faults.map((message) => new Error(message));
  const told = toldOf(parts, windows, before.story, lookedAt);
  const story = await parts.announcer.announce(told.words).then(() => told.story, failed(before.story));
  const settled = await startDue(parts, windows, told.story, before.settled, lookedAt).catch(failed(before.settled));
  await memory.write(remembered, { ...(story && { story }), settled } satisfies WatchMemory).catch(failed(undefined));
  if (faults.length > 0) throw new AggregateError(faults, faults.map(String).join('\n'));

  function failed<Instead>(instead: Instead): (fault: unknown) => Instead {
    return (fault) => {
      faults.push(fault);
      return instead;
    };
  }

  async function startDue(
    { drain }: WatchParts,
    { times, editedAt, replay, isComplete }: WatchedWindows,
    { ended }: WindowStory,
    settledBefore: WatchMemory['settled'],
    at: number,
  ): Promise<WatchMemory['settled']> {
    // What cannot be read may have a window that is active.
    if (!drain || !isComplete) return settledBefore;
    // What is over by its words alone, and was not seen to end, an edit has put into the past.
    const all: readonly WindowTime[] = [...times.filter((time) => isActive(time, at)), ...ended];
    const kept: Record<string, string> = {};
    for (const functionName of all.length > 0 ? await drain.functionNames() : []) {
      const before = settledBefore[functionName];
      const query = {
        functionName,
        maintenance: maintenanceOf(functionName, all, at),
        ...(replay !== undefined && { parameters: replay }),
        editedAt: Math.max(...editedAt.values()),
        ...(before !== undefined && { settled: before }),
        now: at,
      };
      const due = await dueOf(query, drain.facts).catch(failed(undefined));
      const settled = due ? await settle(drain.starter, due).catch(failed(due.settled)) : before;
      if (settled !== undefined) kept[functionName] = settled;
    }
    return kept;
  }

  async function settle(starter: DrainStarter, due: Due): Promise<string | undefined> {
    if (due.kind !== 'start') return due.settled;
    if ((await starter.start(due.run)) === 'started') write(`started ${due.run.name}`);
    return due.settledThen;
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
  const [story, settled] = [at(value, 'story'), at(value, 'settled')];
  const isStory = isStoryShape(story);
  return {
    ...(isStory && { story: story as WindowStory }),
    settled: isObject(settled) ? (settled as WatchMemory['settled']) : {},
  };
}

const time: Shape = object({ parameter: text, window: text, startAt: number });
const isStoryShape: Shape = object({
  at: number,
  open: (value) => Array.isArray(value) && value.every(time),
  ended: (value) => Array.isArray(value) && value.every(allOf(time, object({ endAt: number }))),
});
