import {
  allOf,
  anyObject,
  anyOf,
  arn,
  arnOf,
  at,
  boolean,
  isObject,
  number,
  object,
  oneOf,
  optional,
  type Shape,
  startingWith,
  text,
  textAt,
} from '../../text/shape.ts';
import { comparablePath, pathOfRoute, withoutStage } from './http-path.ts';

/** An HTTP request as the gate needs it: what a policy's patterns see, and how the answer must be put. */
export interface HttpRequest {
  /** In capitals. */
  readonly method: string;
  /** As the client sent it, in the form in which paths are compared: without the query string, and without the stage of an API. */
  readonly path: string;
  /** As the API's route has it, where that differs: without the base path of a custom domain. */
  readonly routed?: string;
  /** Whether a browser asks with it what it may send: no handler's work, and what it is answered decides whether the page sees more. */
  readonly isPreflight: boolean;
  /** ALB wants a `statusDescription`. */
  readonly sender: 'alb' | 'api-gateway' | 'lattice';
  /** Whether header values are lists: an ALB target group with multi-value headers. */
  readonly multiValueHeaders: boolean;
  /**
   * Whether its sender may read a stream from a handler that streams: function URLs and REST APIs. All others invoke such
   * a function without a stream, and read what it streamed as one JSON text.
   * https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html#response-transfer-mode-considerations
   */
  readonly streams: boolean;
}

const headers = optional(anyObject);
const isHealthChecker = startingWith('ELB-HealthChecker/');

/** ALB. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#receive-event-from-load-balancer */
export const albRequest: Shape = object({
  requestContext: object({ elb: object({ targetGroupArn: arnOf('elasticloadbalancing') }) }),
  httpMethod: text,
  path: text,
  headers,
  multiValueHeaders: headers,
});

/** A load balancer's health check. Its user agent alone tells it: one that came through a second one has all other headers. */
export const albHealthCheck: Shape = allOf(albRequest, object({ httpMethod: oneOf('GET') }), (event) =>
  isHealthChecker(headerOf(event, 'user-agent')),
);

/** HTTP APIs and function URLs. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
export const apiGatewayV2Request: Shape = object({
  version: oneOf('2.0'),
  rawPath: startingWith('/'),
  headers,
  requestContext: object({ apiId: text, requestId: text, http: object({ method: text, path: text }) }),
  isBase64Encoded: boolean,
});

/**
 * REST APIs, and HTTP APIs with the payload format 1.0. Behind a custom domain this one may have a `rawPath` too.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format
 */
export const apiGatewayV1Request: Shape = object({
  resource: text,
  path: startingWith('/'),
  httpMethod: text,
  headers,
  requestContext: object({ apiId: text, stage: text, httpMethod: text, resourcePath: text, requestId: text }),
  isBase64Encoded: optional(boolean),
});

/** VPC Lattice, event structure V2. https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html#receive-event-from-service */
export const latticeV2Request: Shape = object({
  version: oneOf('2.0'),
  path: startingWith('/'),
  method: text,
  headers,
  requestContext: object({ serviceNetworkArn: arn, serviceArn: arnOf('vpc-lattice'), targetGroupArn: arn }),
});

/** VPC Lattice, event structure V1: named like no other event. */
export const latticeV1Request: Shape = object({
  raw_path: startingWith('/'),
  method: text,
  headers: anyObject,
  query_string_parameters: optional(anyObject),
  is_base64_encoded: boolean,
});

/** WebSocket APIs: a connection begins, says something, ends. https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html */
export const webSocketRequest: Shape = object({
  requestContext: object({
    connectionId: text,
    eventType: oneOf('CONNECT', 'MESSAGE', 'DISCONNECT'),
    routeKey: text,
    apiId: text,
    requestId: text,
    connectedAt: number,
  }),
});

/** A REST API's authorizer of the type TOKEN. https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html */
export const tokenAuthorizer: Shape = object({
  type: oneOf('TOKEN'),
  authorizationToken: text,
  methodArn: arnOf('execute-api'),
});

/** An authorizer of the type REQUEST, of any kind of API, in either payload format: any of these signs tells it from a request. */
export const requestAuthorizer: Shape = allOf(
  object({ requestContext: object({ apiId: text, requestId: text }) }),
  anyOf(
    object({ type: oneOf('REQUEST') }),
    object({ methodArn: arnOf('execute-api') }),
    object({ routeArn: arnOf('execute-api') }),
  ),
);

/** Reads an event of any of the request shapes above, but for a WebSocket's. */
export function httpRequestOf(event: unknown): HttpRequest {
  if (albRequest(event)) return requestOf(event, textAt(event, 'httpMethod'), { path: textAt(event, 'path') }, 'alb');
  if (apiGatewayV2Request(event)) {
    const method = textAt(event, 'requestContext', 'http', 'method');
    const [, route = ''] = textAt(event, 'routeKey').split(' ');
    const paths = pathsOfApi(event, textAt(event, 'rawPath'), route, true);
    return requestOf(event, method, paths, 'api-gateway', isOfFunctionUrl(event));
  }
  if (apiGatewayV1Request(event)) {
    const isOfRestApi = textAt(event, 'version') === ''; // an HTTP API's payload format 1.0 says so
    const paths = pathsOfApi(event, textAt(event, 'path'), textAt(event, 'resource'), !isOfRestApi);
    return requestOf(event, textAt(event, 'httpMethod'), paths, 'api-gateway', isOfRestApi);
  }
  const [path = ''] = (textAt(event, 'path') || textAt(event, 'raw_path')).split('?', 1);
  return requestOf(event, textAt(event, 'method'), { path }, 'lattice');
}

type Paths = Pick<HttpRequest, 'path' | 'routed'>;

function requestOf(
  event: unknown,
  method: string,
  { path, ...routed }: Paths,
  sender: HttpRequest['sender'],
  streams = false,
): HttpRequest {
  return {
    method: method.toUpperCase(),
    path: comparablePath(path),
    ...routed,
    isPreflight: isPreflight(event, method),
    sender,
    multiValueHeaders: sender === 'alb' && isObject(at(event, 'multiValueHeaders')),
    streams,
  };
}

/**
 * The path without the stage, which HTTP APIs leave in it in both payload formats, and the route's own path. A custom
 * domain's base path stands in the `path` of REST APIs and of the payload format 1.0, and not in `rawPath`.
 */
function pathsOfApi(event: unknown, sent: string, route: string, hasStage: boolean): Paths {
  const routed = pathOfRoute(route, at(event, 'pathParameters'));
  const whole = comparablePath(sent);
  const path = hasStage ? withoutStage(whole, textAt(event, 'requestContext', 'stage'), routed) : whole;
  return routed === undefined || routed === path ? { path } : { path, routed };
}

/** https://fetch.spec.whatwg.org/#cors-preflight-request */
function isPreflight(event: unknown, method: string): boolean {
  return (
    method.toUpperCase() === 'OPTIONS' &&
    headerOf(event, 'origin') !== undefined &&
    headerOf(event, 'access-control-request-method') !== undefined
  );
}

/** An HTTP API has a domain of its own, or of `execute-api`. */
function isOfFunctionUrl(event: unknown): boolean {
  return textAt(event, 'requestContext', 'domainName').includes('.lambda-url.');
}

/** The first value of a header, in any form in which services send headers. */
function headerOf(event: unknown, wanted: string): string | undefined {
  for (const headersOfEvent of [at(event, 'headers'), at(event, 'multiValueHeaders')]) {
    for (const [name, value] of Object.entries(isObject(headersOfEvent) ? headersOfEvent : {})) {
      if (name.toLowerCase() !== wanted) continue;
      const first: unknown = Array.isArray(value) ? value[0] : value;
      if (typeof first === 'string' && first !== '') return first;
    }
  }
  return undefined;
}
