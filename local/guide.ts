import { SETTINGS } from '../core/gate/config.ts';

/** The names that the runner gives to what it makes: those that a function takes for granted. */
export const PARAMETER = SETTINGS.parameters.default;
export const TABLE = SETTINGS.table.default;
/** Also the last word of the emulator's own path, so that the commands in AWS's documentation work here. */
export const FUNCTION_NAME = 'function';

/** Where things are, once they run. */
export interface Addresses {
  readonly invokeUrl: string;
  readonly ssmUrl: string;
  readonly dynamoDbUrl: string;
  /** Where executions of the drain are started; absent where there is none. */
  readonly stepFunctionsUrl?: string;
  /** Where the console is, with its token; absent where there is none. */
  readonly consoleUrl?: string;
}

/**
 * What to try next: where things are, and a maintenance window from its begin to the replay, as commands that work as they
 * are printed, in the folder of the project.
 *
 * @param eventFile an event for the function
 */
export function guide(
  { invokeUrl, ssmUrl, dynamoDbUrl, stepFunctionsUrl, consoleUrl }: Addresses,
  handler: string,
  eventFile: string,
): string {
  return `
${handler} runs. In another terminal, in this folder:

  export AWS_ENDPOINT_URL_LAMBDA=${invokeUrl} AWS_ENDPOINT_URL_SSM=${ssmUrl} AWS_ENDPOINT_URL_DYNAMODB=${dynamoDbUrl}${stepFunctionsUrl === undefined ? '' : ` AWS_ENDPOINT_URL_SFN=${stepFunctionsUrl}`}
  export AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local; unset AWS_PROFILE

Invoke it; what it writes comes up here, and where its code has changed it starts anew:

  ${invokeCommand(invokeUrl, eventFile)}

${consoleUrl === undefined ? '' : `See it in a browser, and do all of the following there: ${consoleUrl}\n\n`}See whether all is in place:

  npx maintenance-window doctor

Begin a maintenance window, and two seconds later invoke again: the function is not called, its event is stored.

  npx maintenance-window begin --for 2h --reason 'to try it'
  sleep 2
  ${invokeCommand(invokeUrl, eventFile)}
  npx maintenance-window status
  npx maintenance-window events list

End the window, and give the function what was stored:

  npx maintenance-window end
  npx maintenance-window replay

Or write how a window is to be replayed by itself once it is over, under "policy" of the document:
{ "replay": { "rate": "10/s" } }. Monitor and drain run here, too: see docs/deploying.md.

Ctrl-C ends everything.
`;
}

/** An instant as the window parameter has it, in whole seconds. */
export function instant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** A newline behind the answer, so that the prompt does not stick to it. */
const CURL = "curl -sS -w '\\n'";

function invokeCommand(invokeUrl: string, eventFile: string): string {
  return `${CURL} ${invokeUrl}/2015-03-31/functions/${FUNCTION_NAME}/invocations --data-binary @${quoted(eventFile)}`;
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
