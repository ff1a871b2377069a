import { invokeInsideWindow, type SmokeTest } from '../../events/invoke.ts';
import { type AddNoun, usage } from '../command.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import { readTextOf } from '../read-text.ts';
import type { Session } from '../session.ts';
import { invokedFunctionValue } from '../values.ts';

interface InvokeOptions {
  readonly payload?: string;
  readonly payloadFile?: string;
}

/** `invoke`: runs a function once, although a window is active. */
export const addInvoke: AddNoun = (program, acting) => {
  const command = program
    .command('invoke')
    .description('run a function once although a window is active: a smoke test before end')
    .argument('<function>', 'its name or ARN, with a version or alias if need be', invokedFunctionValue)
    .option('--payload <json>', 'the event (default {})')
    .option('--payload-file <file>', 'the event, from a file; - for stdin')
    .action(acting(invoke));
  withExamples(command, 'invoke orders', 'invoke orders:live --payload \'{"ping":true}\'');
};

async function invoke(session: Session, functionName: string, options: InvokeOptions): Promise<number> {
  const text = await payloadOf(session, options);
  await session.place();
  if (!(await session.mayChange())) return NOT_ALL_DONE;
  session.changing();
  return showAnswer(session.output, functionName, await invokeInsideWindow(session, functionName, text));
}

async function payloadOf(session: Session, { payload, payloadFile }: InvokeOptions): Promise<string> {
  if (payload !== undefined && payloadFile !== undefined) throw usage('say --payload or --payload-file, not both');
  const text =
    payloadFile === undefined
      ? (payload ?? '{}')
      : await readTextOf(payloadFile, session, `--payload-file ${payloadFile}`);
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    const place = payloadFile === undefined ? '--payload' : `--payload-file ${payloadFile}`;
    throw usage(`${place} is no JSON: ${error instanceof Error ? error.message : error}; a text wants its quotes, too`);
  }
}

async function showAnswer(output: Session['output'], functionName: string, test: SmokeTest): Promise<number> {
  const failed = test.kind !== 'reply';
  if (output.format === 'json') output.show({ function: functionName, failed, answer: parsed(test.text) }, String);
  else await output.showExactly(`${test.text}\n`);
  switch (test.kind) {
    case 'reply':
      return DONE;
    case 'gate-failed':
      output.warn(`${functionName} did not run: the gate in it failed; look into its log`);
      return NOT_ALL_DONE;
    case 'failed': {
      const doubt = test.doubt === undefined ? '' : `; ${test.doubt}`;
      output.warn(`${functionName} failed: look into its log before you end the window${doubt}`);
      return NOT_ALL_DONE;
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
