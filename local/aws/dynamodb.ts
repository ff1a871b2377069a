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

/** How it is to differ from one that allows everything. */
interface DynamoDbOptions {
  /** Whether an operation such as `PutItem` is denied, asked at each request: as by the policy of a role. */
  readonly isDenied?: (operation: string) => boolean;
}

/**
 * Starts an embedded DynamoDB (dynalite, in memory) on a free port.
 *
 * It is the service but for this: it gives back no item with a condition's failure
 * (`ReturnValuesOnConditionCheckFailure`), keeps the settings of time to live and of
 * point-in-time recovery and does nothing by them, has no transactions,
 * throttles nobody, and its indexes are never behind.
 */
export async function startDynamoDb({ isDenied }: DynamoDbOptions = {}): Promise<LocalDynamoDb> {
  const server = dynalite({ createTableMs: 0 });
  const [answer] = server.listeners('request') as [RequestListener];
  server.removeAllListeners('request');
  const served = await serve(server);
  const whole = withTableSettings(forgivingAborted(answer), served.url);
  server.on('request', isDenied ? denying(isDenied, whole) : whole);
  return served;
}

function denying(isDenied: (operation: string) => boolean, answer: RequestListener): RequestListener {
  return (request, response) => {
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
    if (!isDenied(operation)) return answer(request, response);
    const __type = 'com.amazon.coral.service#AccessDeniedException';
    const body = JSON.stringify({ __type, Message: `not authorized to perform: dynamodb:${operation}` });
    request.resume().on('end', () => {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
    });
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
