import { steadyClock } from '../../aws/time/steady-clock.ts';
import type { Clock } from '../../core/gate/ports.ts';
import { functionIn } from '../../core/replay/copy.ts';
import type { Invoker } from '../../core/replay/invoker.ts';
import type { LatestTicks } from '../../core/replay/order/latest-ticks.ts';
import type { ReplayPlan } from '../../core/replay/plan.ts';
import { noCounts, type ReplayCounts, type ReplayNews } from '../../core/replay/progress/news.ts';
import { type ReplaySummary, type RunParts, runReplay } from '../../core/replay/run.ts';
import type { WindowWatch } from '../../core/replay/window-watch.ts';
import type { OpenArchive } from '../access/archive.ts';
import type { AskedOf } from '../access/aws-faults.ts';
import type { Operator } from '../access/operator.ts';
import { findLeft, type Left } from './left.ts';
import { latestOf, type Meant } from './meant.ts';
import { type Recorded, type RecordOptions, withRecord } from './record.ts';
import { type FunctionWatch, watchNoWindows, watchWindows } from './watch-windows.ts';

/** What a replay takes besides its events and its plan. */
export interface ReplayOptions {
  /** Aborted: nothing more is sent, and what is in flight is waited for. */
  readonly signal: AbortSignal;
  /** Receives news as the replay goes on; the waits of the operator among them. */
  readonly tell: (news: ReplayNews) => void;
  /** As {@link latestOf} found it, where somebody was shown it; else it is found here, where the plan wants it. */
  readonly latest?: LatestTicks | undefined;
  /** As {@link windowsOf} found them, where somebody was shown them; else they are read here. */
  readonly windows?: FunctionWatch | undefined;
  /** Asks whether to go on after the canary of the plan. Absent: it goes on where all of it succeeded. */
  readonly afterCanary?: ((counts: ReplayCounts) => Promise<boolean>) | undefined;
  /** Keeps a record of it, by which others see, pause and cancel it. Absent: none. */
  readonly record?: RecordOptions | undefined;
  /** How long functions keep a reading of the windows, where Lambda does not tell. Seconds. */
  readonly ttlSeconds?: number | undefined;
}

/** How a replay went. */
export type Replayed =
  | ReplayEnd
  /** Nothing was sent: Lambda's own queue carries no mark, so a gate inside a window would store the events again. */
  | { readonly kind: 'inside-window'; readonly functionName: string; readonly why: string };

/** How a replay ended, with what it leaves. */
export interface ReplayEnd extends ReplaySummary {
  readonly kind: 'ended';
  /** Of its record, where it has one. */
  readonly runId?: string;
  /** From the first event on. */
  readonly tookMs: number;
  /** What can still be replayed. Present where the replay did not come to its end: aborted, stopped or with a fault. */
  readonly left?: Left;
  /** Of copies that did not come to their end: nobody can count what is left, as the events stay as they are. */
  readonly isCut?: true;
}

/**
 * Gives stored events to their functions, oldest first. Asks nobody and prints nothing, so that a console and an unattended
 * drain use it as the command does. An operator's waits are told to one replay at a time: two at once want two operators.
 *
 * ```ts
 * const meant = await meantByFilter(operator, archive, { function: ['orders'] }, plan);
 * const ended = await replayEvents(operator, archive, meant, plan, { signal: AbortSignal.timeout(840_000), tell: log });
 * ```
 *
 * @throws MaintenanceWindowError where it fails before its first event: windows that cannot be read. Later faults are in
 *   the summary
 */
export async function replayEvents(
  operator: Operator,
  archive: OpenArchive,
  meant: Meant,
  plan: ReplayPlan,
  options: ReplayOptions,
): Promise<Replayed> {
  operator.tellWaits((waiting) => options.tell({ kind: 'waiting', ...waiting }));
  const clock = await archive.clock();
  const ready = await unlessAborted(options.signal, getReady(operator, archive, meant, plan, options));
  const refused = ready && plan.mode === 'event' ? activeAmong(ready.windows, meant.functionNames) : undefined;
  if (refused) return { kind: 'inside-window', ...refused };
  const { record } = options;
  return ready && record && meant.functionNames.length > 0
    ? withRecord(operator, archive, plan, record, options, work)
    : work(options);

  async function work({ runId, controls, signal, tell }: Recorded): Promise<ReplayEnd> {
    const beganAtMs = steadyClock.now();
    let askingMs = 0;
    const afterCanary = options.afterCanary && asked;
    const given = { clock, signal, tell, controls, afterCanary };
    const summary = ready ? await run(operator, archive, meant, plan, { ...ready, ...given }) : { counts: noCounts() };
    const tookMs = Math.round(steadyClock.now() - beganAtMs - askingMs);
    const isWhole = !signal.aborted && !summary.isDeclined && summary.stopped === undefined && !('fault' in summary);
    const ended = { kind: 'ended', ...summary, tookMs, ...(runId !== undefined && { runId }) } as const;
    return { ...ended, ...(!isWhole && (await rest(summary))) };

    async function asked(counts: ReplayCounts): Promise<boolean> {
      const askedAtMs = steadyClock.now();
      const answer = await unlessAborted(signal, options.afterCanary?.(counts) ?? Promise.resolve(true));
      askingMs += steadyClock.now() - askedAtMs;
      return answer ?? true; // aborted, it ends by that
    }
  }

  async function rest(summary: ReplaySummary): Promise<Pick<ReplayEnd, 'left' | 'isCut'>> {
    return plan.to === undefined ? { left: await leftBy(meant, plan, clock, summary) } : { isCut: true };
  }
}

/** What a replay reads before its first event. */
type Ready = Pick<RunParts, 'latest'> & { readonly windows: FunctionWatch };

async function getReady(
  operator: Operator,
  archive: OpenArchive,
  meant: Meant,
  plan: ReplayPlan,
  { latest, windows, ttlSeconds }: ReplayOptions,
): Promise<Ready> {
  const ticks = latest ?? (await latestOf(operator, archive, meant, plan));
  return { windows: windows ?? (await windowsOf(operator, meant, plan, ttlSeconds)), ...(ticks && { latest: ticks }) };
}

/**
 * The windows that a replay has to wait for.
 *
 * @throws MaintenanceWindowError where they cannot be read
 */
export async function windowsOf(
  operator: Operator,
  meant: Pick<Meant, 'functionNames'>,
  plan: ReplayPlan,
  ttlSeconds: number | undefined,
): Promise<FunctionWatch> {
  const watched = plan.to === undefined ? meant.functionNames : [targetOf(plan.to)];
  const watch = await (plan.duringWindow
    ? watchNoWindows(operator, watched)
    : watchWindows(operator, watched, ttlSeconds));
  return plan.to === undefined ? watch : { ...watch, holdOf: () => watch.holdOf(watched[0] ?? '') };
}

/** The name of the function that copies are sent to: its windows count, and not those of the events' own functions. */
function targetOf(to: string): string {
  return functionIn(to).replace(/:.*$/, '');
}

/** Settles as the work does, or with undefined as soon as the signal is aborted. */
async function unlessAborted<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value | undefined> {
  const over = new AbortController();
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { signal: over.signal });
  });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    over.abort();
  }
}

/** No client context reaches an asynchronous invocation: inside a window, its event would be stored a second time. */
function activeAmong(
  windows: WindowWatch,
  functionNames: readonly string[],
): { readonly functionName: string; readonly why: string } | undefined {
  for (const functionName of functionNames) {
    const hold = windows.holdOf(functionName);
    if (hold?.isActive) return { functionName, why: hold.why };
  }
  return undefined;
}

async function run(
  operator: Operator,
  archive: OpenArchive,
  { functionNames, rows }: Meant,
  plan: ReplayPlan,
  given: Ready & Pick<RunParts, 'clock' | 'signal' | 'tell' | 'afterCanary' | 'controls'>,
): Promise<ReplaySummary> {
  const lambda = await openInvoker(operator, plan.concurrency);
  try {
    const parts = {
      ...given,
      events: archive,
      lambda,
      account: await archive.account(),
      timeoutMsOf: given.windows.timeoutMsOf,
      timer: steadyClock,
      sources: functionNames.map((functionName) => ({ functionName, rows: rows(functionName) })),
      waits: operator.waits,
    };
    return await runReplay(parts, plan);
  } finally {
    lambda.close();
  }
}

/** Lambda, its faults explained. */
async function openInvoker({ asking, clientSettings, clockSoFar }: Operator, concurrency: number): Promise<Invoker> {
  const { createInvoker } = await import('../../aws/lambda/invoker.ts');
  const invoker = createInvoker(clientSettings, concurrency, clockSoFar.hear);
  return { ...invoker, invoke: (request) => asking(aboutInvoke(request.function), () => invoker.invoke(request)) };
}

/** Reports an answer that is still to come: a handler may take its time. */
function aboutInvoke(functionArn: string): AskedOf {
  const waiting = { functionName: functionArn.replace(/^.*:function:/, ''), why: ANSWER_TO_COME };
  return { service: 'Lambda', action: 'lambda:InvokeFunction', what: functionArn, waiting: () => waiting };
}

const ANSWER_TO_COME =
  'it has not answered yet; a handler may take up to its time-out, and a minute more is waited for';

function leftBy(
  { left, wordsOfRows }: Meant,
  plan: ReplayPlan,
  clock: Clock,
  { counts }: ReplaySummary,
): Promise<Left> {
  return findLeft({ rows: left(plan, clock.now()), ...(wordsOfRows && { wordsOfRows }), limit: plan.limit, counts });
}
