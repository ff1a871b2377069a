/** `node local/compose/emulator.ts FILE`: brings the Runtime Interface Emulator for this machine, as `npm start` does. */
import { copyFileSync } from 'node:fs';
import { FAULTS, MaintenanceWindowError } from '../../core/errors.ts';
import { findEmulator } from '../emulator/find.ts';

const { env: environment, platform, arch: architecture } = process;

try {
  const [, , file = 'aws-lambda-rie'] = process.argv;
  copyFileSync(await findEmulator({ environment, platform, architecture, say: console.log }), file);
} catch (error) {
  if (!(error instanceof MaintenanceWindowError)) throw error;
  console.error(error.message);
  process.exit(FAULTS[error.name].exitCode);
}
