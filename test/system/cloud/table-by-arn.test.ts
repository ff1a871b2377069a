/** A table that another account shares is named by its ARN everywhere: by functions, by the monitor, by the operator's tool. */
import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { readBacklogs } from '../../../aws/events/backlog.ts';
import { sweepParts } from '../../../aws/events/sweep.ts';
import { startDynamoDbByArn } from '../../fakes/dynamodb-by-arn.ts';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { buildCli, runCli } from '../../worlds/cli.ts';
import { patchedClient, startClient } from '../../worlds/client-process.ts';
import { activeWindows, startSurroundings } from '../../worlds/surroundings.ts';

const TABLE = 'arn:aws:dynamodb:eu-south-1:444455556666:table/maintenance-window-events';
const TWO_DAYS_MS = 2 * 86_400_000;
const LARGE = JSON.stringify(randomBytes(500_000).toString('base64'));

describe.each(['arn', 'name'] as const)('where an answer about several items has its %s', (answers) => {
  it('stores, measures, keeps, shows and exports what is there', async () => {
    buildCli();
    await using aws = await startSurroundings(activeWindows());
    const shared = await startDynamoDbByArn(aws.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '', TABLE, answers);
    const environment = { ...aws.environment, AWS_ENDPOINT_URL_DYNAMODB: shared.url, MAINTENANCE_WINDOW_TABLE: TABLE };
    await using api = await startRuntimeApi({
      invocations: [
        { id: 'small', text: '{"order":1}' },
        { id: 'large', text: LARGE },
      ],
    });
    await using client = startClient({
      client: patchedClient(),
      handler: 'values.echo',
      runtimeApi: api.address,
      environment,
    });
    await client.exited;
    const before = (await aws.items()).map(({ pk }) => pk?.S).toSorted();
    expect(before.length).toBeGreaterThan(3);

    const dynamoDb = new DynamoDBClient({
      endpoint: shared.url,
      region: 'eu-south-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    expect(await readBacklogs(dynamoDb, TABLE)).toMatchObject({
      backlogs: [{ functionName: 'orders', events: 2 }],
      strays: 0,
    });
    expect(await sweepParts(dynamoDb, TABLE, Date.now() + TWO_DAYS_MS, () => false)).toMatchObject({ deleted: 0 });
    expect((await aws.items()).map(({ pk }) => pk?.S).toSorted()).toEqual(before);

    const listed = await runCli(['events', 'list', '-o', 'json'], { environment });
    expect(listed).toMatchObject({ code: 0 });
    expect(
      JSON.parse(listed.out)
        .events.map(({ id }: { id: string }) => id)
        .toSorted(),
    ).toEqual(['large', 'small']);
    const shown = await runCli(['events', 'show', 'large', '--body'], { environment });
    expect({ code: shown.code, isWhole: shown.out.includes(LARGE) }).toEqual({ code: 0, isWhole: true });

    dynamoDb.destroy();
    await shared.close();
  });
});
