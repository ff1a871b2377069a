import { TABLE_SAFEGUARDS } from '../../core/deployment/table-layout.ts';
import { TTL_ATTRIBUTE, tableDefinition } from '../../core/events/table.ts';

/** The input of `aws dynamodb create-table --cli-input-json`. */
export function createTableInput(table: string): object {
  return { ...tableDefinition(table), DeletionProtectionEnabled: TABLE_SAFEGUARDS.deletionProtection };
}

/** What DynamoDB takes only once the table is there, as commands of the AWS CLI. */
export function commandsAfterTable(table: string): readonly string[] {
  return [
    `aws dynamodb wait table-exists --table-name ${table}`,
    `aws dynamodb update-time-to-live --table-name ${table} --time-to-live-specification Enabled=true,AttributeName=${TTL_ATTRIBUTE}`,
    `aws dynamodb update-continuous-backups --table-name ${table} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=${TABLE_SAFEGUARDS.pointInTimeRecovery}`,
  ];
}
