import type { FailureLimit } from '../sources/auto-replay.ts';
import type { DueWindow } from './due.ts';

/** Input of the state machine that drains. */
export type DrainInput = WindowOver | RunMade;

/** A window is over, and what it left is to be replayed: the monitor says so. */
export interface WindowOver {
  /** Name of the run, and of the execution. */
  readonly name: string;
  readonly functionName: string;
  /** As {@link DueWindow} has it, in ISO 8601. A monitor that is older says nothing of the last two. */
  readonly window: {
    readonly startAt: string;
    readonly endAt: string;
    readonly nextAt?: string;
    readonly underFromAt?: string;
  };
  /** How; what is absent has the default of `replay`. */
  readonly replay: {
    readonly ratePerSecond?: number;
    readonly canary?: number;
    readonly stopAfter?: FailureLimit;
    readonly ordered?: boolean;
  };
}

/** A run whose record is there: a terminal has handed it over, somebody resumes it, or an execution is full. */
export interface RunMade {
  readonly run: string;
  /** Only these of its shares. Absent: those that nobody does. */
  readonly shares?: readonly ShareRef[];
  /** ARNs of executions that have ended, and should have gone on with it: nobody does their shares. */
  readonly ended?: readonly string[];
}

/** A share, as the state machine hands it to a stretch. */
export interface ShareRef {
  readonly number: number;
  readonly functionName: string;
}
