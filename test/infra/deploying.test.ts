import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CLIENT_METRICS } from '../../infra/metrics.ts';
import { MONITOR_METRICS } from '../../infra/monitor/metrics.ts';
import {
  type AllowedActions,
  CLIENT_ACTIONS,
  MONITOR_ACTIONS,
  OPERATOR_ACTIONS,
  PARAMETER_KEY_ACTIONS,
  TABLE_KEY_ACTIONS,
} from '../../infra/permissions.ts';
import { WARNINGS } from '../../infra/warnings.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/deploying.md'), 'utf8');

/** The part of the text under a heading, up to the next one. */
function under(heading: string): string {
  const [, part] = text.split(new RegExp(`^#+ ${heading}$`, 'm'));
  return part?.split(/^#+ /m)[0] ?? '';
}

function actionsIn(part: string): readonly string[] {
  const named = [...part.matchAll(/`((?:ssm|dynamodb|kms|lambda):\w+)`/g)].map(([, action]) => action ?? '');
  return [...new Set(named)].sort();
}

function all(...lists: readonly (AllowedActions | readonly string[])[]): readonly string[] {
  return [...new Set(lists.flatMap((list) => Object.values(list).flat()))].sort();
}

test('the document names every action that is granted, and no other', () => {
  expect(actionsIn(under('protect'))).toEqual(all(CLIENT_ACTIONS, TABLE_KEY_ACTIONS, PARAMETER_KEY_ACTIONS.read));
  expect(actionsIn(under('grantOperate'))).toEqual(all(OPERATOR_ACTIONS, PARAMETER_KEY_ACTIONS.write));
  expect(actionsIn(under('Monitor'))).toEqual(all(MONITOR_ACTIONS));
});

test('the document names every metric and every warning', () => {
  for (const metric of [...Object.keys(CLIENT_METRICS), ...Object.keys(MONITOR_METRICS)]) {
    expect(under('Monitor')).toContain(`\`${metric}\``);
  }
  for (const id of Object.values(WARNINGS)) expect(under('protect')).toContain(`\`${id}\``);
});
