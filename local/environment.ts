import { CLIENT_SETTINGS } from './aws/stand-ins.ts';
import { type Addresses, PARAMETER, TABLE } from './guide.ts';

/** Variables of the user's environment that would change the emulator or the SDK, and not the function. */
const NOT_PASSED_ON = [
  // the emulator becomes another program, which ignores its command line
  'AWS_LAMBDA_MAX_CONCURRENCY',
  // wins over _HANDLER
  'AWS_LAMBDA_FUNCTION_HANDLER',
  // real credentials have no business here
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
] as const;

export interface FunctionSettings {
  readonly handler: string;
  readonly taskRoot: string;
  readonly functionName: string;
  /** After that long the emulator gives up on an invocation, INIT included. */
  readonly timeoutSeconds: number;
  /** Whatever else the function is to find: endpoints, the gate's own settings. */
  readonly more: Readonly<Record<string, string>>;
}

/**
 * The environment of a function under the emulator: the runner's own, so that a function finds its settings, with what
 * Lambda sets and the emulator does not. Credentials are never the real ones. The region is that of the emulator's ARN.
 */
export function functionEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  { handler, taskRoot, functionName, timeoutSeconds, more }: FunctionSettings,
): Record<string, string | undefined> {
  return {
    ...own,
    ...Object.fromEntries(NOT_PASSED_ON.map((name) => [name, undefined])),
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: taskRoot,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_TIMEOUT: String(timeoutSeconds),
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    ...more,
  };
}

/** What a program finds its way to the stand-ins by, and to the parameter and the table there: the tool, monitor and drain. */
export function clientEnvironment({ invokeUrl, ssmUrl, dynamoDbUrl }: Addresses): Record<string, string> {
  return {
    AWS_REGION: CLIENT_SETTINGS.region,
    AWS_ACCESS_KEY_ID: CLIENT_SETTINGS.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CLIENT_SETTINGS.credentials.secretAccessKey,
    AWS_ENDPOINT_URL_LAMBDA: invokeUrl,
    AWS_ENDPOINT_URL_SSM: ssmUrl,
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDbUrl,
    MAINTENANCE_WINDOW_PARAMETER: PARAMETER,
    MAINTENANCE_WINDOW_TABLE: TABLE,
  };
}
