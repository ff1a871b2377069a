import { createHttpConnections } from '../aws/request/http-connection.ts';
import type { UpstreamClient } from './upstream.ts';

/** The part of the Runtime API by which an invocation is answered. Texts are what goes over the wire. */
export interface RuntimeApi {
  respond(id: string, body: string): void;
  /** @param xrayCause goes to X-Ray */
  fail(id: string, body: string, xrayCause: string): void;
  /** Responds in chunks. Resolves once Lambda has the last one. */
  stream(id: string, contentType: string, chunks: readonly string[]): Promise<void>;
}

/**
 * Answers as upstream's client does, through its compiled part, and by the same requests; but with nothing in between
 * that a handler could have changed.
 */
export function createRuntimeApi({ nativeClient, hostname, port }: UpstreamClient): RuntimeApi {
  const { done, error } = nativeClient;
  const connections = createHttpConnections({ protocol: 'http:', hostname, port, path: '/', region: '' });
  return {
    respond: (id, body) => Reflect.apply(done, nativeClient, [encodeURIComponent(id), body]),
    fail: (id, body, xrayCause) => Reflect.apply(error, nativeClient, [encodeURIComponent(id), body, xrayCause]),
    async stream(id, contentType, chunks) {
      const head = [
        `POST /2018-06-01/runtime/invocation/${encodeURIComponent(id)}/response HTTP/1.1`,
        'Lambda-Runtime-Function-Response-Mode: streaming',
        'Trailer: Lambda-Runtime-Function-Error-Type',
        'Trailer: Lambda-Runtime-Function-Error-Body',
        `Content-Type: ${contentType}`,
        'Transfer-Encoding: chunked',
        `Host: ${hostname}:${port}`,
        'Connection: keep-alive',
      ];
      const body = [...chunks, ''].map((chunk) => `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`);
      await connections.send(`${head.join('\r\n')}\r\n\r\n${body.join('')}`).answer;
    },
  };
}
