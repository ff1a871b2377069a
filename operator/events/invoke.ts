import { randomUUID } from 'node:crypto';
import { type FaultCode, MaintenanceWindowError } from '../../core/errors.ts';
import type { InvokeAnswer, Refusal } from '../../core/replay/invoker.ts';
import { contextOfReplay, newProof, outcomeOf, unprovedIn } from '../../core/replay/outcome.ts';
import type { AskedOf } from '../access/aws-faults.ts';
import type { Operator } from '../access/operator.ts';
import { OperatorFault } from '../access/remedy.ts';

/** What a function answered that was run inside a window. */
export type SmokeTest =
  | { readonly kind: 'reply'; readonly text: string }
  /** It ran and failed. `doubt`: why it may not have run after all. `text` is the error as JSON. */
  | { readonly kind: 'failed'; readonly text: string; readonly doubt?: string }
  /** Its gate proves that nothing ran: the gate itself failed. */
  | { readonly kind: 'gate-failed'; readonly text: string };

const INVOKING = 'lambda:InvokeFunction';
/** Lambda's longest time-out, and a minute. */
const LIMIT_MS = 960_000;

/**
 * Invokes a function once with the mark that lets the handler run although a window is active. Nothing is stored.
 *
 * @param functionName a name or an ARN, with its version or alias
 * @param text the event, JSON
 * @throws MaintenanceWindowError where it did not run, or nobody knows whether it ran
 */
export async function invokeInsideWindow(operator: Operator, functionName: string, text: string): Promise<SmokeTest> {
  const proof = newProof();
  const clock = await operator.clock(() => askTime(operator, functionName));
  const mark = { replay: `smoke-test-${randomUUID()}`, deferredAt: clock.now(), proof, dispatch: true };
  const context = contextOfReplay(mark, undefined);
  const answer = await send(operator, functionName, text, context.kind === 'context' ? context.base64 : '');
  return smokeTestOf(functionName, answer, proof);
}

/** Any answer of Lambda's has the time, a refusal as well. */
async function askTime({ functions, asking }: Operator, functionName: string): Promise<void> {
  const lambda = await functions();
  await asking(aboutInvoking(functionName), () => lambda.find(functionName));
}

async function send(
  { clientSettings, clockSoFar, asking }: Operator,
  functionName: string,
  text: string,
  clientContext: string,
): Promise<InvokeAnswer> {
  const { createInvoker } = await import('../../aws/lambda/invoker.ts');
  const lambda = createInvoker(clientSettings, 1, clockSoFar.hear);
  try {
    return await asking(aboutInvoking(functionName), () =>
      lambda.invoke({ function: functionName, mode: 'request', text, clientContext, limitMs: LIMIT_MS }),
    );
  } finally {
    lambda.close();
  }
}

function aboutInvoking(functionName: string): AskedOf {
  const why = `${functionName} has not answered yet; a handler may take up to its time-out`;
  const what = `the function ${functionName}`;
  return { service: 'Lambda', action: INVOKING, what, waiting: () => ({ why }) };
}

function smokeTestOf(functionName: string, answer: InvokeAnswer, proof: string): SmokeTest {
  switch (answer.kind) {
    case 'reply':
      return answer;
    case 'accepted': // of an invocation that waits for its answer
      throw new MaintenanceWindowError(
        'MaintenanceWindow.Refused',
        `Lambda queued the event of ${functionName}, and gave no answer; look into its log`,
      );
    case 'function-error': {
      const outcome = outcomeOf('direct', '', answer, { function: functionName, proof });
      if (outcome.kind === 'gate-held') return { kind: 'gate-failed', text: answer.text };
      const doubt = unprovedIn(answer.text);
      return { kind: 'failed', text: answer.text, ...(doubt !== undefined && { doubt }) };
    }
    case 'not-run': {
      const told = [CODES[answer.refusal], `${functionName} did not run: ${answer.message}`] as const;
      if (answer.refusal !== 'denied') throw new MaintenanceWindowError(...told);
      throw new OperatorFault(...told, { kind: 'permission', action: INVOKING });
    }
    case 'no-answer':
      throw new MaintenanceWindowError(
        'MaintenanceWindow.Unreachable',
        `nobody knows whether ${functionName} ran: ${answer.message}; look into its log`,
      );
  }
}

const CODES: Readonly<Record<Refusal, FaultCode>> = {
  busy: 'MaintenanceWindow.Conflict',
  unreachable: 'MaintenanceWindow.Unreachable',
  missing: 'MaintenanceWindow.NotFound',
  denied: 'MaintenanceWindow.Denied',
  credentials: 'MaintenanceWindow.Denied',
  refused: 'MaintenanceWindow.Refused',
};
