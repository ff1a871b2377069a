import { setFlagsFromString } from 'node:v8';
import { steadyClock } from '../../../aws/request/steady-clock.ts';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import type { EventRow } from '../../../core/events/archive.ts';
import { isFinished, qualifierIn } from '../../../core/events/deferred-event.ts';
import { placeOfRow } from '../../../core/events/rows-in-order.ts';
import type { Clock } from '../../../core/gate/ports.ts';
import { withAsides } from '../../../core/replay/aside.ts';
import type { Invoker } from '../../../core/replay/invoker.ts';
import { findLatestTicks, type LatestTicks } from '../../../core/replay/latest-ticks.ts';
import { type ReplayPlan, whyLeft } from '../../../core/replay/plan.ts';
import type { LaneSource } from '../../../core/replay/queue.ts';
import { type ReplaySummary, runReplay } from '../../../core/replay/run.ts';
import { NO_WATCH, type WindowWatch } from '../../../core/replay/window-watch.ts';
import { counted } from '../../../core/text/shown.ts';
import { type OpenArchive, openArchive } from '../../access/archive.ts';
import type { AskedOf } from '../../access/aws-faults.ts';
import { eventNamed, noSuchEvent } from '../../events/named.ts';
import { rowsOfFunction, type Selection, selectionOf } from '../../events/selection.ts';
import { findLeft, type Left } from '../../replay/left.ts';
import { watchWindows } from '../../replay/watch-windows.ts';
import type { AddNoun } from '../command.ts';
import { EVENT_NAMED } from '../events/event-text.ts';
import { refuseContradictions } from '../events/selection-options.ts';
import { withExamples } from '../examples.ts';
import { NOT_ALL_DONE } from '../exit-code.ts';
import { confirmed, type Session } from '../session.ts';
import { rowsToReplay, showDryRun } from './dry-run.ts';
import { planOf, type ReplayOptions, takesReplay } from './options.ts';
import { createReport } from './report.ts';

/** The events that are meant. May be read more than once. */
interface Meant {
  readonly functionNames: readonly string[];
  rows(functionName: string): AsyncGenerator<EventRow>;
  /** What would be replayed now, under this plan. */
  left(plan: ReplayPlan, now: number): AsyncGenerator<EventRow>;
  /** What each was named by, where they were named one by one. */
  readonly wordsOfRows?: ReadonlyMap<EventRow, string>;
  /** How many there are, for whoever waits. Undefined where counting them would cost as much as replaying them. */
  count(): Promise<number | undefined>;
}

const UNFINISHED = ['pending', 'replaying', 'failed', 'unknown'] as const;

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
  const plan = planOf(options, ids.length > 0);
  const archive = await openArchive(session);
  try {
    const meant = await (ids.length > 0
      ? namedEvents(archive, ids, options, plan)
      : selectedEvents(archive, await selectionOf(session, archive, options, plan.statuses), plan));
    const now = (await archive.clock()).now();
    const latest = plan.latestPerResource ? await latestTicks(session, archive, meant, plan, now) : undefined;
    if (options.dryRun) return await showDryRun(session, archive, meant, plan, now, latest);
    if (latest && latest.earlier > 0) {
      const question = `Discard ${counted(latest.earlier, 'earlier run')} of schedules, and replay the last of each?`;
      if (!(await confirmed(session, options.yes, question))) return NOT_ALL_DONE;
    }
    return await replayAll(session, archive, meant, plan, latest, options.ttl);
  } finally {
    archive.close();
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
  const { functionNames, rows, count } = meant;
  const { clientSettings, output, waits } = session;
  const windows = plan.duringWindow ? NO_WATCH : await watchWindows(session, functionNames, ttlSeconds);
  if (plan.mode === 'event') refuseInside(windows, functionNames);
  const clock = await archive.clock();
  const { createInvoker } = await import('../../../aws/lambda/invoker.ts');
  const invoker = createInvoker(clientSettings, plan.concurrency, session.clockSoFar.hear);
  const lambda: Invoker = {
    ...invoker,
    invoke: (request) => session.asking(aboutInvoke(request.function), () => invoker.invoke(request)),
  };
  const sources: readonly LaneSource[] = functionNames.map((name) => ({ functionName: name, rows: rows(name) }));
  const signal = session.interrupted();
  const report = createReport(session);
  session.tellWaits((waiting) => report.tell({ kind: 'waiting', ...waiting }));
  signal.addEventListener('abort', () => {
    report.clear();
    output.note('finishing what is under way; Ctrl-C again ends at once, and what is under way counts as unknown');
  });
  if (output.progress)
    void count().then((total) => total !== undefined && report.expect(Math.min(total, plan.limit)), ignore);
  try {
    const account = await archive.account();
    const parts = {
      events: archive,
      lambda,
      account,
      clock,
      timer: steadyClock,
      signal,
      windows,
      sources,
      waits,
      tell: report.tell,
    };
    const summary = await runReplay({ ...parts, ...(latest && { latest }) }, plan);
    const isWhole = !signal.aborted && summary.stopped === undefined && !('fault' in summary);
    const exitCode = report.summarise(summary, isWhole ? undefined : await leftBy(meant, plan, clock, summary));
    if ('fault' in summary) throw summary.fault;
    return signal.aborted ? Number(signal.reason) : exitCode;
  } finally {
    report.end();
    lambda.close();
  }
}

function leftBy(
  { left, wordsOfRows }: Meant,
  plan: ReplayPlan,
  clock: Clock,
  { counts }: ReplaySummary,
): Promise<Left> {
  return findLeft({
    rows: left(plan, clock.now()),
    ...(wordsOfRows && { wordsOfRows }),
    limit: plan.limit,
    counts,
  });
}

/** A handler may take its time: that an answer is still to come is told all the same. */
function aboutInvoke(functionArn: string): AskedOf {
  const waiting = { functionName: functionArn.replace(/^.*:function:/, ''), why: ANSWER_TO_COME };
  return { service: 'Lambda', action: 'lambda:InvokeFunction', what: functionArn, waiting: () => waiting };
}

const ANSWER_TO_COME =
  'it has not answered yet; a handler may take up to its time-out, and a minute more is waited for';

/** In order, everything unfinished is read: an event that is not replayed holds back those of its key behind it. */
function selectedEvents(archive: OpenArchive, selection: Selection, { statuses, ordered }: ReplayPlan): Meant {
  const read = { ...selection, statuses: ordered ? UNFINISHED : statuses };
  const { functionNames, window, ...query } = { ...selection, statuses };
  const isPart = [window, query.fromAt, query.untilAt].some((filter) => filter !== undefined);
  const rows = (functionName: string) => {
    const meant = rowsOfFunction(archive, read, functionName);
    return ordered && isPart ? withAsides(meant, unfinished(archive, functionName)) : meant;
  };
  return {
    functionNames,
    rows,
    left: (plan, now) => rowsToReplay({ functionNames, rows }, plan, now),
    async count() {
      if (window !== undefined) return undefined;
      const counts = await Promise.all(functionNames.map((functionName) => archive.count({ ...query, functionName })));
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}

function unfinished(archive: OpenArchive, functionName: string): AsyncGenerator<EventRow> {
  return archive.rows({ functionName, statuses: UNFINISHED });
}

/**
 * @throws MaintenanceWindowError for an id that is none, or an event that is dealt with or not of the statuses, and for filters beside ids
 */
async function namedEvents(
  archive: OpenArchive,
  ids: readonly string[],
  options: ReplayOptions,
  { ordered, statuses }: ReplayPlan,
): Promise<Meant> {
  const filter = (['function', 'source', 'window', 'from', 'until'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (filter) {
    throw new MaintenanceWindowError('MaintenanceWindow.Usage', `say ids or --${filter}, not both`);
  }
  const found: EventRow[] = [];
  const wordsOfRows = new Map<EventRow, string>();
  for (const id of new Set(ids)) {
    const event = await archive.look(await eventNamed(archive, id));
    if (!event) throw noSuchEvent(id);
    if (isFinished(event.status)) {
      const text = `${id} is ${event.status}: there is nothing left to replay; see  maintenance-window events show ${id}`;
      throw new MaintenanceWindowError('MaintenanceWindow.Usage', text);
    }
    if (!statuses.includes(event.status)) {
      const text = `${id} is ${event.status}, which --status or --skip-unknown leaves out: leave those out for what is named`;
      throw new MaintenanceWindowError('MaintenanceWindow.Usage', text);
    }
    const qualifier = event.damaged === undefined ? qualifierIn(event.invokedFunctionArn) : undefined;
    const row = { ...event, ...(qualifier !== undefined && { qualifier }) };
    found.push(row);
    wordsOfRows.set(row, id);
  }
  found.sort((a, b) => (placeOfRow(a) < placeOfRow(b) ? -1 : 1));
  const rowsOf = async function* (functionName: string) {
    yield* found.filter((row) => row.functionName === functionName);
  };
  return {
    functionNames: [...new Set(found.map(({ functionName }) => functionName))],
    rows: (functionName) =>
      ordered ? withAsides(rowsOf(functionName), unfinished(archive, functionName)) : rowsOf(functionName),
    async *left(plan, now) {
      for (const row of found) {
        const event = await archive.look(row);
        if (event && whyLeft(plan, event, now) === undefined) yield row;
      }
    },
    wordsOfRows,
    count: async () => found.length,
  };
}

function latestTicks(
  { waits }: Session,
  archive: OpenArchive,
  meant: Meant,
  plan: ReplayPlan,
  now: number,
): Promise<LatestTicks> {
  const found = findLatestTicks(archive, rowsToReplay(meant, plan, now));
  return waits.during('ticks', () => ({ why: 'every event of a schedule is looked at' }), found);
}

/** No client context reaches an asynchronous invocation: inside a window, its event would be stored a second time. */
function refuseInside(windows: WindowWatch, functionNames: readonly string[]): void {
  for (const functionName of functionNames) {
    const hold = windows.holdOf(functionName);
    if (!hold?.isActive) continue;
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Conflict',
      `${functionName}: ${hold.why}, and --mode event would store its events a second time: end the window first, or leave out the mode`,
    );
  }
}

function ignore(): void {}
