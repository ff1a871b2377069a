import { steadyClock } from '../../aws/time/steady-clock.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import type { RunControls } from '../../core/replay/controls.ts';
import type { ReplayPlan } from '../../core/replay/plan.ts';
import type { ReplayNews } from '../../core/replay/progress/news.ts';
import type { ReplaySummary } from '../../core/replay/run.ts';
import { type Heart, type Pace, type RunCancelled, startHeart } from '../../core/runs/heart.ts';
import type { RunOrders } from '../../core/runs/ports.ts';
import { ALIVE_MS, type RunFacts, type RunSelection, runPlanOf } from '../../core/runs/run.ts';
import { counted } from '../../core/text/shown.ts';
import type { OpenArchive } from '../access/archive.ts';
import type { Operator } from '../access/operator.ts';
import { remarkOf } from '../access/remedy.ts';

/** What somebody says of a replay, for those who see its record. */
export interface RecordOptions {
  /** Absent: the functions whose events are meant. */
  readonly name?: string | undefined;
  readonly reason?: string | undefined;
  readonly selection: RunSelection;
}

/** What the engine gets of a record. */
export interface Recorded {
  /** Absent where there is no record: nobody else knows of this replay. */
  readonly runId?: string;
  readonly controls?: RunControls;
  /** Aborted too once somebody else cancelled the run. */
  readonly signal: AbortSignal;
  readonly tell: (news: ReplayNews) => void;
}

/** What this takes of a replay's options. */
interface Told {
  readonly signal: AbortSignal;
  readonly tell: (news: ReplayNews) => void;
}

/**
 * Keeps the record of a replay for as long as the work takes. Where it cannot be made, as where an older grant allows none,
 * the work is done without one, which is said once. An outage of the record later stops nothing.
 *
 * @returns what the work came to; `stopped` where somebody else cancelled it
 */
export async function withRecord<Summary extends ReplaySummary>(
  operator: Operator,
  archive: OpenArchive,
  plan: ReplayPlan,
  options: RecordOptions,
  { signal, tell }: Told,
  work: (recorded: Recorded) => Promise<Summary>,
): Promise<Summary> {
  const facts = await made(operator, archive, plan, options);
  if (!facts) {
    tell({ kind: 'unrecorded' });
    return work({ signal, tell });
  }
  tell({ kind: 'recorded', runId: facts.id });
  const heart = heartOf(operator, archive, facts.id, plan);
  const recorded: Recorded = {
    runId: facts.id,
    controls: heart.controls,
    signal: AbortSignal.any([signal, heart.cancelled]),
    tell(news) {
      heart.hear(news);
      tell(news);
    },
  };
  heart.cancelled.addEventListener('abort', () => tell({ kind: 'stopped', why: cancelledBy(heart) }));
  let summary: Summary | undefined;
  let fault: unknown;
  try {
    summary = await work(recorded);
    return heart.cancelled.aborted ? { ...summary, stopped: summary.stopped ?? { why: cancelledBy(heart) } } : summary;
  } catch (thrown) {
    fault = thrown;
    throw thrown;
  } finally {
    await end(archive, heart, facts.id, whyNotDone(heart, signal, summary, fault));
  }
}

/** Undefined where the record could not be made. */
async function made(
  { remarks }: Operator,
  archive: OpenArchive,
  plan: ReplayPlan,
  { name, reason, selection }: RecordOptions,
): Promise<RunFacts | undefined> {
  const { by, host, runId } = archive.worker;
  const now = (await archive.clock()).now();
  const facts: RunFacts = {
    id: runId,
    name: name ?? nameOfRun(selection),
    ...(reason !== undefined && { reason }),
    by,
    from: host,
    selection,
    plan: runPlanOf(plan),
    startedAt: now,
  };
  try {
    if (await archive.runs.create(facts, 1, now + ALIVE_MS)) return facts;
    remarks.warn('this replay has no record: its id is another one’s; nobody else can pause or cancel it');
  } catch (fault) {
    remarks.warn({ ...ofFault(fault), effect: 'this replay has no record, and nobody else can pause or cancel it' });
  }
  return undefined;
}

/** `orders`, `orders, invoices`, `orders and 3 other functions`; of events by name `2 events of orders`. */
export function nameOfRun({ functions, ids, idCount }: RunSelection): string {
  const [first = 'nothing', ...others] = functions;
  const whose =
    others.length < 2 ? functions.join(', ') || first : `${first} and ${counted(others.length, 'other function')}`;
  return ids ? `${counted(idCount ?? ids.length, 'event')} of ${whose}` : whose;
}

function heartOf(
  { remarks, waits, clockSoFar }: Operator,
  archive: OpenArchive,
  runId: string,
  plan: ReplayPlan,
): Heart {
  let troubles = 0;
  let pace: Pace = plan;
  let wanted: RunOrders['wanted'] = 'running';
  return startHeart({
    store: archive.runs,
    runId,
    share: { number: 0 },
    pace: plan,
    waiting() {
      const [first] = waits.current();
      if (!first) return undefined;
      const { why, functionName, untilAt } = first;
      return { why, ...(functionName !== undefined && { functionName }), ...(untilAt !== undefined && { untilAt }) };
    },
    clock: clockSoFar,
    timer: steadyClock,
    onTrouble(fault) {
      if (fault === undefined) {
        if (troubles >= TROUBLES_TOLD) remarks.note('the record of this replay is written again');
        troubles = 0;
        return;
      }
      troubles += 1;
      if (troubles === TROUBLES_TOLD) remarks.warn({ ...ofFault(fault), effect: UNHEARD });
    },
    onOrders(orders) {
      const { by = 'somebody', concurrency = plan.concurrency, ratePerSecond = plan.ratePerSecond } = orders;
      if (ratePerSecond !== pace.ratePerSecond || concurrency !== pace.concurrency)
        remarks.note(`${by} has set it to ${paceText({ ratePerSecond, concurrency })}`);
      if (wanted === 'paused' && orders.wanted === 'running') remarks.note(`${by} has resumed it`);
      pace = { ratePerSecond, concurrency };
      ({ wanted } = orders);
    },
  });
}

/** One heartbeat that fails is no news: the next one says all of it again. */
const TROUBLES_TOLD = 3;
const UNHEARD = 'the replay goes on, and hears nobody who pauses or cancels it';

function paceText({ ratePerSecond, concurrency }: Pace): string {
  const rate = Number.isFinite(ratePerSecond) ? `${ratePerSecond}/s` : 'no rate';
  return `${rate}, ${concurrency} at once`;
}

function cancelledBy({ cancelled }: Heart): string {
  return (cancelled.reason as RunCancelled).why;
}

function whyNotDone(
  heart: Heart,
  signal: AbortSignal,
  summary: ReplaySummary | undefined,
  fault: unknown,
): string | undefined {
  if (heart.cancelled.aborted) return cancelledBy(heart);
  if (summary?.stopped) return summary.stopped.why;
  if (signal.aborted) return 'interrupted at its terminal';
  if (summary?.isDeclined) return 'declined after its canary';
  const ended = summary ? summary.fault : fault;
  if (ended === undefined) return undefined;
  return ended instanceof Error ? ended.message : String(ended);
}

/**
 * Never rejects: what became of the events stands in the table, and the record may be called lost. Whoever ended it meanwhile,
 * as nobody had heard of this process, wrote down what it had told by then.
 */
async function end({ runs }: OpenArchive, heart: Heart, runId: string, why: string | undefined): Promise<void> {
  const status = why === undefined ? 'done' : 'stopped';
  await heart.stop(status, { ...(why !== undefined && { why }) });
  const counts = heart.counts();
  await runs
    .end(runId, { status, counts, ...(why !== undefined && { why }) })
    .then((isOurs) => isOurs || runs.recount(runId, counts))
    .catch(() => undefined);
}

function ofFault(fault: unknown): { readonly text: string } {
  if (fault === 'gone') return { text: 'the record of this replay is gone' };
  return fault instanceof MaintenanceWindowError ? remarkOf(fault) : { text: String(fault) };
}
