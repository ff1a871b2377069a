import type { Hear } from '../time/aws-clock.ts';
import { steadyClock } from '../time/steady-clock.ts';
import { type Endpoint, type Service, withoutBrackets } from './endpoint.ts';
import type { ConnectionLimits } from './http-connection.ts';
import { hearAnswers, type SdkClient, type SdkRequest, seeRequests } from './sdk-client.ts';
import { type Credentials, createSignedRequests, type SignedRequests, type Signing } from './signed-request.ts';

/**
 * Way to a service, learnt from a request of an SDK client. So every setting of the SDK counts: profiles, SSO, roles,
 * endpoints of all kinds, and the right time if the clock here is wrong.
 */
export interface ShownWay extends Signing {
  /** Endpoint of its first request; undefined before that. */
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
interface LeadingClient extends SdkClient {
  readonly config: SdkConfig;
}

/**
 * Looks at each request of the client's, once it is signed.
 *
 * @param hear told of each answer, the client's and those that are signed here
 */
export function createShownWay(
  client: LeadingClient,
  service: Service,
  limits: ConnectionLimits,
  hear: Hear = ignore,
): ShownWay {
  const { config } = client;
  let requests: SignedRequests | undefined;
  hearAnswers(client, hear);
  seeRequests(client, (request) => {
    const endpoint = requests ? undefined : endpointIn(request);
    if (endpoint) requests = heardRequests(createSignedRequests(endpoint, service, limits), hear);
  });
  return {
    requests: () => requests,
    credentials: () => config.credentials(),
    now: () => Date.now() + config.systemClockOffset,
    disconnect: () => requests?.disconnect(),
  };
}

/** The same requests; who hears of their answers has the times, too. */
function heardRequests(requests: SignedRequests, hear: Hear): SignedRequests {
  return {
    ...requests,
    post(...request) {
      const sentAtMs = steadyClock.now();
      const exchange = requests.post(...request);
      const answer = exchange.answer.then((signed) => {
        const { status, headers } = signed;
        hear({ status, headers, sentAtMs, receivedAtMs: steadyClock.now() });
        return signed;
      });
      return { ...exchange, answer };
    },
  };
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

function ignore(): void {}
