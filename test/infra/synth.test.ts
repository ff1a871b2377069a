import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'synth-'));
const attempts = join(folder, 'attempts');
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the repository's own `cdk` without credentials, without Docker and without a network. */
async function cdk(...words: string[]) {
  const startedAt = performance.now();
  const child = spawn(join(root, 'node_modules/.bin/cdk'), words, {
    cwd: root,
    env: {
      PATH: `${join(root, 'node_modules/.bin')}:/usr/bin:/bin`,
      HOME: folder,
      CDK_HOME: folder,
      CI: 'true',
      ATTEMPTS: attempts,
      NODE_OPTIONS: `--require ${join(import.meta.dirname, 'no-network.cjs')}`,
      CDK_DOCKER: join(folder, 'no-docker'),
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const code = await new Promise((resolve) => child.on('close', resolve));
  return { code, output, seconds: (performance.now() - startedAt) / 1_000 };
}

test('npx cdk synth needs no network, no credentials and no Docker', async ({ annotate }) => {
  const { code, output, seconds } = await cdk('synth', '--quiet', '--output', join(folder, 'cdk.out'));
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(existsSync(attempts) ? readFileSync(attempts, 'utf8') : '').toBe('');

  const assembly = join(folder, 'cdk.out');
  const template = JSON.parse(readFileSync(join(assembly, 'MaintenanceWindowSample.template.json'), 'utf8'));
  expect(Object.keys(template.Outputs).sort()).toEqual(['EventsTable', 'Function', 'WindowParameter']);
  const folders = readdirSync(assembly).map((name) => join(assembly, name));
  const sources = folders.find((path) => existsSync(join(path, 'Dockerfile')));
  expect(readdirSync(sources ?? assembly)).toEqual(expect.arrayContaining(['core', 'handler', 'ric']));
  for (const unwanted of ['node_modules', '.git', 'test', 'ric/upstream/node_modules']) {
    expect(existsSync(join(sources ?? assembly, unwanted)), unwanted).toBe(false);
  }
  await annotate(`synth took ${seconds.toFixed(1)} s`);
});
