/** A bare loop of the SDK's `Invoke`, in a process of its own: what a replay is measured against. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { answerOrders } from './own-process.ts';

export interface InvokeOrder {
  readonly lambdaUrl: string;
  readonly invocations: number;
  readonly concurrency: number;
}

export interface Invoked {
  readonly tookMs: number;
}

const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };

answerOrders(async ({ lambdaUrl, invocations, concurrency }: InvokeOrder): Promise<Invoked> => {
  const httpAgent = { keepAlive: true, maxSockets: concurrency };
  const client = new LambdaClient({
    region: 'eu-south-1',
    endpoint: lambdaUrl,
    credentials,
    maxAttempts: 1,
    requestHandler: { httpAgent },
  });
  const beganAt = performance.now();
  let left = invocations;
  const work = async () => {
    while (left-- > 0)
      await client.send(new InvokeCommand({ FunctionName: 'orders', Payload: Buffer.from('{"order":1}') }));
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const tookMs = performance.now() - beganAt;
  client.destroy();
  return { tookMs };
});
