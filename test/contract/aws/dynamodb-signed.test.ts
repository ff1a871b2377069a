import { afterAll, beforeAll, expect, it } from 'vitest';
import { TO_DYNAMODB } from '../../../aws/dynamodb/dynamodb.ts';
import { createSignedDynamoDb } from '../../../aws/dynamodb/dynamodb-signed.ts';
import { createSignedRequests } from '../../../aws/request/signed-request.ts';
import { type Answer, type ScriptedService, startScriptedService } from '../../fakes/scripted-service.ts';

const OF_DYNAMODB = { 'content-type': 'application/x-amz-json-1.0' };
let service: ScriptedService;
let says: Answer;
beforeAll(async () => {
  service = await startScriptedService(() => says);
});
afterAll(() => service.close());

/** What comes of an item that is put, where the service says this with 200. */
function put(body: string, headers: Record<string, string>): Promise<object> {
  says = { kind: 'answer', status: 200, headers, body };
  const { hostname, port } = new URL(service.url);
  const endpoint = { protocol: 'http:', hostname, port: Number(port), path: '/', region: 'eu-south-1' } as const;
  const requests = createSignedRequests(endpoint, 'dynamodb', TO_DYNAMODB);
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const dynamoDb = createSignedDynamoDb(requests, { credentials: () => credentials });
  const input = { TableName: 'events', Item: { pk: { S: 'orders#one' } } };
  return dynamoDb.send('PutItem', input, new AbortController().signal).finally(dynamoDb.disconnect);
}

it.each<[what: string, body: string, headers: Record<string, string>]>([
  ['a page', '<html>welcome</html>', { 'content-type': 'text/html' }],
  ['nothing', '', {}],
  ['JSON of another service', '{"ok":true}', { 'content-type': 'application/json' }],
  ['no object', '[]', OF_DYNAMODB],
  ['null', 'null', OF_DYNAMODB],
  ['an error', '{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}', OF_DYNAMODB],
])('does not take for an item that is put where somebody says 200 and %s', async (_, body, headers) => {
  await expect(put(body, headers)).rejects.toThrow('the answer is not one of DynamoDB');
});

it('takes DynamoDB’s own answer', async () => {
  expect(await put('{}', OF_DYNAMODB)).toEqual({});
  expect(await put('{}', { 'content-type': 'application/x-amz-json-1.0; charset=utf-8' })).toEqual({});
});
