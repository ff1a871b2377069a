import type { Hear } from '../time/aws-clock.ts';
import { steadyClock } from '../time/steady-clock.ts';

/**
 * For the `requestHandler` of a client whose answers are short: a network that swallows packets, or a service that is silent,
 * must hold nobody. The SDK tries three times, so a question takes some 15 s at most. Without limits of ours it has none.
 */
export const ANSWER_LIMITS = {
  connectionTimeout: 3_000,
  requestTimeout: 5_000,
  // without it the SDK only warns, and waits on
  throwOnRequestTimeout: true,
} as const;

/** An SDK client, as far as one looks on at what it sends and gets. */
export interface SdkClient {
  /** A {@link MiddlewareStack}, whose types are another service's in each client. */
  readonly middlewareStack: object;
}

/** Source: @smithy/types in SDK 3.1162. Behind `deserialize` a request is signed; `low` is next to the wire. */
interface MiddlewareStack {
  add(
    middleware: (next: Handler) => Handler,
    options: { readonly step: 'deserialize'; readonly priority: 'low' },
  ): void;
}

type Handler = (args: { readonly request: SdkRequest }) => Promise<{ readonly response: SdkResponse }>;

/** A request as the SDK's middleware has it, signed. */
export interface SdkRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer before the SDK reads it: its body may still be coming. */
interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Looks at each of the client's requests as it goes out, second tries included. */
export function seeRequests({ middlewareStack }: SdkClient, see: (request: SdkRequest) => void): void {
  (middlewareStack as MiddlewareStack).add(
    (next) => (args) => {
      see(args.request);
      return next(args);
    },
    { step: 'deserialize', priority: 'low' },
  );
}

/** Tells the times of each answer that the client gets, refusals included. */
export function hearAnswers({ middlewareStack }: SdkClient, hear: Hear): void {
  (middlewareStack as MiddlewareStack).add(
    (next) => async (args) => {
      refuseOtherProtocols(args.request);
      const sentAtMs = steadyClock.now();
      const result = await next(args);
      const { statusCode: status, headers } = result.response;
      hear({ status, headers, sentAtMs, receivedAtMs: steadyClock.now() });
      return result;
    },
    { step: 'deserialize', priority: 'low' },
  );
}

/** `localhost:4566` is a URL to the SDK, of the protocol `localhost:`, and it asks whoever listens on port 80 for that. */
function refuseOtherProtocols({ protocol }: SdkRequest): void {
  if (protocol === 'http:' || protocol === 'https:') return;
  throw Object.assign(new Error(`an endpoint of the protocol ${protocol}`), { code: 'ERR_INVALID_URL' });
}
