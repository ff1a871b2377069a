import { askOf, fails, type LoopbackServer, type SeenRequest, startScriptedService } from './scripted-service.ts';

/** What IAM calls requests to Lambda. Source: Service authorization reference, "Actions defined by AWS Lambda". */
const LAMBDA_ACTIONS: readonly (readonly [RegExp, string])[] = [
  [/^POST \/2015-03-31\/functions\/[^/]+\/invocations$/, 'lambda:InvokeFunction'],
  [/^GET \/2015-03-31\/functions\/[^/]+\/configuration$/, 'lambda:GetFunctionConfiguration'],
  [/^GET \/2015-03-31\/functions\/?$/, 'lambda:ListFunctions'],
  [/^GET \/2015-03-31\/event-source-mappings\/?$/, 'lambda:ListEventSourceMappings'],
  [/^GET \/2019-09-30\/functions\/[^/]+\/concurrency$/, 'lambda:GetFunctionConcurrency'],
  [/^GET \/2019-09-25\/functions\/[^/]+\/event-invoke-config$/, 'lambda:GetFunctionEventInvokeConfig'],
];

/** What IAM calls services of AWS JSON, by their targets. */
const PREFIXES: readonly (readonly [RegExp, string])[] = [
  [/^AmazonSSM$/, 'ssm'],
  [/^DynamoDB_/, 'dynamodb'],
  [/^GraniteServiceVersion/, 'cloudwatch'],
  [/^AWSEvents$/, 'events'],
  [/^AWSStepFunctions$/, 'states'],
];

/**
 * A service of AWS's through which IAM looks at every request. Starts it on a free port of loopback, in front of a
 * stand-in.
 *
 * @param isAllowed told the IAM action of each request; where it is not, the request is refused as AWS does
 */
export function startRecordingProxy(target: string, isAllowed: (action: string) => boolean): Promise<LoopbackServer> {
  return startScriptedService((request) => {
    const action = actionOf(request);
    if (isAllowed(action)) return askOf(target, request);
    const status = action.startsWith('lambda:') ? 403 : 400;
    return fails(status, 'AccessDeniedException', { message: `not authorized to perform: ${action}` });
  });
}

/** `ssm:GetParameters` of `AmazonSSM.GetParameters`, `dynamodb:Query` of `DynamoDB_20120810.Query`; of Lambda by its paths. */
function actionOf({ method, path, headers }: SeenRequest): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    const [service = '', operation = ''] = target.split('.');
    return `${PREFIXES.find(([pattern]) => pattern.test(service))?.[1] ?? service}:${operation}`;
  }
  const { pathname } = new URL(path, 'http://lambda');
  return (
    LAMBDA_ACTIONS.find(([pattern]) => pattern.test(`${method} ${pathname}`))?.[1] ?? `lambda:${method} ${pathname}`
  );
}
