import type { FunctionFacts } from '../../aws/lambda/functions.ts';
import type { ParameterStore } from '../../aws/windows/parameter-store.ts';
import type { EventArchive } from '../../core/events/archive.ts';
import type { Clock } from '../../core/gate/ports.ts';
import type { Invoker } from '../../core/replay/invoker.ts';
import type { Timer } from '../../core/replay/timer.ts';
import type { RunStore } from '../../core/runs/ports.ts';
import type { Announcer } from '../../core/words/announcer.ts';

/** What the tasks of the drain work with. */
export interface DrainParts {
  readonly runs: RunStore;
  /** The table for one stretch. @param by `<who>/<run>`: no other stretch has it */
  readonly archive: (by: string) => EventArchive;
  /** Lambda, with so many connections. */
  readonly lambda: (concurrency: number) => Invoker;
  readonly functions: { find(name: string): Promise<FunctionFacts | undefined> };
  readonly parameterStore: Pick<ParameterStore, 'read'>;
  /** The window parameters, one to ten. */
  readonly parameters: readonly string[];
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly timer: Timer;
  /** Whose credentials invoke, twelve digits, where that is known. */
  readonly account?: string | undefined;
  /** How long an invocation of the drain may take as a whole. Milliseconds. */
  readonly wholeMs: number;
  /** Takes a line for the log. */
  readonly write: (line: string) => void;
}
