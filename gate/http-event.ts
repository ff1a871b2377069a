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
} from './shape.ts';

/** An HTTP request as the gate needs it: what a policy's patterns see, and how the answer must be put. */
export interface HttpRequest {
  /** In capitals. */
  readonly method: string;
  /** As the client sent it, without the query string, and without the stage of an API. */
  readonly path: string;
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
  isHealthChecker(userAgentOf(event)),
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
  const request = (method: string, path: string, sender: HttpRequest['sender'], streams = false): HttpRequest => ({
    method: method.toUpperCase(),
    path: path.split('?', 1)[0] ?? path,
    sender,
    multiValueHeaders: sender === 'alb' && isObject(at(event, 'multiValueHeaders')),
    streams,
  });
  if (albRequest(event)) return request(textAt(event, 'httpMethod'), textAt(event, 'path'), 'alb');
  if (apiGatewayV2Request(event)) {
    const method = textAt(event, 'requestContext', 'http', 'method');
    return request(method, pathWithoutStage(event), 'api-gateway', isOfFunctionUrl(event));
  }
  if (apiGatewayV1Request(event)) {
    const isOfRestApi = textAt(event, 'version') === ''; // an HTTP API's payload format 1.0 says so
    return request(textAt(event, 'httpMethod'), textAt(event, 'path'), 'api-gateway', isOfRestApi);
  }
  return request(textAt(event, 'method'), textAt(event, 'path') || textAt(event, 'raw_path'), 'lattice');
}

/** `rawPath` begins with the stage unless that is `$default`; the `path` of the payload format 1.0 never does. */
function pathWithoutStage(event: unknown): string {
  const path = textAt(event, 'rawPath');
  const stage = `/${textAt(event, 'requestContext', 'stage')}`;
  if (path === stage) return '/';
  return path.startsWith(`${stage}/`) ? path.slice(stage.length) : path;
}

/** An HTTP API has a domain of its own, or of `execute-api`. */
function isOfFunctionUrl(event: unknown): boolean {
  return textAt(event, 'requestContext', 'domainName').includes('.lambda-url.');
}

function userAgentOf(event: unknown): unknown {
  for (const headersOfEvent of [at(event, 'headers'), at(event, 'multiValueHeaders')]) {
    for (const [name, value] of Object.entries(isObject(headersOfEvent) ? headersOfEvent : {})) {
      if (name.toLowerCase() === 'user-agent') return Array.isArray(value) ? value[0] : value;
    }
  }
  return undefined;
}
