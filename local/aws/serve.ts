import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LOOPBACK, listen } from '../port.ts';

/** A server that listens. */
export interface Served {
  readonly url: string;
  /** Ends it and every connection to it. Idempotent. */
  close(): Promise<void>;
}

/**
 * Has a stand-in's server listen.
 *
 * @param port 0 for a free one
 * @throws `MaintenanceWindow.Missing` where the port is in use
 */
export async function serve(server: Server, port = 0, host = LOOPBACK): Promise<Served> {
  await listen(server, port, host);
  let closed: Promise<void> | undefined;
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    close() {
      closed ??= new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      });
      return closed;
    },
  };
}
