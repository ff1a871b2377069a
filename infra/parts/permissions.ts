import { Lazy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { PART_KEYS, PENDING_INDEX } from '../../core/events/table.ts';
import type { EventsTable } from './events-table.ts';
import type { WindowParameter } from './window-parameters.ts';

/** IAM actions, by what they are allowed on. */
export interface AllowedActions {
  /** On every window parameter. */
  readonly parameters: readonly string[];
  /** On the operator's window parameters. */
  readonly operatorsParameters?: readonly string[];
  /** On the table. */
  readonly table?: readonly string[];
  /** On what a protected function itself has in the table. */
  readonly ownItems?: readonly string[];
  /** On what a sweep asks of an event: its key, and its parts. Not on its body. */
  readonly traces?: readonly string[];
  /** On parts of events. */
  readonly parts?: readonly string[];
  /** On the table's index. */
  readonly index?: readonly string[];
  /** On a protected function, its versions and aliases. */
  readonly functions?: readonly string[];
}

/** What the client in a protected function calls: one read of the parameters, and the event store's three. */
export const CLIENT_ACTIONS: AllowedActions = {
  parameters: ['ssm:GetParameters'],
  ownItems: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
};

/** What the operator's tool calls to look: at windows and their history, at deferred events, at how fast functions follow. */
export const READ_ACTIONS: AllowedActions = {
  parameters: ['ssm:GetParameterHistory', 'ssm:GetParameters'],
  table: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
  index: ['dynamodb:Query'],
  functions: ['lambda:GetFunctionConfiguration'],
};

/** … to begin windows and end them, and to schedule them. */
export const WINDOW_ACTIONS: AllowedActions = {
  parameters: ['ssm:GetParameterHistory', 'ssm:GetParameters'],
  operatorsParameters: ['ssm:PutParameter'],
  functions: ['lambda:GetFunctionConfiguration'],
};

/** … to replay deferred events, to discard, to export and to import them. */
export const REPLAY_ACTIONS: AllowedActions = {
  parameters: ['ssm:GetParameters'],
  table: [
    'dynamodb:BatchGetItem',
    'dynamodb:DeleteItem',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
  ],
  index: ['dynamodb:Query'],
  functions: ['lambda:GetFunctionConcurrency', 'lambda:GetFunctionConfiguration', 'lambda:InvokeFunction'],
};

/** All that the operator's tool calls. */
export const OPERATOR_ACTIONS: AllowedActions = united(READ_ACTIONS, WINDOW_ACTIONS, REPLAY_ACTIONS);

/** What the monitor calls: it looks at the windows and the index, and sweeps parts. */
export const MONITOR_ACTIONS: AllowedActions = {
  parameters: ['ssm:GetParameters'],
  traces: ['dynamodb:BatchGetItem'],
  parts: ['dynamodb:DeleteItem'],
  index: ['dynamodb:Query'],
};

/**
 * Actions of DynamoDB with a customer managed key in the name of a reader or writer of the table; making the table
 * needs a grant besides.
 * Source: AWS KMS developer guide, "How Amazon DynamoDB uses AWS KMS", with its two wildcards spelled out.
 */
export const TABLE_KEY_ACTIONS = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
] as const;

/** Source: AWS Systems Manager user guide, "AWS KMS encryption for AWS Systems Manager Parameter Store SecureString parameters". */
export const PARAMETER_KEY_ACTIONS = {
  read: ['kms:Decrypt'],
  /** Key actions for SecureStrings: the standard tier encrypts by the key itself, the advanced tier by a data key. */
  write: ['kms:Encrypt', 'kms:GenerateDataKey'],
} as const;

type Conditions = NonNullable<iam.PolicyStatementProps['conditions']>;

/**
 * No attribute but those that a sweep asks for; the keys of the index have to stand there, too.
 * Source: IAM user guide, "Amazon DynamoDB: Allows access to specific attributes".
 */
const TRACES_ALONE: Conditions = {
  'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['gpk', 'gsk', 'parts', 'partsHash', 'pk'] },
  StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
  Null: { 'dynamodb:Attributes': 'false' },
};

/** `ForAllValues` holds where a request names no key, too; hence `Null`. */
const PARTS_ALONE: Conditions = {
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [PART_KEYS] },
  StringEqualsIfExists: { 'dynamodb:ReturnValues': 'NONE' },
  Null: { 'dynamodb:LeadingKeys': 'false' },
};

/** What is granted on: the windows and the events. */
export interface Grounds {
  readonly scope: Construct;
  readonly parameters: readonly WindowParameter[];
  readonly table: EventsTable;
}

/**
 * Statements for actions on parameters, table and index, and what those services need of their customer managed keys.
 */
export function statementsOn(grounds: Grounds, actions: AllowedActions): readonly iam.PolicyStatement[] {
  const { parameters, table } = grounds;
  const operators = parameters.filter(({ owner }) => owner === 'operator');
  return [
    ...allowed(actions.parameters, ...parameters.map(({ arn }) => arn)),
    ...allowed(actions.operatorsParameters, ...operators.map(({ arn }) => arn)),
    ...allowed(actions.table, table.arn),
    ...allowedIf(TRACES_ALONE, actions.traces, table.arn),
    ...allowedIf(PARTS_ALONE, actions.parts, table.arn),
    ...allowed(actions.index, `${table.arn}/index/${PENDING_INDEX}`),
    ...onKeys(grounds, actions),
  ];
}

/** Allows the actions on a function, and on every version and alias of it. */
export function statementsOnFunction(functionArn: string, actions: AllowedActions): readonly iam.PolicyStatement[] {
  return allowed(actions.functions, functionArn, `${functionArn}:*`);
}

/**
 * Statement for actions on items whose partition key begins with one of the functions' names and `#`, which no
 * function's name has. `ForAllValues` also holds for a request without a key; hence `Null`.
 * Source: Amazon DynamoDB developer guide, "Using IAM policy conditions for fine-grained access control".
 */
export function statementsOnOwnItems(
  { table }: Grounds,
  functionNames: () => readonly string[],
  { ownItems = [] }: AllowedActions,
): readonly iam.PolicyStatement[] {
  const patterns = Lazy.any({ produce: () => functionNames().map((name) => `${name}#*`) });
  const conditions = {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': patterns },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  };
  return [new iam.PolicyStatement({ actions: [...ownItems], resources: [table.arn], conditions })];
}

/** A key serves only through the service that it was given to, never by itself. */
function onKeys({ scope, parameters, table }: Grounds, actions: AllowedActions): readonly iam.PolicyStatement[] {
  const { region, urlSuffix } = Stack.of(scope);
  const through = (key: kms.IKey, service: 'dynamodb' | 'ssm', keyActions: readonly string[]) =>
    new iam.PolicyStatement({
      actions: [...keyActions],
      resources: [key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `${service}.${region}.${urlSuffix}` } },
    });
  const tableKey = table.construct.encryptionKey;
  const usesTable = actions.table ?? actions.ownItems ?? actions.traces;
  return [
    ...(tableKey && usesTable ? [through(tableKey, 'dynamodb', TABLE_KEY_ACTIONS)] : []),
    ...parameters.flatMap(({ encryptionKey, owner }) => {
      const writes = actions.operatorsParameters && owner === 'operator' ? PARAMETER_KEY_ACTIONS.write : [];
      return encryptionKey ? [through(encryptionKey, 'ssm', [...PARAMETER_KEY_ACTIONS.read, ...writes])] : [];
    }),
  ];
}

function allowed(actions: readonly string[] | undefined, ...resources: string[]): readonly iam.PolicyStatement[] {
  return allowedIf({}, actions, ...resources);
}

function allowedIf(
  conditions: Conditions,
  actions: readonly string[] | undefined,
  ...resources: string[]
): readonly iam.PolicyStatement[] {
  return actions ? [new iam.PolicyStatement({ actions: [...actions], resources, conditions })] : [];
}

function united(...all: readonly AllowedActions[]): AllowedActions {
  const of = (key: keyof AllowedActions) => [...new Set(all.flatMap((one) => one[key] ?? []))].sort();
  return {
    parameters: of('parameters'),
    operatorsParameters: of('operatorsParameters'),
    table: of('table'),
    index: of('index'),
    functions: of('functions'),
  };
}
