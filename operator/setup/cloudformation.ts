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
  type RolePolicy,
} from './deployment.ts';
import { policyDocument } from './policy.ts';

const TABLE_ID = 'EventsTable';
const TOPIC = 'AlarmTopicArn';
const HAS_TOPIC = 'HasAlarmTopic';

/**
 * The template for those without the CDK: the table, a managed policy for each role, and the alarms. The parameter is none of
 * CloudFormation's, which would write it again and end an open window. The monitor is not in it: its code is.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` for more functions than the policies of one template can name
 */
export function cloudFormation(deployment: Deployment): object {
  const policies = managedPoliciesOf(deployment);
  const ids = logicalIds(policies.map(({ name }) => name));
  const alarms = alarmsOf(deployment);
  const alarmIds = logicalIds(alarms.map(({ functionName, facts }) => [facts.id, functionName]));
  const environment = environmentOf(deployment);
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `Maintenance windows: deferred events table, permissions and alarms. The window parameter (${deployment.parameters[0]}) is made by the first "maintenance-window begin", never by a template.`,
    ...(alarms.length > 0 && {
      Parameters: {
        [TOPIC]: { Type: 'String', Default: '', Description: 'An SNS topic that the alarms tell. Empty: none.' },
      },
      Conditions: { [HAS_TOPIC]: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: TOPIC }, ''] }] } },
    }),
    Resources: {
      ...(makesTable(deployment) && { [TABLE_ID]: eventsTable(deployment) }),
      ...Object.fromEntries(policies.map((policy, index) => [ids[index], managedPolicy(policy)])),
      ...Object.fromEntries(alarms.map((alarm, index) => [alarmIds[index], alarmResource(alarm)])),
    },
    Outputs: {
      WindowParameter: {
        Description: 'MAINTENANCE_WINDOW_PARAMETER of the functions and of the operator',
        Value: environment['MAINTENANCE_WINDOW_PARAMETER'],
      },
      EventsTableName: {
        Description: 'MAINTENANCE_WINDOW_TABLE of the functions and of the operator',
        Value: makesTable(deployment) ? { Ref: TABLE_ID } : environment['MAINTENANCE_WINDOW_TABLE'],
      },
      ExecWrapper: {
        Description: `${LAYER_WRAPPER.name} of zip functions in Node, which have the client as a layer`,
        Value: LAYER_WRAPPER.value,
      },
      ProxyWrapper: {
        Description: `${PROXY_WRAPPER.name} of zip functions in Python, Java, .NET and Ruby, which have the proxy as a layer`,
        Value: PROXY_WRAPPER.value,
      },
      ...Object.fromEntries(
        policies.map(({ description }, index) => [
          `${ids[index]}Arn`,
          { Description: description, Value: { Ref: ids[index] } },
        ]),
      ),
    },
  };
}

/** As the construct makes it: on demand, with safeguards, and left alone by the end of the stack. */
function eventsTable({ table }: Deployment): object {
  return {
    Type: 'AWS::DynamoDB::Table',
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      ...tableDefinition(table),
      TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: TABLE_SAFEGUARDS.pointInTimeRecovery },
      DeletionProtectionEnabled: TABLE_SAFEGUARDS.deletionProtection,
    },
  };
}

function managedPolicy({ description, statements }: RolePolicy): object {
  const PolicyDocument = policyDocument(statements, (text) => (text.includes('${') ? { 'Fn::Sub': text } : text));
  return { Type: 'AWS::IAM::ManagedPolicy', Properties: { Description: description, PolicyDocument } };
}

function alarmResource({ functionName, namespace, facts }: FunctionAlarm): object {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: facts.description,
      Namespace: namespace,
      MetricName: facts.metric,
      Dimensions: [{ Name: 'FunctionName', Value: functionName }],
      Statistic: facts.statistic,
      Period: facts.periodSeconds,
      ComparisonOperator: facts.comparison,
      Threshold: facts.threshold,
      EvaluationPeriods: facts.evaluationPeriods,
      ...(facts.datapointsToAlarm !== undefined && { DatapointsToAlarm: facts.datapointsToAlarm }),
      TreatMissingData: facts.missingData,
      AlarmActions: { 'Fn::If': [HAS_TOPIC, [{ Ref: TOPIC }], { Ref: 'AWS::NoValue' }] },
    },
  };
}

/** `['client', 'orders-api']` is `ClientOrdersApi`; of two that come to one, the second has a number. */
function logicalIds(names: readonly (readonly string[])[]): readonly string[] {
  const taken = new Map<string, number>();
  return names.map((words) => {
    const id = words
      .flatMap((word) => word.split(/[^A-Za-z0-9]+/))
      .map(capitalised)
      .join('');
    const times = (taken.get(id) ?? 0) + 1;
    taken.set(id, times);
    return times === 1 ? id : `${id}N${times}`;
  });
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
