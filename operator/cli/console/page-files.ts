import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import type { PageFiles } from '../../console/server.ts';

/** Beside the folder of the built tool. */
const PAGE = join(import.meta.dirname, '..', 'console');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Reads the page that the build made.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Missing` where it was not built
 */
export function readPage(): PageFiles {
  try {
    return new Map(
      readdirSync(PAGE).map((name) => [
        name,
        {
          type: TYPES[extname(name)] ?? 'application/octet-stream',
          content: new Uint8Array(readFileSync(join(PAGE, name))),
        },
      ]),
    );
  } catch {
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Missing',
      `the console's page is not in ${PAGE}: build it with  npm run build`,
    );
  }
}
