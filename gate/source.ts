import { type Action, type Delivery, EVENT_SOURCES, type PolicyKey } from './event-sources.ts';
import {
  albHealthCheck,
  albRequest,
  apiGatewayV1Request,
  apiGatewayV2Request,
  type HttpRequest,
  httpRequestOf,
  latticeV1Request,
  latticeV2Request,
  webSocketRequest,
} from './http-event.ts';
import { dynamoDbOrder, kafkaOrder, kinesisOrder, type RecordOrder, sqsOrder } from './record-order.ts';
import { anyObject, arn, list, listOf, object, oneOf, type Shape, text, textAt } from './shape.ts';

/** Who sent an event, and what its reply must carry back. */
export interface Source {
  readonly key: PolicyKey;
  readonly delivery: Delivery;
  /** What is done when no policy names the key: the table's, or what fits this kind of event better. */
  readonly action: Action;
  /** The place in a stream, partition or message group. */
  readonly order?: RecordOrder;
  /** Of `http` and `alb-health-check`. */
  readonly http?: HttpRequest;
  /** Of `websocket`: what becomes of the connection. */
  readonly connection?: 'CONNECT' | 'MESSAGE' | 'DISCONNECT';
  /** Of `s3-batch`: each of the tasks wants a result. */
  readonly batch?: S3BatchJob;
  /** Of a deferred Cognito trigger: the event's own text, which Cognito takes for “go on”. */
  readonly echo?: string;
}

/** What S3 Batch Operations wants to have back. */
export interface S3BatchJob {
  readonly invocationSchemaVersion: string;
  readonly invocationId: string;
  readonly taskIds: readonly string[];
}

type Facts = Omit<Source, 'key' | 'delivery' | 'action'> & { readonly action?: Action };

/** One entry of the table: an event of this shape is from this source. */
interface Recogniser {
  readonly key: PolicyKey;
  readonly shape: Shape;
  readonly facts?: (event: unknown, text: string) => Facts;
}

const records = (shape: Shape): Shape => object({ Records: listOf(shape) });

/** In this order, because some shapes contain others: an authorizer's event also looks like a request, for one. */
const RECOGNISERS: readonly Recogniser[] = [
  { key: 'durable', shape: object({ DurableExecutionArn: arn, CheckpointToken: text }) },

  { key: 'alb-health-check', shape: albHealthCheck, facts: httpFacts },
  { key: 'http', shape: albRequest, facts: httpFacts },
  { key: 'http', shape: apiGatewayV2Request, facts: httpFacts },
  { key: 'websocket', shape: webSocketRequest, facts: webSocketFacts },
  { key: 'http', shape: apiGatewayV1Request, facts: httpFacts },
  { key: 'http', shape: latticeV2Request, facts: httpFacts },
  { key: 'http', shape: latticeV1Request, facts: httpFacts },

  {
    key: 'sqs',
    shape: records(
      object({ eventSource: oneOf('aws:sqs'), eventSourceARN: arn, messageId: text, attributes: anyObject }),
    ),
    facts: (event) => ordered(sqsOrder(event)),
  },
  {
    key: 'kinesis',
    shape: records(object({ eventSource: oneOf('aws:kinesis'), eventSourceARN: arn, kinesis: anyObject })),
    facts: (event) => ordered(kinesisOrder(event)),
  },
  {
    key: 'dynamodb',
    shape: records(object({ eventSource: oneOf('aws:dynamodb'), eventSourceARN: arn, dynamodb: anyObject })),
    facts: (event) => ordered(dynamoDbOrder(event)),
  },
  {
    key: 's3',
    shape: records(object({ eventSource: oneOf('aws:s3'), eventName: text, s3: object({ bucket: anyObject }) })),
  },
  {
    key: 'sns',
    shape: records(object({ EventSource: oneOf('aws:sns'), Sns: object({ MessageId: text, TopicArn: arn }) })),
  },
  {
    key: 'ses',
    shape: records(object({ eventSource: oneOf('aws:ses'), ses: object({ mail: anyObject, receipt: anyObject }) })),
  },
  {
    key: 'kafka',
    shape: object({ eventSource: oneOf('aws:kafka', 'SelfManagedKafka'), records: anyObject }),
    facts: (event) => ordered(kafkaOrder(event)),
  },

  {
    key: 'eventbridge',
    shape: object({
      version: oneOf('0'),
      id: text,
      'detail-type': text,
      source: text,
      account: text,
      time: text,
      region: text,
      resources: list,
      detail: anyObject,
    }),
  },
  { key: 'logs', shape: object({ awslogs: object({ data: text }) }) },
  {
    key: 'cognito',
    shape: object({ triggerSource: text, userPoolId: text, region: text, request: anyObject, response: anyObject }),
    facts: cognitoFacts,
  },
];

const DIRECT: Source = sourceOf('direct');

/**
 * Tells the event source from the event alone: its text is parsed once, and each of its parts looked at a bounded
 * number of times. Never throws; what is not recognised beyond doubt is `direct`, a text that is no JSON included.
 */
export function recogniseSource(text: string): Source {
  const event = parsed(text);
  for (const { key, shape, facts } of RECOGNISERS) {
    if (shape(event)) return sourceOf(key, facts?.(event, text));
  }
  return DIRECT;
}

function sourceOf(key: PolicyKey, facts: Facts = {}): Source {
  const { delivery, action } = EVENT_SOURCES[key];
  return { key, delivery, action, ...facts };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function httpFacts(event: unknown): Facts {
  return { http: httpRequestOf(event) };
}

function ordered(order: RecordOrder | undefined): Facts {
  return order ? { order } : {};
}

function webSocketFacts(event: unknown): Facts {
  const connection = textAt(event, 'requestContext', 'eventType');
  if (connection === 'DISCONNECT') return { connection, action: 'defer' };
  return { connection: connection === 'CONNECT' ? 'CONNECT' : 'MESSAGE' };
}

/** What comes after the fact may come later still; Cognito does not come back after three tries. */
function cognitoFacts(event: unknown, text: string): Facts {
  const afterTheFact = /^Post(Confirmation|Authentication)_/.test(textAt(event, 'triggerSource'));
  return afterTheFact ? { action: 'defer', echo: text } : {};
}
