import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { decodeBody } from '../gate/body.ts';
import { type Addresses, FUNCTION_NAME, PARAMETER, TABLE } from './guide.ts';
import { CLIENT_SETTINGS } from './stand-ins.ts';

/** What an invocation brought, seen from outside. */
export interface Invoked {
  readonly id: string;
  readonly failed: boolean;
  readonly reply: string;
  /** What the function wrote meanwhile. */
  readonly lines: readonly string[];
}

/** A deferred event as it lies in the table. `text` is unpacked, and proved by the checksum that lies beside it. */
export interface StoredEvent {
  readonly status: string;
  readonly source: string;
  readonly text: string;
}

/** What the demonstration does to the running system: nothing that a user could not do with the SDK. */
export interface Stage {
  invoke(eventText: string): Promise<Invoked>;
  setWindows(value: string): Promise<void>;
  storedEvent(id: string): Promise<StoredEvent | undefined>;
  close(): void;
}

/** @param takeLines gives the lines that the function wrote since the last call */
export function createStage({ invokeUrl, ssmUrl, dynamoDbUrl }: Addresses, takeLines: () => string[]): Stage {
  const lambda = new LambdaClient({ ...CLIENT_SETTINGS, endpoint: invokeUrl });
  const ssm = new SSMClient({ ...CLIENT_SETTINGS, endpoint: ssmUrl });
  const dynamoDb = new DynamoDBClient({ ...CLIENT_SETTINGS, endpoint: dynamoDbUrl });

  return {
    async invoke(eventText) {
      takeLines();
      const { $metadata, FunctionError, Payload } = await lambda.send(
        new InvokeCommand({ FunctionName: FUNCTION_NAME, Payload: eventText }),
      );
      return {
        id: $metadata.requestId ?? '',
        failed: FunctionError !== undefined,
        reply: Buffer.from(Payload ?? []).toString(),
        lines: takeLines(),
      };
    },

    async setWindows(value) {
      await ssm.send(new PutParameterCommand({ Name: PARAMETER, Value: value, Overwrite: true }));
    },

    async storedEvent(id) {
      const { Item: item } = await dynamoDb.send(
        new GetItemCommand({ TableName: TABLE, Key: { pk: { S: id } }, ConsistentRead: true }),
      );
      if (!item) return undefined;
      const body = await decodeBody(item['body']?.B ?? new Uint8Array(), {
        encoding: item['encoding']?.S ?? '',
        sha256: item['sha256']?.S ?? '',
        bytes: Number(item['bytes']?.N),
      });
      if (body.kind === 'damaged') throw new Error(body.message);
      return { status: item['status']?.S ?? '', source: item['source']?.S ?? '', text: body.text };
    },

    close() {
      for (const client of [lambda, ssm, dynamoDb]) client.destroy();
    },
  };
}
