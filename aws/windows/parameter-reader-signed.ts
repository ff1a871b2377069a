import { isOfSignature } from '../request/aws-codes.ts';
import type { Endpoint } from '../request/endpoint.ts';
import { parseObject, refusalIn } from '../request/refusal.ts';
import { type Credentials, createSignedRequests, type SignedAnswer, type Signing } from '../request/signed-request.ts';
import {
  failureOf,
  failureOfConnection,
  lateCall,
  type ParameterCall,
  type ParameterReader,
  type ReadOutcome,
  textsByName,
} from './parameter-reader.ts';

/** AWS JSON 1.1: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
const HEADERS = {
  'Content-Type': 'application/x-amz-json-1.1',
  'X-Amz-Target': 'AmazonSSM.GetParameters',
};

/** Reads parameters without the SDK: the way of every function whose credentials are in its environment. */
export function createSignedReader(endpoint: Endpoint, signing: Signing): ParameterReader {
  const requests = createSignedRequests(endpoint, 'ssm');
  return {
    read(names) {
      const credentials = signing.credentials();
      return credentials instanceof Promise
        ? lateCall(
            credentials.then((known) => call(names, known)),
            failureOfConnection,
          )
        : call(names, credentials);
    },
    disconnect: requests.disconnect,
  };

  function call(names: readonly string[], credentials: Credentials): ParameterCall {
    const body = JSON.stringify({ Names: names, WithDecryption: true });
    const { written, answer, abandon } = requests.post(credentials, { headers: HEADERS, body }, signing.now?.());
    const outcome = answer.then((whole) => outcomeOf(names, whole)).catch(failureOfConnection);
    return { written, outcome, abandon };
  }
}

function outcomeOf(names: readonly string[], answer: SignedAnswer): ReadOutcome {
  if (answer.status === 200) {
    const json = parseObject(answer.body);
    return json ? textsByName(names, json) : { kind: 'failed', failure: 'broken', cause: 'the answer is not JSON' };
  }
  const { code, message } = refusalIn(answer);
  const failure = failureOf(answer.status, code, message);
  return answer.wasSkewed && isOfSignature(code) ? { ...failure, failure: 'busy' } : failure;
}
