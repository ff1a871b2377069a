import type { DrainInput, ShareRef } from '../../core/runs/drain-input.ts';

/** One invocation of the drain, as its state machine sends it: `core/deployment/drain-machine.ts`. */
export type DrainTask = BeginTask | StretchTask | FailedTask | EndTask;

/** Begins a run, or goes on with one. */
export interface BeginTask {
  readonly task: 'begin';
  /** ARN of the execution. */
  readonly execution: string;
  /** When that began: ISO 8601. */
  readonly startedAt: string;
  readonly input: DrainInput;
}

/** Shares that somebody has to do. */
export interface Begun {
  readonly run: string;
  readonly shares: readonly ShareRef[];
}

/** Replays events of one share for as long as an invocation allows. */
export interface StretchTask {
  readonly task: 'stretch';
  readonly run: string;
  readonly share: ShareRef;
}

/** How a stretch ended. */
export interface Stretched {
  /**
   * `more`: another one is to follow at once. `held`: not before `untilAt`. `onward`: in another execution, as the history of
   * this one fills. `over`: none, for now at least; its record says why.
   */
  readonly state: 'more' | 'held' | 'onward' | 'over';
  /** ISO 8601. */
  readonly untilAt: string;
}

/** Says of a share that what runs it failed, again and again. */
export interface FailedTask {
  readonly task: 'failed';
  readonly run: string;
  readonly share: ShareRef;
  /** As Step Functions has it. */
  readonly fault: { readonly Error?: string; readonly Cause?: string };
}

/** Ends a run, where all of its shares are over. */
export interface EndTask {
  readonly task: 'end';
  readonly run: string;
}

/** What the end of an execution came to. */
export interface Ended {
  readonly run: string;
  readonly status: string;
}
