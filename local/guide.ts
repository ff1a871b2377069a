import { SETTINGS } from '../gate/config.ts';

/** The names that the runner gives to what it makes: those that a function takes for granted. */
export const PARAMETER = SETTINGS.parameters.default;
export const TABLE = SETTINGS.table.default;
/** Also the last word of the emulator's own path, so that the commands in AWS's documentation work here. */
export const FUNCTION_NAME = 'function';
/** What the window parameter holds outside of windows. */
export const NO_WINDOWS = JSON.stringify({ version: 1, windows: [] });

/** Where things are, once they run. */
export interface Addresses {
  readonly invokeUrl: string;
  readonly ssmUrl: string;
  readonly dynamoDbUrl: string;
}

/**
 * What to try next: the addresses, and commands that work as they are printed, with nothing but curl.
 *
 * @param eventFile an event for the function
 * @param now epoch milliseconds: the window in the commands begins then, and lasts a day
 */
export function guide(addresses: Addresses, handler: string, eventFile: string, now: number): string {
  const { invokeUrl, ssmUrl, dynamoDbUrl } = addresses;
  const window = `${instant(now)},${instant(now + DAY_MS)}`;
  return `
${handler} runs, and AWS is here:

  export AWS_ENDPOINT_URL_LAMBDA=${invokeUrl}
  export AWS_ENDPOINT_URL_SSM=${ssmUrl}
  export AWS_ENDPOINT_URL_DYNAMODB=${dynamoDbUrl}

Invoke it; what it writes comes up here:

${indent(invokeCommand(invokeUrl, eventFile))}

Begin a maintenance window, and a second later invoke again: the function is not called, its event is stored.

${indent(parameterCommand(ssmUrl, window))}

Look at what was stored:

${indent(tableCommand(dynamoDbUrl))}

End the window, and a second later invoke again: the function is called.

${indent(parameterCommand(ssmUrl, NO_WINDOWS))}

Ctrl-C ends everything.
`;
}

const DAY_MS = 86_400_000;

/** An instant as the window parameter has it, in whole seconds. */
export function instant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** A newline behind the answer, so that the prompt does not stick to it. */
const CURL = "curl -sS -w '\\n'";

function invokeCommand(invokeUrl: string, eventFile: string): string {
  return `${CURL} ${invokeUrl}/2015-03-31/functions/${FUNCTION_NAME}/invocations --data-binary @${quoted(eventFile)}`;
}

function parameterCommand(ssmUrl: string, value: string): string {
  return serviceCommand('ssm', ssmUrl, 'AmazonSSM.PutParameter', { Name: PARAMETER, Value: value, Overwrite: true });
}

function tableCommand(dynamoDbUrl: string): string {
  return serviceCommand('dynamodb', dynamoDbUrl, 'DynamoDB_20120810.Scan', { TableName: TABLE });
}

/** AWS's JSON protocol. The stand-ins believe any signature, but want one, as the services do. */
function serviceCommand(service: string, url: string, target: string, input: object): string {
  return [
    `${CURL} --aws-sigv4 aws:amz:us-east-1:${service} --user local:local ${url}`,
    `  -H 'X-Amz-Target: ${target}' -H 'Content-Type: application/x-amz-json-1.0'`,
    `  --data-binary ${quoted(JSON.stringify(input))}`,
  ].join(' \\\n');
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
