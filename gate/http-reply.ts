import type { HttpRequest } from './http-event.ts';

/** An HTTP answer in the form that API Gateway, function URLs, ALB and VPC Lattice read. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly statusDescription?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

interface Content {
  readonly retryAfterSeconds?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const REASON_PHRASES: Readonly<Record<number, string>> = {
  200: 'OK',
  202: 'Accepted',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** Puts an answer into the shape that this request's sender reads. */
export function httpResponse(request: HttpRequest | undefined, statusCode: number, content: Content): HttpResponse {
  const headers = {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    ...(content.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(content.retryAfterSeconds) }),
    ...content.headers,
  };
  return {
    statusCode,
    ...(request?.shape === 'alb'
      ? { statusDescription: `${statusCode} ${REASON_PHRASES[statusCode] ?? 'Status'}` }
      : {}),
    ...(request?.multiValueHeaders ? { multiValueHeaders: inLists(headers) } : { headers }),
    body: content.body ?? JSON.stringify({ message: 'under maintenance' }),
    isBase64Encoded: false,
  };
}

function inLists(headers: Readonly<Record<string, string>>): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
}
