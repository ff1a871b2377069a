import type { EventRow, StoredEvent } from '../events/archive.ts';
import { parseFunctionArn } from '../events/function-arn.ts';
import type { HistoryOutcome } from '../events/history.ts';
import { GATE_HELD, type Replayed, type ReplayParts, told, whyForeign } from './one-event.ts';
import { contextOfReplay, newProof, outcomeOf, type ReplayOutcome } from './outcome.ts';
import type { ReplayPlan } from './plan.ts';

/** Lambda's longest time-out, and a minute: nobody knows the other function's own. */
const LIMIT_MS = 960_000;
const NOT_NOTED = 'the copy could not be noted in its history';

/**
 * Sends a copy of one event to another function, marked as one, and notes in the event's history what became of it. The
 * event is not claimed: a replay of it is not held up, and whatever becomes of the copy, it stays what it is.
 *
 * @param to the other function: its name or ARN, with its version or alias
 */
export async function copyOne(parts: ReplayParts, plan: ReplayPlan, to: string, row: EventRow): Promise<Replayed> {
  const { events, lambda, clock, timer, signal } = parts;
  const [at, beganAtMs] = [clock.now(), timer.now()];
  const found = await events.read(row);
  if (!found) return told(row, { outcome: 'taken' });
  const { event, body } = found;
  if (event.damaged !== undefined) return told(row, { outcome: 'refused', error: event.damaged });
  if (body.kind === 'damaged') return told(row, { outcome: 'refused', error: body.message });
  const elsewhere = whyForeign(event, parts.account) ?? whyNotThere(event, to);
  if (elsewhere !== undefined) return told(row, { outcome: 'refused', error: elsewhere });
  const { id: replay, deferredAt, clientContext, tenantId, source } = event;
  const proof = newProof();
  const copyOf = functionIn(event.invokedFunctionArn);
  const context = contextOfReplay({ replay, deferredAt, proof, dispatch: plan.duringWindow, copyOf }, clientContext);
  if (context.kind === 'refused') return told(row, { outcome: 'refused', error: context.message });
  if (signal.aborted) return told(row, { outcome: 'released' });

  const answer = await lambda.invoke({
    function: to,
    mode: 'request',
    text: body.text,
    clientContext: context.base64,
    ...(tenantId !== undefined && { tenantId }),
    limitMs: LIMIT_MS,
  });
  return settle(outcomeOf(source, body.text, answer, { function: to, proof }));

  async function settle(outcome: ReplayOutcome): Promise<Replayed> {
    switch (outcome.kind) {
      case 'replayed':
      case 'accepted':
        return note(outcome.kind);
      case 'failed':
      case 'unknown':
        return note(outcome.kind, outcome.error);
      case 'partly':
        return note('failed', outcome.error);
      case 'gate-held':
        return { kind: 'turned-away', by: outcome.by, error: GATE_HELD[outcome.by] };
      case 'not-run':
        switch (outcome.refusal) {
          case 'refused':
            return told(row, { outcome: 'refused', error: outcome.error });
          case 'busy':
          case 'unreachable':
            return { kind: 'turned-away', by: outcome.refusal, error: outcome.error };
          case 'missing':
          case 'denied':
          case 'credentials':
            return { kind: 'shut', by: outcome.refusal, error: outcome.error };
        }
    }
  }

  async function note(outcome: HistoryOutcome & ('replayed' | 'accepted' | 'failed' | 'unknown'), error?: string) {
    const tookMs = Math.round(timer.now() - beganAtMs);
    const why = error === undefined ? {} : { error };
    const isNoted = await events.noteCopy(row, { at, outcome, tookMs, ...why, to: functionIn(to) });
    const replayed: Replayed = {
      kind: 'told',
      answered: outcome !== 'unknown',
      news: { kind: 'event', row, outcome, tookMs, ...why, ...(!isNoted && { warning: NOT_NOTED }) },
    };
    return replayed;
  }
}

/** The name of a function with its version or alias: `orders:live`, of that and of its ARN. */
export function functionIn(nameOrArn: string): string {
  return nameOrArn.replace(/^.*:function:/, '');
}

/** Why no copy is sent there; undefined where it may be. */
function whyNotThere({ invokedFunctionArn }: StoredEvent, to: string): string | undefined {
  if (functionIn(to) === functionIn(invokedFunctionArn)) return `it was sent to ${functionIn(to)} itself`;
  const [own, other] = [parseFunctionArn(invokedFunctionArn), parseFunctionArn(to)];
  if (!own || !other || (own.account === other.account && own.region === other.region)) return undefined;
  return `its function is in ${own.region} of the account ${own.account}, and ${functionIn(to)} in ${other.region} of ${other.account}: a copy stays in one account and region`;
}
