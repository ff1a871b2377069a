import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DynamoDbProxy, startDynamoDbProxy } from '../../fakes/dynamodb-proxy.ts';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { patchedClient, startClient } from '../../worlds/client-process.ts';
import { type Surroundings, startSurroundings } from '../../worlds/surroundings.ts';

/** The real client, a process for each environment: what was stored comes again, hours later. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NO_WINDOWS = '{"version":1,"windows":[]}';
const between = (from: number, to: number) => `${new Date(from).toISOString()},${new Date(to).toISOString()}`;

let aws: Surroundings;
let table: DynamoDbProxy;
beforeAll(async () => {
  aws = await startSurroundings();
  table = await startDynamoDbProxy(aws.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '');
});
afterAll(async () => {
  await table.close();
  await aws[Symbol.asyncDispose]();
});

/** What a new environment answers, and what it asked of the table meanwhile. */
async function answerOf(id: string, settings: Readonly<Record<string, string>> = {}) {
  const before = table.requests.length;
  await using api = await startRuntimeApi({ invocations: [{ id, text: '{"order":1}' }] });
  await using client = startClient({
    client: patchedClient(),
    handler: 'values.echo',
    runtimeApi: api.address,
    environment: { ...aws.environment, AWS_ENDPOINT_URL_DYNAMODB: table.url, ...settings },
  });
  const { stdout } = await client.exited;
  const { kind, body } = api.requests.find((request) => request.kind === 'response' || request.kind === 'error') ?? {};
  const asked = table.requests.slice(before).map(({ operation, pk }) => `${operation} ${pk}`);
  return { answer: kind === 'error' ? 'stored' : `${body}`, asked, stdout };
}

const RAN = '{"order":1}';
const statusOf = async (id: string) => (await aws.eventItem(id))?.['status']?.S;
let events = 0;
const nextId = () => `0000000${++events}-1111-4111-8111-111111111111`;

async function stored(): Promise<string> {
  const id = nextId();
  const now = Date.now();
  await aws.setWindows(between(now - HOUR, now + HOUR));
  expect((await answerOf(id)).answer).toBe('stored');
  return id;
}

describe('a stored invocation that Lambda sends again', () => {
  it.each([16 * MINUTE, 5 * HOUR])('is taken back and runs, %i ms after the window', async (afterMs) => {
    const id = await stored();
    await aws.setWindows(between(Date.now() - 8 * HOUR, Date.now() - afterMs));
    expect((await answerOf(id)).answer).toBe(RAN);
    expect(await statusOf(id)).toBe('taken-back');
  });

  it('is taken back by an environment that starts after the window was taken out', async () => {
    const id = await stored();
    await aws.setWindows(NO_WINDOWS);
    const { answer, asked } = await answerOf(id);
    expect(answer).toBe(RAN);
    expect(await statusOf(id)).toBe('taken-back');
    expect(asked).toEqual(['GetItem orders#function', `GetItem orders#${id}`, `UpdateItem orders#${id}`]);
  });

  it('ends where it was replayed meanwhile', async () => {
    const id = await stored();
    await aws.dynamoDb.send(
      new UpdateItemCommand({
        TableName: 'maintenance-window-events',
        Key: { pk: { S: `orders#${id}` } },
        UpdateExpression: 'SET #status = :replayed',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':replayed': { S: 'replayed' } },
      }),
    );
    await aws.setWindows(NO_WINDOWS);
    expect((await answerOf(id)).answer).toBe('null');
  });

  it('runs where the table does not answer, which is said', async () => {
    const id = await stored();
    await aws.setWindows(NO_WINDOWS);
    table.behave(() => ({ kind: 'hang', when: 'before' }));
    const { answer, stdout } = await answerOf(id).finally(() => table.behave(() => undefined));
    expect(answer).toBe(RAN);
    expect(stdout).toMatch(/"maintenanceWindow":"taken-back".*may run twice.*"outcome":"unknown".*"pausedUntil":"20/);
    expect(await statusOf(id)).toBe('pending');
  });
});

describe('an invocation', () => {
  it('has nothing asked of the table where the parameter is as it was for a day', async () => {
    await using quiet = await startSurroundings(between(Date.now() - 9 * HOUR, Date.now() - 7 * HOUR));
    const ssm = quiet.environment['AWS_ENDPOINT_URL_SSM'] ?? '';
    expect(await answerOf(nextId(), { AWS_ENDPOINT_URL_SSM: ssm })).toMatchObject({ answer: RAN, asked: [] });
  });
});
