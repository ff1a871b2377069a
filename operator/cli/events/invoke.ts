import { randomUUID } from 'node:crypto';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import type { InvokeAnswer } from '../../../core/replay/invoker.ts';
import { contextOfReplay, newProof, outcomeOf, unprovedIn } from '../../../core/replay/outcome.ts';
import type { AskedOf } from '../../access/aws-faults.ts';
import type { AddNoun } from '../command.ts';
import { withExamples } from '../examples.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { readTextOf } from '../read-text.ts';
import type { Session } from '../session.ts';
import { invokedFunctionValue } from '../values.ts';

interface InvokeOptions {
  readonly bypass?: boolean;
  readonly payload?: string;
  readonly payloadFile?: string;
}

/** Lambda's longest time-out, and a minute. */
const LIMIT_MS = 960_000;

/** `invoke`: runs a function once, although a window is active. */
export const addInvoke: AddNoun = (program, acting) => {
  const command = program
    .command('invoke')
    .description('run a function once inside a window: a smoke test before end')
    .argument('<function>', 'its name or ARN, with a version or alias if need be', invokedFunctionValue)
    .option('--bypass', 'run the handler although a window is active; nothing is stored')
    .option('--payload <json>', 'the event (default {})')
    .option('--payload-file <file>', 'the event, from a file; - for stdin')
    .action(acting(invoke));
  withExamples(command, 'invoke orders --bypass', 'invoke orders:live --bypass --payload \'{"ping":true}\'');
};

async function invoke(session: Session, functionName: string, options: InvokeOptions): Promise<number> {
  if (!options.bypass) {
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Usage',
      'say --bypass: without it, an event sent inside a window is stored and not handled; to be a plain caller, use  aws lambda invoke',
    );
  }
  const text = await payloadOf(session, options);
  const proof = newProof();
  const clock = await session.clock(() => askTime(session, functionName));
  const mark = { replay: `smoke-test-${randomUUID()}`, deferredAt: clock.now(), proof, dispatch: true };
  const context = contextOfReplay(mark, undefined);
  const answer = await send(session, functionName, text, context.kind === 'context' ? context.base64 : '');
  return show(session, functionName, answer, proof);
}

/** Any answer of Lambda's has the time, a refusal as well. */
async function askTime({ functions, asking }: Session, functionName: string): Promise<void> {
  const lambda = await functions();
  await asking(aboutInvoking(functionName), () => lambda.find(functionName));
}

async function payloadOf({ stdin }: Session, { payload, payloadFile }: InvokeOptions): Promise<string> {
  if (payload !== undefined && payloadFile !== undefined) throw usage('say --payload or --payload-file, not both');
  const text =
    payloadFile === undefined
      ? (payload ?? '{}')
      : await readTextOf(payloadFile, stdin, `--payload-file ${payloadFile}`);
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    const place = payloadFile === undefined ? '--payload' : `--payload-file ${payloadFile}`;
    throw usage(`${place} is no JSON: ${error instanceof Error ? error.message : error}; a text wants its quotes, too`);
  }
}

async function send(
  session: Session,
  functionName: string,
  text: string,
  clientContext: string,
): Promise<InvokeAnswer> {
  const { createInvoker } = await import('../../../aws/lambda/invoker.ts');
  const lambda = createInvoker(session.clientSettings, 1, session.clockSoFar.hear);
  session.changing();
  try {
    return await session.asking(aboutInvoking(functionName), () =>
      lambda.invoke({ function: functionName, mode: 'request', text, clientContext, limitMs: LIMIT_MS }),
    );
  } finally {
    lambda.close();
  }
}

function aboutInvoking(functionName: string): AskedOf {
  const why = `${functionName} has not answered yet; a handler may take up to its time-out`;
  const what = `the function ${functionName}`;
  return { service: 'Lambda', action: 'lambda:InvokeFunction', what, waiting: () => ({ why }) };
}

async function show({ output }: Session, functionName: string, answer: InvokeAnswer, proof: string): Promise<number> {
  switch (answer.kind) {
    case 'reply':
    case 'function-error':
      return showAnswer(output, functionName, answer, proof);
    case 'accepted':
      return DONE;
    case 'not-run':
      throw new MaintenanceWindowError(CODES[answer.refusal], `${functionName} did not run: ${answer.message}`);
    case 'no-answer':
      throw new MaintenanceWindowError(
        'MaintenanceWindow.Unreachable',
        `nobody knows whether ${functionName} ran: ${answer.message}; look into its log`,
      );
  }
}

const CODES = {
  busy: 'MaintenanceWindow.Conflict',
  unreachable: 'MaintenanceWindow.Unreachable',
  missing: 'MaintenanceWindow.NotFound',
  denied: 'MaintenanceWindow.Denied',
  credentials: 'MaintenanceWindow.Denied',
  refused: 'MaintenanceWindow.Refused',
} as const;

async function showAnswer(
  output: Session['output'],
  functionName: string,
  answer: InvokeAnswer & { readonly kind: 'reply' | 'function-error' },
  proof: string,
): Promise<number> {
  const failed = answer.kind === 'function-error';
  if (output.format === 'json') output.show({ function: functionName, failed, answer: parsed(answer.text) }, String);
  else await output.showExactly(`${answer.text}\n`);
  if (!failed) return DONE;
  const outcome = outcomeOf('direct', '', answer, { function: functionName, proof });
  if (outcome.kind === 'gate-held') {
    output.warn(`${functionName} did not run: the gate in it failed; look into its log`);
    return NOT_ALL_DONE;
  }
  const doubt = unprovedIn(answer.text);
  output.warn(`${functionName} failed: look into its log before you end the window${doubt ? `; ${doubt}` : ''}`);
  return NOT_ALL_DONE;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function usage(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Usage', message);
}
