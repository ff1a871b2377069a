import type { ReplayPlan } from '../../../core/replay/plan.ts';
import { type EventNews, type EventOutcome, isAnyUndone, type ReplayNews } from '../../../core/replay/progress/news.ts';
import type { Waiting } from '../../../core/replay/progress/waits.ts';
import { numberText, shown } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/time/instant.ts';
import { durationText } from '../../../core/time/time-text.ts';
import type { Left } from '../../replay/left.ts';
import type { PassedOver } from '../../replay/meant.ts';
import type { ReplayEnd } from '../../replay/replay.ts';
import { tookText } from '../events/event-text.ts';
import { DONE, NOT_ALL_DONE, STOPPED } from '../exit-code.ts';
import type { Session } from '../session.ts';
import type { CommandBeside } from '../terminal/command-text.ts';
import { advisedText } from './advice-text.ts';
import { commandForStatuses, commandToGoOn, leftText, noEventText } from './left-text.ts';
import { createProgress } from './progress.ts';
import { waitText } from './wait-text.ts';

/** Tells of a replay as it goes, and at its end. */
export interface ReplayReport {
  tell(news: ReplayNews): void;
  /** How many events there are to come to an end. */
  expect(events: number): void;
  /**
   * Says what happened, and gives back the exit code for it.
   *
   * @param passedOver what the plan left out, where it found nothing else
   */
  summarise(end: ReplayEnd, passedOver: readonly PassedOver[]): number;
  /** Asks a question in the place of the progress line. */
  ask(question: string): Promise<boolean>;
  /** Takes the progress line away for good. */
  end(): void;
}

/** Outcomes that somebody should hear of one by one; of all others the count is enough. */
const NOTEWORTHY: readonly EventOutcome[] = ['failed', 'unknown', 'refused'];
const GOOD: readonly EventOutcome[] = ['replayed', 'accepted'];

type Meanings = Readonly<Record<EventOutcome, string>>;

const meaningsBeside = (command: CommandBeside, words: readonly string[]): Meanings => ({
  replayed: 'replayed',
  accepted: 'accepted by Lambda’s own queue',
  failed: `failed: look at them with  ${command(['events', 'list', '--status', 'failed'])}  and replay them with  ${commandForStatuses(words, ['failed'])}`,
  unknown: 'unknown, whether they ran: the next replay tries them again, once the lease is over',
  discarded: 'discarded, as a later tick of the same schedule is there',
  refused: 'refused, so they did not run',
  held: 'held back behind an event that is not done and shares an order key with them',
  leased: 'may still be running: replay again once the lease is over',
  taken: 'taken by somebody else meanwhile',
  released: 'given back, not sent, as the run ended first',
});

/** Of copies: the events themselves are as they were. */
function meaningsOfCopies(meanings: Meanings, to: string): Meanings {
  return {
    ...meanings,
    replayed: `sent to ${to} as copies, and did not fail`,
    failed: `sent to ${to} as copies, and failed`,
    unknown: `sent to ${to} as copies, and no answer came`,
    taken: 'gone meanwhile',
  };
}

export function createReport(session: Session, plan: ReplayPlan): ReplayReport {
  const { output, settings } = session;
  const { to } = plan;
  const isJson = settings.format === 'json';
  const ofEvents = meaningsBeside(output.command, session.words);
  const meanings = to === undefined ? ofEvents : meaningsOfCopies(ofEvents, to);
  const progress = createProgress(session, plan);
  const waitsTold = new Set<string>();
  let isCanary = plan.canary !== undefined;
  return { tell, expect: progress.expect, summarise, ask, end: progress.end };

  async function ask(question: string): Promise<boolean> {
    progress.pause();
    const answer = await session.confirm(question);
    progress.resume();
    return answer;
  }

  function tell(news: ReplayNews): void {
    switch (news.kind) {
      case 'event':
        progress.count(news.outcome);
        tellOfEvent(news);
        return;
      case 'recorded':
        session.recorded(news.runId);
        return;
      case 'unrecorded':
        session.recorded(undefined);
        return;
      case 'pace':
        progress.paced(news);
        return;
      case 'canary-ended':
        isCanary = false;
        if (isJson) output.showLine({ canary: news.counts }, () => '');
        return;
      case 'waiting':
        tellOfWait(news);
        if (isJson) output.showLine({ waiting: waitingJson(news) }, () => '');
        return;
      case 'out-of-sequence':
        output.warn(
          `${shown(news.ids.join(', '))}: no order of these events suits the sequences of all their records, so they go as they were deferred`,
        );
        return;
      case 'stopped':
        output.warn(
          `${news.functionName === undefined ? 'stopped' : `stopped for ${news.functionName}`}: ${shown(advisedText(news))}`,
        );
        if (isJson) output.showLine({ stopped: { function: news.functionName, why: advisedText(news) } }, () => '');
    }
  }

  /** On a terminal the progress line goes on saying it. */
  function tellOfWait(waiting: Waiting): void {
    const text = waitText([waiting], output.times);
    if (output.progress && waitsTold.has(text)) return;
    waitsTold.add(text);
    output.note(`${text}; Ctrl-C ends the replay`);
  }

  function tellOfEvent(news: EventNews): void {
    const { outcome, warning, mayHaveRunBefore } = news;
    const isNews = isCanary || NOTEWORTHY.includes(outcome) || mayHaveRunBefore || warning !== undefined;
    if (!isJson && !isNews) return;
    output.showLine({ ...newsJson(news), to }, () => newsText(news, output.paint));
  }

  function summarise(
    { counts, stopped, isDeclined, tookMs, left, isCut, runId }: ReplayEnd,
    passedOver: readonly PassedOver[],
  ): number {
    progress.end();
    const told = (Object.keys(counts) as EventOutcome[]).filter((outcome) => counts[outcome] > 0);
    const goOn = left && commandToGoOn(session.words, left);
    const toGoOn = left && goOn && leftText(left, goOn);
    output.showLine(
      {
        summary: {
          ...counts,
          to,
          run: runId,
          tookMs,
          stopped: stopped && advisedText(stopped),
          ...leftJson(left, goOn),
          ...passedOverJson(passedOver),
        },
      },
      () =>
        [
          ...told.map((outcome) => `${numberText(counts[outcome]).padStart(9)}  ${meanings[outcome]}`),
          ...(told.length > 0 ? [`in ${durationText(tookMs)}`] : []),
          ...(toGoOn === undefined ? [] : [toGoOn]),
          ...(isCut ? ['Not all was sent: the history of each event tells whether it was.'] : []),
          ...(told.length === 0 && toGoOn === undefined && !isCut ? [noEventText(session.words, passedOver)] : []),
        ].join('\n'),
    );
    if (stopped !== undefined) return STOPPED;
    return isDeclined || isAnyUndone(counts) ? NOT_ALL_DONE : DONE;
  }
}

function leftJson(left: Left | undefined, goOn: string | undefined): object {
  if (!left || left.events === 0) return {};
  return { left: left.events, leftAtLeast: left.isPart || undefined, goOn };
}

/** For programs. */
export function passedOverJson(passedOver: readonly PassedOver[]): object {
  if (passedOver.length === 0) return {};
  return { passedOver: Object.fromEntries(passedOver.map(({ status, events }) => [status, events])) };
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
  const { row, outcome, attempt, mayHaveRunBefore, error, advice, warning, tookMs } = news;
  const isFine = GOOD.includes(outcome) && warning === undefined && !mayHaveRunBefore;
  const colour = NOTEWORTHY.includes(outcome) ? paint.red : isFine ? paint.green : paint.yellow;
  const notes = [
    ...(isFine && tookMs !== undefined ? [`in ${tookText(tookMs)}`] : []),
    ...(error === undefined ? [] : [advisedText({ why: error, ...(advice && { advice }) })]),
    ...(mayHaveRunBefore ? [`attempt ${attempt ?? ''}: nobody knows whether the one before ran`] : []),
    ...(warning === undefined ? [] : [warning]),
  ];
  return `${colour(outcome)}  ${shown(row.id)}  ${shown(row.functionName)}  ${shown(notes.join('; '))}`;
}

type Paint = Session['output']['paint'];
