/** A function with more code than most: bundled with three SDK clients. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

const dynamoDb = new DynamoDBClient({});
const lambda = new LambdaClient({});
const ssm = new SSMClient({});

export async function handler(event: { readonly key?: string }): Promise<object> {
  if (!event.key) return { done: true };
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: event.key }));
  const { Item } = await dynamoDb.send(new GetItemCommand({ TableName: 'orders', Key: { pk: { S: event.key } } }));
  const { StatusCode } = await lambda.send(new InvokeCommand({ FunctionName: Parameter?.Value }));
  return { item: Item, status: StatusCode };
}
