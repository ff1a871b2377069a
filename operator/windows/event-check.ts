import { type ActiveWindow, createCalendar, NO_WINDOW_EVER } from '../../core/calendar/calendar.ts';
import { SETTINGS } from '../../core/gate/config.ts';
import { type Decision, decide } from '../../core/gate/decide.ts';
import type { Reply } from '../../core/gate/reply.ts';
import { mergePolicies, type Policy } from '../../core/sources/policy.ts';
import { recogniseSource } from '../../core/sources/recognise.ts';
import type { PolicyKey } from '../../core/sources/sources.ts';
import { HOUR_MS } from '../../core/units.ts';
import type { WindowDocument } from '../../core/windows/window.ts';
import { lookUpFunctions } from '../access/function-lookup.ts';
import type { Operator } from '../access/operator.ts';

/** A window document, and what it is called. */
export interface NamedDocument {
  readonly name: string;
  readonly document: WindowDocument;
}

/** What the gate does with an event. */
export interface EventCheck {
  readonly source: PolicyKey;
  readonly outside: Happening;
  readonly inside: Happening;
  /** The window that the replies are of: the one that is active or begins next, or an hour that is assumed. */
  readonly window: ActiveWindow & { readonly isAssumed: boolean };
  /** What could not be looked up, a line each. */
  readonly notes: readonly string[];
}

/** A check of an event; or why it is none, as Lambda takes JSON alone. */
export type CheckedEvent =
  | { readonly kind: 'event'; readonly event: EventCheck }
  | { readonly kind: 'no-json'; readonly cause: string };

/** What becomes of one invocation. */
export interface Happening {
  readonly action: Decision['kind'];
  /** Absent where the handler runs. */
  readonly reply?: Reply;
  /** The rule that says so. */
  readonly rule?: { readonly of: string; readonly index: number };
}

/** What a check of an event goes by. */
export interface EventCheckQuery {
  /** JSON, as it is sent. */
  readonly text: string;
  /** In the order of the parameters: a later one's policy wins. */
  readonly documents: readonly NamedDocument[];
  /** The function that it is sent to: its windows alone count, and its own policy. Absent: every window does. */
  readonly functionName?: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Stands for the id that Lambda gives an invocation. */
const REQUEST_ID = 'REQUEST-ID';

/**
 * Says what the gate does with an event outside and inside a window, by the gate's own code. Asks Lambda for the policy of a
 * function that is named, and AWS for nothing else.
 */
export async function checkEvent(operator: Operator, query: EventCheckQuery): Promise<CheckedEvent> {
  const fault = faultOfJson(query.text);
  return fault === undefined
    ? { kind: 'event', event: await checkJson(operator, query) }
    : { kind: 'no-json', cause: fault };
}

async function checkJson(operator: Operator, query: EventCheckQuery): Promise<EventCheck> {
  const { text, documents, functionName, now } = query;
  const own = functionName === undefined ? { notes: [] } : await ownPolicyOf(operator, functionName);
  const policies = [
    ...documents.map(({ name, document: { policy } }) => ({ name, policy })),
    ...(own.policy ? [{ name: SETTINGS.policy.name, policy: own.policy }] : []),
  ];
  const policy = mergePolicies(policies.map((one) => one.policy));
  const rulesOf = policies.findLast((one) => one.policy.rules)?.name ?? '';
  const window = await windowFor(query);
  const invocation = { id: REQUEST_ID, text, invokedFunctionArn: '', deadlineAt: Number.POSITIVE_INFINITY };
  const happening = (active?: ActiveWindow): Happening => {
    const state = active ? { ...NO_WINDOW_EVER, active } : NO_WINDOW_EVER;
    return happeningOf(decide(state, policy, invocation, Math.max(now, active?.startAt ?? now), 0), rulesOf);
  };
  return {
    source: recogniseSource(text).key,
    outside: happening(),
    inside: happening(window),
    window,
    notes: own.notes,
  };
}

function faultOfJson(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error);
  }
}

function happeningOf(decision: Decision, rulesOf: string): Happening {
  if (decision.kind === 'dispatch') return { action: decision.kind, ...ruleOf(decision.rule, rulesOf) };
  return { action: decision.kind, reply: decision.reply, ...ruleOf(decision.rule, rulesOf) };
}

function ruleOf(index: number | undefined, of: string): Pick<Happening, 'rule'> {
  return index === undefined ? {} : { rule: { of, index } };
}

/** The function's own policy, which goes before the parameters'. */
async function ownPolicyOf(
  operator: Operator,
  functionName: string,
): Promise<{ readonly policy?: Policy; readonly notes: readonly string[] }> {
  const lookup = await lookUpFunctions(operator, [functionName]);
  if (lookup.kind === 'unknown') {
    return { notes: [`whether ${functionName} has a policy of its own could not be looked up: ${lookup.why}`] };
  }
  const [facts] = lookup.functions;
  if (!facts) return { notes: [`no function ${functionName} exists in this account and region`] };
  const text = facts.environment[SETTINGS.policy.name];
  if (text === undefined) return { notes: [] };
  const policy = SETTINGS.policy.parse(text);
  return policy.kind === 'value'
    ? { policy: policy.value, notes: [] }
    : {
        notes: [
          `${SETTINGS.policy.name} of ${functionName} is not allowed, so that it does not start: ${policy.message}`,
        ],
      };
}

async function windowFor({ documents, functionName, now }: EventCheckQuery): Promise<EventCheck['window']> {
  const windows = documents.flatMap(({ document }) => document.windows);
  const meant = functionName === undefined ? windows.map(({ functions: _, ...window }) => window) : windows;
  const { stateAt } = await createCalendar(meant, functionName ?? '');
  const state = stateAt(now);
  const active = state.active ?? (Number.isFinite(state.validUntil) ? stateAt(state.validUntil).active : undefined);
  return active ? { ...active, isAssumed: false } : { startAt: now, endAt: now + HOUR_MS, isAssumed: true };
}
