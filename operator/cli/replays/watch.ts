import { setTimeout as sleep } from 'node:timers/promises';
import { HEARTBEAT_MS, isRunOver, type ReplayRun, type RunStatus } from '../../../core/runs/run.ts';
import { instantText } from '../../../core/time/time-text.ts';
import { withArchive } from '../../access/archive.ts';
import { withItsExecution } from '../../replay/executions.ts';
import { runNamed } from '../../replay/runs.ts';
import type { AddNoun } from '../command.ts';
import { DONE, NOT_ALL_DONE, STOPPED } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import { outcomesText, RUN_NAMED, runJson, runText, whyText } from './run-text.ts';

export const addWatch: AddNoun = (replays, acting) => {
  const command = replays
    .command('watch')
    .description('follow a replay until it is over, wherever it runs; Ctrl-C ends the watching alone')
    .argument('<id>', `the replay: ${RUN_NAMED}`)
    .action(acting(watch));
  withExamples(command, 'replays watch 3f2a91c0');
};

/** As the replay itself would end with. */
function exitCodeOf(status: RunStatus): number {
  if (status === 'done') return DONE;
  return status === 'incomplete' ? NOT_ALL_DONE : STOPPED;
}

/** On a terminal the whole of it in place of the one before, elsewhere a line where something has changed. */
async function watch(session: Session, named: string): Promise<number> {
  const { output } = session;
  return withArchive(session, async (archive) => {
    let before = '';
    for (;;) {
      const run = await withItsExecution(session, await runNamed(archive, named));
      const now = (await archive.clock()).now();
      const line = lineOf(run);
      if (output.redraw) output.redraw(runText(run, now, output));
      else if (line !== before) output.showChange(runJson(run), () => `${instantText(now)}  ${line}`);
      before = line;
      if (isRunOver(run.status)) return exitCodeOf(run.status);
      await sleep(HEARTBEAT_MS);
    }
  });

  function lineOf(run: ReplayRun): string {
    const why = whyText(run, output);
    return `${run.status}: ${outcomesText(run.counts)}${why === '-' ? '' : ` (${why})`}`;
  }
}
