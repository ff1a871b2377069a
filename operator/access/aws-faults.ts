import { type FaultCode, MaintenanceWindowError } from '../../core/errors.ts';
import type { Waiting } from '../../core/replay/waits.ts';
import type { Access } from './access.ts';

/** What was asked of AWS, for the message that says why it came to nothing. */
export interface AskedOf {
  readonly service: 'SSM' | 'DynamoDB' | 'Lambda';
  /** The action that IAM has to allow: `ssm:GetParameters`. */
  readonly action: string;
  /** What it was asked about, in words: `the parameter maintenance-window`. */
  readonly what: string;
  /** What to do where that does not exist. */
  readonly remedy?: string;
  /** Why there is no answer yet, for somebody who waits. Absent: that there is none. */
  readonly waiting?: () => Waiting;
}

/** Calls AWS; its faults come out as {@link faultOf} has them. */
export type Asking = <Value>(asked: AskedOf, call: () => Promise<Value>) => Promise<Value>;

/** Enough of AWS's own words to find the reason by. */
const QUOTED_CHARACTERS = 300;

const NO_CREDENTIALS = ['CredentialsProviderError', 'TokenProviderError', 'ProviderError'];
/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html and its neighbours: services do not agree on a name. */
const EXPIRED = ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired'];
const NOT_KNOWN = [
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'MissingAuthenticationTokenException',
];
const BAD_SIGNATURE = ['InvalidSignatureException', 'SignatureDoesNotMatch', 'RequestTimeTooSkewed'];
const DENIED = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'NotAuthorized', 'OptInRequired'];
const ABSENT = ['ParameterNotFound', 'ParameterVersionNotFound', 'ResourceNotFoundException'];
const TOO_MUCH = [
  'ThrottlingException',
  'Throttling',
  'TooManyRequestsException',
  'TooManyUpdates',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
];

/**
 * Calls AWS; its faults come out as one line each that says what to do next.
 *
 * @throws MaintenanceWindowError with the code of {@link faultOf}; what is no fault of AWS's, as it is
 */
export async function explained<Value>(asked: AskedOf, access: Access, call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    throw faultOf(error, asked, access) ?? error;
  }
}

/** What a fault of the SDK's means, and what to do about it; undefined for a fault that is not AWS's. */
function faultOf(error: unknown, asked: AskedOf, { profile }: Access): MaintenanceWindowError | undefined {
  const { name, code, status, message } = factsOf(error);
  const { service, action, what, remedy } = asked;
  const login = profile ? `aws sso login --profile ${profile}` : 'aws sso login';
  const is = (...lists: string[][]) => lists.some((names) => names.includes(name));
  const fault = (faultCode: FaultCode, text: string) => new MaintenanceWindowError(faultCode, text, { cause: error });

  if (error instanceof MaintenanceWindowError) return error;
  if (/^Region (?:is missing|not accepted)/.test(message)) {
    const inProfile = profile ? `, or see that AWS’s configuration has the profile ${profile}, with a region` : '';
    return fault(
      'MaintenanceWindow.Config',
      `no region is set, or one that is none: say --region eu-south-1, or set AWS_REGION${inProfile}`,
    );
  }
  if (code === 'ERR_INVALID_URL') {
    return fault(
      'MaintenanceWindow.Config',
      `the endpoint that ${profile ? `the profile ${profile}` : 'AWS’s configuration'} has for ${service} is no URL: write one such as http://localhost:4566 (endpoint_url), or say --endpoint-url`,
    );
  }
  if (is(NO_CREDENTIALS)) {
    if (/expired|SSO session/i.test(message)) {
      return fault(
        'MaintenanceWindow.Denied',
        `the AWS session has expired: log in again (${login}), then run this again`,
      );
    }
    const remedy = profile
      ? `see that AWS’s configuration has the profile ${profile}, and what it needs; log in (${login}), or say another --profile`
      : `say --profile NAME, or log in (${login}), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`;
    return fault('MaintenanceWindow.Denied', `no AWS credentials (${message}): ${remedy}`);
  }
  if (is(EXPIRED)) {
    return fault(
      'MaintenanceWindow.Denied',
      `the AWS session has expired: log in again (${login}), then run this again`,
    );
  }
  if (is(NOT_KNOWN)) {
    return fault(
      'MaintenanceWindow.Denied',
      `${service} does not know these credentials (${name}): say the right --profile, and see that they are active and of this partition`,
    );
  }
  if (is(BAD_SIGNATURE)) {
    return fault(
      'MaintenanceWindow.Denied',
      `${service} does not accept the signature (${message}): see that the secret key is whole, and that this machine’s clock is right`,
    );
  }
  if (is(DENIED) || status === 401 || status === 403) {
    return fault(
      'MaintenanceWindow.Denied',
      `${action} on ${what} is not allowed (${message}): ask for that permission (grantOperate of the construct gives it), or say another --profile`,
    );
  }
  if (is(ABSENT)) {
    return fault(
      'MaintenanceWindow.NotFound',
      `${what} does not exist in this account and region: ${remedy ?? 'say the right --profile and --region'}`,
    );
  }
  if (is(TOO_MUCH) || status === 429) {
    return fault(
      'MaintenanceWindow.Conflict',
      `${service} is asked too often (${name}): wait a little, then run this again`,
    );
  }
  if (isConnectionFault(code) || /no answer/.test(message)) {
    return fault(
      'MaintenanceWindow.Unreachable',
      `${service} cannot be reached (${code}${message && message !== code ? `: ${message}` : ''}): see to the network, --region and --endpoint-url`,
    );
  }
  if (status === undefined) return undefined;
  if (status >= 500 || status < 400) {
    return fault(
      'MaintenanceWindow.Unreachable',
      `${service} is in trouble (${status} ${name}: ${message}): see AWS’s health dashboard, then run this again`,
    );
  }
  return fault('MaintenanceWindow.Refused', `${service} refused ${action} on ${what} (${name}: ${message})`);
}

/** Codes of the system (`ECONNREFUSED`, `ENOTFOUND`), of TLS, of broken HTTP (`HPE_…`) and of time-outs. */
function isConnectionFault(code: string): boolean {
  return /^(?:E(?!RR_)[A-Z_]+|HPE_\w+|TimeoutError|ERR_(?:TLS|SSL)_\w+|.*_CERT_.*|CERT_\w+|UNABLE_TO_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+)$/.test(
    code,
  );
}

function factsOf(error: unknown) {
  const { name, code, message, $metadata } = (error ?? {}) as {
    readonly name?: unknown;
    readonly code?: unknown;
    readonly message?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  const named = String(name);
  return {
    name: named,
    code: typeof code === 'string' ? code : named,
    message: String(message ?? error)
      .replace(/\s+/g, ' ')
      .replace(/^@smithy\/[\w-]+ - \[\w+\] /, '')
      .trim()
      .slice(0, QUOTED_CHARACTERS),
    status: $metadata?.httpStatusCode,
  };
}
