import type { Environment } from '../aws/request/plain-access.ts';
import { MaintenanceWindowError } from '../core/errors.ts';

const NAME = 'MAINTENANCE_WINDOW_PROXY_STREAMING';

/**
 * Whether the function's handler streams its responses; undefined where nobody says. The Runtime API does not tell, so
 * a reply before the handler's first response has to be told.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Config`
 */
export function readStreaming(environment: Environment): boolean | undefined {
  const text = environment[NAME];
  if (text === undefined) return undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new MaintenanceWindowError(
    'MaintenanceWindow.Config',
    `${NAME}: "${text}" is not allowed; write true or false`,
  );
}
