import type { HttpAnswer } from './http-answer.ts';
import {
  failureOf,
  failureOfConnection,
  type ParameterReader,
  type ReadOutcome,
  textsByName,
} from './parameter-reader.ts';
import type { PlainAccess } from './plain-access.ts';
import { createSignedRequests } from './signed-request.ts';

/** AWS JSON 1.1: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
const HEADERS = {
  'Content-Type': 'application/x-amz-json-1.1',
  'X-Amz-Target': 'AmazonSSM.GetParameters',
  'User-Agent': 'maintenance-window',
};

/** Reads parameters without the SDK: the way of every function whose credentials are in its environment. */
export function createSignedReader({ endpoint, credentials }: PlainAccess): ParameterReader {
  const requests = createSignedRequests(endpoint, 'ssm');
  return {
    read(names) {
      const body = JSON.stringify({ Names: names, WithDecryption: true });
      const { written, answer, abandon } = requests.post(credentials, { headers: HEADERS, body });
      const outcome = answer.then((whole) => outcomeOf(names, whole)).catch(failureOfConnection);
      return { written, outcome, abandon };
    },
    disconnect: requests.disconnect,
  };
}

function outcomeOf(names: readonly string[], { status, headers, body }: HttpAnswer): ReadOutcome {
  const json = parseObject(body);
  if (status === 200) {
    return json ? textsByName(names, json) : { kind: 'failed', failure: 'broken', cause: 'the answer is not JSON' };
  }
  const code = String(headers['x-amzn-errortype'] ?? json?.['__type'] ?? '');
  // `com.amazonaws.ssm#ThrottlingException:http://…` is `ThrottlingException`.
  const name = code.replace(/^.*#/, '').replace(/:.*$/, '');
  return failureOf(status, name, String(json?.['message'] ?? json?.['Message'] ?? ''));
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
