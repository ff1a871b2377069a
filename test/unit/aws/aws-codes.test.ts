import { describe, expect, it } from 'vitest';
import { mayPass } from '../../../aws/dynamodb/dynamodb-fault.ts';
import { answerOfRefusal } from '../../../aws/lambda/invoke-answer.ts';
import { connectionFaultOf, factsOf } from '../../../aws/request/aws-codes.ts';
import { failureOf, failureOfConnection } from '../../../aws/windows/parameter-reader.ts';
import { explained } from '../../../operator/access/aws-faults.ts';

// Whoever meets a fault does another thing about it; what it means is one and the same to all of them.

const refusal = (name: string, httpStatusCode = 400) =>
  Object.assign(new Error('words'), { name, $metadata: { httpStatusCode } });
const broken = (code: string) => Object.assign(new Error('words'), { code });

/** What the operator is told, as `MaintenanceWindow.Denied: …`. */
function told(fault: unknown): Promise<string> {
  const asked = { service: 'SSM', action: 'ssm:GetParameters', what: 'the parameter windows' } as const;
  return explained(asked, {}, () => Promise.reject(fault)).then(String, String);
}

/** What a replay makes of an invocation that Lambda refuses so. */
function refusalOf(code: string, status = 400): string {
  const answer = answerOfRefusal(status, code, 'words');
  return answer.kind === 'not-run' ? answer.refusal : answer.kind;
}

describe('throttling', () => {
  it.each([
    'Throttling',
    'ThrottlingException',
    'ThrottledException',
    'RequestThrottled',
    'RequestThrottledException',
    'RequestLimitExceeded',
    'LimitExceededException',
    'BandwidthLimitExceeded',
    'ProvisionedThroughputExceededException',
    'TooManyRequestsException',
    'TooManyUpdates',
    'SlowDown',
    'PriorRequestNotComplete',
    'EC2ThrottledException',
    'TransactionInProgressException',
  ])('is %s to all of them, whatever the status', async (code) => {
    expect(mayPass(refusal(code))).toBe(true);
    expect(failureOf(400, code, 'words').failure).toBe('busy');
    expect(refusalOf(code)).toBe('busy');
    expect(await told(refusal(code))).toContain(`SSM is asked too often (${code})`);
  });
});

describe('a signature that is not accepted', () => {
  it.each([
    ['ExpiredToken', 'the AWS session has expired'],
    ['ExpiredTokenException', 'the AWS session has expired'],
    ['RequestExpired', 'the AWS session has expired'],
    ['UnrecognizedClientException', 'does not know these credentials'],
    ['InvalidClientTokenId', 'does not know these credentials'],
    ['IncompleteSignature', 'does not know these credentials'],
    ['MissingAuthenticationTokenException', 'does not know these credentials'],
    ['AuthFailure', 'does not know these credentials'],
    ['InvalidSignatureException', 'does not accept the signature'],
    ['SignatureDoesNotMatch', 'does not accept the signature'],
    ['RequestTimeTooSkewed', 'does not accept the signature'],
  ])('is %s to all of them, with 400 as with 403', async (code, words) => {
    for (const status of [400, 403]) {
      expect(failureOf(status, code, 'words').failure).toBe('refused');
      expect(refusalOf(code, status)).toBe('credentials');
      expect(await told(refusal(code, status))).toContain(words);
      expect(mayPass(refusal(code, status))).toBe(false);
    }
  });
});

describe('a missing permission', () => {
  it.each(['AccessDenied', 'AccessDeniedException', 'OptInRequired'])('is %s to all of them', async (code) => {
    expect(failureOf(400, code, 'words').failure).toBe('denied');
    expect(refusalOf(code)).toBe('denied');
    expect(await told(refusal(code))).toContain('is not allowed');
  });

  it('is of the action that AWS names, where what was asked for takes several', async () => {
    const message = 'User: arn:aws:iam::111122223333:user/ops is not authorized to perform: kms:Decrypt on resource: *';
    const fault = Object.assign(refusal('AccessDeniedException'), { message });
    expect(await told(fault)).toContain('kms:Decrypt on the parameter windows is not allowed');
  });
});

describe('a connection', () => {
  it.each([
    'ECONNRESET',
    'EAI_AGAIN',
    'EPROTO',
    'HPE_INVALID_CONSTANT',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'TimeoutError',
  ])('that ends with %s may be better the next time', async (code) => {
    expect(connectionFaultOf(code)).toBe('broken');
    expect(mayPass(broken(code))).toBe(true);
    expect(failureOfConnection(broken(code)).failure).toBe('broken');
    expect(await told(broken(code))).toContain(`SSM cannot be reached (${code}: words)`);
  });

  it.each([
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_CRL',
  ])('to whom nobody trusts (%s) will be no better the next time', async (code) => {
    expect(connectionFaultOf(code)).toBe('untrusted');
    expect(mayPass(broken(code))).toBe(false);
    expect(failureOfConnection(broken(code)).failure).toBe('refused');
    expect(await told(broken(code))).toContain(`SSM cannot be reached (${code}: words)`);
  });

  it.each(['ERR_INVALID_CHAR', 'ERR_INVALID_ARG_TYPE', 'Error', 'undefined'])('has nothing to do with %s', (code) => {
    expect(connectionFaultOf(code)).toBeUndefined();
  });
});

it('facts are read of whatever was thrown', () => {
  for (const thrown of [undefined, null, 'words', 7, {}, { code: 7, $metadata: 'none' }]) {
    expect(factsOf(thrown)).toMatchObject({ name: 'undefined', code: '', isSkewed: false });
  }
  expect(factsOf(refusal('Throttling', 429))).toMatchObject({ name: 'Throttling', message: 'words', status: 429 });
});
