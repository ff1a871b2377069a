import { MaintenanceWindow } from '../../infra/maintenance-window.ts';
import type { Behaviour, ProxiedRequest } from '../support/dynamodb-proxy.ts';
import { carriedOut, type IamStatement, isAllowed, statementsIn } from '../support/iam-policy.ts';
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

/** What IAM makes of a request for the table. */
export function judge(statements: readonly IamStatement[], { operation, pks, index }: ProxiedRequest): Behaviour {
  const request = {
    action: `dynamodb:${operation}`,
    resource: index ? `${TABLE_ARN}/index/${index}` : TABLE_ARN,
    context: pks.length > 0 ? { 'dynamodb:LeadingKeys': pks } : {},
  };
  return isAllowed(statements, request) ? { kind: 'pass' } : { kind: 'fail', code: 'AccessDeniedException' };
}
