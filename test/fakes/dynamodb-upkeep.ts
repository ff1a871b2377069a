import { startDynamoDb } from '../../local/aws/dynamodb.ts';
import {
  type Answer,
  answers,
  askOf,
  fails,
  operationOf,
  type ScriptedService,
  type SeenRequest,
  startServiceOf,
} from './scripted-service.ts';

/** A DynamoDB that knows what the embedded one does not: time to live, backups, protection against deletion. */
export interface DynamoDbUpkeep extends ScriptedService<string> {
  /** The operations that came, in order. */
  readonly requests: readonly string[];
  /** Operations that are refused from now on, as IAM refuses them. */
  readonly denied: Set<string>;
}

interface TableSettings {
  attribute?: string;
  isRecoverable?: boolean;
  isProtected?: boolean;
}

/** Starts it on a free port of loopback. */
export async function startDynamoDbUpkeep(): Promise<DynamoDbUpkeep> {
  const embedded = await startDynamoDb();
  const tables = new Map<string, TableSettings>();
  const denied = new Set<string>();
  const service = await startServiceOf(operationOf, answerTo);
  return Object.assign(service, {
    denied,
    async [Symbol.asyncDispose]() {
      await service.close();
      await embedded.close();
    },
  });

  async function answerTo(operation: string, seen: SeenRequest): Promise<Answer> {
    if (denied.has(operation)) {
      const message = `User: operator is not authorized to perform: dynamodb:${operation}`;
      return fails(400, 'com.amazon.coral.service#AccessDeniedException', { message });
    }
    const input = JSON.parse(seen.body);
    const settings = tables.get(input.TableName) ?? {};
    tables.set(input.TableName, settings);
    switch (operation) {
      case 'UpdateTimeToLive':
        settings.attribute = input.TimeToLiveSpecification.AttributeName;
        return answers(200, { TimeToLiveSpecification: input.TimeToLiveSpecification });
      case 'DescribeTimeToLive': {
        const { attribute: AttributeName } = settings;
        const TimeToLiveStatus = AttributeName ? 'ENABLED' : 'DISABLED';
        return answers(200, { TimeToLiveDescription: { TimeToLiveStatus, AttributeName } });
      }
      case 'UpdateContinuousBackups':
        settings.isRecoverable = input.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled;
        return answers(200, backups(settings));
      case 'DescribeContinuousBackups':
        return answers(200, backups(settings));
    }
    const { DeletionProtectionEnabled, ...known } = input;
    if (operation === 'CreateTable') settings.isProtected = DeletionProtectionEnabled;
    const { 'accept-encoding': _, ...headers } = seen.headers;
    const passed = await askOf(embedded.url, { ...seen, headers, bytes: Buffer.from(JSON.stringify(known)) });
    const answer = JSON.parse(String(passed.body)) as { Table?: { DeletionProtectionEnabled?: boolean } };
    if (answer.Table) answer.Table.DeletionProtectionEnabled = settings.isProtected ?? false;
    return answers(passed.status, answer);
  }
}

function backups({ isRecoverable }: TableSettings): object {
  const PointInTimeRecoveryStatus = isRecoverable ? 'ENABLED' : 'DISABLED';
  const PointInTimeRecoveryDescription = { PointInTimeRecoveryStatus };
  return { ContinuousBackupsDescription: { ContinuousBackupsStatus: 'ENABLED', PointInTimeRecoveryDescription } };
}
