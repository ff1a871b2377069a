import { createServer, request as forward, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A service of AWS's through which IAM looks at every request. */
export interface RecordingProxy extends AsyncDisposable {
  readonly url: string;
}

/** What IAM calls requests to Lambda. Source: Service authorization reference, "Actions defined by AWS Lambda". */
const LAMBDA_ACTIONS: readonly (readonly [RegExp, string])[] = [
  [/^POST \/2015-03-31\/functions\/[^/]+\/invocations$/, 'lambda:InvokeFunction'],
  [/^GET \/2015-03-31\/functions\/[^/]+\/configuration$/, 'lambda:GetFunctionConfiguration'],
  [/^GET \/2015-03-31\/functions\/?$/, 'lambda:ListFunctions'],
  [/^GET \/2019-09-30\/functions\/[^/]+\/concurrency$/, 'lambda:GetFunctionConcurrency'],
];

/**
 * Starts it on a free port of loopback, in front of a stand-in.
 *
 * @param isAllowed told the IAM action of each request; where it is not, the request is refused as AWS does
 */
export async function startRecordingProxy(
  target: string,
  isAllowed: (action: string) => boolean,
): Promise<RecordingProxy> {
  const server = createServer(async (incoming, response) => {
    response.on('error', () => undefined);
    const body = await buffer(incoming);
    const action = actionOf(incoming);
    if (!isAllowed(action)) {
      response.writeHead(action.startsWith('lambda:') ? 403 : 400, {
        'content-type': 'application/x-amz-json-1.0',
        'x-amzn-errortype': 'AccessDeniedException',
      });
      response.end(
        JSON.stringify({ __type: 'AccessDeniedException', message: `not authorized to perform: ${action}` }),
      );
      return;
    }
    const { method, headers, url = '/' } = incoming;
    const outgoing = forward(new URL(url, target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    outgoing.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** `ssm:GetParameters` of `AmazonSSM.GetParameters`, `dynamodb:Query` of `DynamoDB_20120810.Query`; of Lambda by its paths. */
function actionOf({ method, url = '/', headers }: IncomingMessage): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    const [service = '', operation = ''] = target.split('.');
    return `${service === 'AmazonSSM' ? 'ssm' : 'dynamodb'}:${operation}`;
  }
  const { pathname } = new URL(url, 'http://lambda');
  return LAMBDA_ACTIONS.find(([path]) => path.test(`${method} ${pathname}`))?.[1] ?? `lambda:${method} ${pathname}`;
}
