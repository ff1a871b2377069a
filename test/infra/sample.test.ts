import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, describe, expect, test } from 'vitest';
import { SampleStack } from '../../examples/cdk/stack.ts';
import { MaintenanceWindow } from '../../infra/maintenance-window.ts';
import { createApp, imageFunction, resourceOf } from './stacks.ts';

const directory = mkdtempSync(join(tmpdir(), 'sample-'));
writeFileSync(join(directory, 'Dockerfile'), 'FROM scratch\n');
afterAll(() => rmSync(directory, { recursive: true }));

describe('the sample stack', () => {
  const template = Template.fromStack(new SampleStack(createApp(), 'Sample', { directory, architecture: 'arm64' }));

  test('is small', () => {
    const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>).map(
      ({ Type }) => Type,
    );
    expect(types.sort()).toEqual([
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Dashboard',
      'AWS::DynamoDB::Table',
      'AWS::Events::Rule',
      'AWS::Events::Rule',
      'AWS::Events::Rule',
      'AWS::IAM::Policy',
      'AWS::IAM::Policy',
      'AWS::IAM::Policy',
      'AWS::IAM::Role',
      'AWS::IAM::Role',
      'AWS::Lambda::Function',
      'AWS::Lambda::Function',
      'AWS::Lambda::Permission',
      'AWS::Lambda::Permission',
      'AWS::Lambda::Permission',
      'AWS::Logs::LogGroup',
      'AWS::Logs::LogGroup',
    ]);
  });

  test('runs the image on the architecture that it was built on', () => {
    expect(resourceOf(template, 'AWS::Lambda::Function', 'Sample').Properties).toMatchObject({
      PackageType: 'Image',
      Architectures: ['arm64'],
      Timeout: 30,
      LoggingConfig: { LogGroup: { Ref: resourceOf(template, 'AWS::Logs::LogGroup', 'Log').logicalId } },
    });
  });

  test('tells the names that an operator needs', () => {
    expect(Object.keys(template.findOutputs('*')).sort()).toEqual(['EventsTable', 'Function', 'WindowParameter']);
  });
});

describe('AWS Solutions of cdk-nag', () => {
  /** What is found, one line a finding, in the order of the report. */
  function findingsIn(build: (app: ReturnType<typeof createApp>) => void): readonly string[] {
    const app = createApp();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    build(app);
    try {
      app.synth();
      return [];
    } catch (error) {
      return [...String(error).matchAll(/Acknowledge with '(?<id>[^']+)'/g)].map(({ groups }) => groups?.['id'] ?? '');
    }
  }

  test('finds nothing in the sample stack, in which nothing is acknowledged', () => {
    const findings = findingsIn((app) => {
      const stack = new SampleStack(app, 'Sample', { directory, architecture: 'x86_64' });
      const acknowledged = stack.node.findAll().flatMap(({ node }) => node.metadata);
      expect(acknowledged.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)).toEqual([]);
    });
    expect(findings).toEqual([]);
  });

  test('finds in all that can be asked for only what invoking every version and alias takes', () => {
    const findings = findingsIn((app) => {
      const stack = new Stack(app, 'Stack');
      const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
      const key = new kms.Key(stack, 'Key', { enableKeyRotation: true });
      const maintenance = new MaintenanceWindow(stack, 'Maintenance', {
        encryptionKey: key,
        parameters: [{ name: '/ops/windows', encryptionKey: key }],
        windows: [],
        monitor: true,
        alarms: {},
        dashboard: true,
      });
      maintenance.protect(imageFunction(stack, 'Orders', { role }));
      maintenance.grantOperate(new iam.Role(stack, 'Operator', { assumedBy: new iam.AccountRootPrincipal() }));
    });
    expect(findings).toEqual([
      expect.stringMatching(/^AwsSolutions::AwsSolutions-IAM5\[Resource::<Orders\w+\.Arn>:\*\]$/),
    ]);
  });
});
