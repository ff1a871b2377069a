import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';

const FOLDER = join(import.meta.dirname, 'tls');

/** Who signed the certificates of a {@link startTlsFront}: what `AWS_CA_BUNDLE` is to name for a process that trusts it. */
export const AUTHORITY = join(FOLDER, 'test-only-authority.pem');

/** A certificate of the authority's, by what it is good for. */
export type Certificate = 'localhost' | 'elsewhere' | 'expired';

/** TLS before a service that speaks plain HTTP. */
export interface TlsFront extends AsyncDisposable {
  /** `https://localhost:<port>`. */
  readonly url: string;
  /** How many clients have ended their handshake, and so may have sent something. */
  trusted(): number;
}

/** Ends TLS, and hands bytes on to a service. */
export async function startTlsFront(service: string, certificate: Certificate): Promise<TlsFront> {
  const { hostname, port } = new URL(service);
  const open = new Set<TLSSocket>();
  let trusted = 0;
  const server = createServer(
    {
      key: readFileSync(join(FOLDER, 'test-only-key.pem')),
      cert: readFileSync(join(FOLDER, `test-only-of-authority-${certificate}.pem`)),
    },
    (client) => {
      trusted += 1;
      open.add(client);
      const upstream = connect(Number(port), hostname);
      client.pipe(upstream).pipe(client);
      client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
      upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
    },
  );
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `https://localhost:${address.port}`,
    trusted: () => trusted,
    async [Symbol.asyncDispose]() {
      for (const client of open) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
