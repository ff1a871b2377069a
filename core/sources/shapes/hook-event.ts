import {
  allOf,
  anyList,
  anyObject,
  anyOf,
  anyText,
  anything,
  arn,
  arnOf,
  boolean,
  exactly,
  isObject,
  jsonOf,
  listOf,
  number,
  object,
  oneOf,
  optional,
  type Shape,
  startingWith,
  text,
} from '../../text/shape.ts';

/** Hooks: the sender waits for the function's result, or acts on its success. */

/** https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html, and the input of its SDKs */
export const durableExecution: Shape = object({ DurableExecutionArn: arnOf('lambda'), CheckpointToken: text });

/** https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html; the second: Cognito Sync */
export const cognitoTrigger: Shape = anyOf(
  object({
    triggerSource: (name) => typeof name === 'string' && /^[A-Z][a-zA-Z]+_[A-Z][a-zA-Z]+$/.test(name),
    userPoolId: text,
    region: text,
    callerContext: anyObject,
    request: anyObject,
    response: optional(anyObject),
  }),
  object({
    eventType: oneOf('SyncTrigger'),
    identityPoolId: text,
    identityId: text,
    datasetName: text,
    datasetRecords: anyObject,
  }),
);

/** https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html#aws-lambda-authorization */
export const appSyncAuthorizer: Shape = object({
  authorizationToken: text,
  requestContext: object({ apiId: text, accountId: text, requestId: text }),
});

/** https://docs.aws.amazon.com/iot/latest/developerguide/custom-auth-lambda.html */
export const iotAuthorizer: Shape = object({
  protocols: listOf(text),
  protocolData: anyObject,
  signatureVerified: boolean,
  connectionMetadata: object({ id: text }),
});

/** CDK's provider framework passes it on without the `ResponseURL`. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
export const customResource: Shape = object({
  RequestType: oneOf('Create', 'Update', 'Delete'),
  RequestId: text,
  StackId: arnOf('cloudformation'),
  ResourceType: text,
  LogicalResourceId: text,
});

/**
 * The same through a topic, whose message is the request. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources-sns.html
 */
export const customResourceThroughSns: Shape = object({
  Records: listOf(
    object({ EventSource: oneOf('aws:sns'), Sns: object({ TopicArn: arnOf('sns'), Message: jsonOf(customResource) }) }),
  ),
});

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html#actions-invoke-lambda-function-json-event-example */
export const codePipelineJob: Shape = object({
  'CodePipeline.job': object({ id: text, accountId: text, data: anyObject }),
});

/** https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html */
export const codeDeployHook: Shape = exactly({ DeploymentId: startingWith('d-'), LifecycleEventHookExecutionId: text });

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html */
export const rotationStep: Shape = object({
  Step: oneOf('createSecret', 'setSecret', 'testSecret', 'finishSecret'),
  SecretId: arnOf('secretsmanager'),
  ClientRequestToken: text,
});

const transformedRecord = object({ recordId: text, data: anyText });

/** https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html */
export const firehoseTransformation: Shape = object({
  invocationId: text,
  deliveryStreamArn: text,
  region: text,
  records: listOf(transformedRecord),
});

/** https://docs.aws.amazon.com/kinesisanalytics/latest/dev/lambda-preprocessing-data-model.html */
export const kinesisAnalyticsRecords: Shape = object({
  invocationId: text,
  applicationArn: arnOf('kinesisanalytics'),
  records: listOf(transformedRecord),
});

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html */
export const s3BatchJob: Shape = object({
  invocationSchemaVersion: text,
  invocationId: text,
  job: object({ id: text }),
  tasks: listOf(object({ taskId: text, s3Key: text })),
});

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-event-context.html */
export const s3ObjectLambda: Shape = allOf(
  object({
    xAmzRequestId: text,
    configuration: object({ accessPointArn: arnOf('s3-object-lambda') }),
    userRequest: anyObject,
    protocolVersion: text,
  }),
  anyOf(
    ...['getObjectContext', 'headObjectContext', 'listObjectsContext', 'listObjectsV2Context'].map((name) =>
      object({ [name]: object({ inputS3Url: text }) }),
    ),
  ),
);

/** https://docs.aws.amazon.com/redshift/latest/dg/udf-creating-a-lambda-sql-udf.html */
export const redshiftUdf: Shape = object({
  request_id: text,
  cluster: arn,
  external_function: text,
  query_id: number,
  num_records: number,
  arguments: anyList,
});

const resolverContext = allOf(
  object({ arguments: optional(anyObject), info: object({ parentTypeName: text, fieldName: text }) }),
  anyOf(object({ stash: anyObject }), object({ request: anyObject, identity: anything })),
);

const channelContext = object({
  info: object({
    channel: object({ path: startingWith('/'), segments: listOf(text) }),
    channelNamespace: object({ name: text }),
    operation: oneOf('PUBLISH', 'SUBSCRIBE'),
  }),
  request: anyObject,
});
const requestForLambda = (operation: string, payload: Shape) =>
  object({ operation: oneOf(operation), invocationType: oneOf('Event', 'RequestResponse'), payload });

/**
 * A resolver's context, a batch of such, either of them within the request to Lambda that a resolver's code makes, the
 * Events API's context, and Amplify's `@function`.
 * https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference.html, eventapi/runtime-reference-overview.html
 * and resolver-reference-lambda-js.html
 */
export const appSyncRequest: Shape = anyOf(
  resolverContext,
  listOf(resolverContext),
  channelContext,
  requestForLambda('Invoke', anyOf(resolverContext, channelContext)),
  requestForLambda('BatchInvoke', listOf(resolverContext)),
  object({
    typeName: text,
    fieldName: text,
    arguments: anyObject,
    request: object({ headers: anyObject }),
    source: anything,
  }),
);

const codeHook = object({ messageVersion: text, invocationSource: oneOf('DialogCodeHook', 'FulfillmentCodeHook') });

/** https://docs.aws.amazon.com/lexv2/latest/dg/lambda-input-format.html; the second: https://docs.aws.amazon.com/lex/latest/dg/lambda-input-response-format.html */
export const lexCodeHook: Shape = anyOf(
  allOf(
    codeHook,
    object({ sessionState: anyObject, sessionId: text, bot: object({ id: text, aliasId: text, localeId: text }) }),
  ),
  allOf(
    codeHook,
    object({ currentIntent: object({ name: text }), userId: text, bot: object({ name: text, version: text }) }),
  ),
);

/** https://docs.aws.amazon.com/connect/latest/adminguide/connect-lambda-functions.html */
export const contactFlow: Shape = object({
  Name: oneOf('ContactFlowEvent', 'ContactFlowExecution'),
  Details: object({ ContactData: object({ ContactId: text, Channel: text }), Parameters: anyObject }),
});

const skill = object({ application: object({ applicationId: startingWith('amzn1.ask.skill.') }) });

/**
 * A skill's request, and Smart Home directives of the versions 3 and 2.
 * https://developer.amazon.com/docs/custom-skills/request-and-response-json-reference.html, and device-apis/message-guide.html
 */
export const alexaRequest: Shape = anyOf(
  allOf(
    object({ version: text, request: object({ type: text, requestId: text }) }),
    anyOf(object({ context: object({ System: skill }) }), object({ session: skill })),
  ),
  object({
    directive: object({
      header: object({ namespace: startingWith('Alexa'), name: text, messageId: text, payloadVersion: text }),
      payload: anyObject,
    }),
  }),
  object({
    header: object({
      namespace: startingWith('Alexa.ConnectedHome.'),
      name: text,
      messageId: text,
      payloadVersion: text,
    }),
    payload: anyObject,
  }),
);

/** An action group by API path or by function. https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html */
export const bedrockAction: Shape = allOf(
  object({
    messageVersion: text,
    agent: object({ id: text, alias: text, version: text }),
    actionGroup: text,
    sessionId: text,
  }),
  anyOf(object({ apiPath: text, httpMethod: text }), object({ function: text })),
);

/** https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/connection-authorization.html */
export const clientVpnConnection: Shape = object({
  'connection-id': startingWith('cvpn-connection-'),
  'endpoint-id': startingWith('cvpn-endpoint-'),
  'common-name': anyText,
  'schema-version': text,
});

/** https://docs.aws.amazon.com/iot/latest/developerguide/pre-provisioning-hook.html */
export const iotProvisioning: Shape = object({
  certificateId: text,
  certificatePem: text,
  templateArn: arnOf('iot'),
  clientId: text,
  parameters: anyObject,
});

/**
 * Without a password where the client offers a key; without protocol and address where an administrator tries it out.
 * https://docs.aws.amazon.com/transfer/latest/userguide/custom-lambda-idp.html and
 * https://docs.aws.amazon.com/transfer/latest/APIReference/API_TestIdentityProvider.html
 */
export const transferIdentity: Shape = exactly({
  username: text,
  password: optional(anyText),
  protocol: optional(anyText),
  serverId: startingWith('s-'),
  sourceIp: optional(anyText),
});

/**
 * A ping that keeps environments warm: serverless-plugin-warmup's, and lambda-warmer's with nothing else in it.
 * https://github.com/juanjoDiaz/serverless-plugin-warmup and https://github.com/jeremydaly/lambda-warmer
 */
export const warmerPing: Shape = anyOf(object({ source: oneOf('serverless-plugin-warmup') }), (event) => {
  if (!isObject(event) || event['warmer'] !== true) return false;
  return Object.keys(event).every((name) => /^(warmer|concurrency|test|target|__WARMER_\w+__)$/.test(name));
});
