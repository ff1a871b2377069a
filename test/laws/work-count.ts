import { Session } from 'node:inspector/promises';

/** Counts what code of ours does, in steps that are the same on every machine, however busy. */
export interface WorkCount extends AsyncDisposable {
  /** How many steps the counted files took in `run`. */
  during(run: () => Promise<unknown>): Promise<number>;
}

/** What one call costs besides its own blocks, of which V8 does about 20 in a microsecond: `Intl`'s part of it. */
const STEPS_OF_CALLS: Readonly<Record<string, number>> = { offsetIn: 60, createFormat: 2_000 };

/**
 * Lets V8 count how often it enters each block of each function. That slows it down to a half, and is all but exact: a few
 * percent depend on what it has compiled by then.
 *
 * @param below a part of the path of the files that count
 */
export async function countWork(below: string): Promise<WorkCount> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return {
    async during(run) {
      await session.post('Profiler.takePreciseCoverage');
      await run();
      const { result } = await session.post('Profiler.takePreciseCoverage');
      let steps = 0;
      for (const { url, functions } of result) {
        if (!url.includes(below)) continue;
        for (const { functionName, ranges } of functions) {
          steps += (ranges[0]?.count ?? 0) * (STEPS_OF_CALLS[functionName] ?? 0);
          for (const { count } of ranges) steps += count;
        }
      }
      if (steps === 0) throw new Error(`no code below ${below} was counted`);
      return steps;
    },
    async [Symbol.asyncDispose]() {
      await session.post('Profiler.stopPreciseCoverage');
      session.disconnect();
    },
  };
}
