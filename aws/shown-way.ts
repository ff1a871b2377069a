import type { Endpoint } from './endpoint.ts';
import type { Credentials, Signing } from './signed-request.ts';

/**
 * The way to a service that an SDK client has shown by a request of its own. So every setting counts that the SDK knows:
 * profiles, SSO, roles, endpoints of all kinds, and the right time where the clock here is wrong.
 */
export interface ShownWay extends Signing {
  /** Looks at a request that the SDK has signed. */
  note(request: unknown): void;
  /** Where it went; undefined before the first one. */
  endpoint(): Endpoint | undefined;
  /** As the SDK has them now, which renews them in time. Rejects as the SDK does where there are none. */
  credentials(): Promise<Credentials>;
  /** By the service's clock, as far as the SDK knows it. */
  date(): string;
}

/** What an SDK client knows of itself. */
interface SdkConfig {
  readonly credentials: () => Promise<Credentials>;
  /** How far the service's clock is ahead of the one here, in milliseconds. */
  readonly systemClockOffset: number;
}

/** Codes of a refusal that is about the signature: the SDK knows what to do, or what to say. Nothing was done. */
const OF_SIGNATURE =
  /^(?:InvalidSignature|IncompleteSignature|SignatureDoesNotMatch|RequestTimeTooSkewed|RequestExpired|ExpiredToken|UnrecognizedClient|InvalidClientTokenId|MissingAuthenticationToken|AuthFailure)/;

/** Whether a refusal with this code is to be taken to the SDK. */
export function isOfSignature(code: string): boolean {
  return OF_SIGNATURE.test(code);
}

export function createShownWay({ config }: { readonly config: SdkConfig }): ShownWay {
  let endpoint: Endpoint | undefined;
  return {
    note(request) {
      endpoint ??= endpointIn(request as SdkRequest);
    },
    endpoint: () => endpoint,
    credentials: () => config.credentials(),
    date: () => new Date(Date.now() + config.systemClockOffset).toISOString().replace(/[:-]|\.\d{3}/g, ''),
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
    hostname: hostname.replace(/^\[(.*)\]$/, '$1'), // a socket takes an IPv6 address without its brackets
    ...(port !== undefined && { port: Number(port) }),
    path: path.replace(API_PATH, ''),
    region,
  };
}

/** What comes behind the endpoint's own path: `2015-03-31/functions/orders/invocations`. */
const API_PATH = /(?<=\/)\d{4}-\d{2}-\d{2}\/.*$/;
