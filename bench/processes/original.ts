/**
 * The peer of the deferral benchmark: what the system that this one follows does with an event inside a window, in this
 * system's language and with its SDK. It reads the parameter for each event, stores the event with one put, reports an
 * error to the caller, and ends its process, so that Lambda has to start another one for the next event.
 *
 * In its favour: one minified file, no runtime interface client and no handler to load, plain HTTP to everything.
 * Source: https://github.com/garysassano/cdk-aws-lambda-internal-extension (`lambda_pre_handler.py`)
 */
import { type IncomingMessage, request } from 'node:http';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';

const runtimeApi = `http://${process.env['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation`;

void deferOne();

async function deferOne(): Promise<never> {
  const { body, headers } = await send('GET', `${runtimeApi}/next`);
  const id = String(headers['lambda-runtime-aws-request-id']);
  const { Parameters } = await new SSMClient({}).send(new GetParametersCommand({ Names: ['maintenance-window'] }));
  const [start = '', end = ''] = Parameters?.[0]?.Value?.split(',') ?? [];
  if (!(Date.parse(start) <= Date.now() && Date.now() <= Date.parse(end))) throw new Error('no window is active');
  await new DynamoDBClient({}).send(
    new PutItemCommand({
      TableName: 'maintenance-window-events',
      Item: {
        pk: { S: id },
        timestamp: { S: new Date().toISOString() },
        event_body: { S: body },
        invoked_function_arn: { S: String(headers['lambda-runtime-invoked-function-arn']) },
      },
    }),
  );
  await send('POST', `${runtimeApi}/${id}/error`, '{"errorType":"UserWarning","errorMessage":"under maintenance"}');
  process.exit(1);
}

async function send(method: string, url: string, content?: string) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method }, resolve).once('error', reject).end(content);
  });
  const body = Buffer.concat(await response.toArray()).toString();
  return { body, headers: response.headers };
}
