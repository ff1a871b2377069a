import {
  anyObject,
  anyText,
  arn,
  at,
  boolean,
  either,
  isObject,
  nothing,
  number,
  object,
  oneOf,
  optional,
  type Shape,
  startingWith,
  text,
  textAt,
} from './shape.ts';

/** An HTTP request as the gate needs it: what a policy's patterns see, and how the answer must be put. */
export interface HttpRequest {
  /** In capitals. */
  readonly method: string;
  /** Without the stage and the query string, as it came otherwise. */
  readonly path: string;
  /** Whose answer it is. ALB wants a `statusDescription`. */
  readonly shape: 'alb' | 'api-gateway' | 'lattice';
  /** Whether header values are lists: an ALB target group with multi-value headers. */
  readonly multiValueHeaders: boolean;
}

const headers: Shape = either(anyObject, nothing);

/** An ALB's request. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html */
export const albRequest: Shape = object({
  requestContext: object({ elb: object({ targetGroupArn: arn }) }),
  httpMethod: text,
  path: text,
  headers,
  multiValueHeaders: headers,
});

/** An ALB's health check of its target. Its user agent is the only thing that tells it from a request. */
export const albHealthCheck: Shape = (event) =>
  albRequest(event) && textAt(event, 'httpMethod') === 'GET' && userAgentOf(event).startsWith('ELB-HealthChecker/');

/** API Gateway's payload format 2.0: HTTP APIs and function URLs. */
export const apiGatewayV2Request: Shape = object({
  version: oneOf('2.0'),
  routeKey: text,
  rawPath: startingWith('/'),
  requestContext: object({ http: object({ method: text, path: text }), requestId: text }),
  isBase64Encoded: boolean,
});

/** API Gateway's payload format 1.0: REST APIs, and HTTP APIs that ask for it. */
export const apiGatewayV1Request: Shape = object({
  resource: text,
  path: startingWith('/'),
  httpMethod: text,
  headers,
  requestContext: object({ apiId: text, stage: text, httpMethod: text, resourcePath: text, requestId: text }),
  isBase64Encoded: optional(boolean),
});

/** VPC Lattice, event structure 2.0. https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html */
export const latticeV2Request: Shape = object({
  version: oneOf('2.0'),
  path: startingWith('/'),
  method: text,
  headers,
  requestContext: object({ serviceNetworkArn: arn, serviceArn: arn, targetGroupArn: arn }),
});

/** VPC Lattice, event structure 1.0. */
export const latticeV1Request: Shape = object({
  raw_path: startingWith('/'),
  method: text,
  headers: anyObject,
  body: either(anyText, nothing),
  is_base64_encoded: boolean,
});

/** API Gateway's WebSocket APIs: a connection that begins, says something, or ends. */
export const webSocketRequest: Shape = object({
  requestContext: object({
    connectionId: text,
    eventType: oneOf('CONNECT', 'MESSAGE', 'DISCONNECT'),
    routeKey: text,
    apiId: text,
    connectedAt: either(number, text),
  }),
});

/** Reads an event of one of the shapes above, but for the WebSocket one. */
export function httpRequestOf(event: unknown): HttpRequest {
  if (albRequest(event)) {
    const multiValueHeaders = isObject(at(event, 'multiValueHeaders'));
    return { ...lineOf(textAt(event, 'httpMethod'), textAt(event, 'path')), shape: 'alb', multiValueHeaders };
  }
  return { ...apiLineOf(event), multiValueHeaders: false };
}

function apiLineOf(event: unknown): Pick<HttpRequest, 'method' | 'path' | 'shape'> {
  if (apiGatewayV2Request(event)) {
    const path = withoutStage(textAt(event, 'rawPath'), textAt(event, 'requestContext', 'stage'));
    return { ...lineOf(textAt(event, 'requestContext', 'http', 'method'), path), shape: 'api-gateway' };
  }
  if (apiGatewayV1Request(event)) {
    return { ...lineOf(textAt(event, 'httpMethod'), textAt(event, 'path')), shape: 'api-gateway' };
  }
  const path = textAt(event, 'path') || textAt(event, 'raw_path');
  return { ...lineOf(textAt(event, 'method'), path), shape: 'lattice' };
}

function lineOf(method: string, path: string): Pick<HttpRequest, 'method' | 'path'> {
  const query = path.indexOf('?');
  return { method: method.toUpperCase(), path: query === -1 ? path : path.slice(0, query) };
}

/** `rawPath` begins with the stage unless that is `$default`; the path of the payload format 1.0 never does. */
function withoutStage(path: string, stage: string): string {
  return stage !== '' && `${path}/`.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) || '/' : path;
}

function userAgentOf(event: unknown): string {
  for (const [name, value] of headersOf(event)) {
    if (name.toLowerCase() === 'user-agent') return String(Array.isArray(value) ? value[0] : value);
  }
  return '';
}

function headersOf(event: unknown): readonly (readonly [string, unknown])[] {
  const found = at(event, 'headers') ?? at(event, 'multiValueHeaders');
  return isObject(found) ? Object.entries(found) : [];
}
