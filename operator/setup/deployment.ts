import { type AlarmFacts, FUNCTION_ALARMS } from '../../core/deployment/alarms.ts';
import {
  type AllowedActions,
  CLIENT_ACTIONS,
  MONITOR_ACTIONS,
  OPERATOR_ACTIONS,
  ownKeys,
  type Places,
  READ_ACTIONS,
  REPLAY_ACTIONS,
  type Statement,
  statementOnOwnItems,
  statementsOn,
  statementsOnFunctions,
  WINDOW_ACTIONS,
} from '../../core/deployment/permissions.ts';
import { PENDING_INDEX } from '../../core/events/table.ts';
import { SETTINGS } from '../../core/gate/config.ts';
import { NAMESPACE } from '../../core/metrics.ts';
import { whyNeverMade } from '../../core/windows/parameter-limits.ts';
import { OperatorFault } from '../access/remedy.ts';
import { policyDocument } from './policy.ts';

/** What somebody deploys by other means than the CDK. */
export interface Deployment {
  /** Names, or ARNs of what another account shares. Nothing here makes one: the first `begin` does. */
  readonly parameters: readonly string[];
  /** A name: the table is made. An ARN: it is there. */
  readonly table: string;
  /** The names of the functions that are protected. */
  readonly functions: readonly string[];
}

/** The statements of one role, under a name that says whose they are. */
export interface RolePolicy {
  /** In words that every form may write as it likes: `['client', 'orders-api']`. */
  readonly name: readonly string[];
  readonly description: string;
  readonly statements: readonly Statement<string>[];
}

/** An alarm of one function. */
export interface FunctionAlarm {
  readonly functionName: string;
  readonly namespace: string;
  readonly facts: AlarmFacts;
}

/**
 * Refuses what cannot be deployed, in whatever form: a parameter that SSM lets nobody make would be found at night, by the
 * first window.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage`
 */
export function refuseNeverMade(parameters: readonly string[]): void {
  for (const name of parameters) {
    const why = whyNeverMade(name);
    if (why === undefined) continue;
    throw new OperatorFault('MaintenanceWindow.Usage', `the parameter ${name} ${why}, so nobody could make it`, {
      kind: 'other-parameter',
    });
  }
}

/**
 * Text in which partition, region, account and the table to be made stand as CloudFormation's `Fn::Sub` writes them. Each
 * form puts in what it has for them.
 */
export const OPEN = {
  partition: template('AWS::Partition'),
  region: template('AWS::Region'),
  account: template('AWS::AccountId'),
  tableArn: template('EventsTable.Arn'),
} as const;

/** A place in a text, as both CloudFormation and HCL write it. */
export function template(code: string): string {
  return `\${${code}}`;
}

/** Whether this deployment makes its table. */
export function makesTable({ table }: Deployment): boolean {
  return !isArn(table);
}

/**
 * The policies of all roles: each protected function's, the operator's three, and the monitor's.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` for a parameter that nobody can make
 */
export function policiesOf(deployment: Deployment): readonly RolePolicy[] {
  refuseNeverMade(deployment.parameters);
  const places = placesOf(deployment);
  const operators = (part: string, what: string, actions: AllowedActions): RolePolicy => ({
    name: ['operator', part],
    description: `Maintenance windows: ${what}.`,
    statements: [...statementsOn(places, actions), ...onFunctions(deployment, actions)],
  });
  return [
    ...deployment.functions.map((functionName) => ({
      name: ['client', functionName],
      description: `Maintenance windows: what the client in ${functionName} calls.`,
      statements: [
        ...statementsOn(places, CLIENT_ACTIONS),
        statementOnOwnItems(places.table, [ownKeys(functionName)], CLIENT_ACTIONS),
      ],
    })),
    operators('read', 'to look at windows and deferred events', READ_ACTIONS),
    operators('windows', 'to begin, end and schedule windows', WINDOW_ACTIONS),
    operators('replay', 'to replay, discard, export and import deferred events', REPLAY_ACTIONS),
    operators('all', 'all that the tool of the operator calls', OPERATOR_ACTIONS),
    {
      name: ['monitor'],
      description: 'Maintenance windows: what the monitor calls.',
      statements: statementsOn(places, MONITOR_ACTIONS),
    },
  ];
}

/** What a managed policy holds. Source: IAM user guide, "IAM and AWS STS quotas". */
const MANAGED_CHARACTERS = 6_144;

/**
 * Those that a template makes as managed policies: the operator's three stand for `operator all`, and the monitor comes with
 * the construct.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` for more functions than the policies of one template can name, and for
 *   a parameter that nobody can make
 */
export function managedPoliciesOf(deployment: Deployment): readonly RolePolicy[] {
  const policies = policiesOf(deployment).filter(({ name: [of, part] }) => of !== 'monitor' && part !== 'all');
  for (const { name, statements } of policies) {
    const characters = JSON.stringify(policyDocument(statements, (text) => text)).length;
    if (characters <= MANAGED_CHARACTERS) continue;
    const policy = name.join(' ');
    throw new OperatorFault(
      'MaintenanceWindow.Usage',
      `so many functions are named that the policy ${policy} has ${characters} characters, and IAM takes ${MANAGED_CHARACTERS}`,
      { kind: 'fewer-functions', policy, characters, most: MANAGED_CHARACTERS },
    );
  }
  return policies;
}

/** The alarms of all protected functions. */
export function alarmsOf({ functions }: Deployment): readonly FunctionAlarm[] {
  return functions.flatMap((functionName) =>
    FUNCTION_ALARMS.map((facts) => ({ functionName, namespace: NAMESPACE, facts })),
  );
}

/** What a protected function has in its environment, where it is not what the client takes by default. */
export function environmentOf({ parameters, table }: Deployment): Readonly<Record<string, string>> {
  return { [SETTINGS.parameters.name]: parameters.join(','), [SETTINGS.table.name]: table };
}

function placesOf({ parameters, table }: Deployment): Places<string> {
  const arns = parameters.map(parameterArn);
  const tableArn = isArn(table) ? table : OPEN.tableArn;
  return {
    parameters: arns,
    operatorsParameters: arns,
    table: tableArn,
    index: `${tableArn}/index/${PENDING_INDEX}`,
    eventBus: arnOf('events', 'event-bus/default'),
  };
}

function onFunctions({ functions }: Deployment, actions: AllowedActions): readonly Statement<string>[] {
  const arns = functions.map((name) => arnOf('lambda', `function:${name}`));
  return functions.length > 0 ? statementsOnFunctions([...arns, ...arns.map((arn) => `${arn}:*`)], actions) : [];
}

function parameterArn(parameter: string): string {
  return isArn(parameter) ? parameter : arnOf('ssm', `parameter/${parameter.replace(/^\//, '')}`);
}

function arnOf(service: string, resource: string): string {
  return ['arn', OPEN.partition, service, OPEN.region, OPEN.account, resource].join(':');
}

function isArn(text: string): boolean {
  return text.startsWith('arn:');
}
