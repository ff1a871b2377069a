import { type Endpoint, type Service, withoutBrackets } from './endpoint.ts';
import type { ConnectionLimits } from './http-connection.ts';
import { type Credentials, createSignedRequests, type SignedRequests, type Signing } from './signed-request.ts';

/**
 * The way to a service that an SDK client has shown by a request of its own. So every setting counts that the SDK knows:
 * profiles, SSO, roles, endpoints of all kinds, and the right time where the clock here is wrong.
 */
export interface ShownWay extends Signing {
  /** To where its first request went; undefined before that. */
  requests(): SignedRequests | undefined;
  /** As the SDK has them now, which renews them in time. Rejects as the SDK does where there are none. */
  credentials(): Promise<Credentials>;
  /** As far as the SDK knows it. */
  now(): number;
  /** Closes the kept connections. */
  disconnect(): void;
}

/** What an SDK client knows of itself. */
interface SdkConfig {
  readonly credentials: () => Promise<Credentials>;
  /** How far the service's clock is ahead of the one here, in milliseconds. */
  readonly systemClockOffset: number;
}

/** An SDK client, as far as it is needed here. */
interface SdkClient {
  readonly config: SdkConfig;
  /** A {@link MiddlewareStack}, whose types are another service's in each client. */
  readonly middlewareStack: object;
}

/** Source: @smithy/types in SDK 3.1162. Behind `deserialize` a request is signed. */
interface MiddlewareStack {
  add(middleware: (next: Handler) => Handler, options: { readonly step: 'deserialize' }): void;
}

type Handler = (args: { readonly request: SdkRequest }) => Promise<unknown>;

/** Looks at each request of the client's, once it is signed. */
export function createShownWay(
  { config, middlewareStack }: SdkClient,
  service: Service,
  limits: ConnectionLimits,
): ShownWay {
  let requests: SignedRequests | undefined;
  (middlewareStack as MiddlewareStack).add(
    (next) => (args) => {
      const endpoint = requests ? undefined : endpointIn(args.request);
      if (endpoint) requests = createSignedRequests(endpoint, service, limits);
      return next(args);
    },
    { step: 'deserialize' },
  );
  return {
    requests: () => requests,
    credentials: () => config.credentials(),
    now: () => Date.now() + config.systemClockOffset,
    disconnect: () => requests?.disconnect(),
  };
}

/** A request as the SDK's middleware has it. */
interface SdkRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

function endpointIn({ protocol, hostname, port, path, headers }: SdkRequest): Endpoint | undefined {
  const [, region] = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headers['authorization'] ?? '') ?? [];
  if (region === undefined || (protocol !== 'http:' && protocol !== 'https:')) return undefined;
  return {
    protocol,
    hostname: withoutBrackets(hostname),
    ...(port !== undefined && { port: Number(port) }),
    path: path.replace(API_PATH, ''),
    region,
  };
}

/** What comes behind the endpoint's own path: `2015-03-31/functions/orders/invocations`. */
const API_PATH = /(?<=\/)\d{4}-\d{2}-\d{2}\/.*$/;
