import { answers, askOf, type LoopbackServer, operationOf, startScriptedService } from './scripted-service.ts';

/**
 * A DynamoDB whose table is known by its ARN alone, as another account's is. Starts it in front of one that knows names
 * alone.
 *
 * @param form what an answer about several items calls the table: its ARN, or its name
 */
export async function startDynamoDbByArn(target: string, arn: string, form: 'arn' | 'name'): Promise<LoopbackServer> {
  const name = arn.replace(/^.*\//, '');
  return startScriptedService(async (request) => {
    const { headers, body } = request;
    if (!body.includes(`"${arn}"`))
      return answers(400, { __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException' });
    const { 'accept-encoding': _, ...others } = headers;
    const bytes = Buffer.from(body.replaceAll(`"${arn}"`, `"${name}"`));
    const answer = await askOf(target, { ...request, headers: others, bytes });
    const several = operationOf(request) === 'BatchGetItem';
    if (!several || form === 'name') return answer;
    return { ...answer, body: String(answer.body).replaceAll(`"${name}":`, `"${arn}":`) };
  });
}
