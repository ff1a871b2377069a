import { NestedStack, Stack, Stage } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { TTL_ATTRIBUTE, tableDefinition } from '../../core/events/table.ts';
import { parseWindows } from '../../core/windows/window.ts';
import { MaintenanceWindow, type MaintenanceWindowProps } from '../../infra/maintenance-window.ts';
import { createApp, imageFunction, resourceOf, resourcesOf, templateOf } from './stacks.ts';

function withProps(props: MaintenanceWindowProps): Template {
  return templateOf((stack) => new MaintenanceWindow(stack, 'Maintenance', props));
}

const VACUUM = { schedule: 'cron(0 2 ? * SUN *)', duration: 'PT2H', timezone: 'Europe/Rome', reason: 'weekly vacuum' };

describe('the table', () => {
  test('is what the event store creates, attribute for attribute', () => {
    const { Properties } = resourceOf(withProps({}), 'AWS::DynamoDB::Table');
    const { TableName: _, ...definition } = tableDefinition('events');
    const { AttributeDefinitions, BillingMode, GlobalSecondaryIndexes, KeySchema } = Properties;
    expect({ AttributeDefinitions, BillingMode, GlobalSecondaryIndexes, KeySchema }).toEqual(definition);
  });

  test('expires what is finished, can be restored to any point in time, and outlives its stack', () => {
    const table = resourceOf(withProps({}), 'AWS::DynamoDB::Table');
    expect(table.Properties).toMatchObject({
      TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      DeletionProtectionEnabled: true,
    });
    expect(table).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('has a generated name, a key of DynamoDB’s own and no warm throughput unless they are given', () => {
    const { Properties } = resourceOf(withProps({}), 'AWS::DynamoDB::Table');
    expect(Properties).not.toHaveProperty('TableName');
    expect(Properties).not.toHaveProperty('SSESpecification');
    expect(Properties).not.toHaveProperty('WarmThroughput');
    expect(Properties.GlobalSecondaryIndexes[0]).not.toHaveProperty('WarmThroughput');
  });

  test('takes a name, a customer managed key, and warm throughput for itself and its index', () => {
    const template = templateOf((stack) => {
      new MaintenanceWindow(stack, 'Maintenance', {
        tableName: 'deferred',
        encryptionKey: new kms.Key(stack, 'Key'),
        warmThroughput: { readUnitsPerSecond: 13_000, writeUnitsPerSecond: 5_000 },
      });
    });
    const warm = { ReadUnitsPerSecond: 13_000, WriteUnitsPerSecond: 5_000 };
    expect(resourceOf(template, 'AWS::DynamoDB::Table').Properties).toMatchObject({
      TableName: 'deferred',
      SSESpecification: {
        SSEEnabled: true,
        SSEType: 'KMS',
        KMSMasterKeyId: { 'Fn::GetAtt': [resourceOf(template, 'AWS::KMS::Key').logicalId, 'Arn'] },
      },
      WarmThroughput: warm,
      GlobalSecondaryIndexes: [{ WarmThroughput: warm }],
    });
  });
});

describe('the window parameters', () => {
  test('of the operator are none of CloudFormation’s, which would write them again: not without settings, and not with a name', () => {
    for (const props of [{}, { parameterName: '/ops/windows' }, { parameters: [{ name: '/ops/windows' }] }]) {
      withProps({ ...props, monitor: true, alarms: {}, dashboard: true }).resourceCountIs('AWS::SSM::Parameter', 0);
    }
  });

  test('of the operator are called as the stack is, whatever the construct is called and wherever it stands', () => {
    const parameterOf = (build: (stack: Stack) => MaintenanceWindow, stack = new Stack(createApp(), 'Orders')) =>
      build(stack).parameter.reference;
    const expected = '/maintenance-window/Orders';
    expect(parameterOf((stack) => new MaintenanceWindow(stack, 'Maintenance'))).toBe(expected);
    expect(parameterOf((stack) => new MaintenanceWindow(new Construct(stack, 'Inner'), 'Windows'))).toBe(expected);
    const nested = parameterOf((stack) => new MaintenanceWindow(new NestedStack(stack, 'Nested'), 'Windows'));
    expect(nested).toBe(`${expected}-Nested`);
    const twice = new Stack(createApp(), 'Orders');
    const inner = (id: string) => new NestedStack(new Construct(twice, id), 'Nested');
    expect(parameterOf(() => new MaintenanceWindow(inner('A'), 'Windows'))).toBe(`${expected}-A-Nested`);
    expect(parameterOf(() => new MaintenanceWindow(inner('B 2'), 'Windows'))).toBe(`${expected}-B-2-Nested`);
    const named = new Stack(new Stage(createApp(), 'Production'), 'Orders');
    expect(parameterOf((stack) => new MaintenanceWindow(stack, 'Maintenance'), named)).toBe(
      '/maintenance-window/Production-Orders',
    );
  });

  test('windows given as props stand in a second one, in canonical form, which may grow beyond 4 KB', () => {
    const template = withProps({ windows: [VACUUM, { start: '2026-11-21T01:00+01:00', end: '2026-11-21T04:00Z' }] });
    const { Properties } = resourceOf(template, 'AWS::SSM::Parameter');
    expect(Properties).toMatchObject({ Type: 'String', Tier: 'Intelligent-Tiering' });
    expect(parseWindows(Properties.Value)).toMatchObject({
      kind: 'windows',
      document: {
        windows: [
          { kind: 'recurring', schedule: 'cron(0 2 ? * SUN *)', timezone: 'Europe/Rome', durationMs: 7_200_000 },
          { kind: 'one-off', startAt: Date.UTC(2026, 10, 21), endAt: Date.UTC(2026, 10, 21, 4) },
        ],
      },
    });
    expect(Properties).not.toHaveProperty('Name');
  });

  test('of the stack stand beside those that exist already', () => {
    const existing = withProps({ parameters: [{ name: '/ops/windows' }], windows: [VACUUM] });
    expect(Object.keys(resourcesOf(existing, 'AWS::SSM::Parameter'))).toEqual([
      expect.stringMatching(/^MaintenanceStackWindows/),
    ]);
  });
});

test('a stack that protects one function adds a table, and two policies to the function’s role', () => {
  const before = templateOf((stack) => void imageFunction(stack, 'Orders')).toJSON().Resources;
  const after = templateOf((stack) => {
    new MaintenanceWindow(stack, 'Maintenance').protect(imageFunction(stack, 'Orders'));
  }).toJSON().Resources;
  const added = Object.keys(after).filter((id) => !(id in before));
  expect(added.map((id) => after[id].Type).sort()).toEqual([
    'AWS::DynamoDB::Table',
    'AWS::IAM::Policy',
    'AWS::IAM::Policy',
  ]);
});
