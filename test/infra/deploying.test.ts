import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type AllowedActions,
  CLIENT_ACTIONS,
  DRAIN_STARTER_ACTIONS,
  MONITOR_ACTIONS,
  OPERATOR_ACTIONS,
  OPTIONAL_ACTIONS,
  PARAMETER_KEY_ACTIONS,
  READ_ACTIONS,
  REPLAY_ACTIONS,
  TABLE_KEY_ACTIONS,
  WINDOW_ACTIONS,
} from '../../core/deployment/permissions.ts';
import { CLIENT_METRICS, MONITOR_METRICS } from '../../core/metrics.ts';
import { WARNINGS } from '../../infra/checks/warnings.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/deploying.md'), 'utf8');

/** The part of the text under a heading, up to the next one. */
function under(heading: string): string {
  const [, part] = text.split(new RegExp(`^#+ ${heading}$`, 'm'));
  return part?.split(/^#+ /m)[0] ?? '';
}

function actionsIn(part: string): readonly string[] {
  const named = [...part.matchAll(/`((?:ssm|dynamodb|kms|lambda|cloudwatch|iam|events|states):\w+)`/g)].map(
    ([, action]) => action ?? '',
  );
  return [...new Set(named)].sort();
}

/** What the table of the parts of `grantOperate` allows in a column, from 0. */
function actionsOfColumn(column: number): readonly string[] {
  const rows = under('grantOperate')
    .split('\n')
    .map((row) => row.split('|').slice(1));
  return actionsIn(rows.flatMap((cells) => (cells[column]?.includes('✓') ? [cells[1] ?? ''] : [])).join());
}

function all(...lists: readonly (AllowedActions | readonly string[])[]): readonly string[] {
  return [...new Set(lists.flatMap((list) => Object.values(list).flat()))].sort();
}

test('the document names every action that is granted, and no other', () => {
  expect(actionsIn(under('protect'))).toEqual(all(CLIENT_ACTIONS, TABLE_KEY_ACTIONS, PARAMETER_KEY_ACTIONS.read));
  expect(actionsIn(under('grantOperate'))).toEqual(
    all(OPERATOR_ACTIONS, OPTIONAL_ACTIONS, PARAMETER_KEY_ACTIONS.write),
  );
  expect(actionsOfColumn(2)).toEqual(all(READ_ACTIONS));
  expect(actionsOfColumn(3)).toEqual(all(WINDOW_ACTIONS));
  expect(actionsOfColumn(4)).toEqual(all(REPLAY_ACTIONS));
  expect(actionsIn(under('Monitor'))).toEqual(
    all(MONITOR_ACTIONS, DRAIN_STARTER_ACTIONS, ['states:DescribeExecution', 'states:StartExecution']),
  );
});

test('the document names every metric and every warning', () => {
  for (const metric of [...Object.keys(CLIENT_METRICS), ...Object.keys(MONITOR_METRICS)]) {
    expect(under('Monitor')).toContain(`\`${metric}\``);
  }
  const warned = under('protect') + under('protectAll') + under('Drain');
  for (const id of Object.values(WARNINGS)) expect(warned).toContain(`\`${id}\``);
});

test('the apps of the document can be synthesised as they stand there', () => {
  const [whole = '', ...parts] = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block ?? '');
  const folder = mkdtempSync(join(tmpdir(), 'deploying-'));
  try {
    const repository = join(import.meta.dirname, '../..');
    mkdirSync(join(folder, 'node_modules/@maintenance-window'), { recursive: true });
    for (const name of ['aws-cdk-lib', 'constructs'])
      symlinkSync(join(repository, 'node_modules', name), join(folder, 'node_modules', name));
    symlinkSync(repository, join(folder, 'node_modules/@maintenance-window/lambda'));
    mkdirSync(join(folder, 'orders'));
    writeFileSync(join(folder, 'orders', 'Dockerfile'), 'FROM scratch\n');
    const around = `
      import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
      const env = { account: '444455556666', region: 'eu-south-1' };
      const [teamStack, operatorsStack, ordersStack] =
        ['Team', 'Operators', 'Orders'].map((id) => new Stack(app, id, id === 'Team' ? { env } : {}));`;
    const stacks = 'console.log(app.synth().stacks.map(({ stackName }) => stackName).join());';
    writeFileSync(join(folder, 'app.ts'), [whole, around, ...parts, stacks].join('\n'));
    const output = execFileSync(process.execPath, ['app.ts'], { cwd: folder, encoding: 'utf8' });
    expect(output.trim().split(',').toSorted()).toEqual(['Operators', 'Orders', 'Shop', 'Team']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
