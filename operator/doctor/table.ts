import type { DescribedTable, TableUpkeep } from '../../aws/events/table-upkeep.ts';
import { otherLayout, TABLE_SAFEGUARDS } from '../../core/deployment/table-layout.ts';
import { TTL_ATTRIBUTE } from '../../core/events/table.ts';
import type { Operator } from '../access/operator.ts';
import { openTableUpkeep } from '../access/table.ts';
import { type FactsOf, type Finding, found, notSeen, type State } from './finding.ts';
import { looked } from './unseen.ts';

/** Looks whether the table is as whoever makes it has it: layout, expiry and safeguards. The billing mode is its owner's. */
export async function examineTable(operator: Operator): Promise<readonly Finding[]> {
  const upkeep = await openTableUpkeep(operator);
  try {
    return await judgeTable(upkeep, operator.settings.table);
  } finally {
    upkeep.close();
  }
}

/** The same through whatever knows the table. */
export async function judgeTable(upkeep: Described, table: string): Promise<readonly Finding[]> {
  const [described, ...settings] = await Promise.all([
    looked('dynamodb:DescribeTable', upkeep.describe),
    timeToLive(upkeep, table),
    pointInTimeRecovery(upkeep, table),
  ]);
  if (described.unseen) return [notSeen('table', table, described.unseen), ...settings];
  if (!described.value) return [found('table', table, 'problem', { why: 'absent' })];
  // another one's table, perhaps: what expires there, and how it is guarded, is no business of ours
  if (otherLayout(described.value.shape) !== undefined) return layout(described.value, table);
  return [...layout(described.value, table), ...settings, ...deletionProtection(described.value, table)];
}

/** Whether it is certain that there is no table. */
export function isTableAbsent(findings: readonly Finding[]): boolean {
  return findings.some((one) => one.kind === 'table' && one.unseen === undefined && one.data.why === 'absent');
}

type Described = Pick<TableUpkeep, 'describe' | 'timeToLive' | 'pointInTimeRecovery'>;

function layout({ shape, status, indexStatus = 'ACTIVE' }: DescribedTable, table: string): readonly Finding[] {
  const message = otherLayout(shape);
  return [
    found('table', table, stateOf(status), status === 'ACTIVE' ? { status } : { why: 'not-active', status }),
    message !== undefined
      ? found('layout', table, 'problem', { why: 'other-layout', message })
      : found(
          'layout',
          table,
          stateOf(indexStatus),
          indexStatus === 'ACTIVE' ? {} : { why: 'index-not-active', status: indexStatus },
        ),
  ];
}

/** What is being updated goes on working. Source: Amazon DynamoDB API reference, "TableDescription", TableStatus and IndexStatus. */
function stateOf(status: string): State {
  if (status === 'ACTIVE') return 'ok';
  return status === 'UPDATING' ? 'warning' : 'problem';
}

async function timeToLive(upkeep: Described, table: string): Promise<Finding> {
  const { value: attribute, unseen } = await looked('dynamodb:DescribeTimeToLive', upkeep.timeToLive);
  if (unseen) return notSeen('time-to-live', table, unseen);
  const wanted = TTL_ATTRIBUTE;
  if (attribute === wanted) return found('time-to-live', table, 'ok', { attribute, wanted });
  const facts: FactsOf<'time-to-live'> =
    attribute === undefined ? { why: 'off', wanted } : { why: 'other-attribute', attribute, wanted };
  return found('time-to-live', table, 'problem', facts);
}

async function pointInTimeRecovery(upkeep: Described, table: string): Promise<Finding> {
  const kind = 'point-in-time-recovery';
  const { value: isOn, unseen } = await looked('dynamodb:DescribeContinuousBackups', upkeep.pointInTimeRecovery);
  if (unseen) return notSeen(kind, table, unseen);
  return isOn || !TABLE_SAFEGUARDS.pointInTimeRecovery
    ? found(kind, table, 'ok', {})
    : found(kind, table, 'warning', { why: 'off' });
}

function deletionProtection({ deletionProtection: isOn }: DescribedTable, table: string): readonly Finding[] {
  return isOn || !TABLE_SAFEGUARDS.deletionProtection
    ? [found('deletion-protection', table, 'ok', {})]
    : [found('deletion-protection', table, 'warning', { why: 'off' })];
}
