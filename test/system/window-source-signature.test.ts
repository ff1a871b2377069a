/** The request that is signed here is the one that the SDK would send, and AWS would believe it. */
import { createHash, createHmac } from 'node:crypto';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSsmWindowSource } from '../../aws/ssm.ts';
import { NO_POLICY } from '../../gate/policy.ts';
import { holds, type MisbehavingSsm, type SeenRequest, startMisbehavingSsm } from '../support/ssm-misbehaving.ts';

const NAMES = ['/équipe/windows', 'maintenance-window'];
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

let ssm: MisbehavingSsm;
beforeEach(async () => {
  ssm = await startMisbehavingSsm(holds({}));
});
afterEach(() => ssm.close());

test.each(['', '/base', '/base/of%20mine/'])('at an endpoint with the path "%s"', async (path) => {
  for (const token of [undefined, 'a/session+token==']) {
    await readSignedHere(ssm.url + path, token);
    await readBySdk(ssm.url + path, token);
  }
  expect(ssm.requests).toHaveLength(4);
  for (const request of ssm.requests) expect(signatureIn(request)).toBe(signatureOf(request));
  const [ours, theirs] = [ssm.requests[2], ssm.requests[3]].map((request) => ({
    method: request?.method,
    path: request?.path,
    body: JSON.parse(request?.body ?? ''),
    ...pick(request?.headers ?? {}, ['host', 'content-type', 'x-amz-target', 'x-amz-security-token']),
  }));
  expect(ours).toEqual(theirs);
});

async function readSignedHere(url: string, token: string | undefined): Promise<void> {
  const source = createSsmWindowSource({
    config: { parameters: NAMES, table: 'unused', ttlSeconds: 60, onError: 'dispatch', policy: NO_POLICY },
    functionName: 'orders',
    environment: {
      AWS_REGION: 'eu-south-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: SECRET,
      AWS_SESSION_TOKEN: token,
      AWS_ENDPOINT_URL_SSM: url,
    },
    clock: { now: Date.now, random: Math.random },
    log: { write: () => undefined },
  });
  await source.start();
}

async function readBySdk(endpoint: string, token: string | undefined): Promise<void> {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET, ...(token && { sessionToken: token }) };
  const client = new SSMClient({ endpoint, region: 'eu-south-1', credentials });
  await client.send(new GetParametersCommand({ Names: NAMES, WithDecryption: true }));
  client.destroy();
}

function pick(headers: SeenRequest['headers'], names: readonly string[]): SeenRequest['headers'] {
  return Object.fromEntries(names.map((name) => [name, headers[name]]));
}

function signatureIn({ headers }: SeenRequest): string | undefined {
  return /Signature=([0-9a-f]{64})$/.exec(headers.authorization ?? '')?.[1];
}

/**
 * The signature that AWS computes from what arrived.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
function signatureOf({ method, path, headers, body }: SeenRequest): string {
  const [, scope = '', names = ''] =
    /Credential=[^/]+\/(\S+), SignedHeaders=(\S+),/.exec(headers.authorization ?? '') ?? [];
  const [date = '', region = '', service = ''] = scope.split('/');
  const encodedPath = path.split('/').map(encodeURIComponent).join('/');
  const canonicalHeaders = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, encodedPath, '', canonicalHeaders.join(''), names, sha256(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${SECRET}`);
  return hmac(key, text).toString('hex');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
