import type { RequestListener } from 'node:http';
import dynalite from 'dynalite';
import { serve } from './serve.ts';
import { withTableSettings } from './table-settings.ts';

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
 * (`ReturnValuesOnConditionCheckFailure`), keeps the settings of time to live and of
 * point-in-time recovery and does nothing by them, has no transactions,
 * throttles nobody, and its indexes are never behind.
 */
export async function startDynamoDb(): Promise<LocalDynamoDb> {
  const server = dynalite({ createTableMs: 0 });
  const [answer] = server.listeners('request') as [RequestListener];
  server.removeAllListeners('request');
  const served = await serve(server);
  server.on('request', withTableSettings(forgivingAborted(answer), served.url));
  return served;
}

/** Dynalite throws, and so ends the process, when a client goes away in the middle of its request. */
function forgivingAborted(answer: RequestListener): RequestListener {
  return (request, response) => {
    answer(request, response);
    request.removeAllListeners('error');
    request.on('error', () => undefined);
  };
}
