import { MaintenanceWindow } from '../../infra/maintenance-window.ts';
import type { Behaviour, ProxiedRequest } from '../fakes/dynamodb-proxy.ts';
import { carriedOut, type IamRequest, type IamStatement, isAllowed, statementsIn } from './iam-policy.ts';
import { imageFunction, resourcesOf, templateOf } from './stacks.ts';

/** The table of the stack, once it is made. */
export const TABLE_ARN = 'arn:aws:dynamodb:eu-south-1:111122223333:table/maintenance-window-events';

/**
 * What the roles of protected functions may do, from the synthesised template: of functions with generated names that come
 * to be these, and of one whose name is given.
 */
export function rolesOf<Name extends string>(
  names: readonly Name[],
  given: Name,
): Record<Name, readonly IamStatement[]> {
  const template = templateOf((stack) => {
    const maintenance = new MaintenanceWindow(stack, 'Maintenance');
    for (const name of names) maintenance.protect(imageFunction(stack, logicalId(name)));
    maintenance.protect(imageFunction(stack, logicalId(given), { functionName: given }));
  });
  const made = {
    'AWS::Region': { ref: 'eu-south-1' },
    'AWS::AccountId': { ref: '111122223333' },
    'AWS::Partition': { ref: 'aws' },
    MaintenanceEvents: { ref: 'maintenance-window-events', arn: TABLE_ARN },
    ...Object.fromEntries(names.map((name) => [logicalId(name), { ref: name }])),
  };
  const policies = Object.values(resourcesOf(template, 'AWS::IAM::Policy')).map(({ Properties }) => Properties);
  const statementsOf = (name: string) => {
    const isOfRole = ({ Roles }: { Roles: readonly { Ref: string }[] }) =>
      Roles.some(({ Ref }) => Ref.startsWith(`${logicalId(name)}Service`));
    return statementsIn(policies.filter(isOfRole).map(({ PolicyDocument }) => carriedOut(PolicyDocument, made)));
  };
  return Object.fromEntries([...names, given].map((name) => [name, statementsOf(name)])) as never;
}

/** No logical id is the beginning of another one. */
function logicalId(name: string): string {
  return `F${Buffer.from(name).toString('hex')}X`;
}

/** What the monitor's role may do to the table, from the synthesised template. */
export function monitorsRole(): readonly IamStatement[] {
  const template = templateOf((stack) => new MaintenanceWindow(stack, 'Maintenance', { monitor: true }));
  const made = {
    'AWS::Region': { ref: 'eu-south-1' },
    'AWS::AccountId': { ref: '111122223333' },
    'AWS::Partition': { ref: 'aws' },
    MaintenanceEvents: { ref: 'maintenance-window-events', arn: TABLE_ARN },
    MaintenanceMonitorLog: { ref: 'log', arn: 'arn:aws:logs:eu-south-1:111122223333:log-group:log:*' },
  };
  const policies = Object.values(resourcesOf(template, 'AWS::IAM::Policy', 'MaintenanceMonitor'));
  return statementsIn(policies.map(({ Properties }) => carriedOut(Properties.PolicyDocument, made)));
}

/** What IAM makes of a request for the table: it allows all that this asks for, or nothing. */
export function judge(statements: readonly IamStatement[], request: ProxiedRequest): Behaviour {
  const asked = askedOf(request);
  return asked.length > 0 && asked.every((one) => isAllowed(statements, one))
    ? { kind: 'pass' }
    : { kind: 'fail', code: 'AccessDeniedException' };
}

type Item = { readonly pk?: { readonly S?: string } };

/**
 * What DynamoDB asks IAM for a request: an action for each item of a transaction, named as if it stood alone; one for a batch,
 * with the keys of all its items. Source: Amazon DynamoDB developer guide, "Using IAM with DynamoDB transactions"; service
 * authorization reference, "Actions, resources, and condition keys for Amazon DynamoDB".
 */
function askedOf({ operation, pks, index, input }: ProxiedRequest): readonly IamRequest[] {
  const resource = index ? `${TABLE_ARN}/index/${index}` : TABLE_ARN;
  const asked = (action: string, keys: readonly string[]): IamRequest => ({
    action: `dynamodb:${action}`,
    resource,
    context: { ...contextOf(input), ...(keys.length > 0 && { 'dynamodb:LeadingKeys': keys }) },
  });
  const keyOf = ({ Key, Item }: { Key?: Item; Item?: Item }) => [(Key ?? Item)?.pk?.S ?? ''];
  if (/^Transact(Get|Write)Items$/.test(operation)) {
    const members = (input['TransactItems'] as Record<string, { Key?: Item; Item?: Item }>[]).flatMap(Object.entries);
    return members.map(([kind, item]) => asked(`${kind}Item`, keyOf(item)));
  }
  if (/^Batch(Get|Write)Item$/.test(operation)) {
    const [table] = Object.values(input['RequestItems'] as object);
    const keys: Item[] =
      table.Keys ?? table.flatMap(Object.values).map((one: { Key?: Item; Item?: Item }) => one.Key ?? one.Item);
    return [
      {
        ...asked(
          operation,
          keys.map(({ pk }) => pk?.S ?? ''),
        ),
        context: { ...contextOf(table), 'dynamodb:LeadingKeys': keys.map(({ pk }) => pk?.S ?? '') },
      },
    ];
  }
  if (operation.endsWith('Statement') || operation === 'ExecuteTransaction') {
    const texts = JSON.stringify(input).match(/"Statement":"(\w+)/g) ?? [];
    const verbs = texts.map((text) => text.slice('"Statement":"'.length).toLowerCase());
    return verbs.map((verb) => asked(`PartiQL${verb[0]?.toUpperCase()}${verb.slice(1)}`, []));
  }
  return [asked(operation, pks)];
}

/** What it says of attributes and of what it gives back. */
function contextOf(input: Readonly<Record<string, unknown>>): IamRequest['context'] {
  const { ProjectionExpression: projection, ReturnValues: values } = input;
  return {
    'dynamodb:Select': [projection ? 'SPECIFIC_ATTRIBUTES' : 'ALL_ATTRIBUTES'],
    ...(typeof projection === 'string' && { 'dynamodb:Attributes': projection.split(/\s*,\s*/) }),
    ...(typeof values === 'string' && { 'dynamodb:ReturnValues': [values] }),
  };
}
