import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A DynamoDB whose table is known by its ARN alone, as another account's is. */
export interface DynamoDbByArn {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts it in front of one that knows names alone.
 *
 * @param answers what an answer about several items calls the table: its ARN, or its name
 */
export async function startDynamoDbByArn(target: string, arn: string, answers: 'arn' | 'name'): Promise<DynamoDbByArn> {
  const name = arn.replace(/^.*\//, '');
  const server = createServer((incoming, response) => {
    serve().catch(() => response.destroy());

    async function serve(): Promise<void> {
      const body = await text(incoming);
      if (!body.includes(`"${arn}"`)) {
        response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
        response.end('{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}');
        return;
      }
      const { host: _, 'content-length': __, 'accept-encoding': ___, ...headers } = incoming.headers;
      const answer = await fetch(target, {
        method: 'POST',
        headers: headers as Record<string, string>,
        body: body.replaceAll(`"${arn}"`, `"${name}"`),
      });
      const told = await answer.text();
      const several = String(headers['x-amz-target']).endsWith('.BatchGetItem');
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(several && answers === 'arn' ? told.replaceAll(`"${name}":`, `"${arn}":`) : told);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
