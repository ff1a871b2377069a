import './node/native.ts';
import type { Policy } from '../core/sources/policy.ts';

/** Events below this length are parsed whole: that costs less than a look at what may be left out. Characters. */
const SMALL = 64 * 1024;

/**
 * Names of the members that `core/sources` asks for, wherever they stand, with blanks between: a list would be made at every
 * start. A test holds it to what is asked for.
 */
export const ASKED = `
  Bucket Channel CheckpointToken ClientRequestToken CodePipeline.job ContactData ContactId DeploymentId Details
  DurableExecutionArn Event EventSource LifecycleEventHookExecutionId LogicalResourceId Message MessageGroupId
  Name Parameters Records RequestId RequestType ResourceType ResponseURL SecretId SequenceNumber Service Sns
  StackId Step System TopicArn accessPointArn account accountId action actionExecutionId actionGroup agent
  alarmArn alarmData alarmName alias aliasId apiId apiPath application applicationArn applicationId
  approximateInvokeCount arguments attributes authorizationToken awslogs basicProperties batteryVoltage
  bootstrapServers bot bucket callerContext certificateId channel channelNamespace clickType clientId cluster
  codecommit common-name concurrency condition configRuleArn configRuleName configuration connectedAt
  connection-id connectionId connectionMetadata context currentIntent datasetName datasetRecords deliveryStreamArn
  destination detail detail-type detector detectorModelName deviceEvent deviceId deviceInfo directive domainName
  dynamodb elb end endpoint-id event eventID eventId eventName eventSource eventSourceARN eventSourceArn eventTime
  eventType events external_function fieldName function functionArn getObjectContext headObjectContext header
  headers http httpMethod id identity identityId identityPoolId info inputS3Url invocationId
  invocationSchemaVersion invocationSource invocationType isBase64Encoded isFinalInvokeForWindow is_base64_encoded
  job kinesis listObjectsContext listObjectsV2Context localeId mail messageVersion messages method methodArn
  multiValueHeaders name namespace num_records object offset operation parameters parentTypeName partition
  password path pathParameters payload payloadVersion physicalName placementInfo projectName protocol protocolData
  protocolVersion protocols query_id query_string_parameters rawPath raw_path receipt recordId records region
  request requestContext requestId requestPayload request_id resource resourcePath resources response resultToken
  rmqMessagesByQueue routeArn routeKey s3 s3Key schema-version segments sequenceNumber serialNumber serverId
  serviceArn serviceNetworkArn ses session sessionId sessionState shardId signatureVerified source sourceIp stage
  start stash state target targetGroupArn taskId tasks templateArn test time timestamp topic triggerSource type
  typeName userId userPoolId userRequest username version warmer window xAmzRequestId
`;

/** The same, of texts that are asked whether they are there, and no more. */
export const ASKED_FOR_PRESENCE: readonly string[] = [
  'body',
  'data',
  'messageId',
  'messageID',
  'MessageId',
  'certificatePem',
  'invokingEvent',
];

/** Names that are asked for in small letters and capitals alike. */
export const HEADERS: readonly string[] = ['access-control-request-method', 'origin', 'user-agent'];

/** Objects whose own members go by any name: of a parameter, a partition, a queue. */
export const MAPS: readonly string[] = ['pathParameters', 'records', 'rmqMessagesByQueue'];

/** Lists of which the answer names every element. */
const LISTS = ['tasks'];

/** A warmer's ping may have names that begin so, and no others. */
const PREFIX = '__WARMER_';

/**
 * A text by which the gate decides as by the event's own: what no decision looks at is left out (`proxy/src/outline.rs`), so
 * that a large event takes no more of a small function's memory than a small one. Empty where the text is no JSON.
 *
 * @param policy whose rules ask for more names
 */
function outlineOf(text: string, { rules = [] }: Policy): string {
  const ofRules = rules.flatMap(({ match }) => namesIn(match));
  return native.outline(text, {
    whole: [...ASKED.trim().split(/\s+/), ...ofRules],
    presence: ASKED_FOR_PRESENCE,
    headers: HEADERS,
    maps: MAPS,
    lists: LISTS,
    prefix: PREFIX,
    standIn: standInBeside(ofRules),
  });
}

/** An invocation with its outline, where that is worth it. */
export function outlined<Invoked extends { readonly text: string }>(invocation: Invoked, small = SMALL): Invoked {
  const { text } = invocation;
  return text.length < small ? invocation : { ...invocation, outline: (policy: Policy) => outlineOf(text, policy) };
}

/** Operators are among them: more names than are asked for do no harm. */
function namesIn(pattern: unknown): string[] {
  if (typeof pattern !== 'object' || pattern === null) return [];
  return Object.entries(pattern).flatMap(([name, inner]) => [name, ...namesIn(inner)]);
}

/** A name that nobody asks for. */
function standInBeside(names: readonly string[]): string {
  let name = '?';
  while (names.includes(name)) name += '?';
  return name;
}
