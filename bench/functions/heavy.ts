/** A function of usual weight: bundled with the SDK client that it uses. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient({});

export async function handler(event: { readonly key?: string }): Promise<object> {
  if (!event.key) return { done: true };
  const { Item } = await client.send(new GetItemCommand({ TableName: 'orders', Key: { pk: { S: event.key } } }));
  return { item: Item };
}
