import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the client posts where it cannot start. Names are the wire's own. */
export interface InitError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** A Lambda that never has an invocation, and an AWS with maintenance windows. Both on one port of the loopback. */
export interface StandIn {
  /** Resolves when the client asks for its first invocation, or says why it cannot. */
  readonly outcome: Promise<{ readonly kind: 'ready' } | ({ readonly kind: 'failed' } & InitError)>;
  /** Environment that leads the client here. */
  readonly runtimeApi: Readonly<Record<string, string>>;
  /** Environment that leads every AWS client here. */
  readonly aws: Readonly<Record<string, string>>;
  close(): void;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
const NEXT = '/2018-06-01/runtime/invocation/next';
const INIT_ERROR = '/2018-06-01/runtime/init/error';

/** Starts it on a free port: a server of its own, because it ships with the client, and `ric/` imports no fake of `test/`. */
export async function startStandIn(): Promise<StandIn> {
  const { promise: outcome, resolve } = Promise.withResolvers<Awaited<StandIn['outcome']>>();
  const server = createServer(async (request, response) => {
    if (request.url === NEXT) return resolve({ kind: 'ready' }); // and no invocation ever comes
    const body = await textOf(request);
    if (request.url === INIT_ERROR) {
      answer(response, 202, { status: 'OK' });
      return resolve({ kind: 'failed', ...initErrorIn(body) });
    }
    answer(response, 200, awsAnswer(String(request.headers['x-amz-target']), body));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    outcome,
    runtimeApi: { AWS_LAMBDA_RUNTIME_API: address },
    aws: {
      AWS_ENDPOINT_URL: `http://${address}`,
      AWS_ENDPOINT_URL_SSM: `http://${address}`,
      AWS_ENDPOINT_URL_DYNAMODB: `http://${address}`,
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'rehearsal',
      AWS_SECRET_ACCESS_KEY: 'rehearsal',
      AWS_SESSION_TOKEN: 'rehearsal',
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += piece;
  return text;
}

/** The native client does not survive an answer without a content type. */
function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

function initErrorIn(body: string): InitError {
  const { errorType = '', errorMessage = '', trace = [] } = JSON.parse(body || '{}');
  return { errorType: String(errorType), errorMessage: String(errorMessage), trace: trace.map(String) };
}

/** Whatever parameters are asked for hold {@link windows}; nothing else is there. */
function awsAnswer(target: string, body: string): object {
  if (target !== 'AmazonSSM.GetParameters') return {};
  const names: unknown[] = JSON.parse(body).Names ?? [];
  return {
    Parameters: names.map((Name) => ({ Name, Type: 'String', Value: windows(Date.now()), Version: 1 })),
    InvalidParameters: [],
  };
}

/** A window that is active and one that recurs: so that everything that the client loads on need is loaded. */
function windows(now: number): string {
  const instant = (at: number) => new Date(at).toISOString();
  return JSON.stringify({
    version: 1,
    windows: [
      { start: instant(now - 60_000), end: instant(now + 3_600_000) },
      { schedule: 'cron(0 2 ? * SUN *)', timezone: 'Europe/Rome', duration: 'PT2H' },
    ],
  });
}
