/** Zip functions in other languages than Node. Where the machine has no cargo there is no proxy, and the build has said so. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Aspects, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { describe, expect, test } from 'vitest';
import { proxyLayerFile } from '../../core/deployment/layer.ts';
import type { ProtectOptions } from '../../infra/contract.ts';
import { MaintenanceWindow } from '../../infra/maintenance-window.ts';
import {
  createApp,
  hasProxy,
  messageOf,
  OWN_CPU,
  type Resource,
  resourceOf,
  resourcesOf,
  statementsOf,
  templateOf,
  zipFunction,
} from './stacks.ts';

const DIST = join(import.meta.dirname, '../../dist');
const WRAPPER = '/opt/maintenance-window/wrapper';
const LAYER = 'AWS::Lambda::LayerVersion';
const { PYTHON_3_13, JAVA_21, JAVA_8_CORRETTO, DOTNET_8, RUBY_3_4, PROVIDED_AL2, PROVIDED_AL2023 } = lambda.Runtime;

/** The function `Orders` as it stands in a template. */
function ordersIn(template: Template) {
  const { Properties } = resourceOf(template, 'AWS::Lambda::Function', 'Orders');
  return { layers: Properties.Layers ?? [], variables: Properties.Environment?.Variables ?? {} };
}

interface Trial extends Partial<lambda.FunctionProps> {
  readonly options?: ProtectOptions;
  readonly after?: (fn: lambda.Function) => void;
}

/** The template with the function `Orders`, protected. In Python, unless it is told otherwise. */
function withOrders({ options, after, ...props }: Trial = {}): Template {
  return templateOf((stack) => {
    const fn = zipFunction(stack, 'Orders', { runtime: PYTHON_3_13, handler: 'app.handler', ...props });
    new MaintenanceWindow(stack, 'Maintenance').protect(fn, options);
    after?.(fn);
  });
}

describe.skipIf(!hasProxy)('a zip function in another language', () => {
  test.each([PYTHON_3_13, JAVA_21, JAVA_8_CORRETTO, DOTNET_8, RUBY_3_4])(
    'on $name gets the proxy of its CPU, the wrapper, the windows and the permissions',
    (runtime) => {
      const template = withOrders({ runtime });
      const { logicalId, Properties } = resourceOf(template, LAYER, 'MaintenanceWindowProxyLayer');
      const { layers, variables } = ordersIn(template);
      expect(layers).toEqual([{ Ref: logicalId }]);
      expect(Properties.CompatibleArchitectures).toEqual([OWN_CPU.name]);
      expect(variables).toMatchObject({
        AWS_LAMBDA_EXEC_WRAPPER: WRAPPER,
        MAINTENANCE_WINDOW_PARAMETER: '/maintenance-window/Stack',
      });
      expect(variables).not.toHaveProperty('MAINTENANCE_WINDOW_EXEC_WRAPPER');
      expect(statementsOf(template, 'OrdersServiceRole').flatMap(({ actions }) => actions)).toEqual(
        expect.arrayContaining(['ssm:GetParameters', 'dynamodb:PutItem']),
      );
    },
  );

  test('has as its layer the zip that the build made', () => {
    const app = createApp();
    const stack = new Stack(app, 'Stack');
    new MaintenanceWindow(stack, 'Maintenance').protect(zipFunction(stack, 'Orders', { runtime: PYTHON_3_13 }));
    const { directory, artifacts } = app.synth();
    const key = resourceOf(Template.fromStack(stack), LAYER).Properties.Content.S3Key;
    const assets = artifacts.flatMap((one) => ('contents' in one ? [one.contents] : []));
    // biome-ignore lint/suspicious/noExplicitAny: a manifest of the CDK's
    const files: any = Object.assign({}, ...assets.map((one: any) => one.files ?? {}));
    const { source } = files[String(key).replace('.zip', '')];
    const built = readFileSync(join(DIST, proxyLayerFile(OWN_CPU.name)));
    expect(readFileSync(join(directory, source.path)).equals(built)).toBe(true);
  });

  test('shares the layer with others of its stack, and stands beside one in Node, each with its own', () => {
    const template = templateOf((stack) => {
      const maintenance = new MaintenanceWindow(stack, 'Maintenance');
      for (const runtime of [PYTHON_3_13, JAVA_21]) {
        maintenance.protect(zipFunction(stack, `In${runtime.family}`, { runtime }));
      }
      maintenance.protect(zipFunction(stack, 'Prepared', { runtime: PROVIDED_AL2023 }), { bootstrap: 'prepared' });
      maintenance.protect(zipFunction(stack, 'Node'));
    });
    const layers = Object.values(resourcesOf(template, LAYER)).map(({ Properties }) => Properties.Description);
    expect(layers.sort()).toEqual(['The maintenance-window client', 'The maintenance-window proxy']);
    const { Environment } = resourceOf(template, 'AWS::Lambda::Function', 'Node').Properties;
    expect(Environment.Variables.AWS_LAMBDA_EXEC_WRAPPER).toBe('/opt/maintenance-window/exec-wrapper');
  });

  const byAspect = (fn: lambda.Function) =>
    Aspects.of(fn.stack).add({
      visit: (node) => {
        if (node === fn) fn.addEnvironment('AWS_LAMBDA_EXEC_WRAPPER', '/opt/otel-instrument');
      },
    });
  test.each<[string, Trial]>([
    ['before protect', { environment: { AWS_LAMBDA_EXEC_WRAPPER: '/opt/otel-instrument' } }],
    ['after protect', { after: (fn) => void fn.addEnvironment('AWS_LAMBDA_EXEC_WRAPPER', '/opt/otel-instrument') }],
    ['by an aspect of the app', { after: byAspect }],
  ])('has a wrapper of its own that is set %s come next', (_, trial) => {
    expect(ordersIn(withOrders(trial)).variables).toMatchObject({
      AWS_LAMBDA_EXEC_WRAPPER: WRAPPER,
      MAINTENANCE_WINDOW_EXEC_WRAPPER: '/opt/otel-instrument',
    });
  });

  test('may have four layers of its own, and not five', () => {
    const tools = (count: number) => {
      const own = new Stack(createApp(), 'Tools');
      return Array.from({ length: count }, (_, id) =>
        lambda.LayerVersion.fromLayerVersionArn(
          own,
          `Layer${id}`,
          `arn:aws:lambda:eu-south-1:111122223333:layer:tools:${id + 1}`,
        ),
      );
    };
    expect(ordersIn(withOrders({ layers: tools(4) })).layers).toHaveLength(5);
    expect(messageOf(() => withOrders({ layers: tools(5) }))).toBe(
      "Stack/Orders: has 5 layers, and Lambda takes 5, the proxy's own included; unite two of them",
    );
  });

  test.each([PROVIDED_AL2, PROVIDED_AL2023])(
    'on $name has the layer and the windows once its bootstrap is prepared, and no wrapper, which Lambda would not call',
    (runtime) => {
      const { layers, variables } = ordersIn(withOrders({ runtime, options: { bootstrap: 'prepared' } }));
      expect(layers).toEqual([{ Ref: expect.stringMatching(/^MaintenanceWindowProxyLayer/) }]);
      expect(Object.keys(variables).sort()).toEqual(['MAINTENANCE_WINDOW_PARAMETER', 'MAINTENANCE_WINDOW_TABLE']);
    },
  );
});

describe.skipIf(!hasProxy)('what is published of a function in another language', () => {
  /** The version that an alias with provisioned concurrency, and SnapStart where Lambda has it, are made of. */
  function published(trial: Trial & { readonly protects?: boolean }): readonly [string, Resource, Resource] {
    const { protects = true, after, options, ...props } = trial;
    const template = templateOf((stack) => {
      const fn = zipFunction(stack, 'Orders', { runtime: PYTHON_3_13, handler: 'app.handler', ...props });
      fn.currentVersion.applyRemovalPolicy(RemovalPolicy.RETAIN);
      fn.addAlias('live', ...(props.snapStart ? [] : [{ provisionedConcurrentExecutions: 2 }]));
      if (protects) new MaintenanceWindow(stack, 'Maintenance').protect(fn, options);
      after?.(fn);
    });
    const { logicalId } = resourceOf(template, 'AWS::Lambda::Version');
    return [
      logicalId,
      resourceOf(template, 'AWS::Lambda::Alias'),
      resourceOf(template, 'AWS::Lambda::Function', 'Orders'),
    ];
  }

  test.each<[string, Trial]>([
    ['SnapStart', { snapStart: lambda.SnapStartConf.ON_PUBLISHED_VERSIONS }],
    ['provisioned concurrency', {}],
  ])('with %s is a new version, which the alias leads to, with layer and wrapper', (_, trial) => {
    const [version, alias, fn] = published(trial);
    expect(version).not.toBe(published({ ...trial, protects: false })[0]);
    expect(alias.Properties.FunctionVersion).toEqual({ 'Fn::GetAtt': [version, 'Version'] });
    expect(alias.Properties.ProvisionedConcurrencyConfig !== undefined).toBe(trial.snapStart === undefined);
    expect(fn.Properties.SnapStart).toEqual(trial.snapStart && { ApplyOn: 'PublishedVersions' });
    expect(fn.Properties.Layers).toHaveLength(1);
    expect(fn.Properties.Environment.Variables.AWS_LAMBDA_EXEC_WRAPPER).toBe(WRAPPER);
  });

  test('is a new version with a wrapper that is set after protect, too', () => {
    const after = (fn: lambda.Function) => void fn.addEnvironment('AWS_LAMBDA_EXEC_WRAPPER', '/opt/otel-instrument');
    expect(published({ after })[0]).not.toBe(published({})[0]);
  });
});
