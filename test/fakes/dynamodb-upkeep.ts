import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { startDynamoDb } from '../../local/aws/dynamodb.ts';

/** A DynamoDB that knows what the embedded one does not: time to live, backups, protection against deletion. */
export interface DynamoDbUpkeep extends AsyncDisposable {
  readonly url: string;
  /** The operations that came, in order. */
  readonly operations: readonly string[];
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
  const operations: string[] = [];
  const denied = new Set<string>();
  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const body = await text(request);
    const { status, answer } = await answerTo(operation, body, request.headers as Record<string, string>);
    response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    operations,
    denied,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await embedded.close();
    },
  };

  async function answerTo(operation: string, body: string, headers: Record<string, string>) {
    operations.push(operation);
    if (denied.has(operation)) {
      const message = `User: operator is not authorized to perform: dynamodb:${operation}`;
      return { status: 400, answer: { __type: 'com.amazon.coral.service#AccessDeniedException', message } };
    }
    const input = JSON.parse(body);
    const settings = tables.get(input.TableName) ?? {};
    tables.set(input.TableName, settings);
    switch (operation) {
      case 'UpdateTimeToLive':
        settings.attribute = input.TimeToLiveSpecification.AttributeName;
        return { status: 200, answer: { TimeToLiveSpecification: input.TimeToLiveSpecification } };
      case 'DescribeTimeToLive': {
        const { attribute: AttributeName } = settings;
        const TimeToLiveStatus = AttributeName ? 'ENABLED' : 'DISABLED';
        return { status: 200, answer: { TimeToLiveDescription: { TimeToLiveStatus, AttributeName } } };
      }
      case 'UpdateContinuousBackups':
        settings.isRecoverable = input.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled;
        return { status: 200, answer: backups(settings) };
      case 'DescribeContinuousBackups':
        return { status: 200, answer: backups(settings) };
    }
    const { DeletionProtectionEnabled, ...known } = input;
    if (operation === 'CreateTable') settings.isProtected = DeletionProtectionEnabled;
    const { host: _, 'content-length': __, ...rest } = headers;
    const passed = await fetch(embedded.url, { method: 'POST', headers: rest, body: JSON.stringify(known) });
    const answer = (await passed.json()) as { Table?: { DeletionProtectionEnabled?: boolean } };
    if (answer.Table) answer.Table.DeletionProtectionEnabled = settings.isProtected ?? false;
    return { status: passed.status, answer };
  }
}

function backups({ isRecoverable }: TableSettings): object {
  const PointInTimeRecoveryStatus = isRecoverable ? 'ENABLED' : 'DISABLED';
  const PointInTimeRecoveryDescription = { PointInTimeRecoveryStatus };
  return { ContinuousBackupsDescription: { ContinuousBackupsStatus: 'ENABLED', PointInTimeRecoveryDescription } };
}
