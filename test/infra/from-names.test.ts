import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { expect, test } from 'vitest';
import type { IMaintenanceWindow } from '../../infra/contract.ts';
import { MaintenanceWindowImageFunction } from '../../infra/image-function.ts';
import { MaintenanceWindow } from '../../infra/maintenance-window.ts';
import { createApp, imageFunction, imageIn, resourceOf, statementsOf } from './stacks.ts';

const NAMES = { parameterNames: ['/maintenance-window/Platform', '/ops/all'], tableName: 'events' };

/** A stack of a team, which uses what another app makes. */
function teamStack(use: (maintenance: IMaintenanceWindow, stack: Stack) => void, names = {}): Template {
  const stack = new Stack(createApp(), 'Team');
  use(MaintenanceWindow.fromNames(stack, 'Maintenance', { ...NAMES, ...names }), stack);
  return Template.fromStack(stack);
}

test('nothing is made, and functions are told of what is there by its names', () => {
  const template = teamStack((maintenanceWindow, stack) => {
    new MaintenanceWindowImageFunction(stack, 'Orders', { code: imageIn(stack, 'Images'), maintenanceWindow });
  });
  const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>).map(({ Type }) => Type);
  expect(types.toSorted()).toEqual(['AWS::IAM::Policy', 'AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::Lambda::Function']);
  expect(resourceOf(template, 'AWS::Lambda::Function').Properties.Environment.Variables).toEqual({
    MAINTENANCE_WINDOW_PARAMETER: '/maintenance-window/Platform,/ops/all',
    MAINTENANCE_WINDOW_TABLE: 'events',
  });
});

test('functions may use the table’s key, and operators may edit windows and replay', () => {
  const template = teamStack((_, stack) => {
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-south-1:111122223333:key/1');
    const maintenance = MaintenanceWindow.fromNames(stack, 'Keyed', { ...NAMES, encryptionKey });
    maintenance.protect(imageFunction(stack, 'Orders'));
    const grant = maintenance.grantOperate(
      new iam.Role(stack, 'Operator', { assumedBy: new iam.AccountRootPrincipal() }),
    );
    expect(grant.success).toBe(true);
  });
  for (const role of ['OrdersServiceRole', 'Operator']) {
    const actions = statementsOf(template, role).flatMap((statement) => statement.actions);
    expect(actions).toEqual(expect.arrayContaining(['kms:Decrypt', 'ssm:GetParameters', 'dynamodb:PutItem']));
  }
  const ofOperator = statementsOf(template, 'Operator').flatMap((statement) => statement.actions);
  expect(ofOperator).toEqual(expect.arrayContaining(['ssm:PutParameter', 'lambda:InvokeFunction']));
});

test('the monitor of whoever made the table is asked for its metrics, and alarms stand beside the functions', () => {
  const template = teamStack(
    (maintenance, stack) => {
      maintenance.protectAll(stack);
      imageFunction(stack, 'Orders');
      const { namespace, dimensions } = maintenance.metricPendingEvents();
      expect({ namespace, dimensions }).toEqual({
        namespace: 'MaintenanceWindow',
        dimensions: { TableName: 'events' },
      });
    },
    { alarms: {} },
  );
  template.resourceCountIs('AWS::CloudWatch::Alarm', 3);
});

test('no name, and one that SSM lets nobody make, are refused', () => {
  const refused = (parameterNames: readonly string[]) => () => teamStack(() => {}, { parameterNames });
  expect(refused([])).toThrow('Team/Maintenance: parameters: names none');
  expect(refused(['aws-windows'])).toThrow(
    'Team/Maintenance: parameters[0].name: "aws-windows" begins with aws or ssm',
  );
});
