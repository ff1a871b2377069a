import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { serve } from './serve.ts';
import { createParameters, type SsmAnswer, type SsmRequest } from './ssm-parameters.ts';

/** SSM on loopback. */
export interface LocalSsm {
  /** What `AWS_ENDPOINT_URL_SSM` is to be. */
  readonly url: string;
  /** Ends it and every connection to it. What it held is gone. */
  close(): Promise<void>;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
const SIGNED =
  /^AWS4-HMAC-SHA256 Credential=(?<user>[^/]+)\/\d{8}\/(?<region>[^/]+)\/ssm\/aws4_request, ?SignedHeaders=[^,]*host[^,]*, ?Signature=[0-9a-f]{64}$/;
const TARGET = /^AmazonSSM\.(\w+)$/;

/**
 * Starts a stand-in for SSM's Parameter Store on the loopback interface: the service's wire form (AWS JSON 1.1), its
 * rules, its errors. Nothing is kept on disk. A request must be signed; any signature is believed.
 *
 * @param port 0 for a free one
 * @param now the service's clock, by which it dates what is put
 */
export async function startSsm({ port = 0, now = Date.now } = {}): Promise<LocalSsm> {
  const answerTo = createParameters(now);
  const server = createServer((request, response) => {
    text(request).then(
      (body) => send(response, answerFor(request, body)),
      () => response.destroy(),
    );
  });
  return serve(server, port);

  function answerFor({ headers }: IncomingMessage, body: string): SsmAnswer {
    const { user, region } = SIGNED.exec(headers.authorization ?? '')?.groups ?? {};
    if (!user || !region) return fault('MissingAuthenticationTokenException', 'Missing Authentication Token');
    const operation = TARGET.exec(String(headers['x-amz-target']))?.[1];
    if (!operation) return fault('UnknownOperationException');
    const input = parseInput(body);
    if (!input) return fault('SerializationException');
    return answerTo({ operation, input, region, user });
  }
}

function parseInput(body: string): SsmRequest['input'] | undefined {
  try {
    const input: unknown = JSON.parse(body);
    return typeof input === 'object' && input !== null ? (input as SsmRequest['input']) : undefined;
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, answer: SsmAnswer): void {
  response.setHeader('Content-Type', 'application/x-amz-json-1.1');
  response.setHeader('x-amzn-RequestId', randomUUID());
  if (answer.kind === 'answer') {
    response.end(JSON.stringify(answer.output));
    return;
  }
  response.statusCode = 400;
  response.setHeader('x-amzn-ErrorType', answer.code);
  response.end(JSON.stringify({ __type: answer.code, ...(answer.message && { message: answer.message }) }));
}

function fault(code: string, message = ''): SsmAnswer {
  return { kind: 'error', code, message };
}
