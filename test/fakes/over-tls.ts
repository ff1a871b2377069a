import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { TEST_CERTIFICATE } from './ssm-misbehaving.ts';

/** A server over TLS that hands everything on. */
export interface TlsFront extends AsyncDisposable {
  /** `https://localhost:<port>`: trusted by a process that has {@link TEST_CERTIFICATE} in `NODE_EXTRA_CA_CERTS`. */
  readonly url: string;
}

/** Puts TLS in front of a stand-in that speaks plain HTTP. */
export async function startTlsFront(target: string): Promise<TlsFront> {
  const key = readFileSync(join(import.meta.dirname, 'tls', 'test-only-key.pem'));
  const server = createServer({ cert: readFileSync(TEST_CERTIFICATE), key }, (incoming, outgoing) => {
    const passedOn = request(target, { method: incoming.method, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passedOn.on('error', () => outgoing.destroy());
    incoming.pipe(passedOn);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
