/**
 * Meaning of AWS's faults, for every service and client. Services name the same fault differently (`ExpiredToken`,
 * `ExpiredTokenException`), so codes are recognised by their beginning.
 */

/** Facts of a fault, the SDK's or one that is made here. */
export interface FaultFacts {
  /** The service's code: `ThrottlingException`. */
  readonly name: string;
  /** The system's: `ECONNRESET`. Empty where there is none. */
  readonly code: string;
  readonly message: string;
  /** HTTP's; absent where there was no answer. */
  readonly status?: number | undefined;
  /** The SDK's own mark: it has set its clock right, so that the next attempt is signed well. */
  readonly isSkewed: boolean;
}

/** Reads whatever was thrown. Never throws. */
export function factsOf(fault: unknown): FaultFacts {
  const { name, code, message, $metadata } = (fault ?? {}) as {
    readonly name?: unknown;
    readonly code?: unknown;
    readonly message?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
  };
  return {
    name: String(name),
    code: typeof code === 'string' ? code : '',
    message: String(message ?? fault),
    status: $metadata?.httpStatusCode,
    isSkewed: $metadata?.clockSkewCorrected === true,
  };
}

/** Source: @smithy/core 3 (SDK 3.1162), `THROTTLING_ERROR_CODES`; `TooManyUpdates` is SSM's own. */
const THROTTLED =
  /^(?:Throttl|RequestThrottled|EC2Throttled|(?:Request|Bandwidth)?LimitExceeded|ProvisionedThroughputExceeded|TooManyRequests|TooManyUpdates|SlowDown|PriorRequestNotComplete|TransactionInProgress)/;

/** Whether a service asks for patience. Nothing was done. */
export function isThrottled(code: string, status?: number): boolean {
  return status === 429 || THROTTLED.test(code);
}

/** Why a signature is not accepted: its keys or its time are over, its keys are not known, or it does not suit the request. */
export type SignatureFault = 'expired' | 'unknown' | 'mismatch';

/** Source: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html and its neighbours. */
const EXPIRED = /^(?:ExpiredToken|RequestExpired)/;
const UNKNOWN =
  /^(?:UnrecognizedClient|InvalidClientTokenId|IncompleteSignature|MissingAuthenticationToken|AuthFailure)/;
const MISMATCH = /^(?:InvalidSignature|SignatureDoesNotMatch|RequestTimeTooSkewed)/;

/** What is wrong with the signature; undefined for a refusal that is not about it. */
export function signatureFaultOf(code: string): SignatureFault | undefined {
  if (EXPIRED.test(code)) return 'expired';
  if (UNKNOWN.test(code)) return 'unknown';
  return MISMATCH.test(code) ? 'mismatch' : undefined;
}

/** Whether the keys, their signature or its time are not accepted. Nothing was done. */
export function isOfSignature(code: string): boolean {
  return signatureFaultOf(code) !== undefined;
}

const DENIED = /^(?:AccessDenied|UnauthorizedOperation|NotAuthorized|OptInRequired)/;

/**
 * Whether a permission is missing. With 403 some services refuse a signature, too: look at {@link isOfSignature} first.
 *
 * @param status absent where the code alone is to tell
 */
export function isDenied(code: string, status?: number): boolean {
  return DENIED.test(code) || status === 401 || status === 403;
}

/** Whether the table, parameter, version or function of the request does not exist. */
export function isAbsent(code: string): boolean {
  return /^(?:ResourceNotFound|ParameterNotFound|ParameterVersionNotFound)/.test(code);
}

/** Whether the SDK found no credentials to sign with: `CredentialsProviderError`, `TokenProviderError`. */
export function isWithoutCredentials(name: string): boolean {
  return name.endsWith('ProviderError');
}

/**
 * What Node says of a connection. `broken`: the next attempt may get through. `untrusted`: the peer's certificate is not
 * accepted, as it will not be the next time.
 */
export type ConnectionFault = 'broken' | 'untrusted';

/** Codes of X.509: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const UNTRUSTED = /^(?:ERR_TLS_|UNABLE_TO_)|CERT/;
/** Codes of the system (`ECONNRESET`, `ENOTFOUND`), of broken HTTP and of broken TLS; not Node's other `ERR_…`. */
const BROKEN = /^(?:TimeoutError|E(?!RR_)[A-Z_]+|HPE_\w+|ERR_SSL_\w+)$/;

/** @param code the system's, or the fault's name where it has none */
export function connectionFaultOf(code: string): ConnectionFault | undefined {
  if (UNTRUSTED.test(code)) return 'untrusted';
  return BROKEN.test(code) ? 'broken' : undefined;
}

/** Whether Node does not send a request as it is: a header, or a URL, that cannot be. */
export function isUnsendable(code: string): boolean {
  return code.startsWith('ERR_INVALID');
}
