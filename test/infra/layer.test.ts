import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Aspects, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { expect, test } from 'vitest';
import { layerFile } from '../../core/deployment/layer.ts';
import { MaintenanceWindow } from '../../infra/maintenance-window.ts';
import {
  createApp,
  imageFunction,
  messageOf,
  OWN_CPU,
  resourceOf,
  resourcesOf,
  templateOf,
  zipFunction,
} from './stacks.ts';

const DIST = join(import.meta.dirname, '../../dist');
const OURS = '/opt/maintenance-window/exec-wrapper';
const LAYER = 'AWS::Lambda::LayerVersion';

/** The function `Orders` as it stands in a template, and what its layer is. */
function ordersIn(template: Template) {
  const { Properties } = resourceOf(template, 'AWS::Lambda::Function', 'Orders');
  return { layers: Properties.Layers ?? [], variables: Properties.Environment?.Variables ?? {} };
}

/** Layers that this machine could make: CI makes both, and must. */
const isBuilt = ({ name }: lambda.Architecture) => existsSync(join(DIST, layerFile(name)));
const CPUS = [lambda.Architecture.X86_64, lambda.Architecture.ARM_64].filter(
  (cpu) => process.env['CI'] || isBuilt(cpu),
);

test.each([
  ...CPUS.map((cpu) => [lambda.Runtime.NODEJS_22_X, cpu] as const),
  [lambda.Runtime.NODEJS_24_X, OWN_CPU] as const,
  [new lambda.Runtime('nodejs26.x', lambda.RuntimeFamily.NODEJS), OWN_CPU] as const,
])('a zip function on %s gets the layer of its CPU, and the wrapper', (runtime, architecture) => {
  const template = templateOf((stack) => {
    new MaintenanceWindow(stack, 'Maintenance').protect(zipFunction(stack, 'Orders', { runtime, architecture }));
  });
  const { logicalId, Properties } = resourceOf(template, LAYER);
  const { layers, variables } = ordersIn(template);
  expect(layers).toEqual([{ Ref: logicalId }]);
  expect(Properties.CompatibleArchitectures).toEqual([architecture.name]);
  expect(variables).toMatchObject({
    AWS_LAMBDA_EXEC_WRAPPER: OURS,
    MAINTENANCE_WINDOW_PARAMETER: '/maintenance-window/Stack',
  });
  expect(variables).not.toHaveProperty('MAINTENANCE_WINDOW_EXEC_WRAPPER');
});

test('the layer is the zip that the build made', () => {
  const app = createApp();
  const stack = new Stack(app, 'Stack');
  new MaintenanceWindow(stack, 'Maintenance').protect(zipFunction(stack, 'Orders'));
  const { directory, artifacts } = app.synth();
  const key = resourceOf(Template.fromStack(stack), LAYER).Properties.Content.S3Key;
  const assets = artifacts.flatMap((one) => ('contents' in one ? [one.contents] : []));
  // biome-ignore lint/suspicious/noExplicitAny: a manifest of the CDK's
  const files: any = Object.assign({}, ...assets.map((one: any) => one.files ?? {}));
  const { source } = files[String(key).replace('.zip', '')];
  const built = readFileSync(join(DIST, layerFile(OWN_CPU.name)));
  expect(readFileSync(join(directory, source.path)).equals(built)).toBe(true);
});

test('functions of a stack share a layer, one for each CPU; images have none', () => {
  const template = templateOf((stack) => {
    const maintenance = new MaintenanceWindow(stack, 'Maintenance');
    const other = new MaintenanceWindow(stack, 'Other', { parameterName: '/other' });
    maintenance.protect(zipFunction(stack, 'One'));
    other.protect(zipFunction(stack, 'Two'));
    for (const cpu of CPUS) maintenance.protect(zipFunction(stack, `On${cpu.name}`, { architecture: cpu }));
    maintenance.protect(imageFunction(stack, 'Image'));
  });
  expect(Object.keys(resourcesOf(template, LAYER))).toHaveLength(CPUS.length);
  const { Properties } = resourceOf(template, 'AWS::Lambda::Function', 'Image');
  expect([Properties.Layers, Properties.Environment.Variables.AWS_LAMBDA_EXEC_WRAPPER]).toEqual([undefined, undefined]);
});

test.each<[string, (fn: lambda.Function) => void, (fn: lambda.Function) => void]>([
  ['before protect', (fn) => fn.addEnvironment('AWS_LAMBDA_EXEC_WRAPPER', '/opt/monitor'), () => undefined],
  ['after protect', () => undefined, (fn) => fn.addEnvironment('AWS_LAMBDA_EXEC_WRAPPER', '/opt/monitor')],
  [
    'by an aspect of the app',
    () => undefined,
    (fn) => {
      Aspects.of(fn.stack).add({
        visit: (node) => {
          if (node === fn) fn.addEnvironment('AWS_LAMBDA_EXEC_WRAPPER', '/opt/monitor');
        },
      });
    },
  ],
])('a wrapper of the function’s own that is set %s comes next', (_, before, after) => {
  const template = templateOf((stack) => {
    const fn = zipFunction(stack, 'Orders');
    before(fn);
    new MaintenanceWindow(stack, 'Maintenance').protect(fn);
    after(fn);
  });
  expect(ordersIn(template).variables).toMatchObject({
    AWS_LAMBDA_EXEC_WRAPPER: OURS,
    MAINTENANCE_WINDOW_EXEC_WRAPPER: '/opt/monitor',
  });
});

test('the wrapper of an instrumentation by the CDK comes next, and its layer stays', () => {
  const template = templateOf((stack) => {
    const adotInstrumentation = {
      layerVersion: lambda.AdotLayerVersion.fromJavaScriptSdkLayerVersion(
        lambda.AdotLambdaLayerJavaScriptSdkVersion.LATEST,
      ),
      execWrapper: lambda.AdotLambdaExecWrapper.REGULAR_HANDLER,
    };
    new MaintenanceWindow(stack, 'Maintenance').protect(zipFunction(stack, 'Orders', { adotInstrumentation }));
  });
  const { layers, variables } = ordersIn(template);
  expect(layers).toHaveLength(2);
  expect(variables).toMatchObject({
    AWS_LAMBDA_EXEC_WRAPPER: OURS,
    MAINTENANCE_WINDOW_EXEC_WRAPPER: '/opt/otel-handler',
  });
});

test('two different wrappers are refused', () => {
  const message = messageOf(() =>
    templateOf((stack) => {
      const environment = { AWS_LAMBDA_EXEC_WRAPPER: '/opt/a', MAINTENANCE_WINDOW_EXEC_WRAPPER: '/opt/b' };
      new MaintenanceWindow(stack, 'Maintenance').protect(zipFunction(stack, 'Orders', { environment }));
    }),
  );
  expect(message).toBe(
    'Stack/Orders: has two wrappers, AWS_LAMBDA_EXEC_WRAPPER and MAINTENANCE_WINDOW_EXEC_WRAPPER; name one, as AWS_LAMBDA_EXEC_WRAPPER',
  );
});

test('five layers may be there, the client’s included', () => {
  const arn = 'arn:aws:lambda:eu-south-1:111122223333:layer:tools';
  const template = templateOf((stack) => {
    const layers = [1, 2, 3, 4].map((id) =>
      lambda.LayerVersion.fromLayerVersionArn(stack, `Layer${id}`, `${arn}:${id}`),
    );
    new MaintenanceWindow(stack, 'Maintenance').protect(zipFunction(stack, 'Orders', { layers }));
  });
  expect(ordersIn(template).layers).toHaveLength(5);
});

test('a version of the function has the layer and the wrapper, as it is published after them', () => {
  const hash = (protects: boolean) => {
    const template = templateOf((stack) => {
      const fn = zipFunction(stack, 'Orders');
      fn.currentVersion;
      if (protects) new MaintenanceWindow(stack, 'Maintenance').protect(fn);
    });
    return resourceOf(template, 'AWS::Lambda::Version').logicalId;
  };
  expect(hash(true)).not.toBe(hash(false));
});

test('a function that the CDK bundles is protected like any other', () => {
  const repository = join(import.meta.dirname, '../..');
  const template = templateOf((stack) => {
    const fn = new NodejsFunction(stack, 'Orders', {
      entry: join(repository, 'handler', 'index.mjs'),
      runtime: lambda.Runtime.NODEJS_22_X,
      architecture: OWN_CPU,
      depsLockFilePath: join(repository, 'package-lock.json'),
    });
    new MaintenanceWindow(stack, 'Maintenance').protect(fn);
  });
  const { layers, variables } = ordersIn(template);
  expect(layers).toHaveLength(1);
  expect(variables).toMatchObject({ AWS_LAMBDA_EXEC_WRAPPER: OURS });
});
