import { AUDIT_KEYS, MONITOR_KEYS, PART_KEYS, RUN_KEYS } from '../events/table.ts';

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
  /** On what a monitor remembers. */
  readonly memory?: readonly string[];
  /** On the records of replays. */
  readonly runs?: readonly string[];
  /** On notes of what operators did with events by hand. */
  readonly notes?: readonly string[];
  /** On the table's index. */
  readonly index?: readonly string[];
  /** On the account's own event bus. */
  readonly eventBus?: readonly string[];
  /** On a protected function, its versions and aliases. */
  readonly functions?: readonly string[];
}

/** What the client in a protected function calls: one read of the parameters, and the event store's three. */
export const CLIENT_ACTIONS: AllowedActions = {
  parameters: ['ssm:GetParameters'],
  ownItems: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
};

/**
 * What the operator's tool calls to look: at windows and their history, at deferred events, at how fast functions follow,
 * and whether table and functions are as they must be.
 */
export const READ_ACTIONS: AllowedActions = {
  parameters: ['ssm:GetParameterHistory', 'ssm:GetParameters'],
  table: [
    'dynamodb:BatchGetItem',
    'dynamodb:DescribeContinuousBackups',
    'dynamodb:DescribeTable',
    'dynamodb:DescribeTimeToLive',
    'dynamodb:GetItem',
  ],
  // that somebody looked at a body is noted
  notes: ['dynamodb:PutItem'],
  index: ['dynamodb:Query'],
  functions: [
    'lambda:GetFunctionConcurrency',
    'lambda:GetFunctionConfiguration',
    'lambda:GetFunctionEventInvokeConfig',
  ],
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

/** … and what the drain calls, which replays as an operator does: no event is deleted by it. */
export const DRAIN_ACTIONS: AllowedActions = {
  ...REPLAY_ACTIONS,
  table: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
  eventBus: ['events:PutEvents'],
};

/** All that the operator's tool calls. */
export const OPERATOR_ACTIONS: AllowedActions = united(READ_ACTIONS, WINDOW_ACTIONS, REPLAY_ACTIONS);

/**
 * What the tool can do without, and says so. IAM allows each of them on everything or on nothing, so no construct and no
 * printed policy grants it.
 */
export const OPTIONAL_ACTIONS = [
  'cloudwatch:GetMetricData',
  'iam:ListAccountAliases',
  'lambda:ListEventSourceMappings',
  'lambda:ListFunctions',
] as const;

/**
 * What the monitor calls: it looks at the windows, the index and the runs, tells of them on the event bus, remembers what it
 * told, and sweeps parts.
 */
export const MONITOR_ACTIONS: AllowedActions = {
  parameters: ['ssm:GetParameters'],
  traces: ['dynamodb:BatchGetItem'],
  parts: ['dynamodb:DeleteItem'],
  memory: ['dynamodb:GetItem', 'dynamodb:PutItem'],
  runs: ['dynamodb:BatchGetItem'],
  index: ['dynamodb:Query'],
  eventBus: ['events:PutEvents'],
};

/** … and where a drain is to replay what it finds: what is pending, and how functions are set. */
export const DRAIN_STARTER_ACTIONS: AllowedActions = {
  parameters: [],
  index: ['dynamodb:Query'],
  functions: ['lambda:GetFunctionConcurrency', 'lambda:GetFunctionConfiguration'],
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

/** Conditions of a statement, by operator and then by key, as IAM writes them. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** One statement that allows. `Arn` is whatever a form has for an ARN: a text, a token, a function of a template. */
export interface Statement<Arn> {
  readonly actions: readonly string[];
  readonly resources: readonly Arn[];
  readonly conditions: Conditions;
}

/** What permissions are about: the windows and the events. */
export interface Places<Arn> {
  /** Every window parameter. */
  readonly parameters: readonly Arn[];
  /** Those of them that operators edit. */
  readonly operatorsParameters: readonly Arn[];
  readonly table: Arn;
  readonly index: Arn;
  /** The account's own. */
  readonly eventBus: Arn;
}

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

/** Items under these keys alone. `ForAllValues` holds where a request names no key, too; hence `Null`. */
function keysAlone(pattern: string): Conditions {
  return {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [pattern] },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  };
}

/** Allows the actions on parameters, table and index. */
export function statementsOn<Arn>(places: Places<Arn>, actions: AllowedActions): readonly Statement<Arn>[] {
  const { parameters, operatorsParameters, table, index, eventBus } = places;
  return [
    ...allowed(actions.parameters, parameters),
    ...allowed(actions.operatorsParameters, operatorsParameters),
    ...allowed(actions.table, [table]),
    ...allowed(actions.traces, [table], TRACES_ALONE),
    ...allowed(actions.parts, [table], PARTS_ALONE),
    ...allowed(actions.memory, [table], keysAlone(MONITOR_KEYS)),
    ...allowed(actions.runs, [table], keysAlone(RUN_KEYS)),
    ...allowed(actions.notes, [table], keysAlone(AUDIT_KEYS)),
    ...allowed(actions.index, [index]),
    ...allowed(actions.eventBus, [eventBus]),
  ];
}

/** Allows the actions on functions: their ARNs, and those of all their versions and aliases. */
export function statementsOnFunctions<Arn>(arns: readonly Arn[], actions: AllowedActions): readonly Statement<Arn>[] {
  return allowed(actions.functions, arns);
}

/**
 * Statement for actions on items whose partition key begins with a function's name and `#`, which no function's name
 * has. `ForAllValues` also holds for a request without a key; hence `Null`.
 * Source: Amazon DynamoDB developer guide, "Using IAM policy conditions for fine-grained access control".
 *
 * @param patterns those of {@link ownKeys}
 */
export function statementOnOwnItems<Arn>(
  table: Arn,
  patterns: unknown,
  { ownItems = [] }: AllowedActions,
): Statement<Arn> {
  const conditions = {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': patterns },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  };
  return { actions: ownItems, resources: [table], conditions };
}

/** The keys of what a function has in the table, as IAM's patterns write them. */
export function ownKeys(functionName: string): string {
  return `${functionName}#*`;
}

function allowed<Arn>(
  actions: readonly string[] = [],
  resources: readonly Arn[],
  conditions: Conditions = {},
): readonly Statement<Arn>[] {
  return actions.length > 0 ? [{ actions, resources, conditions }] : [];
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
