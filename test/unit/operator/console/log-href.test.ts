/** Where a function's log is in AWS's own console. */
import { expect, it } from 'vitest';
import { logHref } from '../../../../operator/console/page/parts/log-href.ts';

const logged = { functionName: 'orders-api', from: 1_795_989_600_000 };

it('is a place in CloudWatch, as its page writes it: the group, the time, and a text', () => {
  expect(logHref({ ...logged, text: '9f1c0a52' }, { region: 'eu-south-1' })).toBe(
    'https://eu-south-1.console.aws.amazon.com/cloudwatch/home?region=eu-south-1#logsV2:log-groups/log-group/' +
      '$252Faws$252Flambda$252Forders-api/log-events$3FfilterPattern$3D$25229f1c0a52$2522$26start$3D1795989600000',
  );
});

it.each([
  ['cn-north-1', 'https://console.amazonaws.cn/cloudwatch/home?region=cn-north-1#'],
  ['us-gov-west-1', 'https://console.amazonaws-us-gov.com/cloudwatch/home?region=us-gov-west-1#'],
])('is in the console of its partition: %s', (region, start) => {
  expect(logHref(logged, { region })).toContain(start);
});

it('is nowhere for a stand-in, and while it is not known where this is', () => {
  expect(logHref(logged, { region: 'eu-south-1', endpoint: 'http://127.0.0.1:4566' })).toBeUndefined();
  expect(logHref(logged, undefined)).toBeUndefined();
});
