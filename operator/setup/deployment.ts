import { type AlarmFacts, FUNCTION_ALARMS } from '../../core/deployment/alarms.ts';
import { LOOK_ACTION, MACHINE_ACTIONS } from '../../core/deployment/drain-machine.ts';
import {
  type AllowedActions,
  CLIENT_ACTIONS,
  DRAIN_ACTIONS,
  DRAIN_STARTER_ACTIONS,
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

/** What the drain's function and its state machine are called, where the construct makes neither. */
export const DRAIN_NAME = 'maintenance-window-drain';

/** The drain's function: an ARN with open places. */
export const DRAIN_FUNCTION = arnOf('lambda', `function:${DRAIN_NAME}`);

/**
 * The policies of all roles: each protected function's, the operator's three, the monitor's, and the drain's: of its function, of
 * its machine, and what monitor and operators have besides where there is one.
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
    ...drainPolicies(deployment, places),
  ];
}

function drainPolicies(deployment: Deployment, places: Places<string>): readonly RolePolicy[] {
  const machine = arnOf('states', `stateMachine:${DRAIN_NAME}`);
  const executions = arnOf('states', `execution:${DRAIN_NAME}/*`);
  const start = allow(MACHINE_ACTIONS.machine, machine);
  const look = allow([LOOK_ACTION], arnOf('states', `execution:${DRAIN_NAME}:*`));
  return [
    {
      name: ['drain'],
      description: 'Maintenance windows: what the function of the drain calls.',
      statements: [...statementsOn(places, DRAIN_ACTIONS), ...onFunctions(deployment, DRAIN_ACTIONS)],
    },
    {
      name: ['drain', 'machine'],
      description: 'Maintenance windows: what the state machine of the drain does.',
      statements: [
        allow(MACHINE_ACTIONS.function, DRAIN_FUNCTION),
        start,
        allow(MACHINE_ACTIONS.executions, executions),
      ],
    },
    {
      name: ['monitor', 'with drain'],
      description: 'Maintenance windows: what the monitor calls besides, to start the drain and to look at it.',
      statements: [
        ...statementsOn(places, DRAIN_STARTER_ACTIONS),
        ...onFunctions(deployment, DRAIN_STARTER_ACTIONS),
        start,
        look,
      ],
    },
    {
      name: ['operator', 'with drain'],
      description: 'Maintenance windows: to hand replays over to the drain.',
      statements: [start, look],
    },
    {
      name: ['operator', 'read with drain'],
      description: 'Maintenance windows: to see whether a replay of the drain goes on.',
      statements: [look],
    },
  ];
}

function allow(actions: readonly string[], resource: string): Statement<string> {
  return { actions, resources: [resource], conditions: {} };
}

/** What a managed policy holds. Source: IAM user guide, "IAM and AWS STS quotas". */
const MANAGED_CHARACTERS = 6_144;

/**
 * Those that a template makes as managed policies: the operator's three stand for `operator all`, and monitor and drain are in
 * no template.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` for more functions than the policies of one template can name, and for
 *   a parameter that nobody can make
 */
export function managedPoliciesOf(deployment: Deployment): readonly RolePolicy[] {
  const policies = policiesOf(deployment).filter(
    ({ name: [of = '', part = ''] }) =>
      !['monitor', 'drain'].includes(of) && part !== 'all' && !part.endsWith('with drain'),
  );
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
