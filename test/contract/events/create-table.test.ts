import { randomUUID } from 'node:crypto';
import {
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEventsTable } from '../../../aws/events/create-table.ts';
import { TTL_ATTRIBUTE, tableDefinition } from '../../../core/events/table.ts';
import { startDynamoDb } from '../../../local/aws/dynamodb.ts';
import { isStandIn, STAND_IN } from './event-store-table.ts';

createsTheTable('on the embedded DynamoDB', async () => {
  const { url, close } = await startDynamoDb();
  return { endpoint: url, close };
});

// Whoever sets an endpoint for AWS has the contract tried there too: a stand-in, or a region's own.
const given = process.env['AWS_ENDPOINT_URL_DYNAMODB'] ?? process.env['AWS_ENDPOINT_URL'];
if (given) createsTheTable(`at ${given}`, async () => ({ endpoint: given, close: async () => undefined }));

function createsTheTable(where: string, start: () => Promise<{ endpoint: string; close(): Promise<void> }>): void {
  describe(`making the events table, ${where}`, () => {
    const name = `events-${randomUUID()}`;
    let client: DynamoDBClient;
    let service: Awaited<ReturnType<typeof start>>;
    beforeAll(async () => {
      service = await start();
      client = new DynamoDBClient({ endpoint: service.endpoint, ...(isStandIn(service.endpoint) && STAND_IN) });
    });
    afterAll(async () => {
      await client.send(new DeleteTableCommand({ TableName: name }));
      client.destroy();
      await service.close();
    });

    const timeToLive = async () =>
      (await client.send(new DescribeTimeToLiveCommand({ TableName: name }))).TimeToLiveDescription;

    it('has one of two makers make it, and both find it usable', async () => {
      const outcomes = await Promise.all([createEventsTable(client, name), createEventsTable(client, name)]);
      expect(outcomes.toSorted()).toEqual(['exists', 'made']);
    });

    it('gives it key, index and time to live', async () => {
      const { Table: table } = await client.send(new DescribeTableCommand({ TableName: name }));
      const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } = tableDefinition(name);
      expect(table).toMatchObject({ TableStatus: 'ACTIVE', KeySchema });
      expect(table?.AttributeDefinitions).toEqual(expect.arrayContaining(AttributeDefinitions));
      expect(table?.GlobalSecondaryIndexes).toHaveLength(GlobalSecondaryIndexes.length);
      for (const { Projection, ...index } of GlobalSecondaryIndexes) {
        const found = table?.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index.IndexName);
        expect(found).toMatchObject(index);
        expect(found?.Projection?.NonKeyAttributes?.toSorted()).toEqual(Projection.NonKeyAttributes.toSorted());
      }
      expect(await timeToLive()).toMatchObject({
        TimeToLiveStatus: expect.stringMatching(/^ENABL/),
        AttributeName: TTL_ATTRIBUTE,
      });
    });

    it.runIf(where.includes('embedded'))('leaves one that exists as it is', async () => {
      const off = { AttributeName: TTL_ATTRIBUTE, Enabled: false };
      await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: off }));
      expect(await createEventsTable(client, name)).toBe('exists');
      expect(await timeToLive()).toEqual({ TimeToLiveStatus: 'DISABLED' });
    });

    it('rejects with the service’s fault for a name that is none', async () => {
      await expect(createEventsTable(client, 'no name')).rejects.toThrow(/[Vv]alid/);
    });
  });
}

describe('the embedded DynamoDB', () => {
  it('keeps time to live as the service does, for each table by itself', async () => {
    const { url, close } = await startDynamoDb();
    const client = new DynamoDBClient({ ...STAND_IN, endpoint: url });
    const set = (TableName: string, Enabled: boolean) =>
      client
        .send(
          new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled } }),
        )
        .catch(({ name, message }: Error) => `${name}: ${message}`);
    expect(await set('absent', true)).toMatch(/^ResourceNotFoundException: /);
    await createEventsTable(client, 'events');
    expect(await set('events', true)).toBe('ValidationException: TimeToLive is already enabled');
    expect(await set('events', false)).toMatchObject({ TimeToLiveSpecification: { Enabled: false } });
    expect(await set('events', false)).toBe('ValidationException: TimeToLive is already disabled');

    await client.send(new DeleteTableCommand({ TableName: 'events' }));
    // It is being deleted for half a second.
    expect(await createEventsTable(client, 'events')).toBe('made');
    expect(await set('events', true)).toBe('ValidationException: TimeToLive is already enabled');
    client.destroy();
    await close();
  });

  it('keeps point-in-time recovery as the service does, for each table by itself', async () => {
    const { url, close } = await startDynamoDb();
    const client = new DynamoDBClient({ ...STAND_IN, endpoint: url });
    const status = async (TableName: string) => {
      const { ContinuousBackupsDescription } = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
      return ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
    };
    await expect(status('absent')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    for (const name of ['events', 'others']) await createEventsTable(client, name);
    const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
    await client.send(new UpdateContinuousBackupsCommand({ TableName: 'events', PointInTimeRecoverySpecification }));
    expect([await status('events'), await status('others')]).toEqual(['ENABLED', 'DISABLED']);
    client.destroy();
    await close();
  });
});
