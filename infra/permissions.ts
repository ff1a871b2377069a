import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { PENDING_INDEX } from '../gate/table.ts';
import type { WindowParameter } from './window-parameters.ts';

/** IAM actions, by what they are allowed on. */
export interface AllowedActions {
  /** On every window parameter. */
  readonly parameters: readonly string[];
  /** On the operator's window parameters. */
  readonly operatorsParameters?: readonly string[];
  /** On the table. */
  readonly table: readonly string[];
  /** On the table's index. */
  readonly index?: readonly string[];
  /** On a protected function, its versions and aliases. */
  readonly functions?: readonly string[];
}

/** What the client in a protected function calls: one read of the parameters, and the event store's three. */
export const CLIENT_ACTIONS: AllowedActions = {
  parameters: ['ssm:GetParameters'],
  table: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
};

/** What the operator's tool calls: windows and their history, deferred events in and out, the function itself. */
export const OPERATOR_ACTIONS: AllowedActions = {
  parameters: ['ssm:GetParameterHistory', 'ssm:GetParameters'],
  operatorsParameters: ['ssm:PutParameter'],
  table: [
    'dynamodb:BatchGetItem',
    'dynamodb:DeleteItem',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
  ],
  index: ['dynamodb:Query'],
  functions: ['lambda:GetFunctionConfiguration', 'lambda:InvokeFunction'],
};

/** What the monitor calls: it looks at the windows and the index, and sweeps parts. */
export const MONITOR_ACTIONS: AllowedActions = {
  parameters: ['ssm:GetParameters'],
  table: ['dynamodb:BatchGetItem', 'dynamodb:DeleteItem'],
  index: ['dynamodb:Query'],
};

/**
 * What DynamoDB does with a customer managed key in the name of whoever reads or writes the table; making the table needs
 * a grant besides. Source: AWS KMS developer guide, "How Amazon DynamoDB uses AWS KMS", with its two wildcards spelled out.
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
  /** A parameter of the standard tier is encrypted by the key itself, one of the advanced tier by a data key. */
  write: ['kms:Encrypt', 'kms:GenerateDataKey'],
} as const;

/** What is granted on: the windows and the events. */
export interface Grounds {
  readonly parameters: readonly WindowParameter[];
  readonly table: dynamodb.Table;
}

/** Allows the actions on parameters, table and index, and on their customer managed keys what those services need. */
export function allow(grantee: iam.IGrantable, actions: AllowedActions, { parameters, table }: Grounds): void {
  const arns = parameters.map(({ arn }) => arn);
  const operators = parameters.flatMap(({ arn, owner }) => (owner === 'operator' ? [arn] : []));
  allowOn(grantee, actions.parameters, arns);
  allowOn(grantee, actions.operatorsParameters, operators);
  allowOn(grantee, actions.table, [table.tableArn]);
  allowOn(grantee, actions.index, [`${table.tableArn}/index/${PENDING_INDEX}`]);

  if (table.encryptionKey) allowKey(grantee, TABLE_KEY_ACTIONS, table.encryptionKey, table, 'dynamodb');
  for (const { encryptionKey, owner } of parameters) {
    if (!encryptionKey) continue;
    const writes = actions.operatorsParameters && owner === 'operator' ? PARAMETER_KEY_ACTIONS.write : [];
    allowKey(grantee, [...PARAMETER_KEY_ACTIONS.read, ...writes], encryptionKey, table, 'ssm');
  }
}

/** Allows the actions on a function, and on every version and alias of it. */
export function allowOnFunction(grantee: iam.IGrantable, actions: AllowedActions, functionArn: string): void {
  allowOn(grantee, actions.functions, [functionArn, `${functionArn}:*`]);
}

function allowOn(grantee: iam.IGrantable, actions: readonly string[] | undefined, resourceArns: string[]): void {
  if (actions) iam.Grant.addToPrincipal({ grantee, actions: [...actions], resourceArns });
}

/** A key serves only through the service that it was given to, never by itself. */
function allowKey(
  grantee: iam.IGrantable,
  actions: readonly string[],
  key: kms.IKey,
  { stack: { region, urlSuffix } }: dynamodb.Table,
  service: 'dynamodb' | 'ssm',
): void {
  iam.Grant.addToPrincipal({
    grantee,
    actions: [...actions],
    resourceArns: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `${service}.${region}.${urlSuffix}` } },
  });
}
