import type { ReplayRun } from '../../../core/runs/run.ts';
import { shown } from '../../../core/text/shown.ts';
import { withArchive } from '../../access/archive.ts';
import { withItsExecution, withTheirExecutions } from '../../replay/executions.ts';
import { listRuns, runNamed } from '../../replay/runs.ts';
import type { AddNoun } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import type { Output } from '../terminal/output.ts';
import { countValue } from '../values.ts';
import { addCancel, addPause, addResume, addSet } from './change.ts';
import {
  outcomesText,
  paceText,
  RUN_NAMED,
  runJson,
  runStatusText,
  runText,
  wholeRunJson,
  whyText,
} from './run-text.ts';
import { addWatch } from './watch.ts';

/** `replays`: replays as records, whoever does them and wherever. */
export const addReplays: AddNoun = (program, acting) => {
  const replays = program
    .command('replays')
    .description('replays under way and over, of every terminal: list, show, pause, resume, cancel, set, watch');
  for (const addVerb of [addList, addShow, addPause, addResume, addCancel, addSet, addWatch]) addVerb(replays, acting);
};

const DEFAULT_LIMIT = 20;

const addList: AddNoun = (replays, acting) => {
  const command = replays
    .command('list')
    .description('list replays, newest first: who, what, how far, and why one waits; for 90 days')
    .option(
      '--limit <number>',
      `how many (default ${DEFAULT_LIMIT}); an older one that is under way is listed besides`,
      countValue,
    )
    .action(acting(list));
  withExamples(command, 'replays list', 'replays list --limit 3', 'replays list --json id,name,status,counts');
};

const addShow: AddNoun = (replays, acting) => {
  const command = replays
    .command('show')
    .description('show all that is known of one replay: its events, its plan, its outcomes, what is wanted of it')
    .argument('<id>', `the replay: ${RUN_NAMED}`)
    .action(acting(show));
  withExamples(command, 'replays show 3f2a91c0', 'replays show 3f2 -o json');
};

async function list(session: Session, { limit: asked }: { readonly limit?: number }): Promise<number> {
  const { output } = session;
  const limit = asked ?? DEFAULT_LIMIT;
  return withArchive(session, async (archive) => {
    const { runs: listed, unreadable, hasMore } = await listRuns(archive, limit);
    const runs = await withTheirExecutions(session, listed);
    output.show({ replays: runs.map(runJson), ...(hasMore && { more: true }) }, () =>
      runs.length === 0 ? 'No replay.' : listText(runs, output),
    );
    // who says how many has as many as that
    if (hasMore && asked === undefined)
      output.note(`there are more, which are over or lost: add  --limit ${2 * limit}`);
    if (unreadable.length > 0)
      output.warn(`passed by the records of ${shown(unreadable.join(', '))}: another version of the tool wrote them`);
    return DONE;
  });
}

function listText(runs: readonly ReplayRun[], output: Output): string {
  const { times } = output;
  const rows = runs.map((run) => [
    run.id,
    shown(run.name),
    runStatusText(run.status, output),
    shown(run.by),
    times.cell(run.startedAt),
    outcomesText(run.counts),
    paceText(run),
    whyText(run, output),
  ]);
  return output.table(['ID', 'NAME', 'STATUS', 'BY', times.head('STARTED'), 'OUTCOMES', 'PACE', 'WHY'], rows);
}

async function show(session: Session, named: string): Promise<number> {
  const { output } = session;
  return withArchive(session, async (archive) => {
    const run = await withItsExecution(session, await runNamed(archive, named));
    const now = (await archive.clock()).now();
    output.show(wholeRunJson(run), () => runText(run, now, output));
    return DONE;
  });
}
