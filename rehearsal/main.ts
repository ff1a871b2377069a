/**
 * `rehearse.mjs check` and `rehearse.mjs compile-cache`: goes through INIT of the function in `_HANDLER`, with no Lambda
 * there. `bootstrap` calls it, from the folder that both lie in.
 */
import { join } from 'node:path';
import { readConfig } from '../gate/config.ts';
import { FAULTS, MaintenanceWindowError } from '../gate/errors.ts';
import { checkFunction } from './check.ts';
import { bakeCompileCache } from './compile-cache.ts';

const folder = import.meta.dirname;
const { _HANDLER: handler = '', LAMBDA_TASK_ROOT: taskRoot = '' } = process.env;
const subject = { bootstrap: join(folder, 'bootstrap'), handler, taskRoot, environment: process.env };

try {
  readConfig(process.env);
  switch (process.argv[2]) {
    case 'check':
      await checkFunction(subject);
      break;
    case 'compile-cache':
      console.error(await bakeCompileCache(subject, join(folder, 'compile-cache')));
      break;
    default:
      throw new MaintenanceWindowError('MaintenanceWindow.Usage', 'rehearse.mjs check|compile-cache');
  }
} catch (error) {
  if (!(error instanceof MaintenanceWindowError)) throw error;
  console.error(`bootstrap: ${error.message}`);
  process.exitCode = FAULTS[error.name].exitCode;
}
