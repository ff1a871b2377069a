import { Duration, Fn, type Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { describe, expect, test } from 'vitest';
import type { ProtectOptions } from '../../infra/contract.ts';
import { MaintenanceWindowImageFunction } from '../../infra/image-function.ts';
import { MaintenanceWindow, type MaintenanceWindowProps } from '../../infra/maintenance-window.ts';
import { pageText } from '../unit/docs/pages.ts';
import { imageFunction, imageIn, messageOf, templateOf, zipFunction } from './stacks.ts';

const WINDOW = { start: '2026-11-21T00:00:00Z', end: '2026-11-21T04:00:00Z' };
const AT = 'Stack/Maintenance: ';

/** What props are refused with. */
function refusal(props: MaintenanceWindowProps): string {
  return messageOf(() => templateOf((stack) => new MaintenanceWindow(stack, 'Maintenance', props)));
}

describe('a window that is given as a prop is refused with the runtime’s own message', () => {
  test.for([
    [{ ...WINDOW, end: '2026-11-20T00:00:00Z' }, 'windows[1].end: '],
    [{ ...WINDOW, start: '2026-11-21T00:00:00' }, 'windows[1].start: "2026-11-21T00:00:00"'],
    [{ schedule: 'cron(0 2 * * SUN)', duration: 'PT2H' }, 'windows[1].schedule: "cron(0 2 * * SUN)" has five fields'],
    [{ schedule: 'cron(0 2 ? * SUN *)', duration: '2 hours' }, 'windows[1].duration: "2 hours" is not a duration'],
    [{ schedule: 'cron(0 2 ? * SUN *)', duration: '2h', timezone: 'Rome' }, 'windows[1].timezone: "Rome"'],
    [{ ...WINDOW, functions: ['orders/*'] }, 'windows[1].functions[0]: "orders/*"'],
    [{ ...WINDOW, color: 'red' }, 'windows[1].color'],
  ] as const)('%o', ([window, message]) => {
    expect(refusal({ windows: [WINDOW, window] })).toMatch(`${AT}${message}`);
  });

  test('a name that is known at deployment only', () => {
    const message = messageOf(() =>
      templateOf((stack) => {
        const { functionName } = imageFunction(stack, 'Orders');
        new MaintenanceWindow(stack, 'Maintenance', { windows: [{ ...WINDOW, functions: [functionName] }] });
      }),
    );
    expect(message).toBe(
      `${AT}windows[0]: has a value that is known at deployment only; write it out, with * where it is not known`,
    );
  });

  test.for([
    [
      { policy: { replay: { rate: '50' } } },
      'policy.replay.rate: "50" is no rate; write events a second, such as "50/s"',
    ],
    [{ policy: { replay: { canari: 5 } } }, 'policy.replay: "canari" is no field of it; did you mean canary?'],
    [{ policy: { replay: 'now' } }, 'policy.replay: must be "manual", or an object such as {"rate":"50/s"'],
    [{ policy: { sqs: 'accept' } }, 'policy.sqs: '],
    [{ windows: [{ ...WINDOW, replay: { stopAfter: '0' } }] }, 'windows[0].replay.stopAfter: "0" is no limit'],
    [{ policy: { replay: { rate: Fn.ref('Rate') } } }, 'policy: has a value that is known at deployment only'],
  ])('what becomes of a backlog: %j', ([props, message]) => {
    expect(refusal(props as MaintenanceWindowProps)).toMatch(`${AT}${message}`);
  });

  test('more windows than a parameter holds', () => {
    const windows = Array.from({ length: 100 }, () => ({ ...WINDOW, reason: 'x'.repeat(100) }));
    expect(refusal({ windows })).toMatch(
      /^Stack\/Maintenance: windows: take \d+ bytes as text; a parameter holds 8192/,
    );
  });
});

describe('parameters are refused', () => {
  test.for<[MaintenanceWindowProps, string]>([
    [{ parameters: [] }, 'parameters: names none; leave it out to have one made'],
    [{ parameters: [{ name: 'a' }], parameterName: 'b' }, 'parameterName: names a parameter to be made, beside'],
    [{ parameters: [{ name: 'a' }, { name: 'a' }] }, 'parameters: "a" stands there twice'],
    [{ parameters: [{ name: 'windows:3' }] }, 'parameters[0].name: "windows:3" '],
    [{ parameters: [{ name: 'a,b' }] }, 'parameters[0].name: "a,b" is not one name'],
    [{ parameters: [{ arn: 'windows' }] }, 'parameters[0].arn: "windows" is not one ARN'],
    [
      { parameters: [{ name: 'arn:aws:ssm:eu-south-1:111122223333:parameter/windows' }] },
      'parameters[0].name: "arn:aws:ssm:eu-south-1:111122223333:parameter/windows" is not one name',
    ],
    [
      { parameterName: 'SSM-windows' },
      'parameterName: "SSM-windows" begins with aws or ssm, which SSM keeps to itself, so',
    ],
    [{ parameterName: '/aws/windows' }, 'parameterName: "/aws/windows" begins with aws or ssm'],
    [
      { parameters: [{ name: 'ops/windows' }] },
      'parameters[0].name: "ops/windows" has levels and does not begin with "/"',
    ],
    [{ parameterName: '/ops//windows' }, 'parameterName: "/ops//windows" has a level without a name'],
    [{ parameterName: '/ops/' }, 'parameterName: "/ops/" has a level without a name'],
    [{ parameterName: '/a'.repeat(16) }, `parameterName: "${'/a'.repeat(16)}" has 16 levels, and SSM takes 15`],
    [{ parameterName: 'no blanks' }, 'parameterName: "no blanks" '],
    [
      { parameters: Array.from({ length: 10 }, (_, index) => ({ name: `p${index}` })), windows: [] },
      "parameters: these are 11, the stack's own included; write 10 at most",
    ],
  ])('%o', ([props, message]) => {
    expect(refusal(props)).toContain(`${AT}${message}`);
  });

  test('but for a name that only looks like one of SSM’s own', () => {
    for (const parameterName of ['/awsome/windows', '/ops/ssm', '/a'.repeat(15)]) {
      expect(refusal({ parameterName })).toBe('nothing was refused');
    }
  });

  test('by a name whose ARN cannot be told', () => {
    const message = messageOf(() =>
      templateOf((stack) => {
        new MaintenanceWindow(stack, 'Maintenance', { parameters: [{ name: new kms.Key(stack, 'Key').keyId }] });
      }),
    );
    expect(message).toMatch(`${AT}parameters[0].name: is known at deployment only`);
  });
});

describe('protect refuses', () => {
  function protecting(fn: (stack: Parameters<typeof imageFunction>[0]) => lambda.Function, options?: ProtectOptions) {
    return messageOf(() =>
      templateOf((stack) => new MaintenanceWindow(stack, 'Maintenance').protect(fn(stack), options)),
    );
  }

  test.each([
    [lambda.Runtime.NODEJS_20_X, /^Stack\/Orders: runs on nodejs20\.x, and the client needs Node 22 or later; /],
    [
      lambda.Runtime.PYTHON_3_7,
      /^Stack\/Orders: runs on python3\.7, so on Amazon Linux 1, .* that AWS still supports$/,
    ],
    [lambda.Runtime.JAVA_8, /^Stack\/Orders: runs on java8, so on Amazon Linux 1, /],
    [lambda.Runtime.GO_1_X, /^Stack\/Orders: runs on go1\.x, so on Amazon Linux 1, /],
    [lambda.Runtime.PROVIDED, /^Stack\/Orders: runs on provided, so on Amazon Linux 1, /],
    [new lambda.Runtime('cobol1', lambda.RuntimeFamily.OTHER), /^Stack\/Orders: runs on cobol1, .* docs\/proxy\.md\)$/],
    [
      new lambda.Runtime(Fn.ref('Runtime'), lambda.RuntimeFamily.NODEJS),
      /^Stack\/Orders: has a runtime that is known at deployment only; write it out, such as nodejs22\.x, /,
    ],
  ])('a zip function whose runtime the layer is not for: $name', (runtime, message) => {
    expect(protecting((stack) => zipFunction(stack, 'Orders', { runtime }))).toMatch(message);
  });

  test.each([lambda.Runtime.PROVIDED_AL2, lambda.Runtime.PROVIDED_AL2023])(
    'a zip function on $name, with the two lines to write',
    (runtime) => {
      const message = protecting((stack) => zipFunction(stack, 'Orders', { runtime }));
      const [twoLines] = /#!\/bin\/sh\n *exec .*/.exec(pageText('docs/proxy.md')) ?? [];
      expect(message.split('\n').map((line) => line.trim())).toEqual([
        `Stack/Orders: runs on ${runtime.name}, where Lambda knows no wrapper; rename its program, such as to main, and write a bootstrap of two lines:`,
        ...String(twoLines).split('\n'),
        "then protect it with { bootstrap: 'prepared' }",
      ]);
    },
  );

  test.each<[string, (stack: Stack) => lambda.Function, string, RegExp]>([
    [
      'in Python',
      (stack) => zipFunction(stack, 'Orders', { runtime: lambda.Runtime.PYTHON_3_13 }),
      'prepared',
      /runs on python3\.13, /,
    ],
    ['in Node', (stack) => zipFunction(stack, 'Orders'), 'prepared', /runs on nodejs24\.x, /],
    ['from an image', (stack) => imageFunction(stack, 'Orders'), 'prepared', /comes from an image, /],
    [
      'on provided.al2023, that is none of its words',
      (stack) => zipFunction(stack, 'Orders', { runtime: lambda.Runtime.PROVIDED_AL2023 }),
      'done',
      /^Stack\/Orders: bootstrap: "done" is not allowed; write prepared, /,
    ],
  ])('a word on the bootstrap of a function %s', (_, make, bootstrap, message) => {
    const refused = protecting(make, { bootstrap: bootstrap as 'prepared' });
    expect(refused).toMatch(message);
    expect(refused).toMatch(/leave it out$/);
  });

  const [CLIENTS, PROXYS] = ['/opt/maintenance-window/exec-wrapper', '/opt/maintenance-window/wrapper'];
  test.each([
    ['AWS_LAMBDA_EXEC_WRAPPER', PROXYS],
    ['MAINTENANCE_WINDOW_EXEC_WRAPPER', PROXYS],
    ['MAINTENANCE_WINDOW_EXEC_WRAPPER', CLIENTS],
  ])('a second gate: %s=%s beside the client', (name, wrapper) => {
    expect(protecting((stack) => zipFunction(stack, 'Orders', { environment: { [name]: wrapper } }))).toBe(
      `Stack/Orders: has ${wrapper} as ${name}, and gets ${CLIENTS}; two gates would both store: take that variable away`,
    );
  });

  test('a monitor, which has to run inside windows', () => {
    const message = messageOf(() =>
      templateOf((stack) => {
        const maintenance = new MaintenanceWindow(stack, 'Maintenance', { monitor: true });
        maintenance.protect(maintenance.monitor as lambda.Function);
      }),
    );
    expect(message).toMatch(/^Stack\/Maintenance\/Monitor\/Function: is a monitor/);
  });

  test('a zip function with five layers', () => {
    const message = protecting((stack) => {
      const arn = 'arn:aws:lambda:eu-south-1:111122223333:layer:tools:1';
      const layers = [1, 2, 3, 4, 5].map((id) => lambda.LayerVersion.fromLayerVersionArn(stack, `Layer${id}`, arn));
      return zipFunction(stack, 'Orders', { layers });
    });
    expect(message).toBe(
      "Stack/Orders: has 5 layers, and Lambda takes 5, the client's own included; unite two of them",
    );
  });

  test('a function that is protected already', () => {
    const message = messageOf(() =>
      templateOf((stack) => {
        const fn = imageFunction(stack, 'Orders');
        new MaintenanceWindow(stack, 'One').protect(fn);
        new MaintenanceWindow(stack, 'Other').protect(fn);
      }),
    );
    expect(message).toMatch(/^Stack\/Orders: is protected already/);
  });

  test.each<[string, (stack: Stack) => unknown, string]>([
    [
      'an alias',
      (stack) => imageFunction(stack, 'Orders').addAlias('live'),
      'Stack/Orders/Aliaslive: is an alias or a version;',
    ],
    [
      'a version',
      (stack) => imageFunction(stack, 'Orders').currentVersion,
      'Stack/Orders/CurrentVersion: is an alias or a version;',
    ],
    [
      'an imported function',
      (stack) => lambda.Function.fromFunctionName(stack, 'Orders', 'orders'),
      'Stack/Orders: is no function that this app makes',
    ],
    [
      'one that is imported with its role',
      (stack) =>
        lambda.Function.fromFunctionAttributes(stack, 'Orders', {
          functionArn: 'arn:aws:lambda:eu-south-1:111122223333:function:orders',
          role: iam.Role.fromRoleName(stack, 'Role', 'orders'),
          sameEnvironment: true,
        }),
      'Stack/Orders: is no function that this app makes',
    ],
    ['nothing', () => undefined, 'Stack/Maintenance: is no function that this app makes'],
    ['something else', (stack) => new kms.Key(stack, 'Orders'), 'Stack/Orders: is no function that this app makes'],
  ])('%s, with one message', (_what, make, message) => {
    const refused = protecting((stack) => make(stack) as lambda.Function);
    expect(refused).toMatch(message);
    expect(refused.split('\n')).toHaveLength(1);
  });

  test('more than Lambda’s 4 KB of environment, whoever fills it', () => {
    const defer = (count: number) =>
      Array.from({ length: count }, (_, number) => `POST /webhooks/number-${number}/*` as const);
    const rules = protecting((stack) => imageFunction(stack, 'Orders'), { policy: { http: { defer: defer(300) } } });
    expect(rules).toMatch(
      /^Stack\/Orders: its environment takes \d+ bytes as JSON, \d+ of them MAINTENANCE_WINDOW_POLICY; Lambda takes 4096: write the policy into the window parameter$/,
    );
    const environment = { CATALOGUE: 'x'.repeat(4_000) };
    expect(protecting((stack) => imageFunction(stack, 'Orders', { environment }))).toMatch(
      /^Stack\/Orders: its environment takes 41\d\d bytes as JSON, 4002 of them CATALOGUE; Lambda takes 4096: shorten that one$/,
    );
    const small = { CATALOGUE: 'x'.repeat(3_900) };
    expect(protecting((stack) => imageFunction(stack, 'Orders', { environment: small }))).toBe('nothing was refused');
  });

  test('every option that the runtime would refuse, at once', () => {
    const message = protecting((stack) => imageFunction(stack, 'Orders'), {
      ttl: Duration.hours(2),
      policy: JSON.parse('{"cognito":"defer"}'),
    });
    expect(message.split('\n')).toEqual([
      expect.stringMatching(/^Stack\/Orders: MAINTENANCE_WINDOW_TTL: "7200" is not allowed; /),
      expect.stringMatching(/^MAINTENANCE_WINDOW_POLICY: .*cognito/),
    ]);
  });

  test('what becomes of a backlog, which the runtime would not look at', () => {
    const policy = JSON.parse('{"replay":{"rate":50}}');
    const message = protecting((stack) => imageFunction(stack, 'Orders'), { policy });
    expect(message).toBe('Stack/Orders: policy.replay.rate: 50 is no rate; write events a second, such as "50/s"');
    const good = { policy: { replay: { rate: '50/s' } } } as const;
    expect(protecting((stack) => imageFunction(stack, 'Orders'), good)).toBe('nothing was refused');
  });
});

test('settings that stand in the function’s own environment are refused like options, but for what is known at deployment only', () => {
  const message = messageOf(() =>
    templateOf((stack) => {
      const { functionName: STAGE } = imageFunction(stack, 'Other');
      const settings = { MAINTENANCE_WINDOW_TTL: '2h', MAINTENANCE_WINDOW_ONERROR: 'defer', STAGE };
      const fn = imageFunction(stack, 'Orders', { environment: settings });
      new MaintenanceWindow(stack, 'Maintenance', { windows: [] }).protect(fn);
    }),
  );
  expect(message.split('\n')).toEqual([
    expect.stringMatching(/^Stack\/Orders: MAINTENANCE_WINDOW_ONERROR is no setting; /),
    expect.stringMatching(/^MAINTENANCE_WINDOW_TTL: "2h" is not allowed; /),
  ]);
});

test('the thresholds of alarms that rest on the monitor are refused without it, and its metrics are', () => {
  expect(refusal({ alarms: { oldestPendingAge: Duration.hours(1) } })).toMatch(`${AT}alarms: `);
  expect(refusal({ alarms: { windowActiveAge: Duration.hours(1) } })).toMatch(`${AT}alarms: `);
  const message = messageOf(() =>
    templateOf((stack) => new MaintenanceWindow(stack, 'Maintenance').metricPendingEvents()),
  );
  expect(message).toBe(`${AT}the metric PendingEvents comes from the monitor; set monitor: true`);
});

test('an image function that is made protected is refused like any other', () => {
  const message = messageOf(() =>
    templateOf((stack) => {
      new MaintenanceWindowImageFunction(stack, 'Orders', {
        code: imageIn(stack, 'Images'),
        maintenanceWindow: new MaintenanceWindow(stack, 'Maintenance'),
        protect: { onError: 'stop' as 'defer' },
      });
    }),
  );
  expect(message).toMatch(
    /^Stack\/Orders: MAINTENANCE_WINDOW_ON_ERROR: "stop" is not allowed; write dispatch or defer/,
  );
});
