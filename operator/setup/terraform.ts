import { LAYER_WRAPPER, PROXY_WRAPPER } from '../../core/deployment/layer.ts';
import { TABLE_SAFEGUARDS } from '../../core/deployment/table-layout.ts';
import { TTL_ATTRIBUTE, tableDefinition } from '../../core/events/table.ts';
import {
  alarmsOf,
  type Deployment,
  environmentOf,
  type FunctionAlarm,
  makesTable,
  managedPoliciesOf,
  OPEN,
  type RolePolicy,
  template,
} from './deployment.ts';
import { blockText, type Expression, type HclBlock, raw } from './hcl.ts';
import { policyDocument } from './policy.ts';

const ACTIONS = 'maintenance_alarm_actions';

/**
 * Configuration of Terraform and OpenTofu, for the AWS provider from version 5 on: the table, a policy for each role, and the
 * alarms. The parameter is not in it: an apply would write it again and end an open window.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` for what cannot be deployed: `managedPoliciesOf`
 */
export function terraform(deployment: Deployment): string {
  const alarms = alarmsOf(deployment);
  const policies = managedPoliciesOf(deployment);
  const names = identifiers(policies.map(({ name }) => name));
  const alarmNames = identifiers(alarms.map(({ functionName, facts }) => [functionName, facts.metric]));
  const blocks: readonly HclBlock[] = [
    { head: ['data', 'aws_partition', 'current'] },
    { head: ['data', 'aws_region', 'current'] },
    { head: ['data', 'aws_caller_identity', 'current'] },
    ...(alarms.length > 0 ? [alarmActions()] : []),
    ...(makesTable(deployment) ? [eventsTable(deployment)] : []),
    ...policies.map((policy, index) => iamPolicy(names[index] ?? '', policy)),
    ...alarms.map((alarm, index) => metricAlarm(alarmNames[index] ?? '', alarm)),
    environmentOutput(
      'maintenance_window_environment',
      'What each protected function has in its environment.',
      deployment,
    ),
    environmentOutput(
      'maintenance_window_zip_environment',
      'The same for a zip function in Node, which has the client as a layer.',
      deployment,
      { [LAYER_WRAPPER.name]: LAYER_WRAPPER.value },
    ),
    environmentOutput(
      'maintenance_window_proxy_environment',
      'The same for one in Python, Java, .NET or Ruby, which has the proxy as a layer.',
      deployment,
      { [PROXY_WRAPPER.name]: PROXY_WRAPPER.value },
    ),
  ];
  const head =
    '# Maintenance windows: written by  maintenance-window setup --print terraform\n' +
    `# The window parameter (${deployment.parameters[0]}) is made by the first  maintenance-window begin, never by Terraform.\n`;
  return `${[head, ...blocks.map(blockText)].join('\n')}`;
}

function alarmActions(): HclBlock {
  return {
    head: ['variable', ACTIONS],
    body: {
      type: raw('list(string)'),
      default: [],
      description: 'What the alarms tell, such as the ARN of an SNS topic.',
    },
  };
}

function eventsTable({ table }: Deployment): HclBlock {
  const { BillingMode, KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } = tableDefinition(table);
  const keyOf = (schema: typeof KeySchema, type: 'HASH' | 'RANGE') =>
    schema.find(({ KeyType }) => KeyType === type)?.AttributeName;
  return {
    head: ['resource', 'aws_dynamodb_table', 'maintenance_events'],
    body: {
      name: table,
      billing_mode: BillingMode,
      hash_key: keyOf(KeySchema, 'HASH'),
      deletion_protection_enabled: TABLE_SAFEGUARDS.deletionProtection,
    },
    blocks: [
      ...AttributeDefinitions.map(({ AttributeName, AttributeType }) => ({
        head: ['attribute'] as const,
        body: { name: AttributeName, type: AttributeType },
      })),
      ...GlobalSecondaryIndexes.map(({ IndexName, KeySchema: schema, Projection }) => ({
        head: ['global_secondary_index'] as const,
        body: {
          name: IndexName,
          hash_key: keyOf(schema, 'HASH'),
          range_key: keyOf(schema, 'RANGE'),
          projection_type: Projection.ProjectionType,
          non_key_attributes: Projection.NonKeyAttributes,
        },
      })),
      { head: ['ttl'], body: { attribute_name: TTL_ATTRIBUTE, enabled: true } },
      { head: ['point_in_time_recovery'], body: { enabled: TABLE_SAFEGUARDS.pointInTimeRecovery } },
      { head: ['lifecycle'], body: { prevent_destroy: true } },
    ],
  };
}

function iamPolicy(name: string, { description, statements }: RolePolicy): HclBlock {
  return {
    head: ['resource', 'aws_iam_policy', name],
    body: {
      name_prefix: `maintenance-${name.replaceAll('_', '-')}-`.slice(0, NAME_PREFIX_CHARACTERS),
      description,
      policy: { call: 'jsonencode', argument: policyDocument(statements, put) as unknown as Expression },
    },
  };
}

/** Source: the AWS provider's `aws_iam_policy`, `name_prefix`: 128 characters of IAM less its own 26. */
const NAME_PREFIX_CHARACTERS = 102;

function metricAlarm(name: string, { functionName, namespace, facts }: FunctionAlarm): HclBlock {
  return {
    head: ['resource', 'aws_cloudwatch_metric_alarm', name],
    body: {
      alarm_name: `${facts.id}-${functionName}`,
      alarm_description: facts.description,
      namespace,
      metric_name: facts.metric,
      dimensions: { FunctionName: functionName },
      statistic: facts.statistic,
      period: facts.periodSeconds,
      comparison_operator: facts.comparison,
      threshold: facts.threshold,
      evaluation_periods: facts.evaluationPeriods,
      datapoints_to_alarm: facts.datapointsToAlarm,
      treat_missing_data: facts.missingData,
      alarm_actions: raw(`var.${ACTIONS}`),
    },
  };
}

function environmentOutput(
  name: string,
  description: string,
  deployment: Deployment,
  more: Readonly<Record<string, string>> = {},
): HclBlock {
  return { head: ['output', name], body: { description, value: { ...environmentOf(deployment), ...more } } };
}

/** A text whose open places are Terraform's. */
function put(text: string): string {
  return text
    .replaceAll(OPEN.tableArn, template('aws_dynamodb_table.maintenance_events.arn'))
    .replaceAll(OPEN.partition, template('data.aws_partition.current.partition'))
    .replaceAll(OPEN.region, template('data.aws_region.current.id'))
    .replaceAll(OPEN.account, template('data.aws_caller_identity.current.account_id'));
}

/** `['client', 'orders-api']` is `client_orders_api`; of two that come to one, the second has a number. */
function identifiers(names: readonly (readonly string[])[]): readonly string[] {
  const taken = new Map<string, number>();
  return names.map((words) => {
    const name = words
      .join('_')
      .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
      .replaceAll(/\W/g, '_')
      .toLowerCase();
    const identifier = /^\d/.test(name) ? `f_${name}` : name;
    const times = (taken.get(identifier) ?? 0) + 1;
    taken.set(identifier, times);
    return times === 1 ? identifier : `${identifier}_${times}`;
  });
}
