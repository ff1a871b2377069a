import { setFlagsFromString } from 'node:v8';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import type { StoredEvent } from '../../../core/events/archive.ts';
import type { EventStatus } from '../../../core/events/deferred-event.ts';
import { HEAP_FLAGS } from '../../../core/replay/heap-flags.ts';
import type { LatestTicks } from '../../../core/replay/order/latest-ticks.ts';
import type { ReplayPlan } from '../../../core/replay/plan.ts';
import type { ReplayCounts } from '../../../core/replay/progress/news.ts';

import { namedIn, type RunSelection } from '../../../core/runs/run.ts';
import { shown } from '../../../core/text/shown.ts';
import { type OpenArchive, withArchive } from '../../access/archive.ts';
import { latestOf, type Meant, meantByFilter, meantByName, type NotMeant } from '../../replay/meant.ts';
import { eventsOf, isIdle, previewReplay, type ReplayPreview } from '../../replay/preview.ts';
import { type ReplayOptions as ReplayRun, replayEvents, windowsOf } from '../../replay/replay.ts';
import type { FunctionWatch } from '../../replay/watch-windows.ts';
import { type AddNoun, usage } from '../command.ts';
import { EVENT_NAMED } from '../events/event-text.ts';
import { type MeantSelection, meantSelection } from '../events/selection-options.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import { confirmed, type Session } from '../session.ts';
import type { CommandBeside } from '../terminal/command-text.ts';
import { canaryQuestion, questionOf } from './ask.ts';
import { detach, refuseDetached } from './detach.ts';
import { showDryRun } from './dry-run.ts';
import { planFrom, type ReplayOptions, takesReplay } from './options.ts';
import { planText } from './plan-text.ts';
import { createReport } from './report.ts';

/** `replay`: give stored events to their functions. */
export const addReplay: AddNoun = (program, acting) => {
  const command = takesReplay(
    program
      .command('replay')
      .description(
        'give stored events to their functions, oldest first: everything that is pending or unknown, or what is named',
      )
      .argument('[ids...]', `events, each by ${EVENT_NAMED}`),
  ).action(acting(replay));
  withExamples(
    command,
    'replay --dry-run',
    'replay --rate 50/s',
    "replay --function 'orders-*' --source sqs --stop-after-failures 5",
    'replay --status failed',
    'replay --rate 50/s --canary 20 --detach',
    'replay --during-window --ordered',
    'replay 9f1c0a52-6f7e-4d2b-8a51-3d0b5f6c7e11',
    'replay 9f1c0a52-6f7e-4d2b-8a51-3d0b5f6c7e11 --again',
    'replay --status failed --to orders-repaired:live',
  );
};

async function replay(session: Session, ids: readonly string[], typed: ReplayOptions): Promise<number> {
  for (const [flag, value] of Object.entries(HEAP_FLAGS)) setFlagsFromString(`--${flag}=${value}`);
  const plan = planFrom(typed, ids.length > 0);
  if (typed.detach !== undefined) refuseDetached(typed, ids);
  await session.place(typed);
  const options = await meantSelection(session, typed);
  return withArchive(session, async (archive) => {
    const meant = await (ids.length > 0
      ? named(archive, ids, options, plan, session.output.command)
      : meantByFilter(session, archive, options, plan));
    const latest = await latestOf(session, archive, meant, plan);
    if (options.dryRun) {
      const beginAt = (await archive.clock()).now();
      const windows = await windowsOf(session, meant, plan, options.ttl);
      const found = await previewReplay(archive, meant, plan, latest, windows, Number.POSITIVE_INFINITY);
      const active = plan.mode === 'event' ? found.holds.find(({ hold }) => hold.isActive) : undefined;
      if (active) throw insideWindow({ functionName: active.functionName, why: active.hold.why });
      const until = ids.length > 0 ? undefined : untilOf(found, beginAt, options.until);
      showDryRun(session, found, plan, await meant.passedOver(), until);
      return DONE;
    }
    const asked = await ask(session, archive, meant, plan, latest, options);
    if (!asked || !(await session.mayChange(options))) return NOT_ALL_DONE;
    const record = { name: typed.name, reason: typed.reason, selection: runSelectionOf(meant, options, ids) };
    if (typed.detach !== undefined) return detach(session, archive, plan, record, typed.detach);
    const more = { record, ttlSeconds: options.ttl, yes: options.yes };
    return replayAll(session, archive, meant, plan, { ...asked, latest, ...more });
  });
}

/**
 * The instant before which all was deferred that was found, in epoch milliseconds: whoever replays until then takes nothing that came
 * later.
 *
 * @param beginAt when it was looked for
 */
function untilOf({ functions }: ReplayPreview, beginAt: number, typed = Number.POSITIVE_INFINITY): number {
  // a function's clock may be ahead of AWS's
  return Math.min(typed, Math.max(beginAt, ...functions.map(({ newestAt }) => newestAt + 1)));
}

/** The events as a record has them. */
function runSelectionOf(
  { functionNames: functions, wordsOfRows }: Meant,
  { source: sources, window, error, errorIs, grep, from: fromAt, until: untilAt }: MeantSelection<ReplayOptions>,
  ids: readonly string[],
): RunSelection {
  if (ids.length > 0) return { functions, ...namedIn([...(wordsOfRows?.keys() ?? [])].map(({ id }) => id)) };
  return {
    functions,
    ...(sources && { sources }),
    ...(window !== undefined && { window }),
    ...(error !== undefined && { error }),
    ...(errorIs !== undefined && { errorIs }),
    ...(grep !== undefined && { grep }),
    ...(fromAt !== undefined && { fromAt }),
    ...(untilAt !== undefined && { untilAt }),
  };
}

/** What was found before the question, for the replay to use it. */
interface Asked {
  readonly windows?: FunctionWatch;
  readonly found?: ReplayPreview;
}

/** On a terminal shows the plan and asks once; elsewhere asks for `--yes` where it is needed. Undefined: the answer is no. */
async function ask(
  session: Session,
  archive: OpenArchive,
  meant: Meant,
  plan: ReplayPlan,
  latest: LatestTicks | undefined,
  { yes, ttl }: Pick<ReplayOptions, 'yes' | 'ttl'>,
): Promise<Asked | undefined> {
  const { output, isInteractive } = session;
  if (yes) return {};
  if (meant.again && meant.again.length > 0) tellAgain(session, meant.again);
  if (!isInteractive) {
    const { text, isNeeded } = questionOf(meant, plan, latest);
    return !isNeeded || (await confirmed(session, yes, text)) ? {} : undefined;
  }
  const windows = await windowsOf(session, meant, plan, ttl);
  const found = await previewReplay(archive, meant, plan, latest, windows);
  const isRefused = plan.mode === 'event' && found.holds.some(({ hold }) => hold.isActive);
  if (isIdle(found) || isRefused) return { windows, found };
  output.plan(planText(found, plan, output));
  const { text } = questionOf(meant, plan, latest, found);
  return (await confirmed(session, yes, text)) ? { windows, found } : undefined;
}

/** Says of each event that has run when that was, and by whose hand. */
function tellAgain({ output }: Session, events: readonly StoredEvent[]): void {
  for (const { id, status, doneAt, doneBy } of events) {
    const when = doneAt === undefined ? '' : ` at ${output.times.text(doneAt)}`;
    output.note(`${shown(id)} was ${status}${when}${doneBy === undefined ? '' : `, by ${shown(doneBy)}`}`);
  }
}

async function named(
  archive: OpenArchive,
  ids: readonly string[],
  options: MeantSelection<ReplayOptions>,
  plan: ReplayPlan,
  command: CommandBeside,
): Promise<Meant> {
  const filter = FILTERS.find((name) => options[name] !== undefined);
  if (filter) throw usage(`say ids or --${filter === 'errorIs' ? 'error-is' : filter}, not both`);
  const meant = await meantByName(archive, ids, plan);
  if (meant.kind !== 'meant') throw usage(notMeantText(meant, command));
  return meant;
}

const FILTERS = ['function', 'source', 'window', 'error', 'errorIs', 'grep', 'from', 'until'] as const;

function notMeantText({ kind, name, status }: NotMeant, command: CommandBeside): string {
  switch (kind) {
    case 'finished':
      return finishedText(name, status, command);
    case 'other-status':
      return `${name} is ${status}, which --status or --skip-unknown leaves out: leave those out for what is named`;
  }
}

function finishedText(name: string, status: EventStatus, command: CommandBeside): string {
  switch (status) {
    case 'replayed':
    case 'accepted':
      return `${name} is ${status}: there is nothing left to replay; to run it again on purpose, say --again`;
    case 'discarded':
      return `${name} is discarded: to replay it, take it back by  ${command(['events', 'restore', name])}`;
    default:
      return `${name} is ${status}: there is nothing left to replay; see  ${command(['events', 'show', name])}`;
  }
}

async function replayAll(
  session: Session,
  archive: OpenArchive,
  meant: Meant,
  plan: ReplayPlan,
  {
    found,
    yes,
    ...given
  }: Asked & Pick<ReplayRun, 'latest' | 'ttlSeconds' | 'record'> & { readonly yes: boolean | undefined },
): Promise<number> {
  const { output } = session;
  const signal = session.interrupted();
  const report = createReport(session, plan);
  signal.addEventListener('abort', () =>
    output.note('finishing what is under way; Ctrl-C again ends at once, and what is under way counts as unknown'),
  );
  const total = found && !found.isPart ? eventsOf(found) : undefined;
  if (total !== undefined) report.expect(total);
  else void meant.count().then((events) => events !== undefined && report.expect(events), ignore);
  const afterCanary = (counts: ReplayCounts) => report.ask(canaryQuestion(counts, total));
  try {
    const end = await replayEvents(session, archive, meant, plan, {
      ...given,
      signal,
      tell: report.tell,
      ...(session.isInteractive && !yes && { afterCanary }),
    });
    if (end.kind === 'inside-window') throw insideWindow(end);
    const isWhole = !('fault' in end) && end.left === undefined && !end.isCut;
    const isEmpty = isWhole && Object.values(end.counts).every((count) => count === 0);
    const exitCode = report.summarise(end, isEmpty ? await meant.passedOver() : []);
    if ('fault' in end) throw end.fault;
    return signal.aborted ? Number(signal.reason) : exitCode;
  } finally {
    report.end();
  }
}

function insideWindow({ functionName, why }: { readonly functionName: string; readonly why: string }): Error {
  return new MaintenanceWindowError(
    'MaintenanceWindow.Conflict',
    `${functionName}: ${why}, and --mode event would store its events a second time: end the window first, or leave out the mode`,
  );
}

function ignore(): void {}
