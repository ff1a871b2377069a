import { createServer, type Server } from 'node:net';
import { MaintenanceWindowError } from '../core/errors.ts';

/** Where everything of the local runner listens: nothing of it is for other machines. */
export const LOOPBACK = '127.0.0.1';

/**
 * A port that nobody listens on. The emulator has to be told its ports, so another process may take one in between:
 * this range lies below the one from which Linux gives ports by itself (32768 and up), which makes that unlikely.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const isFree = await assertFree(port).then(
      () => true,
      () => false,
    );
    if (isFree) return port;
  }
}

/** Rejects like {@link listen} where the port is taken. Port 0 never is. */
export async function assertFree(port: number): Promise<void> {
  const server = createServer();
  await listen(server, port);
  await new Promise((resolve) => server.close(resolve));
}

/** Listens, on the loopback interface unless told otherwise. Rejects with `MaintenanceWindow.Missing`, and the remedy, where the port is taken. */
export function listen(server: Server, port: number, host = LOOPBACK): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const what = code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${message})`;
      const remedy = 'Take another one, or 0 for any free one:  npm start -- --port 0';
      reject(new MaintenanceWindowError('MaintenanceWindow.Missing', `Port ${port} ${what}. ${remedy}`));
    });
    server.listen(port, host, resolve);
  });
}
