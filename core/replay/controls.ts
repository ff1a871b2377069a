/** What somebody may change about a replay while it goes on. Each change is told to whoever subscribed. */
export interface RunControls {
  /** Why nothing is sent for now, `paused by alice@laptop`; undefined where it goes on. What is under way ends by itself. */
  pausedWhy(): string | undefined;
  /** Invocations a second; Infinity for no limit. */
  ratePerSecond(): number;
  /** Invocations at once, at least 1. */
  concurrency(): number;
  /** Returns what ends it. */
  subscribe(onChange: () => void): () => void;
}

/** Nobody changes anything: it goes as its plan says. */
export function fixedControls({
  ratePerSecond,
  concurrency,
}: {
  readonly ratePerSecond: number;
  readonly concurrency: number;
}): RunControls {
  return {
    pausedWhy: () => undefined,
    ratePerSecond: () => ratePerSecond,
    concurrency: () => concurrency,
    subscribe: () => () => undefined,
  };
}
