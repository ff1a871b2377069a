import { noCounts } from '../../core/replay/progress/news.ts';
import { isFinal, type ReplayRun, type RunShare, sumOfCounts, tellingAt } from '../../core/runs/run.ts';
import { replayWord } from '../../core/words/replay-word.ts';
import { factsForWord } from './begin.ts';
import type { DrainParts } from './parts.ts';
import { withItsCounts } from './stretch.ts';
import type { Ended, EndTask, FailedTask } from './task.ts';
import { unreadableRun, unreadableShare } from './unreadable.ts';

/** Shares of which the reason of an end tells; the others are counted. */
const TOLD = 3;
/** Of a fault's own text. */
const FAULT_CHARACTERS = 300;

/**
 * Ends a run all of whose shares are over, and says so. Shares may be in other executions: whoever ends last, ends it. Whoever
 * finds it ended says the same again, as nobody may have been told: who wrote it down was killed, refused by the bus, or an
 * operator, who tells nobody.
 *
 * @throws where its record, or that of a share, is gone, or cannot be read: the execution fails, which its alarm sees
 */
export async function end({ runs, announcer, clock }: DrainParts, { run: id }: EndTask): Promise<Ended> {
  let run = await runs.read(id);
  if (!run) throw unreadableRun(id);
  if (run.endedAt === undefined) {
    if (run.status === 'paused') {
      const { by = 'somebody', at = clock.now() } = run.wishes;
      await announcer.announce([replayWord('Replay Paused', { ...factsForWord(run), why: `paused by ${by}` }, at)]);
      return { run: id, status: run.status };
    }
    const { shares } = run;
    if (shares.some(({ state }) => !isFinal(state))) return { run: id, status: run.status };
    // One that is at work is written anew within seconds, and then the next try reads it.
    if (shares.length < run.shareCount) throw unreadableShare(id, firstMissing(shares));
    const why = whyStopped(run.shares);
    const { counts } = run;
    await runs.end(id, { status: why === undefined ? 'done' : 'stopped', counts, ...(why !== undefined && { why }) });
    run = (await runs.read(id)) ?? run;
  } else run = await withItsLastCounts(runs, run);
  const { status, endedAt = clock.now() } = run;
  const word = status === 'stopped' ? 'Replay Stopped' : 'Replay Finished';
  await announcer.announce([replayWord(word, factsForWord(run), endedAt)]);
  return { run: id, status };
}

/** Whoever ended it while one of its shares was silent, wrote down what that had told by then, and it may have gone on. */
async function withItsLastCounts(runs: DrainParts['runs'], run: ReplayRun): Promise<ReplayRun> {
  const { id, shares, shareCount } = run;
  const counts = sumOfCounts(shares.map((share) => share.counts));
  const isAsBefore = JSON.stringify(counts) === JSON.stringify(run.counts);
  if (shares.length < shareCount || isAsBefore || !(await runs.recount(id, counts))) return run;
  return (await runs.read(id)) ?? run;
}

function firstMissing(shares: readonly RunShare[]): number {
  const index = shares.findIndex(({ number }, place) => number !== place);
  return index < 0 ? shares.length : index;
}

/** Undefined where every share came to its end. */
function whyStopped(shares: readonly RunShare[]): string | undefined {
  const stopped = shares.filter(({ state }) => state !== 'done');
  if (stopped.length === 0) return undefined;
  const told = [...new Set(stopped.map(({ functionName, state, why = state }) => `${functionName}: ${why}`))];
  const more = told.length - TOLD;
  return `${told.slice(0, TOLD).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

/** Writes down that what runs a share failed, again and again. What it has sent stays as it is. */
export async function fail(parts: DrainParts, { run, share, fault }: FailedTask): Promise<void> {
  const { runs, clock } = parts;
  const found = await runs.share(run, share.number);
  if (!found) return; // the end of the execution says that
  const before = found.share && (await withItsCounts(parts, found.facts, found.share));
  const now = tellingAt(before, clock.now());
  const { Error: name = 'unknown', Cause: cause = '' } = fault;
  await runs.beat(run, {
    counts: noCounts(),
    ...before,
    ...share,
    state: 'failed',
    why: `its stretches failed again and again (${`${name}: ${cause}`.slice(0, FAULT_CHARACTERS)})`,
    at: now,
    aliveUntil: now,
  });
}
