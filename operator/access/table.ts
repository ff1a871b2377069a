import type { TableUpkeep } from '../../aws/events/table-upkeep.ts';
import type { Operator } from './operator.ts';

/** Opens the operator's deferred events table as a whole. Its faults are explained. */
export async function openTableUpkeep({
  settings,
  clientSettings,
  clockSoFar,
  asking,
}: Operator): Promise<TableUpkeep> {
  const { createTableUpkeep } = await import('../../aws/events/table-upkeep.ts');
  const { table } = settings;
  const upkeep = createTableUpkeep(clientSettings, table, clockSoFar.hear);
  const ask =
    <Value>(action: string, call: () => Promise<Value>) =>
    () =>
      asking({ service: 'DynamoDB', action: `dynamodb:${action}`, what: `the table ${table}` }, call);
  return {
    describe: ask('DescribeTable', upkeep.describe),
    timeToLive: ask('DescribeTimeToLive', upkeep.timeToLive),
    pointInTimeRecovery: ask('DescribeContinuousBackups', upkeep.pointInTimeRecovery),
    create: ask('CreateTable', upkeep.create),
    setTimeToLive: ask('UpdateTimeToLive', upkeep.setTimeToLive),
    setPointInTimeRecovery: ask('UpdateContinuousBackups', upkeep.setPointInTimeRecovery),
    close: upkeep.close,
  };
}
