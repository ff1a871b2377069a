import { Duration } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { readConfig } from '../../core/gate/config.ts';
import type { ProtectOptions } from '../../infra/contract.ts';
import { MaintenanceWindowImageFunction } from '../../infra/image-function.ts';
import { MaintenanceWindow, type MaintenanceWindowProps } from '../../infra/maintenance-window.ts';
import { imageFunction, imageIn, resourceOf, templateOf } from './stacks.ts';

const WINDOW = { schedule: 'cron(0 2 ? * SUN *)', duration: 'PT2H' };

/** The environment of a function that is protected so. */
function environment(props: MaintenanceWindowProps, options?: ProtectOptions) {
  const template = templateOf((stack) => {
    new MaintenanceWindow(stack, 'Maintenance', props).protect(imageFunction(stack, 'Orders'), options);
  });
  return resourceOf(template, 'AWS::Lambda::Function', 'Orders').Properties.Environment.Variables;
}

test('a protected function is told where windows and events are, and nothing that is a default', () => {
  expect(environment({})).toEqual({
    MAINTENANCE_WINDOW_PARAMETER: '/maintenance-window/Stack',
    MAINTENANCE_WINDOW_TABLE: { Ref: expect.stringMatching(/^MaintenanceEvents/) },
  });
});

test('the operator’s parameter comes first, where the operator’s tool edits, and the stack’s last', () => {
  const own = environment({ windows: [WINDOW] }).MAINTENANCE_WINDOW_PARAMETER;
  expect(own['Fn::Join'][1]).toEqual([
    '/maintenance-window/Stack,',
    { Ref: expect.stringMatching(/^MaintenanceStackWindows/) },
  ]);
  const arn = 'arn:aws:ssm:eu-south-1:111122223333:parameter/account/windows';
  const existing = environment({ parameters: [{ name: '/ops/windows' }, { arn }], windows: [WINDOW] });
  expect(existing.MAINTENANCE_WINDOW_PARAMETER['Fn::Join'][1]).toEqual([
    `/ops/windows,${arn},`,
    { Ref: expect.stringMatching(/^MaintenanceStackWindows/) },
  ]);
});

test('options become settings that the runtime reads as they were meant', () => {
  const policy = { direct: 'accept', http: { defer: ['POST /webhooks/*'] } } as const;
  const set = environment({}, { ttl: Duration.minutes(5), onError: 'defer', policy });
  const { MAINTENANCE_WINDOW_PARAMETER: _, MAINTENANCE_WINDOW_TABLE: __, ...settings } = set;
  expect(readConfig(settings)).toMatchObject({ ttlSeconds: 300, onError: 'defer', policy });
});

test('an image function is protected as it is made, and keeps its own settings', () => {
  const template = templateOf((stack) => {
    const maintenanceWindow = new MaintenanceWindow(stack, 'Maintenance');
    new MaintenanceWindowImageFunction(stack, 'Orders', {
      code: imageIn(stack, 'Images'),
      environment: { STAGE: 'test' },
      memorySize: 512,
      maintenanceWindow,
      protect: { onError: 'defer' },
    });
  });
  expect(resourceOf(template, 'AWS::Lambda::Function', 'Orders').Properties).toMatchObject({
    PackageType: 'Image',
    MemorySize: 512,
    Environment: {
      Variables: {
        STAGE: 'test',
        MAINTENANCE_WINDOW_ON_ERROR: 'defer',
        MAINTENANCE_WINDOW_PARAMETER: '/maintenance-window/Stack',
        MAINTENANCE_WINDOW_TABLE: { Ref: expect.any(String) },
      },
    },
  });
});
