import type { Claim, Ending, EventArchive, EventRow, StoredEvent } from '../events/archive.ts';
import { isFinished, withQualifier } from '../events/deferred-event.ts';
import { parseFunctionArn } from '../events/function-arn.ts';
import type { Clock } from '../gate/ports.ts';
import { recogniseSource } from '../sources/recognise.ts';
import type { Invoker } from './invoker.ts';
import { contextOfReplay, newProof, outcomeOf, type ReplayOutcome, restIdOf, whyNotAsEvent } from './outcome.ts';
import type { ReplayPlan } from './plan.ts';
import type { Advice } from './progress/advice.ts';
import type { EventNews } from './progress/news.ts';
import type { Timer } from './timer.ts';

/** Part of a lease that is kept for recording the outcome under it. */
const WRITE_MS = 1_000;

/** Ports and facts for replaying one event. */
export interface ReplayParts {
  readonly events: EventArchive;
  readonly lambda: Invoker;
  readonly clock: Clock;
  readonly timer: Timer;
  /** Whose credentials invoke, twelve digits, where they say so. */
  readonly account?: string | undefined;
  /**
   * A function's time-out as Lambda tells it now, in milliseconds. Absent, or undefined of one: as it was when an event
   * was deferred.
   */
  readonly timeoutMsOf?: ((functionName: string) => number | undefined) | undefined;
  /** Aborted: nothing more is sent. What is under way ends by itself. */
  readonly signal: AbortSignal;
}

/** Outcome of one event's turn. */
export type Replayed =
  | {
      readonly kind: 'told';
      readonly news: EventNews;
      readonly answered: boolean;
      /** Order keys of the part that is not done, for a batch that failed in part. */
      readonly holds?: readonly string[];
    }
  /** It did not run, and may later. */
  | { readonly kind: 'turned-away'; readonly by: 'busy' | 'unreachable' | 'active' | 'fault'; readonly error: string }
  /** It did not run, and neither would any other event sent to the same version or alias, or with these credentials. */
  | { readonly kind: 'shut'; readonly by: 'missing' | 'denied' | 'credentials'; readonly error: string };

/** One event's story: claim it, send it, judge the answer, write down what became of it. */
export async function replayOne(parts: ReplayParts, plan: ReplayPlan, row: EventRow): Promise<Replayed> {
  const { events, clock, timer, signal } = parts;
  const beganAtMs = timer.now();
  const why = plan.mode === 'event' && row.damaged === undefined ? whyNotAsEvent(row) : undefined;
  if (why !== undefined) return told(row, { outcome: 'refused', error: why, advice: 'as-request' });
  // What is finished is claimed by a move of its own: only where it was found so does it run again.
  const isAgain = isFinished(row.status);
  const from = plan.statuses.filter((status) => isFinished(status) === isAgain);
  const takesMs = parts.timeoutMsOf?.(row.functionName);
  const claim = await events.claim(row, from, takesMs);
  if (!claim) return told(row, { outcome: 'taken' });
  if (claim.kind === 'damaged') return told(row, { outcome: 'failed', damaged: true, error: claim.event.damaged });
  const facts = {
    attempt: claim.event.attempts + 1,
    ...(isUnknown(claim) && { mayHaveRunBefore: true }),
    ...(claim.event.cognitoIdentity !== undefined && { warning: NO_IDENTITY }),
  };

  const rest = claim.event.attempts > 0 ? await events.look({ ...row, id: restOf(claim) }) : undefined;
  if (rest) {
    await events.end(claim, { status: 'replayed', result: `an earlier attempt did all but ${rest.id}` });
    return told(row, { outcome: 'replayed', ...facts, rest: rest.id });
  }
  const body = await claim.body();
  if (body.kind === 'damaged') {
    await events.end(claim, { status: 'failed', error: body.message, result: '' });
    return told(row, { outcome: 'failed', damaged: true, error: body.message });
  }
  const foreign = whyForeign(claim.event, parts.account);
  if (foreign !== undefined) return refuse(events, claim, row, foreign);
  const proof = newProof();
  const context = contextFor(claim, plan, proof);
  if (context.kind === 'refused') return refuse(events, claim, row, context.message, context.advice);
  if (signal.aborted) {
    await events.end(claim, { status: 'released' });
    return told(row, { outcome: 'released' });
  }

  const { source, invokedFunctionArn, tenantId, timeoutMs } = claim.event;
  const limitMs = claim.leaseUntilAt - WRITE_MS - clock.now();
  // A machine that slept, or a table that was slow: somebody else may claim it while the function is still at work.
  if (limitMs < Math.max(timeoutMs, takesMs ?? 0)) {
    const isOurs = await events.end(claim, { status: 'released' });
    return isOurs ? { kind: 'turned-away', by: 'unreachable', error: TOO_LATE } : told(row, { outcome: 'taken' });
  }
  const request = {
    function: plan.qualifier === undefined ? invokedFunctionArn : withQualifier(invokedFunctionArn, plan.qualifier),
    mode: plan.mode,
    text: body.text,
    ...(context.base64 !== undefined && { clientContext: context.base64 }),
    ...(tenantId !== undefined && { tenantId }),
    limitMs,
  };
  const answer = await parts.lambda.invoke(request).catch(async (fault) => {
    await events.end(claim, { status: 'released' }); // it rejects where nothing was sent
    throw fault;
  });
  const marked = context.base64 === undefined ? undefined : { function: request.function, proof };
  const outcome = outcomeOf(source, body.text, answer, marked);
  return settle(events, claim, row, outcome, () => ({ ...facts, tookMs: Math.round(timer.now() - beganAtMs) }));
}

const TOO_LATE = 'its lease was all but over before it could be sent';
/** Why nothing ran, where the gate proves it. */
export const GATE_HELD = {
  active: 'it is under maintenance',
  fault: 'its gate failed, so nothing ran: see its log',
} as const;
const NO_IDENTITY = 'its Cognito identity could not be given again';

/**
 * Why an event is not sent with these credentials; undefined where it may be. Its function's name is that of its key, but
 * who writes an event chooses the account: a function of that name elsewhere may be one that it must not reach.
 */
export function whyForeign({ invokedFunctionArn }: StoredEvent, account: string | undefined): string | undefined {
  const own = parseFunctionArn(invokedFunctionArn)?.account;
  if (account === undefined || own === account) return undefined;
  return `it names a function in the account ${own}, and these credentials are of ${account}: replay it with credentials of its own account, or discard it`;
}

/** The id of what stays of this batch. One that is replayed again leaves another rest than it left before. */
function restOf({ event: { id, timesAgain = 0 } }: Claim): string {
  return restIdOf(timesAgain === 0 ? id : `${id}.a${timesAgain}`);
}

type Facts = Pick<EventNews, 'attempt' | 'mayHaveRunBefore' | 'warning' | 'tookMs'>;

/** Stays in the table, as the tool that tells it may die, too. */
function remembered(claim: Claim): { readonly error?: string } {
  return isUnknown(claim) ? { error: 'nobody knows whether the attempt before ran: it may have run twice' } : {};
}

/** A lease that ran out without an outcome, or an outcome that was not known. */
function isUnknown({ event: { status } }: Claim): boolean {
  return status === 'unknown' || status === 'replaying';
}

function contextFor(
  { event }: Claim,
  plan: ReplayPlan,
  proof: string,
):
  | { readonly kind: 'context'; readonly base64?: string }
  | { readonly kind: 'refused'; readonly message: string; readonly advice?: Advice } {
  if (plan.mode === 'request') {
    const { id: replay, deferredAt, clientContext } = event;
    return contextOfReplay({ replay, deferredAt, proof, dispatch: plan.duringWindow }, clientContext);
  }
  const message = whyNotAsEvent(event);
  return message === undefined ? { kind: 'context' } : { kind: 'refused', message, advice: 'as-request' };
}

async function refuse(
  events: EventArchive,
  claim: Claim,
  row: EventRow,
  error: string,
  advice?: Advice,
): Promise<Replayed> {
  await events.end(claim, { status: 'released', error });
  return told(row, { outcome: 'refused', error, ...(advice && { advice }) });
}

async function settle(
  events: EventArchive,
  claim: Claim,
  row: EventRow,
  outcome: ReplayOutcome,
  facts: () => Facts,
): Promise<Replayed> {
  switch (outcome.kind) {
    case 'replayed':
      return end({ status: 'replayed', result: outcome.result, ...remembered(claim) });
    case 'accepted':
      return end({ status: 'accepted', ...remembered(claim) });
    case 'failed':
      return end({ status: 'failed', error: outcome.error, result: outcome.result });
    case 'unknown':
      return end({ status: 'unknown', error: outcome.error });
    case 'partly':
      return endPartly(outcome);
    case 'gate-held':
      await events.end(claim, { status: 'released' });
      return { kind: 'turned-away', by: outcome.by, error: GATE_HELD[outcome.by] };
    case 'not-run':
      return notRun(outcome);
  }

  async function end(ending: Ending & { status: EventNews['outcome'] }): Promise<Replayed> {
    const isOurs = await events.end(claim, ending);
    const own = outcome.kind === 'failed' || outcome.kind === 'unknown' ? outcome.error : undefined;
    const error = isOurs ? own : 'its lease had run out, and somebody else claimed it: it may have run twice';
    return {
      kind: 'told',
      answered: ending.status !== 'unknown',
      news: { kind: 'event', row, outcome: ending.status, ...facts(), ...(error !== undefined && { error }) },
    };
  }

  /** The rest first: whoever finds the parent claimed and the rest there knows that nothing is left to do. */
  async function endPartly({ rest, error, result }: ReplayOutcome & { kind: 'partly' }): Promise<Replayed> {
    const id = restOf(claim);
    const { orderKeys } = recogniseSource(rest);
    await events.putRest(claim, {
      id,
      text: rest,
      error,
      ...(orderKeys && { orderKeys }),
    });
    await events.end(claim, { status: 'replayed', result, ...remembered(claim) });
    return {
      kind: 'told',
      answered: true,
      holds: (orderKeys ?? []).map(({ key }) => key),
      news: { kind: 'event', row, outcome: 'failed', ...facts(), error: `${error}: they are ${id} now`, rest: id },
    };
  }

  async function notRun({ refusal, error }: ReplayOutcome & { kind: 'not-run' }): Promise<Replayed> {
    switch (refusal) {
      case 'refused':
        return refuse(events, claim, row, error);
      case 'busy':
      case 'unreachable':
        await events.end(claim, { status: 'released' });
        return { kind: 'turned-away', by: refusal, error };
      case 'missing':
      case 'denied':
      case 'credentials':
        await events.end(claim, { status: 'released' });
        return { kind: 'shut', by: refusal, error };
    }
  }
}

/** What is told of an event, where no function answered. */
export function told(row: EventRow, news: Omit<EventNews, 'kind' | 'row'>): Replayed {
  return { kind: 'told', answered: false, news: { kind: 'event', row, ...news } };
}
