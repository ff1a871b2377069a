/** What a doctor makes of what AWS tells: no process, no network. */
import { describe, expect, it } from 'vitest';
import type { DescribedTable } from '../../../aws/events/table-upkeep.ts';
import type { FunctionInspector, InspectedFunction } from '../../../aws/lambda/function-inspector.ts';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import { TTL_ATTRIBUTE, tableDefinition } from '../../../core/events/table.ts';
import { parseWindows } from '../../../core/windows/window.ts';
import { explained } from '../../../operator/access/aws-faults.ts';
import { THING } from '../../../operator/cli/doctor/findings-text.ts';
import { judgeClient } from '../../../operator/doctor/client.ts';
import type { Finding, KnownBy } from '../../../operator/doctor/finding.ts';
import { untilSilent } from '../../../operator/doctor/functions.ts';
import { examineFunction } from '../../../operator/doctor/one-function.ts';
import { examineParameters } from '../../../operator/doctor/parameters.ts';
import { judgeProtection } from '../../../operator/doctor/protection.ts';
import { judgeTable } from '../../../operator/doctor/table.ts';
import { looked } from '../../../operator/doctor/unseen.ts';
import { findFunctions } from '../../../operator/doctor/which-functions.ts';
import { createMemoryOperator } from '../../fakes/memory/memory-operator.ts';
import { pageText } from '../docs/pages.ts';

const NOW = Date.UTC(2026, 10, 21, 2);
const PLACES = { parameters: ['windows'], table: 'events' };

/** Kind, state, and why if something is not well. */
const short = (findings: readonly Finding[]) =>
  findings.map(({ kind, state, ...rest }) => {
    const { why } = (rest.unseen ?? rest.data) as { readonly why?: string };
    return [kind, state, ...(why === undefined ? [] : [why])].join(' ');
  });

/** AWS's refusal, as an operator has it explained. */
const refused = (name: string, status = 400) => {
  const fault = Object.assign(new Error('words'), { name, $metadata: { httpStatusCode: status } });
  return explained({ service: 'DynamoDB', action: 'dynamodb:X', what: 'it' }, {}, () => Promise.reject(fault));
};

describe('the document', () => {
  const [, section = ''] = /\n### doctor\n(.*?)\n## /s.exec(pageText('docs/cli.md')) ?? [];
  const rows = section.split('\n').flatMap((line) => {
    const [, subject, kinds = '', whys = ''] = line.split('|').map((cell) => cell.trim());
    return subject !== undefined && kinds.startsWith('`') ? [{ kinds, whys }] : [];
  });
  const words = (text: string) => [...text.matchAll(/[`']([a-z-]+)[`']/g)].map(([, word]) => word);

  it('has every kind of finding, and no other', () => {
    const kinds = rows.filter(({ whys }) => !whys.startsWith('as')).flatMap(({ kinds }) => words(kinds));
    expect(kinds.filter((kind) => kind !== undefined && kind in THING).sort()).toEqual(Object.keys(THING).sort());
  });

  it('has every reason that a finding gives, and no other', () => {
    const source = [pageText('operator/doctor/finding.ts'), pageText('operator/doctor/unseen.ts')].join();
    const given = [...source.matchAll(/readonly why\??: ((?:'[a-z-]+'(?: \| )?)+)/g)].flatMap(([, union = '']) =>
      words(union),
    );
    const unseen = words(/could not be looked at has `why` \(([^)]*)\)/.exec(section)?.[1] ?? '');
    const told = rows.flatMap(({ whys }) => words(whys.replace(/\(.*\)/, '')));
    expect([...new Set([...told, ...unseen])].sort()).toEqual([...new Set(given)].sort());
  });
});

describe('what is not seen', () => {
  it.each([
    ['AccessDeniedException', 400, 'denied'],
    ['ThrottlingException', 400, 'throttled'],
    ['InternalServerError', 500, 'no-answer'],
    ['ValidationException', 400, 'refused'],
    ['UnknownOperationException', 400, 'not-offered'],
  ])('is a finding: %s', async (name, status, why) => {
    expect(await looked('dynamodb:X', () => refused(name, status))).toMatchObject({
      unseen: { why, action: 'dynamodb:X', message: expect.stringMatching(/DynamoDB|dynamodb/) },
    });
  });

  it.each([
    'UnrecognizedClientException',
    'ExpiredTokenException',
    'InvalidSignatureException',
    'CredentialsProviderError',
  ])('ends everything where it is of the credentials: %s', async (name) => {
    await expect(looked('dynamodb:X', () => refused(name))).rejects.toMatchObject({ name: 'MaintenanceWindow.Denied' });
  });

  it('is not asked for again of a service that was silent, and is of one that refused', async () => {
    const asked: string[] = [];
    const [ofSilent, ofBusy] = [untilSilent(), untilSilent()];
    const asking = (name: string, status: number) => (action: string) => async () => {
      asked.push(`${name} ${action}`);
      return refused(name, status);
    };
    const [silent, denied] = [asking('InternalServerError', 500), asking('AccessDeniedException', 403)];
    for (const action of ['a', 'b']) {
      expect(await ofSilent(action, silent(action))).toMatchObject({ unseen: { why: 'no-answer', action } });
      expect(await ofBusy(action, denied(action))).toMatchObject({ unseen: { why: 'denied', action } });
    }
    expect(asked).toEqual(['InternalServerError a', 'AccessDeniedException a', 'AccessDeniedException b']);
  });

  it('ends everything where it is a defect, or a setting', async () => {
    await expect(looked('x', () => Promise.reject(new TypeError('ours')))).rejects.toThrow('ours');
    const config = new MaintenanceWindowError('MaintenanceWindow.Config', 'no region');
    await expect(looked('x', () => Promise.reject(config))).rejects.toBe(config);
  });
});

describe('parameters', () => {
  it('are each looked at by themselves: version, windows, what is active and what comes next', async () => {
    const { operator, put, deny } = createMemoryOperator(
      ['good', 'absent', 'bad', 'denied', 'team/windows'],
      () => NOW,
    );
    const [active, next] = [
      { start: '2026-11-21T01:00:00Z', end: '2026-11-21T04:00:00Z' },
      { start: '2026-11-22T01:00:00Z', end: '2026-11-22T04:00:00Z', reason: 'CHG-2', functions: ['orders-*'] },
    ];
    put('good', JSON.stringify({ version: 1, windows: [active, next] }));
    put('bad', '{"version":1,"windows":[{}]}');
    put('denied', '{"version":1,"windows":[]}');
    deny('denied');
    const { findings, windows } = await examineParameters(operator);
    expect(short(findings)).toEqual([
      'parameter ok',
      'parameter warning absent',
      'parameter problem malformed',
      'parameter unknown denied',
      'parameter problem never-made',
    ]);
    expect(findings[0]).toMatchObject({
      subject: 'good',
      data: {
        version: 1,
        windows: 2,
        active: 1,
        next: { startAt: Date.UTC(2026, 10, 22, 1), functions: ['orders-*'], reason: 'CHG-2' },
      },
    });
    expect(findings[3]).toMatchObject({ unseen: { action: 'ssm:GetParameters' } });
    expect(windows).toHaveLength(2);
  });

  it('come with the warnings of `check`, without those that only a draft deserves', async () => {
    const { operator, put } = createMemoryOperator(['windows'], () => NOW);
    const long = { start: '2026-11-20T00:00:00Z', end: '2026-11-28T00:00:00Z' };
    const over = { start: '2026-11-20T00:00:00Z', end: '2026-11-20T01:00:00Z' };
    const never = { schedule: 'cron(0 2 ? * SUN 2020)', duration: 'PT1H' };
    put('windows', JSON.stringify({ version: 1, windows: [long, over, never] }));
    const { findings } = await examineParameters(operator);
    expect(findings.slice(1)).toMatchObject([
      { kind: 'windows', state: 'warning', data: { message: expect.stringMatching(/more than a day$/) } },
      { kind: 'windows', state: 'warning', data: { message: expect.stringMatching(/never occurs any more$/) } },
    ]);
  });
});

describe('what becomes of a backlog', () => {
  it('is in doubt where it cannot be read, and the windows hold all the same', async () => {
    const { operator, put } = createMemoryOperator(['windows'], () => NOW);
    const active = { start: '2026-11-21T01:00:00Z', end: '2026-11-21T04:00:00Z', replay: 'automatic' };
    put('windows', JSON.stringify({ version: 1, windows: [active] }));
    const { findings, windows } = await examineParameters(operator);
    expect(short(findings)).toEqual(['parameter ok', 'windows warning']);
    expect(findings[1]).toMatchObject({ data: { message: expect.stringMatching(/^windows\[0\]\.replay: must be/) } });
    expect(windows).toHaveLength(1);
  });
});

describe('the table', () => {
  const good: DescribedTable = { shape: tableDefinition('events'), status: 'ACTIVE', deletionProtection: true };
  const judge = (
    table: DescribedTable | undefined,
    attribute: string | undefined = TTL_ATTRIBUTE,
    isRecoverable = true,
  ) =>
    judgeTable(
      {
        describe: async () => table,
        timeToLive: async () => attribute,
        pointInTimeRecovery: async () => isRecoverable,
      },
      'events',
    );

  it('is well as whoever makes it has it', async () => {
    expect(short(await judge(good))).toEqual([
      'table ok',
      'layout ok',
      'time-to-live ok',
      'point-in-time-recovery ok',
      'deletion-protection ok',
    ]);
  });

  const index = tableDefinition('').GlobalSecondaryIndexes[0];
  it.each<[string, Partial<DescribedTable>, string]>([
    ['has no index', { shape: { ...good.shape, GlobalSecondaryIndexes: [] } }, 'layout problem other-layout'],
    [
      'has other keys',
      { shape: { ...good.shape, KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] } },
      'layout problem other-layout',
    ],
    [
      'has an index without an attribute',
      {
        shape: {
          ...good.shape,
          GlobalSecondaryIndexes: [{ ...index, Projection: { ProjectionType: 'KEYS_ONLY' } }],
        },
      },
      'layout problem other-layout',
    ],
    ['has an index that is being made', { indexStatus: 'CREATING' }, 'layout problem index-not-active'],
    ['is being deleted', { status: 'DELETING' }, 'table problem not-active'],
    ['is being updated', { status: 'UPDATING' }, 'table warning not-active'],
    ['may be deleted', { deletionProtection: false }, 'deletion-protection warning off'],
  ])('that %s', async (_what, changes, expected) => {
    const unwell = (await judge({ ...good, ...changes })).filter(({ state }) => state !== 'ok');
    expect(short(unwell)).toEqual([expected]);
  });

  it('is perhaps somebody else’s if its layout is another: nothing is said of how it is kept', async () => {
    const others = { ...good, shape: { ...good.shape, GlobalSecondaryIndexes: [] }, deletionProtection: false };
    expect(short(await judge(others, 'sessionEnd', false))).toEqual(['table ok', 'layout problem other-layout']);
  });

  it('keeps finished events for ever, or deletes by another attribute', async () => {
    const off = judgeTable(
      { describe: async () => good, timeToLive: async () => undefined, pointInTimeRecovery: async () => false },
      'events',
    );
    expect(short(await off)).toEqual(
      expect.arrayContaining(['time-to-live problem off', 'point-in-time-recovery warning off']),
    );
    expect(short(await judge(good, 'deferredAt'))).toContain('time-to-live problem other-attribute');
  });

  it('says no more of a table that does not exist, and all that may be seen of one that may not be described', async () => {
    expect(short(await judge(undefined))).toEqual(['table problem absent']);
    const denied = judgeTable(
      {
        describe: () => refused('AccessDeniedException'),
        timeToLive: async () => TTL_ATTRIBUTE,
        pointInTimeRecovery: () => refused('AccessDeniedException'),
      },
      'events',
    );
    expect(short(await denied)).toEqual([
      'table unknown denied',
      'time-to-live ok',
      'point-in-time-recovery unknown denied',
    ]);
  });
});

const image = (changes: Partial<InspectedFunction> = {}): InspectedFunction => ({
  packageType: 'Image',
  layers: [],
  environment: { MAINTENANCE_WINDOW_PARAMETER: 'windows', MAINTENANCE_WINDOW_TABLE: 'events' },
  timeoutSeconds: 29,
  state: 'Active',
  deadLetters: 'arn:aws:sqs:eu-south-1:111122223333:orders-dead',
  ...changes,
});
const settings = (parameter: string, table = 'events', more = {}) => ({
  environment: { MAINTENANCE_WINDOW_PARAMETER: parameter, MAINTENANCE_WINDOW_TABLE: table, ...more },
});
const ARN = 'arn:aws:ssm:eu-south-1:111122223333:parameter/windows';

describe('protection', () => {
  it.each<[string, Partial<InspectedFunction>, string]>([
    ['points to parameter and table', {}, 'ok'],
    ['names them by ARN', settings(ARN, 'arn:aws:dynamodb:eu-south-1:111122223333:table/events'), 'ok'],
    ['runs AWS’s own client', { packageType: 'Zip', runtime: 'nodejs24.x' }, 'problem zip'],
    ['starts AWS’s own', { entryPoint: ['/lambda-entrypoint.sh'] }, 'problem entry-point-of-aws'],
    ['starts it by npx', { entryPoint: ['/usr/bin/npx', 'aws-lambda-ric'] }, 'problem entry-point-of-aws'],
    ['starts the client', { entryPoint: ['/opt/maintenance-window/bootstrap'] }, 'ok'],
    ['starts the client by a link', { entryPoint: ['/bootstrap'] }, 'ok'],
    [
      'starts the client without a shell',
      { entryPoint: ['/nodejs/bin/node', '/opt/maintenance-window/index.mjs'] },
      'ok',
    ],
    ['starts something else', { entryPoint: ['/app/start.sh'] }, 'warning other-entry-point'],
    ['reads another parameter', settings('others'), 'problem parameter-not-read'],
    ['reads by default', { environment: {} }, 'problem parameter-not-read, problem other-table'],
    ['reads one more', settings('windows,/stack/more'), 'warning more-parameters'],
    ['stores elsewhere', settings('windows', 'other-events'), 'problem other-table'],
    ['does not start', settings('windows', 'events', { MAINTENANCE_WINDOW_TTL: '0' }), 'problem bad-settings'],
    [
      'has a setting that is none',
      settings('windows', 'events', { MAINTENANCE_WINDOW_TLL: '9' }),
      'problem bad-settings',
    ],
  ])('%s', (_what, changes, expected) => {
    const judged = judgeProtection(image(changes), PLACES).map(({ state, facts: { why } }) =>
      why === undefined ? state : `${state} ${why}`,
    );
    expect(judged.join(', ')).toBe(expected);
  });

  const CLIENT = '/opt/maintenance-window/exec-wrapper';
  const PROXY = '/opt/maintenance-window/wrapper';
  const layers = (...names: string[]) => names.map((name) => `arn:aws:lambda:eu-south-1:111122223333:layer:${name}:7`);

  it.each<
    [
      what: string,
      runtime: string,
      layers: readonly string[],
      named: string | undefined,
      next: string | undefined,
      expected: string,
    ]
  >([
    ['has the client', 'nodejs22.x', ['maintenance-window-arm64'], CLIENT, undefined, 'ok'],
    ['has it from the CDK', 'nodejs24.x', ['MaintenanceWindowLayerarm64A1B2C3D4'], CLIENT, undefined, 'ok'],
    ['has it by another name', 'nodejs24.x', ['ours'], CLIENT, undefined, 'ok'],
    ['chains it', 'nodejs24.x', ['maintenance-window-arm64', 'dd'], CLIENT, '/opt/datadog_wrapper', 'ok'],
    ['has the proxy', 'python3.13', ['maintenance-window-proxy-arm64'], PROXY, undefined, 'ok'],
    ['is in Node, with the proxy', 'nodejs24.x', ['maintenance-window-proxy-arm64'], PROXY, undefined, 'ok'],
    ['has no layer', 'nodejs24.x', [], CLIENT, undefined, 'problem no-layer'],
    ['has the layer of the other', 'python3.13', ['maintenance-window-arm64'], PROXY, undefined, 'problem no-layer'],
    ['has no wrapper', 'nodejs24.x', ['maintenance-window-arm64'], undefined, undefined, 'problem no-wrapper'],
    ['has an empty wrapper', 'java21', ['maintenance-window-proxy-arm64'], '', undefined, 'problem no-wrapper'],
    ['has neither', 'ruby3.4', ['dd'], undefined, undefined, 'problem zip'],
    ['has another wrapper', 'nodejs24.x', ['maintenance-window-arm64'], '/opt/dd', CLIENT, 'warning other-wrapper'],
    ['has another wrapper alone', 'nodejs24.x', [], '/var/task/start', undefined, 'warning other-wrapper'],
    ['is not in Node', 'python3.13', ['maintenance-window-arm64'], CLIENT, undefined, 'problem wrong-wrapper'],
    [
      'is of the other CPU',
      'nodejs24.x',
      ['maintenance-window-x86_64'],
      CLIENT,
      undefined,
      'problem other-architecture',
    ],
    [
      'is so from the CDK',
      'java21',
      ['MaintenanceWindowProxyLayerx8664AB'],
      PROXY,
      undefined,
      'problem other-architecture',
    ],
    [
      'is in an old Node',
      'nodejs20.x',
      ['maintenance-window-arm64'],
      CLIENT,
      undefined,
      'problem runtime-without-gate',
    ],
    ['is in Go of old', 'go1.x', [], undefined, undefined, 'problem runtime-without-gate'],
    [
      'has both layers',
      'nodejs24.x',
      ['maintenance-window', 'maintenance-window-proxy'],
      CLIENT,
      undefined,
      'problem two-gates',
    ],
    ['has both wrappers', 'nodejs24.x', ['ours'], PROXY, CLIENT, 'problem two-gates'],
    [
      'has its own bootstrap',
      'provided.al2023',
      ['maintenance-window-proxy-arm64'],
      undefined,
      undefined,
      'warning bootstrap-unseen',
    ],
    ['is ready for nothing', 'provided.al2023', [], PROXY, undefined, 'warning bootstrap-unseen'],
    [
      'has a program of the other CPU',
      'provided.al2',
      ['maintenance-window-proxy-x86_64'],
      undefined,
      undefined,
      'problem other-architecture',
    ],
  ])('of a zip that %s', (_what, runtime, names, named, next, expected) => {
    const { environment } = settings('windows', 'events', {
      ...(named !== undefined && { AWS_LAMBDA_EXEC_WRAPPER: named }),
      ...(next !== undefined && { MAINTENANCE_WINDOW_EXEC_WRAPPER: next }),
      MAINTENANCE_WINDOW_PROXY_PORT: '9010',
    });
    const zip = { packageType: 'Zip', runtime, architecture: 'arm64', layers: layers(...names), environment };
    const judged = judgeProtection(image(zip), PLACES).map(({ state, facts: { why } }) =>
      why === undefined ? state : `${state} ${why}`,
    );
    expect(judged.join(', ')).toBe(expected);
  });

  it('says which policy is in force: that of the parameters, and over it the function’s own', () => {
    const own = settings('windows', 'events', {
      MAINTENANCE_WINDOW_TTL: '5',
      MAINTENANCE_WINDOW_POLICY: '{"sqs":"reject"}',
    });
    const [judged] = judgeProtection(image(own), { ...PLACES, policy: { sqs: 'defer', direct: 'accept' } });
    expect(judged).toMatchObject({
      state: 'ok',
      facts: { ttlSeconds: 5, onError: 'dispatch', policy: { sqs: 'reject', direct: 'accept' } },
    });
  });

  it('is doubted where windows begin in a parameter that the function does not read', () => {
    const judge = (...parameters: string[]) => judgeProtection(image(), { ...PLACES, parameters });
    expect(judge('elsewhere', 'windows')).toMatchObject([
      { state: 'problem', facts: { why: 'parameter-not-read', missing: ['elsewhere'], reads: ['windows'] } },
    ]);
    expect(judge('windows', 'elsewhere')).toMatchObject([{ state: 'warning', facts: { missing: ['elsewhere'] } }]);
  });
});

describe('a function', () => {
  const asked: string[] = [];
  const examineOne = (
    fn: InspectedFunction | undefined,
    {
      name = 'orders',
      knownBy = ['table'] as readonly KnownBy[],
      ...more
    }: Partial<FunctionInspector> & {
      readonly name?: string;
      readonly knownBy?: readonly KnownBy[];
    } = {},
  ) => {
    asked.length = 0;
    const inspector: FunctionInspector = {
      configuration: async () => fn,
      asynchronous: async () => ({}),
      reservedConcurrency: async () => undefined,
      eventSources: async () => [],
      close: () => undefined,
      ...more,
    };
    return examineFunction({ name, knownBy }, inspector, PLACES, (action, ask) => {
      asked.push(action);
      return looked(action, ask);
    });
  };
  const unwell = async (...args: Parameters<typeof examineOne>) =>
    short((await examineOne(...args)).filter(({ state }) => state !== 'ok'));

  it('is well', async () => {
    expect(short(await examineOne(image()))).toEqual([
      'function ok',
      'protection ok',
      'function-state ok',
      'time-out ok',
      'failure-destination ok',
      'concurrency ok',
    ]);
  });

  it.each<[string, Partial<InspectedFunction>, string[]]>([
    ['Failed', { state: 'Failed' }, ['function-state problem failed']],
    ['Pending', { state: 'Pending' }, ['function-state warning pending']],
    ['Inactive', { state: 'Inactive' }, ['function-state warning inactive']],
    ['a failed update', { lastUpdate: 'Failed' }, ['function-state warning update-failed']],
    ['a second', { timeoutSeconds: 1 }, ['time-out warning too-short']],
    ['two days', { timeoutSeconds: 172_800 }, ['time-out problem too-long']],
    ['no destination', { deadLetters: undefined as never }, ['failure-destination warning none']],
    ['another client', { packageType: 'Zip', runtime: 'python3.14' }, ['protection problem zip']],
  ])('has %s', async (_what, changes, expected) => {
    expect(await unwell(image(changes))).toEqual(expected);
  });

  it('that runs AWS’s own client is asked about no further', async () => {
    await examineOne(image({ packageType: 'Zip', runtime: 'nodejs24.x' }));
    expect(asked).toEqual(['lambda:GetFunctionConfiguration']);
  });

  it('has a destination, or no concurrency', async () => {
    const { deadLetters: _, ...without } = image();
    const asynchronous = async () => ({ onFailure: 'arn:failed', onSuccess: 'arn:done' });
    expect(await unwell(without, { asynchronous, reservedConcurrency: async () => 0 })).toEqual([
      'success-destination warning hears-of-stored',
      'concurrency warning zero',
    ]);
  });

  it('that is denied in part is known in part', async () => {
    const denied = () => refused('AccessDeniedException', 403);
    expect(await unwell(undefined, { configuration: denied })).toEqual(['function unknown denied']);
    const { deadLetters: _, ...without } = image();
    expect(await unwell(without, { asynchronous: denied, reservedConcurrency: denied })).toEqual([
      'failure-destination unknown denied',
      'concurrency unknown denied',
    ]);
    expect(await unwell(image(), { asynchronous: denied })).toEqual([]);
  });

  it.each<[readonly KnownBy[], string]>([
    [['named'], 'function problem absent'],
    [['window'], 'function problem absent'],
    [['table'], 'function warning absent'],
  ])('that does not exist, known by %j', async (knownBy, expected) => {
    expect(await unwell(undefined, { knownBy })).toEqual([expected]);
  });

  it('that a window’s glob alone names may be none that is to be protected', async () => {
    expect(await unwell(image({ packageType: 'Zip', runtime: 'nodejs24.x' }), { knownBy: ['glob'] })).toEqual([
      'protection warning zip',
    ]);
  });

  it.each(['x'.repeat(65), '', '../configuration', 'orders\u001b[31m'])(
    'cannot be called %j, and is not asked for',
    async (name) => {
      expect(await unwell(image(), { name, knownBy: ['window'] })).toEqual(['function problem no-name']);
      expect(asked).toEqual([]);
    },
  );
});

describe('the client', () => {
  const judge = (version: string | undefined, tool = '1.4.0') =>
    short([judgeClient('orders', { deferredAt: NOW, ...(version !== undefined && { version }) }, tool)])[0];

  it.each([
    ['1.4.0', 'client ok'],
    ['1.4.0-rc.1', 'client ok'],
    ['1.3.9', 'client warning older'],
    ['0.10.0', 'client warning older'],
    ['1.10.0', 'client warning newer'],
    ['2.0.0', 'client warning newer'],
    [undefined, 'client warning no-version'],
  ])('%s', (version, expected) => {
    expect(judge(version)).toBe(expected);
  });

  it('is not known before an event is stored', () => {
    expect(short([judgeClient('orders', undefined, '1.4.0')])).toEqual(['client unknown never-seen']);
  });
});

describe('the functions that nobody named', () => {
  const windowsOf = (...functions: (readonly string[] | undefined)[]) => {
    const window = { start: '2026-11-21T01:00:00Z', end: '2026-11-21T04:00:00Z' };
    const text = JSON.stringify({ version: 1, windows: functions.map((names) => ({ ...window, functions: names })) });
    const parsed = parseWindows(text);
    return parsed.kind === 'fault' ? [] : parsed.document.windows;
  };
  const facts = (name: string, environment = {}) => ({ name, timeoutSeconds: 3, environment, mayHoldClient: true });
  const listed = [
    facts('orders-api', { MAINTENANCE_WINDOW_PARAMETER: 'more, windows' }),
    facts('orders-batch'),
    facts('billing', { MAINTENANCE_WINDOW_PARAMETER: 'of-another-team', MAINTENANCE_WINDOW_TABLE: 'their-events' }),
    facts('invoices', { MAINTENANCE_WINDOW_TABLE: 'maintenance-window-events' }),
    facts('unrelated'),
  ];

  it('are those of the table, of windows, and of whose settings name parameter or table', async () => {
    const { operator } = createMemoryOperator(['windows'], () => NOW, listed);
    const windows = windowsOf(['orders-*', 'gone'], undefined, ['*']);
    const { functions, finding } = await findFunctions(operator, ['orders-api', 'renamed'], windows);
    expect(Object.fromEntries(functions.map(({ name, knownBy }) => [name, knownBy.join()]))).toEqual({
      gone: 'window',
      invoices: 'environment',
      'orders-api': 'table,glob,environment',
      'orders-batch': 'glob',
      renamed: 'table',
    });
    expect(short([finding])).toEqual(['functions ok']);
  });

  it('are said to be none, or not to be listed', async () => {
    const { operator } = createMemoryOperator(['windows'], () => NOW);
    expect(short([(await findFunctions(operator, [], [])).finding])).toEqual(['functions warning none']);
    const denied = {
      ...operator,
      functions: () => Promise.reject(Object.assign(new Error(), { name: 'AccessDeniedException' })),
    };
    const known = await findFunctions(denied, ['orders'], windowsOf(['billing']));
    expect(known.functions.map(({ name }) => name)).toEqual(['billing', 'orders']);
    expect(known.finding).toMatchObject({
      state: 'ok',
      data: { why: 'not-listed', message: 'lambda:ListFunctions is not allowed', globs: [] },
    });
    expect((await findFunctions(denied, ['orders'], windowsOf(['bill*']))).finding).toMatchObject({
      state: 'warning',
      data: { globs: ['bill*'] },
    });
  });
});
