import { readFileSync } from 'node:fs';
import type { Action, PolicyKey } from '../../core/sources/sources.ts';

/** One example event of `test/data/events/`, in the shape that AWS documents, and what becomes of it inside a window. */
export interface ExampleEvent {
  /** The file's name, without `.json`. */
  readonly name: string;
  /** Where the shape is documented. */
  readonly documented: string;
  readonly key: PolicyKey;
  /** Without a policy. */
  readonly action: Action;
  /** Without a policy, as the tests word it, for the event {@link EXAMPLE_ID} in a window until {@link EXAMPLE_END}. */
  readonly reply: string;
}

export const EXAMPLE_ID = 'event-1';
export const EXAMPLE_END = '2026-11-21T04:00:00Z';
export const EXAMPLE_REASON = 'CHG-1042';

type Expected = readonly [key: PolicyKey, action: Action, reply: string];

const DONE = '{"batchItemFailures":[]}';
const NULL = 'null';
const UNAVAILABLE = '503 {"message":"under maintenance"}';
const PREFLIGHT = '204 ';
const HEALTHY = '200 {"message":"under maintenance"}';
const ACTIVE = 'MaintenanceWindow.Active: under maintenance';
const STORED = `MaintenanceWindow.Active: stored as ${EXAMPLE_ID}, to be replayed after ${EXAMPLE_END}; do not send it again (${EXAMPLE_REASON})`;
const OWN_TEXT = 'the event’s own text';
const HANDLER = 'the handler’s';

const AWS = 'https://docs.aws.amazon.com';
const LAMBDA = `${AWS}/lambda/latest/dg`;
const API_GATEWAY = `${AWS}/apigateway/latest/developerguide`;
const PIPES = `${AWS}/eventbridge/latest/userguide`;

/** Every example, by where its shape is documented. */
export const EXAMPLE_EVENTS: readonly ExampleEvent[] = [
  ...documentedAt(`${AWS}/elasticloadbalancing/latest/application/lambda-functions.html`, {
    'alb-single-value-headers': ['http', 'reject', UNAVAILABLE],
    'alb-multi-value-headers': ['http', 'reject', UNAVAILABLE],
    'alb-preflight': ['http', 'answer', PREFLIGHT],
    'alb-preflight-multi-value-headers': ['http', 'answer', PREFLIGHT],
    'alb-health-check': ['alb-health-check', 'answer', HEALTHY],
    'alb-health-check-multi-value-headers': ['alb-health-check', 'answer', HEALTHY],
    'alb-health-check-through-nlb': ['alb-health-check', 'answer', HEALTHY],
  }),
  ...documentedAt(`${API_GATEWAY}/set-up-lambda-proxy-integrations.html`, {
    'api-gateway-rest': ['http', 'reject', UNAVAILABLE],
    'api-gateway-rest-custom-domain': ['http', 'reject', UNAVAILABLE],
    'api-gateway-rest-console-test': ['http', 'reject', UNAVAILABLE],
    'api-gateway-rest-preflight': ['http', 'answer', PREFLIGHT],
  }),
  ...documentedAt(`${API_GATEWAY}/http-api-develop-integrations-lambda.html`, {
    'api-gateway-http-payload-1': ['http', 'reject', UNAVAILABLE],
    'api-gateway-http-payload-1-named-stage': ['http', 'reject', UNAVAILABLE],
    'api-gateway-http-payload-1-preflight': ['http', 'answer', PREFLIGHT],
    'api-gateway-http-payload-2': ['http', 'reject', UNAVAILABLE],
    'api-gateway-http-payload-2-preflight': ['http', 'answer', PREFLIGHT],
    'api-gateway-http-named-stage': ['http', 'reject', UNAVAILABLE],
  }),
  ...documentedAt(`${LAMBDA}/urls-invocation.html`, {
    'function-url': ['http', 'reject', UNAVAILABLE],
    'function-url-iam': ['http', 'reject', UNAVAILABLE],
    'function-url-preflight': ['http', 'answer', PREFLIGHT],
  }),
  ...documentedAt(`${AWS}/vpc-lattice/latest/ug/lambda-functions.html`, {
    'lattice-v1': ['http', 'reject', UNAVAILABLE],
    'lattice-v1-preflight': ['http', 'answer', PREFLIGHT],
    'lattice-v2': ['http', 'reject', UNAVAILABLE],
    'lattice-v2-preflight': ['http', 'answer', PREFLIGHT],
  }),
  ...documentedAt(`${API_GATEWAY}/apigateway-websocket-api-mapping-template-reference.html`, {
    'websocket-connect': ['websocket', 'reject', '{"statusCode":503}'],
    'websocket-message': ['websocket', 'reject', '{"statusCode":503}'],
    'websocket-disconnect': ['websocket', 'defer', '{"statusCode":200}'],
  }),

  ...documentedAt(`${API_GATEWAY}/apigateway-use-lambda-authorizer.html`, {
    'authorizer-token': ['authorizer', 'reject', ACTIVE],
    'authorizer-request': ['authorizer', 'reject', ACTIVE],
  }),
  ...documentedAt(`${API_GATEWAY}/http-api-lambda-authorizer.html`, {
    'authorizer-http-payload-1': ['authorizer', 'reject', ACTIVE],
    'authorizer-http-payload-2': ['authorizer', 'reject', ACTIVE],
  }),
  ...documentedAt(`${API_GATEWAY}/apigateway-websocket-api-lambda-auth.html`, {
    'authorizer-websocket': ['authorizer', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/appsync/latest/devguide/security-authz.html`, {
    'authorizer-appsync': ['authorizer', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/iot/latest/developerguide/custom-auth-lambda.html`, {
    'authorizer-iot': ['authorizer', 'reject', ACTIVE],
  }),

  ...documentedAt(`${LAMBDA}/with-sqs.html`, {
    sqs: ['sqs', 'defer', DONE],
    'sqs-fifo': ['sqs', 'defer', DONE],
  }),
  ...documentedAt(`${LAMBDA}/with-kinesis.html`, { kinesis: ['kinesis', 'defer', DONE] }),
  ...documentedAt(`${LAMBDA}/services-kinesis-windows.html`, {
    'kinesis-tumbling-window': ['tumbling-window', 'reject', ACTIVE],
    'kinesis-tumbling-window-last-and-empty': ['tumbling-window', 'reject', ACTIVE],
  }),
  ...documentedAt(`${LAMBDA}/with-ddb.html`, { dynamodb: ['dynamodb', 'defer', DONE] }),
  ...documentedAt(`${LAMBDA}/services-ddb-windows.html`, {
    'dynamodb-tumbling-window': ['tumbling-window', 'reject', ACTIVE],
  }),
  ...documentedAt(`${LAMBDA}/with-msk.html`, { 'kafka-msk': ['kafka', 'defer', DONE] }),
  ...documentedAt(`${LAMBDA}/with-kafka.html`, { 'kafka-self-managed': ['kafka', 'defer', DONE] }),
  ...documentedAt(`${LAMBDA}/with-mq.html`, {
    'mq-activemq': ['mq', 'defer', NULL],
    'mq-rabbitmq': ['mq', 'defer', NULL],
  }),
  ...documentedAt(`${LAMBDA}/with-documentdb.html`, { documentdb: ['documentdb', 'defer', NULL] }),
  ...documentedAt(`${PIPES}/eb-pipes-sqs.html`, { 'pipes-sqs': ['pipes', 'reject', ACTIVE] }),
  ...documentedAt(`${PIPES}/eb-pipes-kinesis.html`, { 'pipes-kinesis': ['pipes', 'reject', ACTIVE] }),
  ...documentedAt(`${PIPES}/eb-pipes-dynamodb.html`, { 'pipes-dynamodb': ['pipes', 'reject', ACTIVE] }),
  ...documentedAt(`${PIPES}/eb-pipes-msk.html`, { 'pipes-kafka': ['pipes', 'reject', ACTIVE] }),
  ...documentedAt(`${PIPES}/eb-pipes-kafka.html`, { 'pipes-self-managed-kafka': ['pipes', 'reject', ACTIVE] }),
  ...documentedAt(`${PIPES}/eb-pipes-mq.html`, { 'pipes-rabbitmq': ['pipes', 'reject', ACTIVE] }),

  ...documentedAt(`${AWS}/AmazonS3/latest/userguide/notification-content-structure.html`, {
    s3: ['s3', 'defer', NULL],
  }),
  ...documentedAt(`${AWS}/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html`, {
    's3-test-event': ['s3', 'defer', NULL],
  }),
  ...documentedAt(`${LAMBDA}/with-sns.html`, { sns: ['sns', 'defer', NULL] }),
  ...documentedAt(`${AWS}/ses/latest/dg/receiving-email-action-lambda-event.html`, {
    ses: ['ses', 'defer', NULL],
    'ses-request-response': ['ses', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/eventbridge/latest/ref/overiew-event-structure.html`, {
    'eventbridge-custom': ['eventbridge', 'defer', NULL],
    'eventbridge-aws': ['eventbridge', 'defer', NULL],
    'eventbridge-schedule': ['eventbridge', 'defer', NULL],
  }),
  ...documentedAt(`${AWS}/scheduler/latest/UserGuide/managing-targets-templated.html`, {
    scheduler: ['scheduler', 'defer', NULL],
  }),
  ...documentedAt(`${AWS}/AmazonCloudWatch/latest/logs/SubscriptionFilters.html`, { logs: ['logs', 'defer', NULL] }),
  ...documentedAt(`${AWS}/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html`, {
    'alarm-metric': ['alarm', 'defer', NULL],
    'alarm-composite': ['alarm', 'defer', NULL],
  }),
  ...documentedAt(`${AWS}/config/latest/developerguide/evaluate-config_develop-rules_example-events.html`, {
    'config-change': ['config', 'defer', NULL],
    'config-periodic': ['config', 'defer', NULL],
  }),
  ...documentedAt(`${AWS}/codecommit/latest/userguide/how-to-notify-lambda.html`, {
    codecommit: ['codecommit', 'defer', NULL],
  }),
  ...documentedAt(`${LAMBDA}/invocation-async-retain-records.html`, {
    'destination-failure': ['destination', 'defer', NULL],
    'destination-success': ['destination', 'defer', NULL],
  }),
  ...documentedAt(`${AWS}/iot/latest/developerguide/registry-events.html`, { 'iot-registry': ['iot', 'defer', NULL] }),
  ...documentedAt(`${LAMBDA}/services-iotevents.html`, { 'iot-events': ['iot', 'defer', NULL] }),
  ...documentedAt(`${AWS}/iot-1-click/latest/developerguide/1click-programming.html`, {
    'iot-1-click': ['iot', 'defer', NULL],
    'iot-button': ['iot', 'defer', NULL],
  }),

  ...documentedAt(`${AWS}/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html`, {
    'cognito-pre-sign-up': ['cognito', 'reject', ACTIVE],
    'cognito-post-confirmation': ['cognito', 'defer', OWN_TEXT],
    'cognito-post-confirmation-forgot-password': ['cognito', 'defer', OWN_TEXT],
    'cognito-pre-authentication': ['cognito', 'reject', ACTIVE],
    'cognito-post-authentication': ['cognito', 'defer', OWN_TEXT],
    'cognito-define-auth-challenge': ['cognito', 'reject', ACTIVE],
    'cognito-create-auth-challenge': ['cognito', 'reject', ACTIVE],
    'cognito-verify-auth-challenge': ['cognito', 'reject', ACTIVE],
    'cognito-token-generation': ['cognito', 'reject', ACTIVE],
    'cognito-user-migration': ['cognito', 'reject', ACTIVE],
    'cognito-custom-message': ['cognito', 'reject', ACTIVE],
    'cognito-custom-email-sender': ['cognito', 'reject', ACTIVE],
    'cognito-custom-sms-sender': ['cognito', 'reject', ACTIVE],
    'cognito-inbound-federation': ['cognito', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/cognito/latest/developerguide/cognito-events.html`, {
    'cognito-sync-trigger': ['cognito', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html`, {
    'custom-resource-create': ['custom-resource', 'reject', ACTIVE],
    'custom-resource-update': ['custom-resource', 'reject', ACTIVE],
    'custom-resource-delete': ['custom-resource', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/AWSCloudFormation/latest/UserGuide/template-custom-resources-sns.html`, {
    'custom-resource-through-sns': ['custom-resource', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html`, {
    'cdk-provider': ['custom-resource', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/codepipeline/latest/userguide/actions-invoke-lambda-function.html`, {
    codepipeline: ['codepipeline', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html`, {
    'codedeploy-hook': ['codedeploy', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html`, {
    rotation: ['rotation', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/firehose/latest/dev/data-transformation.html`, {
    firehose: ['firehose', 'reject', ACTIVE],
    'firehose-kinesis-source': ['firehose', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/kinesisanalytics/latest/dev/lambda-preprocessing-data-model.html`, {
    'kinesis-analytics-preprocessing': ['kinesis-analytics', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/kinesisanalytics/latest/dev/how-it-works-output-lambda.html`, {
    'kinesis-analytics-output': ['kinesis-analytics', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html`, {
    's3-batch': [
      's3-batch',
      'reject',
      '{"invocationSchemaVersion":"1.0","treatMissingKeysAs":"TemporaryFailure","invocationId":"YXNkbGZqYWRmaiBhc2RmdW9hZHNmZGpmaGFzbGtkaGZza2RmaAo","results":[{"taskId":"dGFza2lkZ29lc2hlcmUK","resultCode":"TemporaryFailure","resultString":"under maintenance"},{"taskId":"dGFza2lkZ29lc2hlcmUL","resultCode":"TemporaryFailure","resultString":"under maintenance"}]}',
    ],
    's3-batch-schema-2': [
      's3-batch',
      'reject',
      '{"invocationSchemaVersion":"2.0","treatMissingKeysAs":"TemporaryFailure","invocationId":"YXNkbGZqYWRmaiBhc2RmdW9hZHNmZGpmaGFzbGtkaGZza2RmaAo","results":[{"taskId":"dGFza2lkZ29lc2hlcmUK","resultCode":"TemporaryFailure","resultString":"under maintenance"}]}',
    ],
  }),
  ...documentedAt(`${AWS}/AmazonS3/latest/userguide/olap-event-context.html`, {
    's3-object-lambda-get': ['s3-object-lambda', 'reject', ACTIVE],
    's3-object-lambda-list': ['s3-object-lambda', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/redshift/latest/dg/udf-creating-a-lambda-sql-udf.html`, {
    'redshift-udf': ['redshift-udf', 'reject', '{"success":false,"error_msg":"under maintenance"}'],
  }),
  ...documentedAt(`${AWS}/appsync/latest/devguide/resolver-context-reference.html`, {
    'appsync-resolver': ['appsync', 'reject', ACTIVE],
    'appsync-batch': ['appsync', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/appsync/latest/devguide/resolver-reference-lambda-js.html`, {
    'appsync-event': ['appsync', 'defer', NULL],
  }),
  ...documentedAt(`${AWS}/appsync/latest/eventapi/runtime-reference-overview.html`, {
    'appsync-events-publish': ['appsync', 'reject', ACTIVE],
    'appsync-events-subscribe': ['appsync', 'reject', ACTIVE],
  }),
  ...documentedAt('https://docs.amplify.aws/gen1/javascript/build-a-backend/graphqlapi/custom-business-logic/', {
    'appsync-amplify-function': ['appsync', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/lex/latest/dg/lambda-input-response-format.html`, { 'lex-v1': ['lex', 'reject', ACTIVE] }),
  ...documentedAt(`${AWS}/lexv2/latest/dg/lambda-input-format.html`, { 'lex-v2': ['lex', 'reject', ACTIVE] }),
  ...documentedAt(`${AWS}/connect/latest/adminguide/connect-lambda-functions.html`, {
    connect: ['connect', 'reject', ACTIVE],
  }),
  ...documentedAt('https://developer.amazon.com/docs/custom-skills/request-and-response-json-reference.html', {
    'alexa-intent': ['alexa', 'reject', ACTIVE],
    'alexa-audio-player': ['alexa', 'reject', ACTIVE],
  }),
  ...documentedAt('https://developer.amazon.com/docs/device-apis/message-guide.html', {
    'alexa-smart-home': ['alexa', 'reject', ACTIVE],
    'alexa-smart-home-2': ['alexa', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/bedrock/latest/userguide/agents-lambda.html`, {
    'bedrock-api': ['bedrock', 'reject', ACTIVE],
    'bedrock-function': ['bedrock', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/vpn/latest/clientvpn-admin/connection-authorization.html`, {
    'client-vpn': ['client-vpn', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/iot/latest/developerguide/pre-provisioning-hook.html`, {
    'iot-provisioning': ['iot-provisioning', 'reject', ACTIVE],
  }),
  ...documentedAt(`${AWS}/transfer/latest/userguide/custom-lambda-idp.html`, {
    'transfer-identity-password': ['transfer-identity', 'reject', ACTIVE],
    'transfer-identity-key': ['transfer-identity', 'reject', ACTIVE],
    'transfer-identity-tried-out': ['transfer-identity', 'reject', ACTIVE],
  }),

  ...documentedAt('https://github.com/juanjoDiaz/serverless-plugin-warmup', {
    'warmer-plugin': ['warmer', 'answer', NULL],
  }),
  ...documentedAt('https://github.com/jeremydaly/lambda-warmer', {
    'warmer-lambda-warmer': ['warmer', 'answer', NULL],
    'warmer-lambda-warmer-inner': ['warmer', 'answer', NULL],
  }),
  ...documentedAt('https://github.com/aws/aws-durable-execution-sdk-js', {
    durable: ['durable', 'dispatch', HANDLER],
  }),

  ...documentedAt(`${LAMBDA}/invocation-sync.html`, {
    'direct-object': ['direct', 'defer', STORED],
    'direct-array': ['direct', 'defer', STORED],
    'direct-string': ['direct', 'defer', STORED],
    'direct-number': ['direct', 'defer', STORED],
    'direct-boolean': ['direct', 'defer', STORED],
    'direct-null': ['direct', 'defer', STORED],
    'direct-empty-object': ['direct', 'defer', STORED],
    'direct-empty-array': ['direct', 'defer', STORED],
    'direct-empty-string': ['direct', 'defer', STORED],
  }),
  ...documentedAt(`${AWS}/step-functions/latest/dg/connect-lambda.html`, {
    'step-functions-task': ['direct', 'defer', STORED],
    'step-functions-task-token': ['direct', 'defer', STORED],
  }),
  ...documentedAt(`${AWS}/systems-manager/latest/userguide/automation-action-lamb.html`, {
    'ssm-automation': ['direct', 'defer', STORED],
  }),
  ...documentedAt(`${AWS}/iot/latest/developerguide/lambda-rule-action.html`, {
    'iot-rule': ['direct', 'defer', STORED],
  }),
  ...documentedAt(`${AWS}/scheduler/latest/UserGuide/managing-schedule-context-attributes.html`, {
    'scheduler-own-payload': ['direct', 'defer', STORED],
  }),
  ...documentedAt(`${API_GATEWAY}/getting-started-lambda-non-proxy-integration.html`, {
    'api-gateway-non-proxy': ['direct', 'defer', STORED],
  }),
];

/** The text of an example event, as Lambda would hand it over. */
export function readExampleEvent(name: string): string {
  return readFileSync(new URL(`events/${name}.json`, import.meta.url), 'utf8');
}

function documentedAt(documented: string, events: Readonly<Record<string, Expected>>): readonly ExampleEvent[] {
  return Object.entries(events).map(([name, [key, action, reply]]) => ({ name, documented, key, action, reply }));
}
