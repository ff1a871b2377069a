/**
 * Event sources that the gate recognises, and what their callers see inside a window. One row each; the name is the key
 * in a policy. A test holds `docs/event-sources.md` to this table.
 */

/**
 * How Lambda got the event: `poll` from a queue or stream that keeps it; `synchronous` where its sender waits for the
 * reply; `unknown` where the event does not tell.
 */
export type Delivery = 'poll' | 'asynchronous' | 'synchronous' | 'unknown';

/** Action of the gate for one invocation inside a window. */
export type Action = 'dispatch' | 'defer' | 'reject' | 'answer';

/** One row of {@link EVENT_SOURCES}. */
export interface EventSource {
  /** Services that invoke. */
  readonly senders: string;
  /** Where the event itself does not tell otherwise. */
  readonly delivery: Delivery;
  /** Default action, without a policy for the key. */
  readonly action: Action;
  /** Answer to the caller then. */
  readonly reply: string;
  /** The words that a policy may set. */
  readonly settings: readonly string[];
  /** Of a source that can be stored and has an order: what a replay in order keeps one at a time. All others have none. */
  readonly order?: string;
  /** Where success for an event that is only stored would do harm: what it would do. `defer` is refused there. */
  readonly fakeSuccess?: string;
}

const BATCH_DONE = '`{"batchItemFailures":[]}`';
const ERROR = 'error `MaintenanceWindow.Active`';
const STORABLE = ['defer', 'reject', 'dispatch'] as const;

/** A poll of Lambda's own: a batch that is not reported as failed is gone from its queue or stream. */
const BATCH = { delivery: 'poll', action: 'defer', reply: BATCH_DONE, settings: STORABLE } as const;
/** Fire-and-forget notifications. */
const NOTICE = { delivery: 'asynchronous', action: 'defer', reply: '`null`', settings: STORABLE } as const;
/** Somebody waits for what the function makes of it. */
const HOOK = { delivery: 'synchronous', action: 'reject', reply: ERROR, settings: ['reject', 'dispatch'] } as const;

/** The table, in the order of the README. */
export const EVENT_SOURCES = {
  sqs: { ...BATCH, senders: 'SQS', order: 'a message group of a FIFO queue' },
  kinesis: { ...BATCH, senders: 'Kinesis data streams', order: 'a shard' },
  dynamodb: { ...BATCH, senders: 'DynamoDB streams', order: 'a stream' },
  kafka: { ...BATCH, senders: 'MSK and self-managed Kafka', order: 'a partition of a topic' },
  mq: { ...BATCH, senders: 'Amazon MQ: ActiveMQ and RabbitMQ', reply: '`null`', order: 'a queue' },
  documentdb: { ...BATCH, senders: 'DocumentDB change streams', reply: '`null`', order: 'a cluster' },

  s3: { ...NOTICE, senders: 'S3 event notifications, `s3:TestEvent` too' },
  sns: { ...NOTICE, senders: 'SNS' },
  ses: {
    ...NOTICE,
    senders: 'SES receipt rules',
    reply: `\`null\`; of a rule that waits (\`RequestResponse\`) nothing is stored: ${ERROR}`,
  },
  eventbridge: { ...NOTICE, senders: 'EventBridge rules' },
  scheduler: { ...NOTICE, senders: 'EventBridge Scheduler, without a payload of its own' },
  logs: { ...NOTICE, senders: 'CloudWatch Logs subscriptions' },
  alarm: { ...NOTICE, senders: 'CloudWatch alarm actions' },
  config: { ...NOTICE, senders: 'Config rules' },
  codecommit: { ...NOTICE, senders: 'CodeCommit triggers' },
  destination: { ...NOTICE, senders: 'Lambda destinations' },
  iot: { ...NOTICE, senders: 'IoT registry events, IoT Events, IoT buttons' },

  http: {
    delivery: 'synchronous',
    action: 'reject',
    reply:
      '503 with `Retry-After`; 202 and the event id for requests listed under `http.defer`; CORS preflights are answered: 204 with the policy’s headers',
    settings: STORABLE,
    senders: 'API Gateway REST and HTTP APIs, function URLs, ALB, VPC Lattice',
  },
  'alb-health-check': {
    delivery: 'synchronous',
    action: 'answer',
    reply: '200',
    settings: ['answer', 'reject', 'dispatch'],
    senders: 'ALB health checks',
  },
  websocket: {
    delivery: 'synchronous',
    action: 'reject',
    reply: '`{"statusCode":503}`; DISCONNECT is deferred: `{"statusCode":200}`',
    settings: STORABLE,
    senders: 'API Gateway WebSocket APIs',
  },
  pipes: {
    delivery: 'unknown',
    action: 'reject',
    reply: `${ERROR}; ${BATCH_DONE} where the policy says \`defer\``,
    settings: STORABLE,
    senders: 'EventBridge Pipes',
    order: 'all that comes from one source, but for a standard queue',
  },

  cognito: {
    ...HOOK,
    reply: `${ERROR}; PostConfirmation and PostAuthentication are deferred: the event’s own text`,
    senders: 'Cognito triggers',
    fakeSuccess: 'answer a sign-in that never ran',
  },
  authorizer: {
    ...HOOK,
    senders: 'Lambda authorizers of API Gateway, AppSync and IoT',
    fakeSuccess: 'answer for a permission that nobody checked',
  },
  'custom-resource': {
    ...HOOK,
    senders: 'CloudFormation custom resources, through SNS too; CDK providers',
    fakeSuccess: 'answer for a resource that was never made',
  },
  codepipeline: {
    ...HOOK,
    delivery: 'asynchronous',
    senders: 'CodePipeline invoke actions',
    fakeSuccess: 'store the pipeline’s credentials, and let it wait for a job that never ran',
  },
  codedeploy: {
    ...HOOK,
    delivery: 'asynchronous',
    senders: 'CodeDeploy lifecycle hooks',
    fakeSuccess: 'let a deployment wait for a hook that never ran',
  },
  rotation: {
    ...HOOK,
    delivery: 'unknown',
    senders: 'Secrets Manager rotation',
    fakeSuccess: 'let a rotation go on after a step that never ran',
  },
  firehose: {
    ...HOOK,
    senders: 'Firehose transformations',
    fakeSuccess: 'answer for records that were never transformed',
  },
  'kinesis-analytics': {
    ...HOOK,
    senders: 'Kinesis Data Analytics: preprocessing and output',
    fakeSuccess: 'answer for records that were never handled',
  },
  'tumbling-window': {
    ...HOOK,
    delivery: 'poll',
    senders: 'Kinesis and DynamoDB streams with a tumbling window',
    fakeSuccess: 'lose the state of the tumbling window',
  },
  's3-batch': {
    ...HOOK,
    reply: '`TemporaryFailure` for each task',
    senders: 'S3 Batch Operations',
    fakeSuccess: 'report tasks as done that never ran',
  },
  's3-object-lambda': {
    ...HOOK,
    senders: 'S3 Object Lambda',
    fakeSuccess: 'end a download that never began',
  },
  'redshift-udf': {
    ...HOOK,
    reply: '`{"success":false,"error_msg":"under maintenance"}`',
    senders: 'Redshift Lambda UDFs',
    fakeSuccess: 'answer a query with values that were never computed',
  },
  appsync: {
    delivery: 'unknown',
    action: 'reject',
    reply: `${ERROR}; where the policy says \`defer\` the same, and stored`,
    settings: STORABLE,
    senders: 'AppSync resolvers, batches and Events',
  },
  lex: { ...HOOK, senders: 'Lex V1 and V2', fakeSuccess: 'answer a speaker whom nobody heard' },
  connect: { ...HOOK, senders: 'Connect contact flows', fakeSuccess: 'send a caller on with answers that nobody gave' },
  alexa: { ...HOOK, senders: 'Alexa skills, Smart Home directives', fakeSuccess: 'answer a speaker whom nobody heard' },
  bedrock: { ...HOOK, senders: 'Bedrock agents', fakeSuccess: 'answer an agent for an action that never ran' },
  'client-vpn': {
    ...HOOK,
    senders: 'Client VPN connection handlers',
    fakeSuccess: 'answer for a connection that nobody checked',
  },
  'iot-provisioning': {
    ...HOOK,
    senders: 'IoT pre-provisioning hooks',
    fakeSuccess: 'answer for a device that nobody checked',
  },
  'transfer-identity': {
    ...HOOK,
    senders: 'Transfer Family identity providers',
    fakeSuccess: 'store a password in clear, and answer a log-in that nobody checked',
  },

  warmer: {
    delivery: 'unknown',
    action: 'answer',
    reply: '`null`, not stored',
    settings: ['answer', 'dispatch'],
    senders: 'serverless-plugin-warmup, lambda-warmer',
  },
  durable: {
    delivery: 'unknown',
    action: 'dispatch',
    reply: 'the handler’s own',
    settings: ['dispatch'],
    senders: 'durable functions',
  },
  direct: {
    delivery: 'unknown',
    action: 'defer',
    reply: `${ERROR}: stored, do not send it again`,
    settings: ['error', 'accept', 'reject', 'dispatch'],
    senders: 'anything else: direct invokes, Step Functions, SSM Automation, IoT rules, Scheduler with its own payload',
  },
} as const satisfies Record<string, EventSource>;

/** An event source by its name in a policy. */
export type PolicyKey = keyof typeof EVENT_SOURCES;
