/**
 * Looks for the peers of the package, which npm leaves to whoever installs it: neither absent ones nor wrong ones end an
 * `npm install --force`. Without this file the first import of one would fail in a stack trace, or the table lack a safeguard.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { MaintenanceWindowError } from '../../core/errors.ts';

/** Since then a table has `pointInTimeRecoverySpecification`. `peerDependencies` of package.json has the same. */
const OLDEST_CDK = [2, 178] as const;

const near = createRequire(join(import.meta.dirname, 'peers.js'));
const [major = 0, minor = 0] = versionOf('aws-cdk-lib').split('.').map(Number);
versionOf('constructs');
if (major !== OLDEST_CDK[0] || minor < OLDEST_CDK[1]) {
  throw fault(`aws-cdk-lib is ${major}.${minor} there; an older one leaves the table without point-in-time recovery`);
}

function versionOf(peer: string): string {
  try {
    return near(`${peer}/package.json`).version;
  } catch {
    throw fault(`${peer} is not there`);
  }
}

function fault(why: string): MaintenanceWindowError {
  return new MaintenanceWindowError(
    'MaintenanceWindow.Config',
    `the constructs need aws-cdk-lib ${OLDEST_CDK.join('.')} or later 2.x and constructs 10 beside them, and ${why}: npm install aws-cdk-lib constructs`,
  );
}
