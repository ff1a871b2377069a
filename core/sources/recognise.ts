import { parseJson } from '../text/json.ts';
import { listAt, type Shape, textAt } from '../text/shape.ts';
import {
  documentDbOrder,
  dynamoDbOrder,
  kafkaOrder,
  kinesisOrder,
  mqOrder,
  type OrderKey,
  pipesOrder,
  sqsOrder,
} from './record-order.ts';
import * as hook from './shapes/hook-event.ts';
import * as http from './shapes/http-event.ts';
import * as notice from './shapes/notice-event.ts';
import * as stream from './shapes/stream-event.ts';
import { type Action, type Delivery, EVENT_SOURCES, type PolicyKey } from './sources.ts';

/** Sender of an event, and what its reply must carry back. */
export interface Source {
  readonly key: PolicyKey;
  /** How Lambda got this very event. */
  readonly delivery: Delivery;
  /** What is done where no policy names the key: the table's, or what suits this very event better. */
  readonly action: Action;
  /** Sent by someone other than the source: the reply may not be that source's success. */
  readonly imitated?: true;
  /** Never stored, whatever the policy: its sender acts on the reply as on the handler's own. */
  readonly needsHandler?: true;
  /** Of ordered sources: every stream, partition, queue or message group that it has records of. Never empty. */
  readonly orderKeys?: readonly OrderKey[];
  /** Of `http` and `alb-health-check`. */
  readonly request?: http.HttpRequest;
  /** Of `websocket`: what becomes of the connection. */
  readonly connection?: 'CONNECT' | 'MESSAGE' | 'DISCONNECT';
  /** Of `s3-batch`. */
  readonly job?: S3BatchJob;
  /** Of a Cognito trigger that is deferred: the event's own text, which Cognito takes for “go on”. */
  readonly echo?: string;
}

/** What S3 Batch Operations wants to have back. */
interface S3BatchJob {
  readonly schemaVersion: string;
  readonly invocationId: string;
  readonly taskIds: readonly string[];
}

/** For an event whose sender waits although its source does not. */
const WAITS: Facts = { delivery: 'synchronous', action: 'reject', needsHandler: true };

type Facts = Partial<Omit<Source, 'key'>>;

/** An event of this shape is from this source. */
interface Recogniser {
  readonly key: PolicyKey;
  readonly shape: Shape;
  /** What else is to be known of such an event. */
  readonly facts?: (event: unknown, text: string) => Facts;
}

/**
 * The first shape that fits decides. The order matters where one shape contains another: an authorizer's event also
 * looks like a request, a health check is a request, a tumbling window's batch is a batch, Scheduler's envelope is a rule's.
 */
const RECOGNISERS: readonly Recogniser[] = [
  { key: 'durable', shape: hook.durableExecution },

  { key: 'authorizer', shape: http.tokenAuthorizer },
  { key: 'authorizer', shape: http.requestAuthorizer },
  { key: 'authorizer', shape: hook.appSyncAuthorizer },
  { key: 'authorizer', shape: hook.iotAuthorizer },

  { key: 'cognito', shape: hook.cognitoTrigger, facts: cognitoFacts },
  { key: 'custom-resource', shape: hook.customResource, facts: customResourceFacts },
  { key: 'custom-resource', shape: hook.customResourceThroughSns, facts: () => ({ delivery: 'asynchronous' }) },
  { key: 'codepipeline', shape: hook.codePipelineJob },
  { key: 'codedeploy', shape: hook.codeDeployHook },
  { key: 'rotation', shape: hook.rotationStep },
  { key: 'transfer-identity', shape: hook.transferIdentity },

  { key: 'alb-health-check', shape: http.albHealthCheck, facts: requestFacts },
  { key: 'http', shape: http.albRequest, facts: requestFacts },
  { key: 'http', shape: http.apiGatewayV2Request, facts: requestFacts },
  { key: 'websocket', shape: http.webSocketRequest, facts: webSocketFacts },
  { key: 'http', shape: http.apiGatewayV1Request, facts: requestFacts },
  { key: 'http', shape: http.latticeV2Request, facts: requestFacts },
  { key: 'http', shape: http.latticeV1Request, facts: requestFacts },

  { key: 'tumbling-window', shape: stream.tumblingWindowBatch },
  { key: 'sqs', shape: stream.sqsBatch, facts: (event) => orderFacts(sqsOrder(event)) },
  { key: 'kinesis', shape: stream.kinesisBatch, facts: (event) => orderFacts(kinesisOrder(event)) },
  { key: 'dynamodb', shape: stream.dynamoDbBatch, facts: (event) => orderFacts(dynamoDbOrder(event)) },
  { key: 'kafka', shape: stream.kafkaBatch, facts: (event) => orderFacts(kafkaOrder(event)) },
  { key: 'mq', shape: stream.mqBatch, facts: (event) => orderFacts(mqOrder(event)) },
  { key: 'documentdb', shape: stream.documentDbBatch, facts: (event) => orderFacts(documentDbOrder(event)) },
  { key: 'pipes', shape: stream.pipesBatch, facts: (event) => orderFacts(pipesOrder(event)) },

  { key: 's3', shape: notice.s3Notification },
  { key: 'sns', shape: notice.snsNotification },
  { key: 'ses', shape: notice.sesReceipt, facts: sesFacts },
  { key: 'codecommit', shape: notice.codeCommitTrigger },
  { key: 'scheduler', shape: notice.schedulerEvent },
  { key: 'eventbridge', shape: notice.eventBridgeEvent },
  { key: 'logs', shape: notice.logsSubscription },
  { key: 'alarm', shape: notice.alarmAction },
  { key: 'config', shape: notice.configRule },
  { key: 'destination', shape: notice.destinationRecord },
  { key: 'iot', shape: notice.iotEvent },

  { key: 'firehose', shape: hook.firehoseTransformation },
  { key: 'kinesis-analytics', shape: hook.kinesisAnalyticsRecords },
  { key: 's3-batch', shape: hook.s3BatchJob, facts: s3BatchFacts },
  { key: 's3-object-lambda', shape: hook.s3ObjectLambda },
  { key: 'redshift-udf', shape: hook.redshiftUdf },
  { key: 'appsync', shape: hook.appSyncRequest, facts: appSyncFacts },
  { key: 'lex', shape: hook.lexCodeHook },
  { key: 'connect', shape: hook.contactFlow },
  { key: 'alexa', shape: hook.alexaRequest },
  { key: 'bedrock', shape: hook.bedrockAction },
  { key: 'client-vpn', shape: hook.clientVpnConnection },
  { key: 'iot-provisioning', shape: hook.iotProvisioning },

  { key: 'warmer', shape: hook.warmerPing },
];

/**
 * Tells the event source from what Lambda hands over. What is not recognised beyond doubt is `direct`, a text that is no
 * JSON included: a wrong recognition would send its caller a wrong answer. Never throws; linear in the text's length.
 *
 * A client context comes with synchronous invocations alone, and no queue, stream or notice of AWS brings one: whoever
 * sends such an event with one imitates its source, and waits.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#lambda-Invoke-request-ClientContext
 *
 * @param event the text, parsed
 */
export function recogniseSource(text: string, clientContext?: string, event: unknown = parseJson(text)): Source {
  const source = sourceByShape(text, event);
  return clientContext ? { ...source, delivery: 'synchronous', imitated: true } : source;
}

function sourceByShape(text: string, event: unknown): Source {
  for (const { key, shape, facts } of RECOGNISERS) {
    if (shape(event)) return sourceOf(key, facts?.(event, text));
  }
  return sourceOf('direct');
}

function sourceOf(key: PolicyKey, facts: Facts = {}): Source {
  const { delivery, action } = EVENT_SOURCES[key];
  return { key, delivery, action, ...facts };
}

/** Deferred: triggers after the fact may run later, and Cognito gives up after three tries. */
function cognitoFacts(event: unknown, text: string): Facts {
  const afterTheFact = /^Post(Confirmation|Authentication)_/.test(textAt(event, 'triggerSource'));
  return afterTheFact ? { action: 'defer', echo: text } : {};
}

/** CloudFormation waits at the `ResponseURL`; a provider of CDK's keeps it to itself (`...`), and waits for the reply. */
function customResourceFacts(event: unknown): Facts {
  return textAt(event, 'ResponseURL').startsWith('https://') ? { delivery: 'asynchronous' } : {};
}

/**
 * A rule of the type `RequestResponse` asks whether the mail is to go on, and takes no answer for yes.
 * https://docs.aws.amazon.com/ses/latest/APIReference/API_LambdaAction.html
 */
function sesFacts(event: unknown): Facts {
  const types = listAt(event, 'Records').map((record) => textAt(record, 'ses', 'receipt', 'action', 'invocationType'));
  return types.every((type) => /^(?:event)?$/i.test(type)) ? {} : WAITS;
}

/** A resolver's context does not say how it was sent; its request does, where it comes whole. */
function appSyncFacts(event: unknown): Facts {
  switch (textAt(event, 'invocationType')) {
    case 'Event':
      return { delivery: 'asynchronous', action: 'defer' };
    case 'RequestResponse':
      return WAITS;
    default:
      return {};
  }
}

function requestFacts(event: unknown): Facts {
  const request = http.httpRequestOf(event);
  return request.isPreflight ? { request, action: 'answer' } : { request };
}

/**
 * A connection that has ended wants no answer; one that begins or speaks will be gone at replay. One whose beginning was
 * stored would be open without any handler having let it in.
 */
function webSocketFacts(event: unknown): Facts {
  switch (textAt(event, 'requestContext', 'eventType')) {
    case 'CONNECT':
      return { connection: 'CONNECT', needsHandler: true };
    case 'DISCONNECT':
      return { connection: 'DISCONNECT', action: 'defer' };
    default:
      return { connection: 'MESSAGE' };
  }
}

function orderFacts(orderKeys: readonly OrderKey[]): Facts {
  return orderKeys.length > 0 ? { orderKeys } : {};
}

function s3BatchFacts(event: unknown): Facts {
  const taskIds = listAt(event, 'tasks').map((task) => textAt(task, 'taskId'));
  const schemaVersion = textAt(event, 'invocationSchemaVersion');
  return { job: { schemaVersion, invocationId: textAt(event, 'invocationId'), taskIds } };
}
