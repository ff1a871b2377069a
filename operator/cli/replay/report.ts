import type { EventNews, EventOutcome, ReplayNews } from '../../../core/replay/news.ts';
import type { Waiting } from '../../../core/replay/waits.ts';
import { shown } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/windows/instant.ts';
import { durationText } from '../../../core/windows/time-text.ts';
import type { Left } from '../../replay/left.ts';
import type { ReplayEnd } from '../../replay/replay.ts';
import { DONE, NOT_ALL_DONE, STOPPED } from '../exit-code.ts';
import type { Session } from '../session.ts';
import { advisedText } from './advice-text.ts';
import { commandToGoOn, leftText } from './left-text.ts';
import { createProgress } from './progress.ts';

/** Tells of a replay as it goes, and at its end. */
export interface ReplayReport {
  tell(news: ReplayNews): void;
  expect(total: number): void;
  /** Says what happened, and gives back the exit code for it. */
  summarise(end: ReplayEnd): number;
  /** Takes the progress line away, so that something else can be written. */
  clear(): void;
  /** Takes it away for good. */
  end(): void;
}

/** Outcomes that somebody should hear of one by one; of all others the count is enough. */
const NOTEWORTHY: readonly EventOutcome[] = ['failed', 'unknown', 'refused'];
/** Outcomes after which something is left to do. */
const UNDONE: readonly EventOutcome[] = ['failed', 'unknown', 'refused', 'held', 'leased', 'released'];

const MEANINGS: Readonly<Record<EventOutcome, string>> = {
  replayed: 'replayed',
  accepted: 'accepted by Lambda’s own queue',
  failed:
    'failed: look at them with  maintenance-window events list --status failed  and replay them with  --status failed',
  unknown: 'unknown, whether they ran: the next replay tries them again, once their lease is over',
  discarded: 'discarded, as a later tick of their schedule is there',
  refused: 'refused, so they did not run',
  held: 'held back behind an event that is not done and shares an order key with them',
  leased: 'may still be running: replay again once their lease is over',
  taken: 'taken by somebody else meanwhile',
  released: 'given back, not sent, as the run ended first',
};

export function createReport(session: Session): ReplayReport {
  const { output, settings } = session;
  const isJson = settings.format === 'json';
  const progress = createProgress(output);
  return { tell, expect: progress.expect, summarise, clear: progress.clear, end: progress.end };

  function tell(news: ReplayNews): void {
    switch (news.kind) {
      case 'event':
        progress.count(news.outcome);
        tellOfEvent(news);
        return;
      case 'waiting':
        progress.clear();
        output.note(`${news.functionName ?? 'the replay'} waits: ${shown(advisedText(news))}; Ctrl-C ends the replay`);
        if (isJson) output.showLine({ waiting: waitingJson(news) }, () => '');
        return;
      case 'out-of-sequence':
        progress.clear();
        output.warn(
          `${shown(news.ids.join(', '))}: no order of these events suits the sequences of all their records, so they go as they were deferred`,
        );
        return;
      case 'stopped':
        progress.clear();
        output.warn(
          `${news.functionName === undefined ? 'stopped' : `stopped for ${news.functionName}`}: ${shown(advisedText(news))}`,
        );
        if (isJson) output.showLine({ stopped: { function: news.functionName, why: advisedText(news) } }, () => '');
    }
  }

  function tellOfEvent(news: EventNews): void {
    const { outcome, warning, mayHaveRunBefore } = news;
    if (!isJson && !NOTEWORTHY.includes(outcome) && !mayHaveRunBefore && warning === undefined) return;
    progress.clear();
    output.showLine(newsJson(news), () => newsText(news, output.paint));
  }

  function summarise({ counts, stopped, tookMs, left }: ReplayEnd): number {
    progress.end();
    const told = (Object.keys(counts) as EventOutcome[]).filter((outcome) => counts[outcome] > 0);
    const goOn = left && commandToGoOn(session.words, left);
    const toGoOn = left && goOn && leftText(left, goOn);
    output.showLine(
      { summary: { ...counts, tookMs, stopped: stopped && advisedText(stopped), ...leftJson(left, goOn) } },
      () =>
        [
          ...told.map((outcome) => `${counts[outcome].toLocaleString('en-US').padStart(9)}  ${MEANINGS[outcome]}`),
          ...(told.length > 0 ? [`in ${durationText(tookMs)}`] : []),
          ...(toGoOn === undefined ? [] : [toGoOn]),
          ...(told.length === 0 && toGoOn === undefined ? ['No event to replay.'] : []),
        ].join('\n'),
    );
    if (stopped !== undefined) return STOPPED;
    return UNDONE.some((outcome) => counts[outcome] > 0) ? NOT_ALL_DONE : DONE;
  }
}

function leftJson(left: Left | undefined, goOn: string | undefined): object {
  if (!left || left.events === 0) return {};
  return { left: left.events, leftAtLeast: left.isPart || undefined, goOn };
}

function waitingJson({ functionName, untilAt, ...waiting }: Waiting): object {
  return {
    function: functionName,
    why: advisedText(waiting),
    until: untilAt === undefined ? undefined : instantToText(untilAt),
  };
}

/** What became of one event, for programs. */
function newsJson({ row, kind: _, advice, ...facts }: EventNews): object {
  const { error: why } = facts;
  return {
    id: row.id,
    function: row.functionName,
    source: row.source,
    deferredAt: instantToText(row.deferredAt),
    ...facts,
    ...(why !== undefined && advice && { error: advisedText({ why, advice }) }),
  };
}

function newsText(news: EventNews, paint: Paint): string {
  const { row, outcome, attempt, mayHaveRunBefore, error, advice, warning } = news;
  const colour = NOTEWORTHY.includes(outcome) ? paint.red : paint.yellow;
  const notes = [
    ...(error === undefined ? [] : [advisedText({ why: error, ...(advice && { advice }) })]),
    ...(mayHaveRunBefore ? [`attempt ${attempt ?? ''}: nobody knows whether the one before ran`] : []),
    ...(warning === undefined ? [] : [warning]),
  ];
  return `${colour(outcome)}  ${shown(row.id)}  ${shown(row.functionName)}  ${shown(notes.join('; '))}`;
}

type Paint = Session['output']['paint'];
