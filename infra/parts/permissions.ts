import { Lazy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import {
  type AllowedActions,
  ownKeys,
  PARAMETER_KEY_ACTIONS,
  type Statement,
  statementOnOwnItems,
  statementsOnFunctions,
  statementsOn as statementsOnPlaces,
  TABLE_KEY_ACTIONS,
} from '../../core/deployment/permissions.ts';
import { PENDING_INDEX } from '../../core/events/table.ts';
import type { EventsTable } from './events-table.ts';
import type { WindowParameter } from './window-parameters.ts';

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
  const { scope, parameters, table } = grounds;
  const operators = parameters.filter(({ owner }) => owner === 'operator');
  const places = {
    parameters: parameters.map(({ arn }) => arn),
    operatorsParameters: operators.map(({ arn }) => arn),
    table: table.arn,
    index: `${table.arn}/index/${PENDING_INDEX}`,
    eventBus: Stack.of(scope).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' }),
  };
  return [...statementsOnPlaces(places, actions).map(policyStatement), ...onKeys(grounds, actions)];
}

/** Allows the actions on a function, and on every version and alias of it. */
export function statementsOnFunction(functionArn: string, actions: AllowedActions): readonly iam.PolicyStatement[] {
  return statementsOnFunctions([functionArn, `${functionArn}:*`], actions).map(policyStatement);
}

/** Allows the actions on the items of these functions, whose names may still be added to. */
export function statementsOnOwnItems(
  { table }: Grounds,
  functionNames: () => readonly string[],
  actions: AllowedActions,
): readonly iam.PolicyStatement[] {
  const patterns = Lazy.any({ produce: () => functionNames().map(ownKeys) });
  return [policyStatement(statementOnOwnItems(table.arn, patterns, actions))];
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

function policyStatement({ actions, resources, conditions }: Statement<string>): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: [...actions], resources: [...resources], conditions });
}
