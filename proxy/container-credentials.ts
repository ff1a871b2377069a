import { createHttpConnections } from '../aws/request/http-connection.ts';
import type { Environment } from '../aws/request/plain-access.ts';
import { parseObject } from '../aws/request/refusal.ts';
import type { Credentials, Signing } from '../aws/request/signed-request.ts';
import type { Clock } from '../core/gate/ports.ts';

const NAME = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';
/** Keys that end sooner are renewed: a request must not be signed with some that are over when it comes. */
const RENEWED_BEFORE_MS = 5 * 60_000;
/** After a failed renewal the old ones are used for so long before it is tried again. */
const AGAIN_MS = 10_000;
const LIMITS = { connectLimitMs: 1_000, idleLimitMs: 1_000 };

/** Where a function gets its keys from that has none in its environment. */
export interface Container {
  readonly kind: 'container';
  readonly hostname: string;
  readonly port: number;
  readonly path: string;
  readonly token: string | undefined;
}

/** Reads what SnapStart functions have in the place of keys. */
export function readContainer(
  environment: Environment,
): Container | { readonly kind: 'fault'; readonly message: string } {
  const text = environment[NAME];
  if (!text) {
    const message =
      `AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, nor is ${NAME}: ` +
      'the proxy reads no profiles and no other source of credentials; leave what Lambda sets as it is';
    return { kind: 'fault', message };
  }
  const url = URL.parse(text);
  if (url?.protocol !== 'http:') {
    return { kind: 'fault', message: `${NAME}: "${text}" is not allowed; write http:// and a host of this machine` };
  }
  const { hostname, port, pathname, search } = url;
  const token = environment['AWS_CONTAINER_AUTHORIZATION_TOKEN'];
  return { kind: 'container', hostname, port: Number(port || 80), path: pathname + search, token };
}

interface Keys {
  readonly credentials: Credentials;
  /** Epoch milliseconds. */
  readonly endAt: number;
}

/**
 * Keys of the container, asked for when they are needed and kept until five minutes before their end.
 * Source: SDKs and Tools reference guide, "Container credential provider".
 */
export function createContainerCredentials({ hostname, port, path, token }: Container, clock: Clock): Signing {
  const connections = createHttpConnections({ protocol: 'http:', hostname, port, path, region: '' }, LIMITS);
  const request =
    `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAccept: application/json\r\n` +
    `${token ? `Authorization: ${token}\r\n` : ''}\r\n`;
  let keys: Keys | undefined;
  let renewedFrom = Number.NEGATIVE_INFINITY;
  let underWay: Promise<Credentials> | undefined;

  return {
    credentials() {
      if (keys && clock.now() < renewedFrom) return keys.credentials;
      underWay ??= renew().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
  };

  async function renew(): Promise<Credentials> {
    try {
      keys = keysIn(await connections.send(request).answer);
      renewedFrom = keys.endAt - RENEWED_BEFORE_MS;
    } catch (error) {
      if (!keys || clock.now() >= keys.endAt) throw error;
      renewedFrom = clock.now() + AGAIN_MS;
    }
    return keys.credentials;
  }
}

function keysIn({ status, body }: { readonly status: number; readonly body: string }): Keys {
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = parseObject(body) ?? {};
  if (status !== 200 || typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string') {
    const fault = new Error(`${NAME} has no keys (HTTP ${status})`);
    throw Object.assign(fault, { code: status >= 500 ? 'EPROTO' : 'ERR_INVALID_CREDENTIALS' });
  }
  const endAt = Date.parse(String(Expiration ?? ''));
  return {
    credentials: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(typeof Token === 'string' && { sessionToken: Token }),
    },
    endAt: Number.isNaN(endAt) ? Number.POSITIVE_INFINITY : endAt,
  };
}
