import {
  connectionFaultOf,
  factsOf,
  isAbsent,
  isDenied,
  isThrottled,
  isWithoutCredentials,
  signatureFaultOf,
} from '../../aws/request/aws-codes.ts';
import { type FaultCode, MaintenanceWindowError } from '../../core/errors.ts';
import type { Waiting } from '../../core/replay/progress/waits.ts';
import type { Access } from './access.ts';
import { OperatorFault, type Remedy } from './remedy.ts';

/** Request to AWS, for the message that says why it failed. */
export interface AskedOf {
  readonly service: 'SSM' | 'DynamoDB' | 'Lambda' | 'CloudWatch' | 'Step Functions';
  /** The action that IAM has to allow: `ssm:GetParameters`. */
  readonly action: string;
  /** Subject of the request, in words: `the parameter maintenance-window`. */
  readonly what: string;
  /** Remedy if the subject does not exist. */
  readonly remedy?: Remedy;
  /** Why there is no answer yet, for somebody who waits. Absent: that there is none. */
  readonly waiting?: () => Waiting;
}

/** Calls AWS; its faults come out as {@link faultOf} has them. */
export type Asking = <Value>(asked: AskedOf, call: () => Promise<Value>) => Promise<Value>;

/** Enough of AWS's own words to find the reason by. */
const QUOTED_CHARACTERS = 300;

const SESSION_EXPIRED = 'the AWS session has expired';

/**
 * Calls AWS; its faults come out as one line each, with what can be done about it where that is known.
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

/** Explanation of the SDK's fault, with its remedy; undefined for a fault that is not AWS's. */
function faultOf(error: unknown, asked: AskedOf, { profile }: Access): MaintenanceWindowError | undefined {
  const { name, status, ...told } = factsOf(error);
  const code = told.code || name;
  const message = quoted(told.message);
  const signature = signatureFaultOf(name);
  const { service, action, what, remedy } = asked;
  const inUse = { ...(profile && { profile }) };
  const fault = (faultCode: FaultCode, text: string, way?: Remedy) =>
    way
      ? new OperatorFault(faultCode, text, way, { cause: error })
      : new MaintenanceWindowError(faultCode, text, { cause: error });

  if (error instanceof MaintenanceWindowError) return error;
  if (/^Region (?:is missing|not accepted)/.test(message)) {
    return fault('MaintenanceWindow.Config', 'no region is set, or one that is none', { kind: 'region', ...inUse });
  }
  if (code === 'ERR_INVALID_URL') {
    return fault(
      'MaintenanceWindow.Config',
      `the endpoint that ${profile ? `the profile ${profile}` : 'AWS’s configuration'} has for ${service} is no URL`,
      { kind: 'endpoint' },
    );
  }
  if (isWithoutCredentials(name)) {
    if (/expired|SSO session/i.test(message)) {
      return fault('MaintenanceWindow.Denied', SESSION_EXPIRED, { kind: 'log-in', ...inUse });
    }
    return fault('MaintenanceWindow.Denied', `no AWS credentials (${message})`, { kind: 'credentials', ...inUse });
  }
  if (signature === 'expired') {
    return fault('MaintenanceWindow.Denied', SESSION_EXPIRED, { kind: 'log-in', ...inUse });
  }
  if (signature === 'unknown') {
    return fault('MaintenanceWindow.Denied', `${service} does not know these credentials (${name})`, {
      kind: 'other-credentials',
    });
  }
  if (signature === 'mismatch') {
    return fault(
      'MaintenanceWindow.Denied',
      `${service} does not accept the signature (${message}): see that the secret key is whole, and that this machine’s clock is right`,
    );
  }
  if (isDenied(name, status)) {
    const denied = deniedIn(told.message) ?? action;
    return fault('MaintenanceWindow.Denied', `${denied} on ${what} is not allowed (${message})`, {
      kind: 'permission',
      action: denied,
    });
  }
  if (isAbsent(name)) {
    return fault(
      'MaintenanceWindow.NotFound',
      `${what} does not exist in this account and region`,
      remedy ?? { kind: 'account-and-region' },
    );
  }
  if (isThrottled(name, status)) {
    return fault(
      'MaintenanceWindow.Conflict',
      `${service} is asked too often (${name}): wait a little, then run this again`,
    );
  }
  if (connectionFaultOf(code) || /no answer/.test(message)) {
    return fault(
      'MaintenanceWindow.Unreachable',
      `${service} cannot be reached (${code}${message && message !== code ? `: ${message}` : ''})`,
      { kind: 'network' },
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

/**
 * The action that AWS itself names: what is asked for in one word may take several requests, and a key. Source: IAM user guide, "Access
 * denied error message examples".
 */
function deniedIn(message: string): string | undefined {
  return /not authorized to perform: ([\w-]+:\w+)/.exec(message)?.[1];
}

/** AWS's own words on one line, without the SDK's prefix. */
function quoted(message: string): string {
  return message
    .replace(/\s+/g, ' ')
    .replace(/^@smithy\/[\w-]+ - \[\w+\] /, '')
    .trim()
    .slice(0, QUOTED_CHARACTERS);
}
