import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import { withTimeToLive } from './time-to-live.ts';

/** DynamoDB on loopback. */
export interface LocalDynamoDb {
  /** What `AWS_ENDPOINT_URL_DYNAMODB` is to be. Any credentials and any region will do. */
  readonly url: string;
  /** Ends it, with all that it holds. */
  close(): Promise<void>;
}

/**
 * Starts an embedded DynamoDB (dynalite, in memory) on a free port.
 *
 * It is the service but for this: it gives back no item with a condition's failure
 * (`ReturnValuesOnConditionCheckFailure`), keeps the setting of time to live and expires nothing, has no transactions,
 * throttles nobody, and its indexes are never behind.
 */
export async function startDynamoDb(): Promise<LocalDynamoDb> {
  const server = dynalite({ createTableMs: 0 });
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [answer] = server.listeners('request') as [RequestListener];
  server.removeAllListeners('request');
  server.on('request', withTimeToLive(forgivingAborted(answer), url));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: url(),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

/** Dynalite throws, and so ends the process, when a client goes away in the middle of its request. */
function forgivingAborted(answer: RequestListener): RequestListener {
  return (request, response) => {
    answer(request, response);
    request.removeAllListeners('error');
    request.on('error', () => undefined);
  };
}
