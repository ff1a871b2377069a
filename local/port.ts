import { createServer } from 'node:net';
import { MaintenanceWindowError } from '../gate/errors.ts';

/** Where everything of the local runner listens: nothing of it is for other machines. */
export const LOOPBACK = '127.0.0.1';

/**
 * A port that nobody listens on. The emulator has to be told its ports, so another process may take one in between:
 * this range lies below the one from which Linux gives ports by itself (32768 and up), which makes that unlikely.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (await isFree(port)) return port;
  }
}

/** Throws `MaintenanceWindow.Missing` where somebody listens on the port. Port 0 is always free. */
export async function assertFree(port: number): Promise<void> {
  if (!(await isFree(port))) throw portInUse(port);
}

/** The fault of a port that is taken, with the remedy. */
export function portInUse(port: number): MaintenanceWindowError {
  return new MaintenanceWindowError(
    'MaintenanceWindow.Missing',
    `Port ${port} is in use. Take another one, or 0 for any free one:  npm start -- --port 0`,
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(false) : reject(error),
    );
    server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  });
}
