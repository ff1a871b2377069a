import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
const BIOME = join(root, 'node_modules', '.bin', 'biome');

type NewFile = readonly [file: string, code: string];

/** What a new file in each room must not say: at least one breach in each wing. */
const BREACHES: readonly NewFile[] = [
  ['core/new.ts', "import '../aws/request/refusal.ts';"],
  ['core/text/new.ts', "import '../sources/policy.ts';"],
  ['core/patterns/new.ts', "import '../sources/policy.ts';"],
  ['core/sources/new.ts', "import '../windows/window.ts';"],
  ['core/sources/shapes/new.ts', "import '../recognise.ts';"],
  ['core/time/new.ts', "import '../windows/window.ts';"],
  ['core/time/new.ts', "import '../sources/policy.ts';"],
  ['core/windows/new.ts', "import '../calendar/zone.ts';"],
  ['core/calendar/new.ts', "import '../events/table.ts';"],
  ['core/events/new.ts', "import '../gate/gate.ts';"],
  ['core/deployment/new.ts', "import '../gate/gate.ts';"],
  ['core/gate/new.ts', "import '../replay/pace.ts';"],
  ['core/gate/new.ts', "import '../../aws/windows/window-source.ts';"],
  ['core/gate/new.ts', "import 'node:fs';"],
  ['core/gate/new.ts', "import '@aws-sdk/client-ssm';"],
  ['core/gate/new.ts', 'export const pid = process.pid;'],
  ['core/gate/new.ts', 'export const answer = fetch;'],
  ['core/replay/new.ts', "import '../../operator/cli/values.ts';"],
  ['core/replay/order/new.ts', "import '../queue.ts';"],
  ['core/replay/progress/new.ts', "import '../order/order-keys.ts';"],
  ['core/words/new.ts', "import '../deployment/alarms.ts';"],
  ['aws/time/new.ts', "import '../request/refusal.ts';"],
  ['aws/request/new.ts', "import '../windows/window-source.ts';"],
  ['aws/dynamodb/new.ts', "import '../lambda/invoker.ts';"],
  ['aws/windows/new.ts', "import '../events/item.ts';"],
  ['aws/lambda/new.ts', "import '../events/item.ts';"],
  ['aws/metrics/new.ts', "import '../events/item.ts';"],
  ['aws/drain/new.ts', "import '../events/item.ts';"],
  ['aws/words/new.ts', "import '../events/item.ts';"],
  ['aws/events/new.ts', "import '../windows/window-source.ts';"],
  ['aws/events/new.ts', "import '../../host/log.ts';"],
  ['host/new.ts', "import '../ric/intake.ts';"],
  ['ric/new.ts', "import '../local/port.ts';"],
  ['ric/new.ts', "import '../proxy/main.ts';"],
  ['ric/new.ts', 'export const region = process.env.AWS_REGION;'],
  ['ric/realm/new.ts', "import '../../operator/cli/values.ts';"],
  ['ric/patch/new.ts', "import '../intake.ts';"],
  ['ric/patch/new.ts', "import '../../core/errors.ts';"],
  ['ric/rehearsal/new.ts', "import '../intake.ts';"],
  ['proxy/new.ts', "import '../ric/intake.ts';"],
  ['operator/access/new.ts', "import '../windows/draft.ts';"],
  ['operator/times/new.ts', "import '../access/access.ts';"],
  ['operator/contexts/new.ts', "import '../access/access.ts';"],
  ['operator/windows/new.ts', "import '../edits/draft.ts';"],
  ['operator/windows/new.ts', "import '../replay/left.ts';"],
  ['operator/edits/new.ts', "import '../events/read.ts';"],
  ['operator/events/new.ts', "import '../../host/log.ts';"],
  ['operator/replay/new.ts', "import '../../infra/parts/permissions.ts';"],
  ['operator/setup/new.ts', "import '../../infra/parts/permissions.ts';"],
  ['operator/doctor/new.ts', "import '../replay/left.ts';"],
  ['operator/report/new.ts', "import '../replay/left.ts';"],
  ['operator/cli/new.ts', "import '../../host/log.ts';"],
  ['operator/cli/events/new.ts', "import '../../../local/port.ts';"],
  ['operator/cli/new.ts', "import '../../aws/request/refusal.ts';"],
  ['operator/cli/windows/new.ts', "import '../../../aws/windows/parameter-store.ts';"],
  ['operator/console/new.ts', "import '../cli/session.ts';"],
  ['operator/console/page/views/windows/new.ts', "import '../../../server.ts';"],
  ['operator/console/page/views/windows/new.ts', "import '../../../../../core/windows/window.ts';"],
  ['operator/console/page/views/new.ts', "import '../../../../core/windows/window.ts';"],
  ['operator/console/page/new.ts', "import '../server.ts';"],
  ['cloud/monitor/new.ts', "import '../../operator/edits/draft.ts';"],
  ['cloud/monitor/new.ts', "import '../../infra/parts/permissions.ts';"],
  ['infra/new.ts', "import '../aws/events/item.ts';"],
  ['infra/new.ts', "import '../cloud/monitor/main.ts';"],
  ['infra/watching/new.ts', "import '../../cloud/monitor/monitor.ts';"],
  ['infra/parts/new.ts', "import '../../aws/events/item.ts';"],
  ['exports/new.ts', "import '../cloud/monitor/task.ts';"],
  ['local/new.ts', "import '../ric/patch.ts';"],
  ['local/new.ts', "import '../aws/events/create-table.ts';"],
  ['local/aws/new.ts', "import '../../aws/events/item.ts';"],
  ['build/new.ts', "import '../ric/intake.ts';"],
  ['build/new.ts', "import '../local/port.ts';"],
  ['build/new.ts', "import '../ric/start/without-shell.ts';"],
  ['build/new.ts', "import '../core/deployment/alarms.ts';"],
  ['build/bill/new.ts', "import '../client.ts';"],
  ['build/bill/new.ts', "import '../proxy/program.ts';"],
  ['build/client/new.ts', "import '../../ric/intake.ts';"],
  ['build/machine/new.ts', 'export const path = process.env.PATH;'],
  ['examples/cdk/new.ts', "import '../../core/gate/gate.ts';"],
  ['handler/new.mjs', "import '../core/gate/gate.ts';"],
  ['test/unit/gate/new.test.ts', "import 'node:http';"],
  ['test/unit/gate/new.test.ts', "import { setTimeout } from 'node:timers/promises';"],
  ['test/unit/gate/new.test.ts', 'setTimeout(Date.now, 50);'],
  ['test/unit/gate/new.test.ts', "import '../../fakes/runtime-api.ts';"],
  ['test/unit/gate/new.test.ts', "import '../../worlds/client-process.ts';"],
];

const ALLOWED: readonly NewFile[] = [
  ['core/sources/shapes/new.ts', "import '../../text/shape.ts';"],
  ['core/windows/new.ts', "import '../time/instant.ts';"],
  ['core/gate/new.ts', "import '../sources/policy.ts';"],
  ['core/replay/new.ts', "import '../gate/gate.ts';"],
  ['core/replay/order/new.ts', "import '../../events/archive.ts';"],
  ['aws/events/new.ts', "import '../dynamodb/dynamodb.ts';"],
  ['aws/windows/new.ts', "import '../../core/gate/gate.ts';"],
  ['aws/request/new.ts', "import '../time/steady-clock.ts';"],
  ['host/new.ts', "import '../aws/windows/window-source.ts';"],
  ['ric/new.ts', "import '../host/compose.ts';"],
  ['ric/realm/new.ts', "import '../patch/upstream.ts';"],
  ['proxy/new.ts', "import '../host/gate-behind.ts';"],
  ['proxy/node/new.ts', "import '../../host/abort.ts';"],
  ['build/new.ts', "import '../ric/patch/patch.ts';"],
  ['build/new.ts', "import '../local/cache-folder.ts';"],
  ['build/new.ts', "import '../core/deployment/layer.ts';"],
  ['build/new.ts', 'export const path = process.env.PATH;'],
  ['build/client/new.ts', "import '../output/whole.ts';"],
  ['build/client/new.ts', "import '../../ric/patch/patch.ts';"],
  ['ric/main.ts', 'export const region = process.env.AWS_REGION;'],
  ['ric/main.ts', "import project from '../package.json' with { type: 'json' };"],
  ['operator/edits/new.ts', "import '../windows/known-windows.ts';"],
  ['operator/replay/new.ts', "import '../windows/known-windows.ts';"],
  ['operator/doctor/new.ts', "import '../windows/check.ts';"],
  ['operator/cli/events/new.ts', "import '../../events/selection.ts';"],
  ['cloud/monitor/new.ts', "import '../../aws/events/item.ts';"],
  ['infra/new.ts', "import '../cloud/monitor/task.ts';"],
  ['local/aws/new.ts', "import '../../aws/events/create-table.ts';"],
  ['infra/checks/new.ts', "import '../../core/errors.ts';"],
  ['test/unit/gate/new.test.ts', "import '../../fakes/memory/memory-events.ts';"],
  ['exports/new.ts', "import '../infra/contract.ts';"],
  ['infra/parts/new.ts', "import '../../core/deployment/alarms.ts';"],
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'arrows-'));
  copyFileSync(join(root, 'biome.json'), join(folder, 'biome.json'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the project's own linter says of one new file. */
function lint([file, code]: NewFile): string {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${code}\n`);
  const { stdout, stderr } = spawnSync(BIOME, ['lint', '--vcs-enabled=false', file], { cwd: folder, encoding: 'utf8' });
  rmSync(path);
  return stdout + stderr;
}

describe('the arrows of the house', () => {
  it.each(BREACHES)('%s must not say: %s', (...breach) => {
    expect(lint(breach)).toMatch(/noRestrictedImports|noRestrictedGlobals|noProcessEnv/);
  });

  it.each(ALLOWED)('%s may say: %s', (...file) => {
    expect(lint(file)).not.toMatch(/noRestricted|noProcessEnv/);
  });
});
