import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { cacheFolder } from '../../../local/cache-folder.ts';
import { playDemo } from '../../../local/demo.ts';
import { createStage } from '../../../local/demo-stage.ts';
import { makeReady } from '../../../local/proxied/function.ts';
import { findProject } from '../../../local/proxied/project.ts';
import { EDIT_SEEN_MS, type Local, startLocal } from '../../../local/start.ts';
import { emulatorFile } from '../../worlds/emulator.ts';
import { hasProxy, PROXY } from '../../worlds/proxy.ts';
import { GO, JAVA, PYTHON, RUST, type RuntimeClient, skips } from '../../worlds/runtime-clients.ts';

// The sample function in each language, behind the proxy: what `npm start -- --proxy --handler` makes of it, and the demonstration.

const HOME = join(import.meta.dirname, '..', '..', '..');
const TOOL = join(HOME, 'dist', 'cli', 'main.mjs');
const [sqs = '', http = ''] = ['sqs', 'http'].map((name) =>
  readFileSync(join(HOME, 'handler', 'events', `${name}.json`), 'utf8'),
);
/** A compiler's first run on a busy machine. */
const BUILD_LIMIT_MS = 15 * 60_000;
/** Its 60 crates are compiled once for all clones, and without what a debugger reads. */
const OF_CARGO = {
  CARGO_TARGET_DIR: join(cacheFolder(process.env), 'tests', 'example-rust'),
  CARGO_PROFILE_DEV_DEBUG: '0',
};

type Environment = Readonly<Record<string, string | undefined>>;
const EXAMPLES: readonly (readonly [RuntimeClient, string, () => Promise<Environment>])[] = [
  [PYTHON, 'python/app.py', async () => (await PYTHON.prepare())('').environment],
  [GO, 'go', async () => ({})],
  [RUST, 'rust', async () => OF_CARGO],
  [JAVA, 'java/src/main/java/shop/Orders.java', async () => ({})],
];

let local: Local | undefined;
afterEach(async () => {
  await local?.close();
  local = undefined;
});

for (const [client, file, environmentOf] of EXAMPLES) {
  describe.skipIf(!hasProxy || skips('the example', client))(`examples/${file}`, () => {
    it(
      'is handled outside a window, deferred inside, and replayed by the operator’s tool',
      async () => {
        const environment = { ...process.env, ...(await environmentOf()) };
        const project = findProject(join('examples', file), HOME);
        expect(await project.lacks({ cwd: project.taskRoot, env: environment })).toEqual([]);
        const fn = await makeReady(project, PROXY, environment, new AbortController().signal);
        const lines: string[] = [];
        const write = (line: string) => lines.push(line);
        const cloud = join(HOME, 'dist');
        local = await startLocal({ fn, emulatorFile: await emulatorFile(), cloud, environment, port: 0, write });
        const { addresses } = local;
        const stage = createStage({ addresses, tool: TOOL, environment, takeLines: () => lines.splice(0) });
        const said: string[] = [];
        const allHeld = await playDemo(stage, { sqs, http }, EDIT_SEEN_MS, (line) => said.push(line));
        stage.close();
        expect({ allHeld, said }).toEqual({ allHeld: true, said: expect.not.arrayContaining(['✗']) });
        expect(said.filter((line) => line.includes('✓'))).toHaveLength(13);
      },
      BUILD_LIMIT_MS,
    );
  });
}
