import {
  allOf,
  anyObject,
  anyOf,
  anyText,
  arn,
  arnOf,
  boolean,
  emptyList,
  listOf,
  mapOf,
  number,
  object,
  oneOf,
  type Shape,
  text,
} from '../../text/shape.ts';

/**
 * Events that Lambda, or EventBridge Pipes, polls for: batches of records. A batch is recognised only when every
 * record of it is of the one source; Lambda never mixes them, so a mixed list is somebody's own payload.
 */

const sqsRecord = object({
  eventSource: oneOf('aws:sqs'),
  eventSourceARN: arnOf('sqs'),
  messageId: text,
  body: anyText,
});
const kinesisRecord = object({
  eventSource: oneOf('aws:kinesis'),
  eventSourceARN: arnOf('kinesis'),
  eventID: text,
  kinesis: object({ sequenceNumber: text, data: anyText }),
});
const dynamoDbRecord = object({
  eventSource: oneOf('aws:dynamodb'),
  eventSourceARN: arnOf('dynamodb'),
  eventName: oneOf('INSERT', 'MODIFY', 'REMOVE'),
  dynamodb: object({ SequenceNumber: text }),
});
const kafkaRecord = object({ topic: text, partition: anyOf(number, text), offset: number });
const selfManagedKafka = oneOf('SelfManagedKafka', 'aws:SelfManagedKafka');

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export const sqsBatch: Shape = object({ Records: listOf(sqsRecord) });

/** https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html */
export const kinesisBatch: Shape = object({ Records: listOf(kinesisRecord) });

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
export const dynamoDbBatch: Shape = object({ Records: listOf(dynamoDbRecord) });

const streamRecords = anyOf(listOf(kinesisRecord), listOf(dynamoDbRecord));

/**
 * A batch with the state of a tumbling window, which the reply must carry on: any sign of a window tells it from a
 * batch without one. The last batch of a window may be empty, and then all the signs must be there.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
 */
export const tumblingWindowBatch: Shape = anyOf(
  object({ Records: streamRecords, window: anyObject }),
  object({ Records: streamRecords, isFinalInvokeForWindow: boolean }),
  object({
    Records: emptyList,
    window: object({ start: text, end: text }),
    shardId: text,
    eventSourceARN: anyOf(arnOf('kinesis'), arnOf('dynamodb')),
    isFinalInvokeForWindow: boolean,
  }),
);

/** Each list under the name of its topic and partition. https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html and with-kafka.html */
export const kafkaBatch: Shape = allOf(
  object({ records: mapOf(listOf(kafkaRecord)) }),
  anyOf(
    object({ eventSource: oneOf('aws:kafka'), eventSourceArn: arnOf('kafka') }),
    object({ eventSource: selfManagedKafka, bootstrapServers: text }),
  ),
);

/** ActiveMQ says `aws:mq`, and in some places `aws:amq`. https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html */
export const mqBatch: Shape = anyOf(
  object({
    eventSource: oneOf('aws:mq', 'aws:amq'),
    eventSourceArn: arnOf('mq'),
    messages: listOf(object({ messageID: text })),
  }),
  object({
    eventSource: oneOf('aws:rmq'),
    eventSourceArn: arnOf('mq'),
    rmqMessagesByQueue: mapOf(listOf(object({ basicProperties: anyObject, data: anyText }))),
  }),
);

/** https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html */
export const documentDbBatch: Shape = object({
  eventSource: oneOf('aws:docdb'),
  eventSourceArn: arn,
  events: listOf(object({ event: anyObject })),
});

/**
 * A pipe's batch: a bare list of its source's records, of which streams and brokers spell the ARN differently.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-source.html
 */
export const pipesBatch: Shape = anyOf(
  ...['aws:sqs', 'aws:kinesis', 'aws:dynamodb'].map((name) =>
    listOf(object({ eventSource: oneOf(name), eventSourceARN: arn })),
  ),
  ...['aws:kafka', 'aws:mq', 'aws:amq', 'aws:rmq'].map((name) =>
    listOf(object({ eventSource: oneOf(name), eventSourceArn: arn })),
  ),
  listOf(object({ eventSource: selfManagedKafka, bootstrapServers: text })),
);
