/**
 * `rehearse.mjs check [HANDLER]` and `rehearse.mjs compile-cache [HANDLER]`: goes through INIT of the function, which
 * `_HANDLER` names otherwise, with no Lambda there. `bootstrap` calls it, from the folder that both lie in, and so does an
 * image without a shell. The build calls `rehearse.mjs code-cache`.
 */
import { join } from 'node:path';
import { FAULTS, MaintenanceWindowError } from '../../core/errors.ts';
import { readConfig } from '../../core/gate/config.ts';
import { checkFunction } from './check.ts';
import { bakeCodeCache } from './code-cache.ts';
import { bakeCompileCache } from './compile-cache.ts';

const folder = import.meta.dirname;
const [, , task, handler = process.env['_HANDLER'] ?? ''] = process.argv;
const taskRoot = process.env['LAMBDA_TASK_ROOT'] || process.cwd();
const subject = { client: folder, handler, taskRoot, environment: process.env };

// the client ends with this process, whatever it is loading
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(143));

try {
  readConfig(process.env);
  switch (task) {
    case 'check':
      await checkFunction(subject);
      break;
    case 'code-cache':
      await bakeCodeCache(folder, process.env);
      break;
    case 'compile-cache':
      await bakeCodeCache(folder, process.env); // the image's Node may be another one than the build's
      console.error(await bakeCompileCache(subject, join(folder, 'compile-cache')));
      break;
    default:
      throw new MaintenanceWindowError(
        'MaintenanceWindow.Usage',
        'rehearse.mjs check|code-cache|compile-cache HANDLER',
      );
  }
} catch (error) {
  if (!(error instanceof MaintenanceWindowError)) throw error;
  console.error(`bootstrap: ${error.message}`);
  process.exitCode = FAULTS[error.name].exitCode;
}
