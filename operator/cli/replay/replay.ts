import { setFlagsFromString } from 'node:v8';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import type { LatestTicks } from '../../../core/replay/latest-ticks.ts';
import type { ReplayPlan } from '../../../core/replay/plan.ts';
import { counted } from '../../../core/text/shown.ts';
import { type OpenArchive, withArchive } from '../../access/archive.ts';
import { dryRun } from '../../replay/dry-run.ts';
import { latestOf, type Meant, meantByFilter, meantByName, type NotMeant } from '../../replay/meant.ts';
import { replayEvents } from '../../replay/replay.ts';
import type { AddNoun } from '../command.ts';
import { EVENT_NAMED } from '../events/event-text.ts';
import { refuseContradictions } from '../events/selection-options.ts';
import { withExamples } from '../examples.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { confirmed, type Session } from '../session.ts';
import { showDryRun } from './dry-run.ts';
import { planFrom, type ReplayOptions, takesReplay } from './options.ts';
import { createReport } from './report.ts';

/** `replay`: give stored events to their functions. */
export const addReplay: AddNoun = (program, acting) => {
  const command = takesReplay(
    program
      .command('replay')
      .description('give stored events to their functions, oldest first: everything that is pending, or what is named')
      .argument('[ids...]', `events: ${EVENT_NAMED}`),
  ).action(acting(replay));
  withExamples(
    command,
    'replay --dry-run',
    'replay --rate 50/s',
    "replay --function 'orders-*' --source sqs --stop-after-failures 5",
    'replay --status failed',
    'replay --during-window --ordered',
    'replay 9f1c0a52-6f7e-4d2b-8a51-3d0b5f6c7e11',
  );
};

/**
 * For V8: collect garbage before the heap has grown by more than this, and leave the space for what is new as small as it
 * is. It would rather let both grow, for which nobody who replays 100,000 events has a use: with them 117 MB are resident
 * after the 1,000th event and 124 after the 20,000th, without the second 234 and 247 (Node 24.21).
 */
const HEAP_FLAGS = ['--heap-growing-percent=30', '--semi-space-growth-factor=1'];

async function replay(session: Session, ids: readonly string[], options: ReplayOptions): Promise<number> {
  for (const flag of HEAP_FLAGS) setFlagsFromString(flag);
  refuseContradictions(options);
  const plan = planFrom(options, ids.length > 0);
  return withArchive(session, async (archive) => {
    const meant = await (ids.length > 0
      ? named(archive, ids, options, plan)
      : meantByFilter(session, archive, options, plan));
    const latest = await latestOf(session, archive, meant, plan);
    if (options.dryRun) {
      showDryRun(session.output, await dryRun(archive, meant, plan, latest));
      return DONE;
    }
    if (latest && latest.earlier > 0) {
      const question = `Discard ${counted(latest.earlier, 'earlier run')} of schedules, and replay the last of each?`;
      if (!(await confirmed(session, options.yes, question))) return NOT_ALL_DONE;
    }
    return replayAll(session, archive, meant, plan, latest, options.ttl);
  });
}

async function named(
  archive: OpenArchive,
  ids: readonly string[],
  options: ReplayOptions,
  plan: ReplayPlan,
): Promise<Meant> {
  const filter = FILTERS.find((name) => options[name] !== undefined);
  if (filter) throw usage(`say ids or --${filter}, not both`);
  const meant = await meantByName(archive, ids, plan);
  if (meant.kind !== 'meant') throw usage(notMeantText(meant));
  return meant;
}

const FILTERS = ['function', 'source', 'window', 'from', 'until'] as const;

function notMeantText({ kind, name, status }: NotMeant): string {
  switch (kind) {
    case 'finished':
      return `${name} is ${status}: there is nothing left to replay; see  maintenance-window events show ${name}`;
    case 'other-status':
      return `${name} is ${status}, which --status or --skip-unknown leaves out: leave those out for what is named`;
  }
}

async function replayAll(
  session: Session,
  archive: OpenArchive,
  meant: Meant,
  plan: ReplayPlan,
  latest: LatestTicks | undefined,
  ttlSeconds: number | undefined,
): Promise<number> {
  const { output } = session;
  const signal = session.interrupted();
  const report = createReport(session);
  signal.addEventListener('abort', () => {
    report.clear();
    output.note('finishing what is under way; Ctrl-C again ends at once, and what is under way counts as unknown');
  });
  if (output.progress)
    void meant.count().then((total) => total !== undefined && report.expect(Math.min(total, plan.limit)), ignore);
  try {
    const end = await replayEvents(session, archive, meant, plan, { signal, tell: report.tell, latest, ttlSeconds });
    if (end.kind === 'inside-window') {
      throw new MaintenanceWindowError(
        'MaintenanceWindow.Conflict',
        `${end.functionName}: ${end.why}, and --mode event would store its events a second time: end the window first, or leave out the mode`,
      );
    }
    const exitCode = report.summarise(end);
    if ('fault' in end) throw end.fault;
    return signal.aborted ? Number(signal.reason) : exitCode;
  } finally {
    report.end();
  }
}

function usage(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Usage', message);
}

function ignore(): void {}
