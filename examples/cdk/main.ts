/** The app of `npx cdk deploy`: the sample function under maintenance windows. */
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { FAULTS, MaintenanceWindowError } from '../../core/errors.ts';
import project from '../../package.json' with { type: 'json' };
import { SampleStack } from './stack.ts';

const directory = join(import.meta.dirname, '..', '..');

try {
  const app = new App();
  new SampleStack(app, 'MaintenanceWindowSample', {
    description: 'A sample function under maintenance windows',
    directory,
    version: project.version,
    architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
  });
  app.synth();
} catch (error) {
  if (!(error instanceof MaintenanceWindowError)) throw error;
  console.error(`\n${error.message}\n`);
  process.exit(FAULTS[error.name].exitCode);
}
