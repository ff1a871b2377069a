import type { EventOutcome, ReplayCounts } from '../../../core/replay/progress/news.ts';
import type { ReplayRun, RunSelection, RunShare, RunStatus, RunWaiting } from '../../../core/runs/run.ts';
import { counted, numberText, shown } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/time/instant.ts';
import { durationText } from '../../../core/time/time-text.ts';
import type { Output } from '../terminal/output.ts';

/** How somebody names a replay. */
export const RUN_NAMED = 'its id, or a beginning of it that no other has';

/** What each status of a replay means to whoever reads it. */
export const RUN_STATUS_MEANINGS: Readonly<Record<RunStatus, string>> = {
  running: 'under way, or waiting for a window, its rate, or room for its next stretch',
  paused: 'sends nothing until somebody resumes it',
  stopping: 'cancelled; what is under way ends first',
  done: 'it came to its end',
  incomplete: 'it came to its end, and not all of its events are done: they failed, were refused, or are held back',
  stopped: 'it ended before: by its rule, a fault, or somebody',
  lost: 'nobody has heard of it for a minute, or its execution has ended: who did it is gone, or cut off',
};

/** A colour that says how a replay is. */
export function runStatusText(status: RunStatus, { paint }: Pick<Output, 'paint'>): string {
  if (status === 'lost' || status === 'stopped' || status === 'incomplete') return paint.red(status);
  if (status === 'done') return paint.green(status);
  return status === 'running' ? status : paint.yellow(status);
}

/** `1,204 replayed, 3 failed`. */
export function outcomesText(counts: ReplayCounts): string {
  const outcomes = Object.entries(counts).filter(([, count]) => count > 0);
  return outcomes.map(([outcome, count]) => `${numberText(count)} ${outcome}`).join(', ') || 'nothing yet';
}

/** `50/s, 10 at once`. */
export function paceText({ ratePerSecond, concurrency }: Pick<ReplayRun, 'ratePerSecond' | 'concurrency'>): string {
  return `${ratePerSecond === undefined ? 'no rate' : `${ratePerSecond}/s`}, ${concurrency} at once`;
}

/** Why it waits, or why it stopped. */
export function whyText(
  { why, waiting }: Pick<ReplayRun, 'why' | 'waiting'>,
  { times }: Pick<Output, 'times'>,
): string {
  if (why !== undefined) return shown(why);
  if (!waiting) return '-';
  const { functionName, untilAt, sinceAt } = waiting;
  const whose = functionName === undefined ? '' : `${functionName}: `;
  const since = sinceAt === undefined ? '' : `, since ${times.cell(sinceAt)}`;
  return shown(`${whose}${waiting.why}${since}${untilAt === undefined ? '' : `, until ${times.cell(untilAt)}`}`);
}

/** All that is known of one replay, a fact a line. */
export function runText(run: ReplayRun, now: number, output: Output): string {
  const { times, paint } = output;
  const { name, reason, by, from, selection, plan, startedAt, endedAt, heartbeatAt, wishes, execution, shares } = run;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['status', `${runStatusText(run.status, output)}: ${RUN_STATUS_MEANINGS[run.status]}`],
    ['name', shown(name)],
    ['reason', reason && shown(reason)],
    ['by', `${shown(by)}, on ${shown(from)}`],
    ['execution', execution && shown(execution)],
    ['started', times.fromNow(startedAt, now)],
    [
      'ended',
      endedAt === undefined ? undefined : `${times.fromNow(endedAt, now)}, after ${durationText(endedAt - startedAt)}`,
    ],
    ['last heard', endedAt === undefined ? times.fromNow(heartbeatAt, now) : undefined],
    [run.why === undefined ? 'waits' : 'why', whyText(run, output) === '-' ? undefined : whyText(run, output)],
    ['events', selectionText(selection, times)],
    ['left', leftText(run, times)],
    ['plan', planText(plan)],
    ['pace', paceText(run)],
    ['wanted', wishes.by === undefined ? undefined : `${wishes.wanted}, said ${shown(wishes.by)}`],
    ['outcomes', outcomesText(run.counts)],
  ];
  const told = facts.flatMap(([what, text]) => (text === undefined ? [] : [[what, text] as const]));
  const width = Math.max(...told.map(([what]) => what.length));
  const lines = told.map(([what, text]) => `${paint.dim(what.padEnd(width))}  ${text}`);
  const isOne = shares.length < 2 && run.shareCount < 2;
  return [paint.bold(run.id), ...lines, ...(isOne ? [] : ['', sharesText(run, output)])].join('\n');
}

function selectionText(selection: RunSelection, times: Output['times']): string {
  const { functions, sources, window, error, errorIs, grep, fromAt, untilAt, underFromAt, ids, idCount } = selection;
  return shown(
    [
      ...(ids ? [`${counted(idCount ?? ids.length, 'event')} by name`] : []),
      `of ${functions.join(', ')}`,
      ...(sources ? [`from ${sources.join(', ')}`] : []),
      ...(window === undefined ? [] : [`in the window ${window}`]),
      ...(error === undefined ? [] : [`with the error ${error}`]),
      ...(errorIs === undefined ? [] : [`with the whole error ${errorIs}`]),
      ...(grep === undefined ? [] : [`with ${grep}`]),
      ...(fromAt === undefined ? [] : [`deferred from ${times.cell(fromAt)}`]),
      ...(untilAt === undefined ? [] : [`deferred until ${times.cell(untilAt)}`]),
      ...(underFromAt === undefined ? [] : [`under windows that began from ${times.cell(underFromAt)} on`]),
    ].join(' '),
  );
}

/** What waits beside it, and why, and how somebody takes it up. */
function leftText({ left, selection, startedAt }: ReplayRun, times: Output['times']): string | undefined {
  if (!left) return undefined;
  const { functions, fromAt = startedAt } = selection;
  const events = `${counted(left.events, 'event')}${left.isMore ? ' or more' : ''}`;
  return shown(
    `${events} of ${functions.join(', ')}, deferred under windows whose events wait for somebody, or before ${times.cell(fromAt)}: replay takes them up`,
  );
}

function planText({
  statuses,
  mode,
  limit,
  canary,
  ordered,
  duringWindow,
  stopAfter,
  qualifier,
  to,
}: ReplayRun['plan']): string {
  return shown(
    [
      statuses.join(', '),
      ...(mode === 'event' ? ['by Lambda’s own queue'] : []),
      ...(limit === undefined ? [] : [`${counted(limit, 'event')} at most`]),
      ...(canary === undefined ? [] : [`a canary of ${numberText(canary)}`]),
      ...(ordered ? ['in order'] : []),
      ...(duringWindow ? ['inside windows, too'] : []),
      stopAfter.kind === 'count'
        ? `stops at ${counted(stopAfter.failures, 'failure')}`
        : `stops at ${stopAfter.percent}% failures`,
      ...(qualifier === undefined ? [] : [`at ${qualifier}`]),
      ...(to === undefined ? [] : [`copies to ${to}`]),
    ].join('; '),
  );
}

function sharesText({ shares, shareCount }: ReplayRun, output: Output): string {
  const rows = shares.map((share) => [
    String(share.number),
    shown(share.functionName ?? '-'),
    share.state,
    outcomesText(share.counts),
    whyText(share, output),
  ]);
  const begun = shareCount - shares.length;
  const table = output.table(['SHARE', 'FUNCTION', 'STATE', 'OUTCOMES', 'WHY'], rows);
  return begun > 0 ? `${table}\n${counted(begun, 'share')} not begun yet` : table;
}

/** A replay in a list, for programs. */
export function runJson(run: ReplayRun): object {
  const { id, name, status, reason, by, from, selection, counts, startedAt, endedAt, heartbeatAt, why, waiting } = run;
  return {
    id,
    name,
    status,
    reason,
    by,
    from,
    functions: selection.functions,
    counts: countsJson(counts),
    ratePerSecond: run.ratePerSecond,
    concurrency: run.concurrency,
    waiting: waiting && waitingJson(waiting),
    startedAt: instantToText(startedAt),
    endedAt: endedAt === undefined ? undefined : instantToText(endedAt),
    heartbeatAt: instantToText(heartbeatAt),
    why,
  };
}

/** All that is known of one replay, for programs. */
export function wholeRunJson(run: ReplayRun): object {
  const { selection, plan, wishes, shares, shareCount, execution, left } = run;
  const { fromAt, untilAt, underFromAt, ...events } = selection;
  const { ratePerSecond, concurrency, by, at, wanted } = wishes;
  return {
    ...runJson(run),
    events: {
      ...events,
      from: fromAt === undefined ? undefined : instantToText(fromAt),
      until: untilAt === undefined ? undefined : instantToText(untilAt),
      underFrom: underFromAt === undefined ? undefined : instantToText(underFromAt),
    },
    left: left && { events: left.events, isMore: left.isMore },
    plan,
    wanted: { status: wanted, ratePerSecond, concurrency, by, at: at === undefined ? undefined : instantToText(at) },
    shareCount,
    shares: shares.map(shareJson),
    execution,
  };
}

function shareJson({ number, functionName, state, counts, waiting, why, at }: RunShare): object {
  const facts = { number, function: functionName, state, counts: countsJson(counts), why, toldAt: instantToText(at) };
  return { ...facts, waiting: waiting && waitingJson(waiting) };
}

function waitingJson({ why, functionName, untilAt, sinceAt }: RunWaiting): object {
  return {
    why,
    function: functionName,
    since: sinceAt === undefined ? undefined : instantToText(sinceAt),
    until: untilAt === undefined ? undefined : instantToText(untilAt),
  };
}

function countsJson(counts: ReplayCounts): Partial<Record<EventOutcome, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
