/**
 * `npm run sbom -- client|tool|vex`: prints what the built client consists of, what the npm package installs, or what
 * scanners need not report of the linked curl.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAULTS } from '../core/errors.ts';
import { BILL, billOfPackage } from './bill/bill-of-materials.ts';
import { vexNote } from './bill/vex.ts';
import { version } from './bundle/project-version.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const DOCUMENTS: Readonly<Record<string, () => string>> = {
  client: () => read(`dist/ric/${BILL}`),
  tool: () => {
    const { name } = JSON.parse(read('package.json'));
    return billOfPackage(name, version, JSON.parse(read('package-lock.json')).packages);
  },
  vex: vexNote,
};

const [asked = '', ...others] = process.argv.slice(2);
const document = others.length === 0 ? DOCUMENTS[asked] : undefined;
if (document) {
  process.stdout.write(document());
} else {
  console.error(`Write one of ${Object.keys(DOCUMENTS).join(', ')}:  npm run --silent sbom -- client`);
  process.exitCode = FAULTS['MaintenanceWindow.Usage'].exitCode;
}
