/**
 * An SSM over real HTTP that does what a test tells it: answers well, slowly, wrongly, in part, or not at all.
 * Its good answers are those of `GetParameters`; whoever needs SSM's rules uses `local/aws/ssm.ts`.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** A request as it came. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The parameters asked for. */
  readonly names: readonly string[];
  readonly receivedAt: number;
  /** How many requests came over the same connection before this one. */
  readonly before: number;
}

/** What becomes of a request. */
type Behaviour =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: string;
      readonly headers?: Record<string, string>;
    }
  /** No answer, and the connection stays. */
  | { readonly kind: 'silence' }
  /** The head and the first bytes of an answer; then the connection ends. */
  | { readonly kind: 'cut'; readonly body: string }
  /** The connection ends as the request arrives. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'later'; readonly delayMs: number; readonly script: Script };

/** Decides what becomes of a request. */
export type Script = (request: SeenRequest) => Behaviour;

/** A server that follows a script. */
export interface MisbehavingSsm {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** How many connections were ever made to it. */
  readonly connections: number;
  /** What it follows from now on. */
  script: Script;
  /** Ends every connection, also those in use. */
  hangUp(): void;
  close(): Promise<void>;
}

const TLS = join(import.meta.dirname, 'tls');

/** What `NODE_EXTRA_CA_CERTS` is to be for a process that trusts the server made with `tls`. */
export const TEST_CERTIFICATE = join(TLS, 'test-only-certificate.pem');

/** Starts the server on a free port of the loopback interface. */
export async function startMisbehavingSsm(script: Script, { tls = false } = {}): Promise<MisbehavingSsm> {
  const requests: SeenRequest[] = [];
  const sockets = new Map<Socket, number>();
  let connections = 0;
  const listener: RequestListener = async (request, response) => {
    const body = await text(request);
    const before = sockets.get(request.socket) ?? 0;
    sockets.set(request.socket, before + 1);
    const { method = '', url: path = '', headers } = request;
    const seen = { method, path, headers, body, names: namesIn(body), receivedAt: Date.now(), before };
    requests.push(seen);
    let behaviour = ssm.script(seen);
    for (; behaviour.kind === 'later'; behaviour = behaviour.script(seen)) {
      const { delayMs } = behaviour;
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
    switch (behaviour.kind) {
      case 'answer':
        response.writeHead(behaviour.status, { 'Content-Type': 'application/x-amz-json-1.1', ...behaviour.headers });
        response.end(behaviour.body);
        return;
      case 'silence':
        return;
      case 'cut':
        response.writeHead(200, { 'Content-Length': Buffer.byteLength(behaviour.body) + 1 });
        response.write(behaviour.body, () => request.socket.destroy());
        return;
      case 'reset':
        (request.socket as Socket).resetAndDestroy();
        return;
    }
  };
  const server = tls
    ? createTlsServer(
        { cert: readFileSync(TEST_CERTIFICATE), key: readFileSync(join(TLS, 'test-only-key.pem')) },
        listener,
      )
    : createServer(listener);
  server.keepAliveTimeout = 0; // a kept connection ends when a test says so
  server.on(tls ? 'secureConnection' : 'connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ssm: MisbehavingSsm = {
    url: tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections;
    },
    script,
    hangUp: () => server.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return ssm;
}

function namesIn(body: string): readonly string[] {
  try {
    return JSON.parse(body).Names ?? [];
  } catch {
    return [];
  }
}

/** Answers well: the parameters with these texts exist, put at that time (epoch milliseconds), and no others. */
export function holds(texts: Readonly<Record<string, string>>, editedAt = Date.UTC(2026, 0, 1)): Script {
  return ({ names }) => {
    const Parameters = names
      .filter((name) => texts[name] !== undefined)
      .map((Name) => ({
        Name,
        Type: 'String',
        Value: texts[Name],
        Version: 1,
        LastModifiedDate: editedAt / 1_000,
        DataType: 'text',
      }));
    return ok({ Parameters, InvalidParameters: names.filter((name) => texts[name] === undefined) });
  };
}

/** Answers with this object. */
export function answersWith(body: object): Script {
  return () => ok(body);
}

export function ok(body: object): Behaviour {
  return { kind: 'answer', status: 200, body: JSON.stringify(body) };
}

/** Answers with an error of the service, in the form that SSM gives it: the code in the body. */
export function fails(status: number, code: string, message = ''): Script {
  return () => ({ kind: 'answer', status, body: JSON.stringify({ __type: code, ...(message && { message }) }) });
}

export const throttles: Script = fails(400, 'ThrottlingException', 'Rate exceeded');

export const breaksDown: Script = fails(500, 'InternalServerError', 'Something went wrong');

/** As IAM says it. */
export const denies: Script = fails(
  400,
  'AccessDeniedException',
  'User: arn:aws:sts::111122223333:assumed-role/orders/orders is not authorized to perform: ssm:GetParameters',
);

/** Refuses each call that asks for one of these parameters, as IAM does, and names the first of them. All others follow `script`. */
export function deniesAnyOf(denied: readonly string[], script: Script): Script {
  return (request) => {
    const name = request.names.find((asked) => denied.includes(asked));
    if (name === undefined) return script(request);
    const arn = name.startsWith('arn:') ? name : `arn:aws:ssm:eu-south-1:111122223333:parameter/${name}`;
    const message = `User: arn:aws:sts::111122223333:assumed-role/orders/orders is not authorized to perform: ssm:GetParameters on resource: ${arn} because no identity-based policy allows the ssm:GetParameters action`;
    return fails(400, 'AccessDeniedException', message)(request);
  };
}

/** Refuses each call that asks for one of these SecureStrings, whose key is disabled: it does not say for which. */
export function cannotDecryptAnyOf(sealed: readonly string[], script: Script): Script {
  const refuses = fails(
    400,
    'com.amazonaws.ssm#InvalidKeyId',
    'arn:aws:kms:eu-south-1:111122223333:key/1234abcd is disabled. (Service: AWSKMS; Status Code: 400; Error Code: DisabledException)',
  );
  return (request) => (request.names.some((asked) => sealed.includes(asked)) ? refuses : script)(request);
}

/** JSON of another shape than SSM's. */
export const answersOtherwise: Script = () => ({ kind: 'answer', status: 200, body: '{"Parameters":[null]}' });

/** 200, and no JSON. */
export const talksNonsense: Script = () => ({ kind: 'answer', status: 200, body: '<html>Please log in</html>' });

export const isSilent: Script = () => ({ kind: 'silence' });

/** Breaks off in the middle of a good answer. */
export const breaksOff: Script = () => ({ kind: 'cut', body: '{"Parameters":[{"Name":"maintenance-window","Va' });

export const resets: Script = () => ({ kind: 'reset' });

/** Follows `script` after a while. */
export function delayed(delayMs: number, script: Script): Script {
  return () => ({ kind: 'later', delayMs, script });
}

/** Follows one script after the other, a request each, and the last for ever. */
export function inTurn(...scripts: readonly [Script, ...Script[]]): Script {
  let turn = 0;
  return (request) => {
    const script = scripts[Math.min(turn, scripts.length - 1)] ?? scripts[0];
    turn += 1;
    return script(request);
  };
}

/** A token bucket, as in front of SSM: so many requests a second follow `script`, that many at once; all others are throttled. */
export function limited(perSecond: number, script: Script): Script {
  let tokens = perSecond;
  let filledAt = performance.now();
  return (request) => {
    const now = performance.now();
    tokens = Math.min(perSecond, tokens + ((now - filledAt) / 1_000) * perSecond);
    filledAt = now;
    if (tokens < 1) return throttles(request);
    tokens -= 1;
    return script(request);
  };
}

/** Takes no request that was signed by another clock than its own, which is ahead of the one here by so much. */
export function withClock(aheadMs: number, status: number, then: Script): Script {
  return (request) => {
    const now = Date.now() + aheadMs;
    const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(request.headers['x-amz-date'])) ?? [];
    const [y = 0, month = 0, d = 0, h = 0, m = 0, s = 0] = parts.map(Number);
    if (Math.abs(Date.UTC(y, month - 1, d, h, m, s) - now) < SIGNATURE_GOOD_MS) return then(request);
    const code = 'InvalidSignatureException';
    return {
      kind: 'answer',
      status,
      body: JSON.stringify({ __type: code, message: 'Signature expired' }),
      headers: { Date: new Date(now).toUTCString(), 'x-amzn-errortype': code },
    };
  };
}

const SIGNATURE_GOOD_MS = 300_000;
