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
    timeToLiveCommand(table),
    pointInTimeRecoveryCommand(table),
  ];
}

/** Command of the AWS CLI that lets finished events expire. */
export function timeToLiveCommand(table: string): string {
  return `aws dynamodb update-time-to-live --table-name ${table} --time-to-live-specification Enabled=true,AttributeName=${TTL_ATTRIBUTE}`;
}

/** Command of the AWS CLI that makes the table restorable to any point in time. */
export function pointInTimeRecoveryCommand(table: string): string {
  return `aws dynamodb update-continuous-backups --table-name ${table} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=${TABLE_SAFEGUARDS.pointInTimeRecovery}`;
}

/** Command of the AWS CLI that has DynamoDB refuse to delete the table. */
export function deletionProtectionCommand(table: string): string {
  return `aws dynamodb update-table --table-name ${table} --deletion-protection-enabled`;
}
