import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const BIOME = join(root, 'node_modules', '.bin', 'biome');

/** What a new file in each room must not do, and what it may. */
const BREACHES: readonly (readonly [file: string, code: string])[] = [
  ['gate/new.ts', "import '../aws/ssm.ts';"],
  ['gate/new.ts', "import 'node:fs';"],
  ['gate/new.ts', "import '@aws-sdk/client-ssm';"],
  ['gate/new.ts', 'export const pid = process.pid;'],
  ['gate/new.ts', 'export const answer = fetch;'],
  ['aws/new.ts', "import '../ric/log.ts';"],
  ['ric/new.ts', "import '../local/port.ts';"],
  ['ric/new.ts', 'export const region = process.env.AWS_REGION;'],
  ['local/new.ts', "import '../ric/build.ts';"],
  ['cli/new.ts', "import '../ric/log.ts';"],
  ['cli/events/new.ts', "import '../../local/port.ts';"],
  ['infra/new.ts', "import '../aws/item.ts';"],
  ['infra/monitor/new.ts', "import '../../aws/events/item.ts';"],
  ['handler/new.mjs', "import '../gate/gate.ts';"],
];
const ALLOWED: readonly (readonly [file: string, code: string])[] = [
  ['aws/new.ts', "import '../gate/gate.ts';"],
  ['ric/new.ts', "import '../aws/compose.ts';"],
  ['cli/events/new.ts', "import '../../aws/events/item.ts';"],
  ['infra/monitor/new.ts', "import '../../core/gate/gate.ts';"],
  ['ric/main.ts', 'export const region = process.env.AWS_REGION;'],
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'arrows-'));
  copyFileSync(join(root, 'biome.json'), join(folder, 'biome.json'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the project's own linter says of one new file. */
function lint(file: string, code: string): string {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${code}\n`);
  const { stdout, stderr } = spawnSync(BIOME, ['lint', '--vcs-enabled=false', file], { cwd: folder, encoding: 'utf8' });
  rmSync(path);
  return stdout + stderr;
}

describe('the arrows of the house', () => {
  it.each(BREACHES)('%s must not say: %s', (file, code) => {
    expect(lint(file, code)).toMatch(/noRestrictedImports|noRestrictedGlobals|noProcessEnv/);
  });

  it.each(ALLOWED)('%s may say: %s', (file, code) => {
    expect(lint(file, code)).not.toMatch(/noRestricted|noProcessEnv/);
  });
});
