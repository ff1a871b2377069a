import {
  allOf,
  anyList,
  anyObject,
  anyOf,
  anything,
  arnOf,
  exactly,
  listOf,
  number,
  object,
  oneOf,
  optional,
  type Shape,
  text,
} from '../../text/shape.ts';

/** Fire-and-forget notifications: Lambda queues and retries them. */

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export const s3Notification: Shape = anyOf(
  object({
    Records: listOf(
      object({
        eventSource: oneOf('aws:s3'),
        eventName: text,
        s3: object({ bucket: object({ name: text }), object: anyObject }),
      }),
    ),
  }),
  object({ Service: oneOf('Amazon S3'), Event: oneOf('s3:TestEvent'), Bucket: text }),
);

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
export const snsNotification: Shape = object({
  Records: listOf(object({ EventSource: oneOf('aws:sns'), Sns: object({ MessageId: text, TopicArn: arnOf('sns') }) })),
});

/** https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda-event.html */
export const sesReceipt: Shape = object({
  Records: listOf(
    object({ eventSource: oneOf('aws:ses'), ses: object({ mail: object({ messageId: text }), receipt: anyObject }) }),
  ),
});

/** https://docs.aws.amazon.com/codecommit/latest/userguide/how-to-notify-lambda.html */
export const codeCommitTrigger: Shape = object({
  Records: listOf(
    object({ eventSource: oneOf('aws:codecommit'), eventSourceARN: arnOf('codecommit'), codecommit: anyObject }),
  ),
});

const envelope: Shape = object({
  version: optional(oneOf('0')),
  id: text,
  'detail-type': text,
  source: text,
  account: text,
  time: text,
  region: text,
  resources: anyList,
});

/** Scheduler's envelope where the schedule has no payload; its `detail` is the text `{}`. https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html */
export const schedulerEvent: Shape = allOf(
  envelope,
  object({
    source: oneOf('aws.scheduler'),
    'detail-type': oneOf('Scheduled Event'),
    detail: anyOf(oneOf('{}'), anyObject),
  }),
);

/** A rule's event, from AWS, from a schedule or of one's own. https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
export const eventBridgeEvent: Shape = allOf(envelope, object({ detail: anyObject }));

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample */
export const logsSubscription: Shape = exactly({ awslogs: object({ data: text }) });

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html */
export const alarmAction: Shape = object({
  source: oneOf('aws.cloudwatch'),
  alarmArn: arnOf('cloudwatch'),
  accountId: text,
  alarmData: object({ alarmName: text, state: anyObject }),
});

/** https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_example-events.html */
export const configRule: Shape = object({
  invokingEvent: text,
  resultToken: text,
  configRuleName: text,
  configRuleArn: arnOf('config'),
  accountId: text,
});

/** What became of another function's asynchronous invocation. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
export const destinationRecord: Shape = object({
  version: oneOf('1.0'),
  timestamp: text,
  requestContext: object({
    requestId: text,
    functionArn: arnOf('lambda'),
    condition: text,
    approximateInvokeCount: number,
  }),
  requestPayload: anything,
});

/** What IoT rules pass on from the registry, IoT Events, and buttons: shapes of AWS, not of the rule. */
export const iotEvent: Shape = anyOf(
  // https://docs.aws.amazon.com/iot/latest/developerguide/registry-events.html
  object({
    eventType: oneOf(
      'THING_EVENT',
      'THING_TYPE_EVENT',
      'THING_TYPE_ASSOCIATION_EVENT',
      'THING_GROUP_EVENT',
      'THING_GROUP_MEMBERSHIP_EVENT',
      'THING_GROUP_HIERARCHY_EVENT',
    ),
    eventId: text,
    timestamp: number,
    operation: text,
  }),
  // https://docs.aws.amazon.com/lambda/latest/dg/services-iotevents.html
  object({
    event: object({
      eventName: text,
      eventTime: number,
      payload: object({ detector: object({ detectorModelName: text }), actionExecutionId: text }),
    }),
  }),
  // https://docs.aws.amazon.com/iot-1-click/latest/developerguide/1click-programming.html
  object({
    deviceEvent: anyObject,
    deviceInfo: object({ deviceId: text }),
    placementInfo: object({ projectName: text }),
  }),
  exactly({ serialNumber: text, clickType: oneOf('SINGLE', 'DOUBLE', 'LONG'), batteryVoltage: text }),
);
