import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionFor, mergePolicies, NO_POLICY, type Policy, parsePolicy } from '../../../core/sources/policy.ts';
import { recogniseSource, type Source } from '../../../core/sources/recognise.ts';
import { EVENT_SOURCES, type EventSource, type PolicyKey } from '../../../core/sources/sources.ts';
import { EXAMPLE_EVENTS, readExampleEvent } from '../../data/events.ts';

const ROWS: readonly (readonly [string, EventSource])[] = Object.entries(EVENT_SOURCES);
const SOURCES: readonly Source[] = EXAMPLE_EVENTS.map(({ name }) => recogniseSource(readExampleEvent(name)));

/** Everything that can be wrong with a policy, in the order in which a reader of the snapshot would look for it. */
const FAULTY: readonly unknown[] = [
  null,
  [],
  'defer',
  7,
  true,
  { sqss: 'defer' },
  { SQS: 'defer' },
  { eventBridge: 'defer' },
  { 'api-gateway': 'reject' },
  { '': 'reject' },
  { ['x'.repeat(200)]: 'reject' },
  JSON.parse('{"__proto__":"defer"}'),
  { constructor: 'defer' },
  { sqs: 'postpone' },
  { sqs: 'Defer' },
  { sqs: '' },
  { sqs: 'answer' },
  { sqs: null },
  { sqs: true },
  { sqs: 1 },
  { sqs: ['defer'] },
  { sqs: { action: 'defer' } },
  { sqs: 'x'.repeat(200) },
  { sns: 'accept' },
  { direct: 'defer' },
  { direct: 'error ' },
  { durable: 'reject' },
  { durable: 'defer' },
  { warmer: 'defer' },
  { websocket: 'answer' },
  { pipes: 'accept' },
  { cognito: 'defer' },
  { cognito: 'answer' },
  { authorizer: 'defer' },
  { 'custom-resource': 'defer' },
  { codepipeline: 'defer' },
  { 'transfer-identity': 'defer' },
  { 's3-batch': 'defer' },
  { 'alb-health-check': 'defer' },
  { 'alb-health-check': {} },
  { 'alb-health-check': { status: 100 } },
  { 'alb-health-check': { status: '200' } },
  { 'alb-health-check': { status: 200, body: 'ok' } },
  { http: 'answer' },
  { http: ['POST /webhooks/*'] },
  { http: { defer: 'POST /webhooks/*' } },
  { http: { defer: [7] } },
  { http: { defer: ['/webhooks/*'] } },
  { http: { defer: ['POST'] } },
  { http: { defer: ['POST  /webhooks/*'] } },
  { http: { defer: ['POST /webhooks/* '] } },
  { http: { defer: ['POST /a', 'post /b'] } },
  { http: { defer: ['POST webhooks/*'] } },
  { http: { defer: ['POST /webhooks?dry=no'] } },
  { http: { defer: ['GET /orders/{id}/lines/{proxy+}'] } },
  { http: { status: 200 } },
  { http: { status: 404 } },
  { http: { status: 302 } },
  { http: { status: '503' } },
  { http: { status: 503.5 } },
  { http: { headers: ['a'] } },
  { http: { headers: { 'a b': '1' } } },
  { http: { headers: { 'X-A': 1 } } },
  { http: { headers: { 'X-A': 'a\r\nX-B: b' } } },
  { http: { headers: { 'X-A': '' } } },
  { http: { headers: { 'X-A': '1', 'x-a': '2' } } },
  { http: { headers: { 'Content-Length': '0' } } },
  { http: { body: { message: 'later' } } },
  { http: { body: 'x'.repeat(1025) } },
  { http: { body: 'We are down for maintenance.' } },
  { http: { retryAfter: 60 } },
  { http: { defers: [] } },
];

const word = fc.constantFrom('defer', 'reject', 'dispatch', 'answer', 'error', 'accept');
const settings = fc.dictionary(
  fc.constantFrom(...Object.keys(EVENT_SOURCES)),
  fc.oneof(word, fc.jsonValue(), fc.constant({ status: 503 }), fc.constant({ defer: ['* /orders*'] })),
);

describe('EVENT_SOURCES', () => {
  it.each(ROWS)('%s: its default is one of its settings, and no setting fakes success', (key, row) => {
    const byDefault = key === 'direct' ? 'error' : row.action;
    expect(row.settings).toContain(byDefault);
    if (row.fakeSuccess) expect(row.settings).toEqual(['reject', 'dispatch']);
    expect(row.settings).toContain('dispatch');
  });

  it('refuses fake success where a caller waits for an answer that only the handler can give', () => {
    const refusing = ROWS.filter(([, { fakeSuccess }]) => fakeSuccess).map(([key]) => key);
    expect(refusing).toEqual([
      'cognito',
      'authorizer',
      'custom-resource',
      'codepipeline',
      'codedeploy',
      'rotation',
      'firehose',
      'kinesis-analytics',
      'tumbling-window',
      's3-batch',
      's3-object-lambda',
      'redshift-udf',
      'lex',
      'connect',
      'alexa',
      'bedrock',
      'client-vpn',
      'iot-provisioning',
      'transfer-identity',
    ]);
  });
});

describe('parsePolicy', () => {
  it('names the place and the remedy of each fault', async () => {
    const messages = FAULTY.map((value) => {
      const parsed = parsePolicy(value, 'policy');
      return `${shortened(value)}\n  ${parsed.kind === 'fault' ? parsed.message : 'NO FAULT'}`;
    });
    expect(messages.filter((message) => message.includes('NO FAULT'))).toEqual([]);
    await expect(`${messages.join('\n')}\n`).toMatchFileSnapshot('__snapshots__/policy-faults.txt');
  });

  it('names the place that it was given', () => {
    const parsed = parsePolicy({ cognito: 'defer' }, 'MAINTENANCE_WINDOW_POLICY');
    expect(parsed).toEqual({
      kind: 'fault',
      message:
        'MAINTENANCE_WINDOW_POLICY.cognito: "defer" would answer a sign-in that never ran; use reject or dispatch',
    });
  });

  it('takes each setting of each event source', () => {
    for (const [key, { settings: words }] of ROWS) {
      for (const setting of words) {
        expect(parsePolicy({ [key]: setting }, 'policy')).toEqual({ kind: 'policy', policy: { [key]: setting } });
      }
    }
  });

  it('takes what the README shows', () => {
    const policy = {
      sqs: 'defer',
      direct: 'accept',
      http: {
        defer: ['POST /webhooks/*', '* */callback'],
        status: 429,
        headers: { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'text/plain' },
        body: 'We are down for maintenance.',
      },
      'alb-health-check': { status: 503 },
    };
    expect(parsePolicy(policy, 'policy')).toEqual({ kind: 'policy', policy });
  });

  it('never throws, and its message is one line that begins with the place', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), settings), (value) => {
        const parsed = parsePolicy(value, 'policy');
        if (parsed.kind === 'fault') expect(parsed.message).toMatch(/^policy[.:[].*$/);
      }),
    );
  });
});

describe('mergePolicies', () => {
  it('lets the later policy win key by key, and http as a whole', () => {
    expect(
      mergePolicies([
        { sqs: 'defer', direct: 'accept', http: { status: 429, defer: ['POST /a'] } },
        { direct: 'reject', http: { defer: ['POST /b'] } },
        {},
      ]),
    ).toEqual({ sqs: 'defer', direct: 'reject', http: { defer: ['POST /b'] } });
  });

  it('leaves its arguments alone, and unites none to none', () => {
    const first: Policy = Object.freeze({ sqs: 'reject' });
    mergePolicies([first, { sqs: 'defer' }]);
    expect(first).toEqual({ sqs: 'reject' });
    expect(mergePolicies([])).toEqual(NO_POLICY);
  });
});

describe('actionFor', () => {
  it('is what the policy says, for each word that an event source takes', () => {
    for (const source of SOURCES) {
      for (const setting of EVENT_SOURCES[source.key].settings) {
        const policy = policyOf({ [source.key]: setting });
        expect([source.key, source.connection, setting, actionFor(source, policy)]).toEqual([
          source.key,
          source.connection,
          setting,
          expectedAction(source, setting),
        ]);
      }
    }
  });

  it('is the default where the policy speaks of others only', () => {
    for (const source of SOURCES) {
      const others = Object.fromEntries(
        ROWS.filter(([key]) => key !== source.key).map(([key, { settings: words }]) => [key, words[0]]),
      );
      expect([source.key, actionFor(source, policyOf(others))]).toEqual([source.key, source.action]);
    }
  });

  it('never defers under a policy that rejects all that can be rejected', () => {
    const rejectAll = policyOf(
      Object.fromEntries(ROWS.filter(([, row]) => row.settings.includes('reject')).map(([key]) => [key, 'reject'])),
    );
    for (const source of SOURCES) expect(actionFor(source, rejectAll)).not.toBe('defer');
  });

  it('never touches a durable execution, and never defers what would fake success, whatever the policy', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SOURCES), settings, (source, value) => {
        const parsed = parsePolicy(value, 'policy');
        const action = actionFor(source, parsed.kind === 'policy' ? parsed.policy : NO_POLICY);
        if (source.key === 'durable') expect(action).toBe('dispatch');
        if (hasFakeSuccess(source.key) && source.echo === undefined) expect(action).not.toBe('defer');
        if (source.needsHandler) expect(action).not.toBe('defer');
      }),
    );
  });
});

function expectedAction({ key, needsHandler, request }: Source, setting: string): string {
  if (key === 'http' && request?.isPreflight) return setting === 'dispatch' ? 'dispatch' : 'answer';
  if (key === 'direct') return setting === 'error' || setting === 'accept' ? 'defer' : setting;
  return needsHandler && setting === 'defer' ? 'reject' : setting;
}

function hasFakeSuccess(key: PolicyKey): boolean {
  return 'fakeSuccess' in EVENT_SOURCES[key];
}

function policyOf(value: unknown): Policy {
  const parsed = parsePolicy(value, 'policy');
  if (parsed.kind === 'fault') throw new Error(parsed.message);
  return parsed.policy;
}

function shortened(value: unknown): string {
  return JSON.stringify(value).replace(/x{20,}/, (run) => `x…(${run.length})`);
}
