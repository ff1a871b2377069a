import { connectionFaultOf } from '../aws/request/aws-codes.ts';
import type { HttpAnswer } from '../aws/request/http-answer.ts';
import { createHttpConnections } from '../aws/request/http-connection.ts';
import type { RuntimeApi } from './answer.ts';

/** How Lambda refuses an answer to an invocation that it waits for no more: one that has an answer, or is over. */
const NOT_WAITED_FOR: readonly number[] = [400, 403];

/** Answers over HTTP, on connections of its own. Rejects where Lambda does not take an answer. */
export function createHttpRuntimeApi(hostname: string, port: number): RuntimeApi {
  const connections = createHttpConnections({ protocol: 'http:', hostname, port, path: '/', region: '' });
  return {
    respond: (id, body) => post(id, 'response', ['Content-Type: application/json', lengthOf(body)], body),
    fail: (id, body, xrayCause) =>
      post(
        id,
        'error',
        ['Content-Type: application/json', `Lambda-Runtime-Function-XRay-Error-Cause: ${xrayCause}`, lengthOf(body)],
        body,
      ),
    stream(id, contentType, chunks) {
      const head = [
        'Lambda-Runtime-Function-Response-Mode: streaming',
        'Trailer: Lambda-Runtime-Function-Error-Type',
        'Trailer: Lambda-Runtime-Function-Error-Body',
        `Content-Type: ${contentType}`,
        'Transfer-Encoding: chunked',
      ];
      const body = [...chunks, ''].map((chunk) => `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`);
      return post(id, 'response', head, body.join(''));
    },
  };

  async function post(id: string, call: 'response' | 'error', head: readonly string[], body: string): Promise<void> {
    const lines = [
      `POST /2018-06-01/runtime/invocation/${encodeURIComponent(id)}/${call} HTTP/1.1`,
      ...head,
      `Host: ${hostname}:${port}`,
      'Connection: keep-alive',
    ];
    const request = `${lines.join('\r\n')}\r\n\r\n${body}`;
    const first = connections.send(request);
    const answer = await first.answer.catch(unlessBroken);
    const { status, body: said } = answer ?? (await sentAgain(request));
    // Lambda takes one answer for each invocation. Where it refuses the second try for that, it has had the first, and its
    // confirmation was lost on the way.
    if (!answer && first.mayHaveArrived() && NOT_WAITED_FOR.includes(status)) return;
    if (status >= 400) throw new Error(`Lambda does not take it (${status} ${said.slice(0, 200)})`);
  }

  function sentAgain(request: string): Promise<HttpAnswer> {
    connections.disconnect();
    return connections.send(request).answer;
  }
}

/** A connection that broke: a kept one was dead, or its peer has had the request and could not say so. */
function unlessBroken(error: unknown): undefined {
  if (connectionFaultOf(String((error as { readonly code?: unknown }).code)) !== 'broken') throw error;
}

function lengthOf(body: string): string {
  return `Content-Length: ${Buffer.byteLength(body)}`;
}
