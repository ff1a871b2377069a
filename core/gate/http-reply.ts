import type { HttpPolicy } from '../sources/http-policy.ts';
import type { HttpRequest } from '../sources/shapes/http-event.ts';

/** An HTTP answer in the form that API Gateway, function URLs, ALB and VPC Lattice read. */
export interface HttpResponse {
  readonly statusCode: number;
  /** For ALB only, which needs it. */
  readonly statusDescription?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Replaces `headers` for an ALB target group with multi-value headers, which drops `headers`. */
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** Separator of a streamed HTTP reply, between its prelude (JSON) and its body. Source: Lambda developer guide, "Response streaming". */
export const PRELUDE_END = '\0\0\0\0\0\0\0\0';

/** Content of a reply, before it takes the form that the sender reads. */
export interface HttpContent {
  readonly status: number;
  /** A JSON value, or a policy's own text; an empty one has no type. */
  readonly body: string | object;
  readonly retryAfterSeconds?: number;
  /** A policy's own. */
  readonly headers?: HttpPolicy['headers'] | undefined;
}

/** https://datatracker.ietf.org/doc/html/rfc9110#section-15, those that a policy is likely to name. */
const REASON_PHRASES: Readonly<Record<number, string>> = {
  200: 'OK',
  202: 'Accepted',
  204: 'No Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** Puts an answer into the form that the sender of this request reads. */
export function httpResponse(request: HttpRequest | undefined, content: HttpContent): HttpResponse {
  const { status, body } = content;
  const headers = headersOf(content);
  return {
    statusCode: status,
    ...(request?.sender === 'alb' && {
      statusDescription: `${status} ${REASON_PHRASES[status] ?? 'Under Maintenance'}`,
    }),
    ...(request?.multiValueHeaders ? { multiValueHeaders: inLists(headers) } : { headers }),
    body: typeof body === 'string' ? body : JSON.stringify(body),
    isBase64Encoded: false,
  };
}

function headersOf({ body, retryAfterSeconds, headers = {} }: HttpContent): Record<string, string> {
  const ours = {
    ...(body !== '' && { 'Content-Type': 'application/json' }),
    'Cache-Control': 'no-store',
    ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
  };
  const replaced = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const kept = Object.entries(ours).filter(([name]) => !replaced.has(name.toLowerCase()));
  return { ...Object.fromEntries(kept), ...headers };
}

function inLists(headers: Readonly<Record<string, string>>): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
}
