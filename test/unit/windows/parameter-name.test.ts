import { expect, it } from 'vitest';
import { parameterPath } from '../../../core/windows/parameter-name.ts';

it.each([
  ['maintenance-window', 'maintenance-window'],
  ['/team/windows', 'team/windows'],
  ['arn:aws:ssm:eu-south-1:111122223333:parameter/team/windows', 'team/windows'],
  ['arn:aws-cn:ssm:cn-north-1:444455556666:parameter/team/windows', 'team/windows'],
  ['arn:aws:ssm:eu-south-1:111122223333:parameter/maintenance-window', 'maintenance-window'],
  ['team/parameter/windows', 'team/parameter/windows'],
])('the path of %s is %s', (name, path) => {
  expect(parameterPath(name)).toBe(path);
});
