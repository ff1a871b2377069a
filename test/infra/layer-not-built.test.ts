/** A checkout in which the layer of a CPU was not built: a synth says so, with the file and what makes it. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { layerFile, proxyLayerFile } from '../../core/deployment/layer.ts';

const ROOT = join(import.meta.dirname, '../..');

let checkout: string;
beforeAll(() => {
  checkout = realpathSync(mkdtempSync(join(tmpdir(), 'not-built-')));
  for (const name of ['cloud', 'core', 'infra', 'package.json']) {
    cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  mkdirSync(join(checkout, 'dist'));
});
afterAll(() => rmSync(checkout, { recursive: true }));

/** What a synth ends with. */
function faultOf(runtime: string, architecture: string): string {
  const program = `
    import { App, Stack } from 'aws-cdk-lib';
    import * as lambda from 'aws-cdk-lib/aws-lambda';
    import { MaintenanceWindow } from './infra/maintenance-window.ts';
    const stack = new Stack(new App(), 'Stack');
    const fn = new lambda.Function(stack, 'Orders', {
      runtime: new lambda.Runtime('${runtime}'),
      handler: 'app.handler',
      architecture: lambda.Architecture.${architecture === 'arm64' ? 'ARM_64' : 'X86_64'},
      code: lambda.Code.fromAsset('cloud'),
    });
    try {
      new MaintenanceWindow(stack, 'Maintenance').protect(fn);
      process.stdout.write('no fault');
    } catch ({ name, message }) {
      process.stdout.write(name + ': ' + message);
    }`;
  const words = ['--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, words, { cwd: checkout, encoding: 'utf8' });
  return stdout || stderr;
}

test.each([
  ['nodejs24.x', 'arm64', "client's", layerFile('arm64')],
  ['nodejs22.x', 'x86_64', "client's", layerFile('x86_64')],
  ['python3.13', 'arm64', "proxy's", proxyLayerFile('arm64')],
  ['java21', 'x86_64', "proxy's", proxyLayerFile('x86_64')],
])(
  'a function on %s and %s is refused where the %s layer for it is not built',
  (runtime, architecture, whose, file) => {
    expect(faultOf(runtime, architecture)).toBe(
      `MaintenanceWindow.Config: Stack/Orders: runs on ${architecture}, and the ${whose} layer for it is not built: ` +
        `${join(checkout, 'dist', file)} is not there; ` +
        'the released package has it, and from the source  npm run build  makes it, or says what it takes',
    );
  },
);
