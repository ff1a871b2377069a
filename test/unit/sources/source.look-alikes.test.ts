import { describe, expect, it } from 'vitest';
import { recogniseSource } from '../../../core/sources/recognise.ts';
import { EXAMPLE_EVENTS, readExampleEvent } from '../../data/events.ts';

/**
 * Payloads of users' own that have something in common with an AWS event. Each must stay a direct invocation: taken for
 * another source, it would be answered as that source wants it, and its caller misled.
 */

const LOOK_ALIKES: Readonly<Record<string, unknown>> = {
  'records of one’s own': { Records: [{ id: 1 }, { id: 2 }] },
  'records of one’s own with an event source': {
    Records: [{ eventSource: 'shop:orders', messageId: '1', body: '{}' }],
  },
  'no records': { Records: [] },
  'records that are a map': { Records: { 0: record('sqs') } },
  'a queue’s and a stream’s records in one list': { Records: [record('sqs'), record('kinesis')] },
  'a topic’s record behind a queue’s': { Records: [record('sqs'), record('sns')] },
  'a queue’s records and one that is null': { Records: [record('sqs'), null] },
  'a queue’s record without its queue': { Records: [without(record('sqs'), 'eventSourceARN')] },
  'a queue’s record from a stream’s ARN': {
    Records: [{ ...record('sqs'), eventSourceARN: record('kinesis')['eventSourceARN'] }],
  },
  'a bucket’s record without its bucket': { Records: [{ ...record('s3'), s3: {} }] },
  'a topic’s message without the envelope': record('sns')['Sns'],
  'the answer of ReceiveMessage': { Messages: [{ MessageId: '1', ReceiptHandle: 'a', Body: '{}' }] },
  'one record without its list': record('sqs'),
  'a request to CloudFront': { Records: [{ cf: { config: { distributionId: 'E1' }, request: { uri: '/' } } }] },

  'headers and a body of one’s own': { headers: { authorization: 'Bearer abc' }, body: '{}' },
  'a method and a path of one’s own': { httpMethod: 'POST', path: '/orders', headers: {}, body: '{}' },
  'a version and a raw path': { version: '2.0', rawPath: '/orders', headers: {}, isBase64Encoded: false },
  'a request context of one’s own': { requestContext: { requestId: '1' }, httpMethod: 'POST', path: '/orders' },
  'a load balancer’s request from another ARN': {
    ...example('alb-single-value-headers'),
    requestContext: { elb: { targetGroupArn: 'orders' } },
  },
  'a request whose headers are a text': { ...example('api-gateway-http-payload-2'), headers: 'accept: */*' },
  'a connection of one’s own': { requestContext: { connectionId: '1', eventType: 'MESSAGE' }, body: 'hello' },
  'a user agent that checks health': { httpMethod: 'GET', headers: { 'user-agent': 'ELB-HealthChecker/2.0' } },

  'a detail and its type': { 'detail-type': 'OrderPlaced', detail: { order: 1 } },
  'a rule’s event through an input path': {
    'detail-type': 'OrderPlaced',
    source: 'com.example.shop',
    detail: { order: 1 },
  },
  'a rule’s event of another version': { ...example('eventbridge-custom'), version: '1' },
  'a rule’s event whose detail is a list': { ...example('eventbridge-custom'), detail: [1] },
  'Scheduler’s name alone': { source: 'aws.scheduler' },
  'an alarm’s name alone': { source: 'aws.cloudwatch', alarmArn: 'orders-errors' },
  'log data beside other data': { awslogs: { data: 'H4sI' }, order: 1 },
  'a button’s click beside other data': { serialNumber: '1', clickType: 'SINGLE', batteryVoltage: '1mV', order: 1 },
  'a chain of functions': { requestContext: { condition: 'Success' }, requestPayload: { order: 1 } },

  'a trigger of one’s own': { triggerSource: 'nightly', userPoolId: 'p', request: {}, response: {} },
  'a sign-in of one’s own': { username: 'jane', password: 'in-clear' },
  'a sign-in to a server of one’s own': { ...example('transfer-identity-password'), serverId: 'ftp.example.com' },
  'a sign-in beside other data': { ...example('transfer-identity-password'), tenant: 't' },
  'a token of one’s own': { type: 'TOKEN', authorizationToken: 'abc' },
  'a token and an ARN of another service': {
    type: 'TOKEN',
    authorizationToken: 'abc',
    methodArn: 'arn:aws:s3:::orders',
  },
  'a request type of one’s own': { RequestType: 'Create', StackId: 'orders', LogicalResourceId: 'Bucket' },
  'a step of one’s own': { Step: 'createSecret', SecretId: 'orders', ClientRequestToken: '1' },
  'a deployment beside other data': { ...example('codedeploy-hook'), stage: 'prod' },
  'tasks of one’s own': { job: { id: '1' }, tasks: [{ taskId: '1' }] },
  'a transformation of one’s own': { invocationId: '1', records: [{ recordId: '1', data: 'a' }] },
  'arguments of one’s own': { arguments: { id: '1' }, info: { fieldName: 'order' } },
  'a resolver’s payload from a template': { field: 'getPost', arguments: { id: '1' } },
  'a list of arguments and one of one’s own': [...(example('appsync-batch') as unknown as unknown[]), { id: '1' }],
  'a directive of one’s own': { directive: { header: { namespace: 'Shop', name: 'Order' }, payload: {} } },
  'an intent of one’s own': { messageVersion: '1.0', currentIntent: { name: 'Order' }, bot: { name: 'Shop' } },
  'a function to call': { messageVersion: '1.0', function: 'findOrder', parameters: [] },
  'arguments of a query of one’s own': { query_id: 1, num_records: 1, arguments: [[1]] },
  'a certificate of one’s own': { certificateId: '1', certificatePem: 'p', templateArn: 'sensors', parameters: {} },

  'a warmer with something to do': { warmer: true, order: 1 },
  'a warmer that is not one': { warmer: 'true' },
  'a list of warmers': [{ warmer: true }],
  'a durable order': { DurableExecutionArn: 'order-1', CheckpointToken: 'a' },
  'a list of orders with an event source': [{ eventSource: 'shop', order: 1 }],
  'a pipe’s list with two sources': [record('sqs'), { ...record('sqs'), eventSource: 'aws:kinesis' }],

  'keys that are a prototype’s': { constructor: example('sqs'), toString: '', valueOf: null },
  'records as a prototype': JSON.parse('{"__proto__":{"Records":[]},"hasOwnProperty":1}'),
};

describe('recogniseSource', () => {
  it.each(Object.entries(LOOK_ALIKES))('takes %s for a direct invocation', (_name, event) => {
    expect(recogniseSource(JSON.stringify(event)).key).toBe('direct');
  });

  it('reads own properties only, whatever a handler’s library adds to the prototype of all objects', () => {
    const text = JSON.stringify(example('sqs'));
    expect(recogniseSource(`{"__proto__":${text}}`).key).toBe('direct');
    Object.defineProperty(Object.prototype, 'source', { value: 'serverless-plugin-warmup', configurable: true });
    try {
      expect(recogniseSource('{"order":1}').key).toBe('direct');
    } finally {
      Reflect.deleteProperty(Object.prototype, 'source');
    }
  });

  it('takes no event for another source’s when one of its fields is missing, unless that field is all that tells them apart', () => {
    const telling = new Set<string>();
    for (const { name, key } of EXAMPLE_EVENTS) {
      const event = JSON.parse(readExampleEvent(name));
      for (const field of fieldsOf(event)) {
        const taken = recogniseSource(JSON.stringify(without(event, field))).key;
        if (taken !== key && taken !== 'direct') telling.add(`${key} without ${field}: ${taken}`);
      }
    }
    expect([...telling]).toEqual([
      'alb-health-check without headers: http',
      'alb-health-check without multiValueHeaders: http',
    ]);
  });
});

function example(name: string): Record<string, unknown> {
  return JSON.parse(readExampleEvent(name));
}

function record(name: string): Record<string, unknown> {
  const [first] = example(name)['Records'] as Record<string, unknown>[];
  return first ?? {};
}

function without(event: Record<string, unknown>, field: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(event).filter(([name]) => name !== field));
}

function fieldsOf(event: unknown): readonly string[] {
  return typeof event === 'object' && event !== null && !Array.isArray(event) ? Object.keys(event) : [];
}
