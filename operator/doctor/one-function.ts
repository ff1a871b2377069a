import { LONGEST_TIMEOUT_MS } from '../../aws/events/stored-event.ts';
import type { FunctionInspector, InspectedFunction } from '../../aws/lambda/function-inspector.ts';
import { REFRESH_LIMIT_MS } from '../../core/gate/freshness.ts';
import { type FactsOf, type Finding, found, notSeen, type State } from './finding.ts';
import { judgeProtection, type Places } from './protection.ts';
import type { Looked } from './unseen.ts';
import type { MeantFunction } from './which-functions.ts';

/** Source: Lambda API reference, "CreateFunction", FunctionName. Nothing else is sent to Lambda. */
const FUNCTION_NAME = /^[\w-]{1,64}$/;
/** A second for one write of an event; a look at the windows may come before it. */
const LEAST_TIMEOUT_SECONDS = Math.ceil((REFRESH_LIMIT_MS + 1_000) / 1_000);

const WITHOUT_CLIENT: ReadonlySet<NonNullable<FactsOf<'protection'>['why']>> = new Set([
  'entry-point-of-aws',
  'zip',
  'runtime-without-gate',
  'no-wrapper',
  'wrong-wrapper',
  'no-layer',
  'other-architecture',
  'two-gates',
]);

/** Asks Lambda, unless it has been silent before. */
export type Ask = <Value>(action: string, ask: () => Promise<Value>) => Promise<Looked<Value>>;

/** Looks at one function: that it exists, is under these windows, and what becomes of what cannot be stored. */
export async function examineFunction(
  { name, knownBy }: MeantFunction,
  inspector: FunctionInspector,
  settings: Places,
  ask: Ask,
): Promise<readonly Finding[]> {
  if (!FUNCTION_NAME.test(name)) return [found('function', name, 'problem', { why: 'no-name', knownBy })];
  const configuration = await ask('lambda:GetFunctionConfiguration', () => inspector.configuration(name));
  if (configuration.unseen) return [notSeen('function', name, configuration.unseen)];
  const fn = configuration.value;
  if (!fn) {
    const state = knownBy.includes('named') || knownBy.includes('window') ? 'problem' : 'warning';
    return [found('function', name, state, { why: 'absent', knownBy })];
  }
  const protections = protection(name, knownBy, fn, settings);
  const exists = found('function', name, 'ok', { knownBy, timeoutSeconds: fn.timeoutSeconds });
  // without the client nothing is ever stored, and all else is nobody's concern here
  if (protections.some(isWithoutClient)) return [exists, ...protections];
  const asynchronous = await ask('lambda:GetFunctionEventInvokeConfig', () => inspector.asynchronous(name));
  const reserved = await ask('lambda:GetFunctionConcurrency', () => inspector.reservedConcurrency(name));
  return [
    exists,
    ...protections,
    state(name, fn),
    timeout(name, fn),
    ...destinations(name, fn, asynchronous),
    concurrency(name, reserved),
  ];
}

/** Whether a finding says, for certain, that AWS's own client runs or that the function does not start. */
export function isWithoutClient(finding: Finding): boolean {
  if (finding.kind !== 'protection' || finding.unseen !== undefined) return false;
  return finding.data.why !== undefined && WITHOUT_CLIENT.has(finding.data.why);
}

/** A function that nobody meant but by a glob of a window may well be none that is to be protected. */
function protection(
  name: string,
  knownBy: MeantFunction['knownBy'],
  fn: InspectedFunction,
  settings: Places,
): readonly Finding[] {
  const isMeant = knownBy.some((by) => by !== 'glob');
  return judgeProtection(fn, settings).map(({ state, facts }) =>
    found('protection', name, state === 'problem' && !isMeant ? 'warning' : state, facts),
  );
}

/** Source: Lambda developer guide, "Lambda function states". A function that is idle for weeks is started by its next invocation. */
function state(name: string, { state: told, stateReason: message, lastUpdate }: InspectedFunction): Finding {
  const of = (state: State, why?: FactsOf<'function-state'>['why']) =>
    found('function-state', name, state, {
      ...(why && { why, ...(message !== undefined && { message }) }),
      ...(told !== undefined && { state: told }),
    });
  if (told === 'Failed') return of('problem', 'failed');
  if (told === 'Pending') return of('warning', 'pending');
  if (told === 'Inactive') return of('warning', 'inactive');
  return lastUpdate === 'Failed' ? of('warning', 'update-failed') : of('ok');
}

function timeout(name: string, { timeoutSeconds: seconds }: InspectedFunction): Finding {
  const longest = LONGEST_TIMEOUT_MS / 1_000;
  if (seconds > longest) {
    return found('time-out', name, 'problem', { why: 'too-long', seconds, limitSeconds: longest });
  }
  const facts = { seconds, limitSeconds: LEAST_TIMEOUT_SECONDS };
  return seconds < LEAST_TIMEOUT_SECONDS
    ? found('time-out', name, 'warning', { ...facts, why: 'too-short' })
    : found('time-out', name, 'ok', { seconds, limitSeconds: longest });
}

function destinations(
  name: string,
  { deadLetters }: InspectedFunction,
  { value: settings, unseen }: Looked<Awaited<ReturnType<FunctionInspector['asynchronous']>>>,
): readonly Finding[] {
  if (unseen && deadLetters === undefined) return [notSeen('failure-destination', name, unseen)];
  const { onFailure, onSuccess } = settings ?? {};
  const facts = { ...(deadLetters !== undefined && { deadLetters }), ...(onFailure !== undefined && { onFailure }) };
  return [
    deadLetters === undefined && onFailure === undefined
      ? found('failure-destination', name, 'warning', { why: 'none' })
      : found('failure-destination', name, 'ok', facts),
    ...(onSuccess !== undefined
      ? [found('success-destination', name, 'warning', { why: 'hears-of-stored', onSuccess })]
      : []),
  ];
}

function concurrency(name: string, { value: reserved, unseen }: Looked<number | undefined>): Finding {
  if (unseen) return notSeen('concurrency', name, unseen);
  return reserved === 0
    ? found('concurrency', name, 'warning', { why: 'zero', reserved })
    : found('concurrency', name, 'ok', { ...(reserved !== undefined && { reserved }) });
}
