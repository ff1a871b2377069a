/**
 * Every event source that the gate tells apart: what its caller sees inside a maintenance window.
 * One row an event source; its name is its key in a policy. The README's table is tested against this one.
 */

/** How Lambda got the event: `poll` from a queue or stream that keeps it; `unknown` where the event does not tell. */
export type Delivery = 'poll' | 'asynchronous' | 'synchronous' | 'unknown';

/** What the gate does with one invocation inside a window. */
export type Action = 'dispatch' | 'defer' | 'reject' | 'answer';

/** One row of {@link EVENT_SOURCES}. */
export interface EventSource {
  /** Who invokes. */
  readonly senders: string;
  readonly delivery: Delivery;
  /** What is done when no policy names the key. */
  readonly action: Action;
  /** What the caller gets then. */
  readonly reply: string;
  /** The words that a policy may set. */
  readonly settings: readonly string[];
  /** Where a stored event answered with success would do harm: what that success would do. `defer` is refused then. */
  readonly fakeSuccess?: string;
}

const STORABLE = ['defer', 'reject', 'dispatch'] as const;
const NEEDS_AN_ANSWER = ['reject', 'dispatch'] as const;

const BATCH_DONE = '{"batchItemFailures":[]}';
const ERROR = 'error MaintenanceWindow.Active';

/** The table, in the order of the README. */
export const EVENT_SOURCES = {
  sqs: { senders: 'SQS', delivery: 'poll', action: 'defer', reply: BATCH_DONE, settings: STORABLE },
  kinesis: {
    senders: 'Kinesis data streams',
    delivery: 'poll',
    action: 'defer',
    reply: BATCH_DONE,
    settings: STORABLE,
  },
  dynamodb: { senders: 'DynamoDB streams', delivery: 'poll', action: 'defer', reply: BATCH_DONE, settings: STORABLE },
  kafka: {
    senders: 'MSK and self-managed Kafka',
    delivery: 'poll',
    action: 'defer',
    reply: BATCH_DONE,
    settings: STORABLE,
  },
  mq: {
    senders: 'Amazon MQ (ActiveMQ and RabbitMQ)',
    delivery: 'poll',
    action: 'defer',
    reply: 'null',
    settings: STORABLE,
  },
  documentdb: {
    senders: 'DocumentDB change streams',
    delivery: 'poll',
    action: 'defer',
    reply: 'null',
    settings: STORABLE,
  },
  s3: {
    senders: 'S3 notifications, `s3:TestEvent` included',
    delivery: 'asynchronous',
    action: 'defer',
    reply: 'null',
    settings: STORABLE,
  },
  sns: { senders: 'SNS', delivery: 'asynchronous', action: 'defer', reply: 'null', settings: STORABLE },
  ses: { senders: 'SES receipt rules', delivery: 'asynchronous', action: 'defer', reply: 'null', settings: STORABLE },
  eventbridge: {
    senders: 'EventBridge rules',
    delivery: 'asynchronous',
    action: 'defer',
    reply: 'null',
    settings: STORABLE,
  },
  scheduler: {
    senders: 'EventBridge Scheduler without a payload of its own',
    delivery: 'asynchronous',
    action: 'defer',
    reply: 'null',
    settings: STORABLE,
  },
  logs: {
    senders: 'CloudWatch Logs subscriptions',
    delivery: 'asynchronous',
    action: 'defer',
    reply: 'null',
    settings: STORABLE,
  },
  alarm: {
    senders: 'CloudWatch alarm actions',
    delivery: 'asynchronous',
    action: 'defer',
    reply: 'null',
    settings: STORABLE,
  },
  config: { senders: 'Config rules', delivery: 'asynchronous', action: 'defer', reply: 'null', settings: STORABLE },
  codecommit: {
    senders: 'CodeCommit triggers',
    delivery: 'asynchronous',
    action: 'defer',
    reply: 'null',
    settings: STORABLE,
  },
  destination: {
    senders: 'Lambda destinations',
    delivery: 'asynchronous',
    action: 'defer',
    reply: 'null',
    settings: STORABLE,
  },
  iot: {
    senders: 'IoT registry events, IoT Events, IoT buttons',
    delivery: 'asynchronous',
    action: 'defer',
    reply: 'null',
    settings: STORABLE,
  },
  http: {
    senders: 'API Gateway (REST and HTTP APIs), function URLs, ALB, VPC Lattice',
    delivery: 'synchronous',
    action: 'reject',
    reply: '503 with `Retry-After`; 202 and the event id for what `http.defer` lists',
    settings: STORABLE,
  },
  'alb-health-check': {
    senders: 'ALB health checks',
    delivery: 'synchronous',
    action: 'answer',
    reply: '200',
    settings: ['answer', 'reject', 'dispatch'],
  },
  websocket: {
    senders: 'API Gateway WebSocket APIs',
    delivery: 'synchronous',
    action: 'reject',
    reply: '{"statusCode":503}; DISCONNECT is deferred: {"statusCode":200}',
    settings: STORABLE,
  },
  pipes: {
    senders: 'EventBridge Pipes',
    delivery: 'unknown',
    action: 'reject',
    reply: `${ERROR}; ${BATCH_DONE} when deferred`,
    settings: STORABLE,
  },
  cognito: {
    senders: 'Cognito triggers',
    delivery: 'synchronous',
    action: 'reject',
    reply: `${ERROR}; PostConfirmation and PostAuthentication are deferred: the event’s own text`,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'answer a sign-in that never ran',
  },
  authorizer: {
    senders: 'Lambda authorizers (API Gateway, AppSync, IoT)',
    delivery: 'synchronous',
    action: 'reject',
    reply: ERROR,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'answer a permission that nobody checked',
  },
  'custom-resource': {
    senders: 'CloudFormation custom resources, CDK providers',
    delivery: 'unknown',
    action: 'reject',
    reply: ERROR,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'report a resource that was never made',
  },
  codepipeline: {
    senders: 'CodePipeline invoke actions',
    delivery: 'asynchronous',
    action: 'reject',
    reply: ERROR,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'leave the pipeline waiting for a job result, and store its credentials',
  },
  codedeploy: {
    senders: 'CodeDeploy lifecycle hooks',
    delivery: 'asynchronous',
    action: 'reject',
    reply: ERROR,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'leave the deployment waiting for a hook that never ran',
  },
  rotation: {
    senders: 'Secrets Manager rotation',
    delivery: 'unknown',
    action: 'reject',
    reply: ERROR,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'let the rotation go on after a step that never ran',
  },
  firehose: {
    senders: 'Firehose transformation',
    delivery: 'synchronous',
    action: 'reject',
    reply: ERROR,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'answer records that were never transformed',
  },
  'kinesis-analytics': {
    senders: 'Kinesis Data Analytics preprocessing and output',
    delivery: 'synchronous',
    action: 'reject',
    reply: ERROR,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'answer records that were never handled',
  },
  'tumbling-window': {
    senders: 'Kinesis and DynamoDB streams with a tumbling window',
    delivery: 'poll',
    action: 'reject',
    reply: ERROR,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'answer a state that was never computed',
  },
  's3-batch': {
    senders: 'S3 Batch Operations',
    delivery: 'synchronous',
    action: 'reject',
    reply: '`TemporaryFailure` for each task',
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'report tasks as done that never ran',
  },
  's3-object-lambda': {
    senders: 'S3 Object Lambda',
    delivery: 'synchronous',
    action: 'reject',
    reply: ERROR,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'end a download without an object',
  },
  'redshift-udf': {
    senders: 'Redshift UDFs',
    delivery: 'synchronous',
    action: 'reject',
    reply: '{"success":false,"error_msg":"under maintenance"}',
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'answer a query with values that were never computed',
  },
  appsync: {
    senders: 'AppSync resolvers, batches and Events',
    delivery: 'synchronous',
    action: 'reject',
    reply: ERROR,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'answer a query with data that nobody read',
  },
  lex: {
    senders: 'Lex (V1 and V2)',
    delivery: 'synchronous',
    action: 'reject',
    reply: ERROR,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'answer a conversation that nobody heard',
  },
  connect: {
    senders: 'Connect contact flows',
    delivery: 'synchronous',
    action: 'reject',
    reply: ERROR,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'send a call on with answers that nobody gave',
  },
  alexa: {
    senders: 'Alexa skills and Smart Home directives',
    delivery: 'synchronous',
    action: 'reject',
    reply: ERROR,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'answer a request that nobody heard',
  },
  bedrock: {
    senders: 'Bedrock agents',
    delivery: 'synchronous',
    action: 'reject',
    reply: ERROR,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'answer an agent with the result of an action that never ran',
  },
  'client-vpn': {
    senders: 'Client VPN connection handlers',
    delivery: 'synchronous',
    action: 'reject',
    reply: ERROR,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'answer a connection that nobody checked',
  },
  'iot-provisioning': {
    senders: 'IoT pre-provisioning hooks',
    delivery: 'synchronous',
    action: 'reject',
    reply: ERROR,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'answer for a device that nobody checked',
  },
  'transfer-identity': {
    senders: 'Transfer Family identity providers',
    delivery: 'synchronous',
    action: 'reject',
    reply: ERROR,
    settings: NEEDS_AN_ANSWER,
    fakeSuccess: 'answer a log-in that nobody checked, and store its password',
  },
  warmer: {
    senders: 'serverless-plugin-warmup, lambda-warmer',
    delivery: 'unknown',
    action: 'answer',
    reply: 'null',
    settings: ['answer', 'dispatch'],
  },
  durable: {
    senders: 'durable functions',
    delivery: 'unknown',
    action: 'dispatch',
    reply: 'the handler’s own',
    settings: ['dispatch'],
  },
  direct: {
    senders:
      'anything else: direct invokes, Step Functions, SSM Automation, IoT rules, schedules with their own payload',
    delivery: 'unknown',
    action: 'defer',
    reply: `${ERROR}: stored, do not send it again`,
    settings: ['error', 'accept', 'reject', 'dispatch'],
  },
} as const satisfies Record<string, EventSource>;

/** An event source by its name in a policy. */
export type PolicyKey = keyof typeof EVENT_SOURCES;
