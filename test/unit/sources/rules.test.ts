import { describe, expect, it } from 'vitest';
import { matchingRule } from '../../../core/sources/matching-rule.ts';
import { actionFor, parsePolicy } from '../../../core/sources/policy.ts';
import { recogniseSource } from '../../../core/sources/recognise.ts';
import { actionsFor, type Rule } from '../../../core/sources/rules.ts';
import { EVENT_SOURCES, type EventSource, type PolicyKey } from '../../../core/sources/sources.ts';
import { EXAMPLE_EVENTS, readExampleEvent } from '../../data/events.ts';

const KEYS = Object.keys(EVENT_SOURCES) as PolicyKey[];
const ANY: Rule['match'] = { 'no-such-field': [{ exists: false }] };
const match = { type: ['warm-up'] };

/** Everything that can be wrong with rules, but for their patterns. */
const FAULTY: readonly unknown[] = [
  null,
  {},
  { match, do: 'answer' },
  [null],
  [match],
  [{ match, do: 'answer' }, 'answer'],
  [{ match }],
  [{ do: 'answer' }],
  [{ match, do: 'answer', when: 1 }],
  [{ match, action: 'answer' }],
  [{ match, do: 'error' }],
  [{ match, do: 'Answer' }],
  [{ match, do: ['answer'] }],
  [{ match, do: 'answer', source: 'event-bridge' }],
  [{ match, do: 'answer', source: 'constructor' }],
  [{ match, do: 'answer', source: ['sqs'] }],
  [{ match, do: 'answer', source: 'lambda' }],
  [{ match, do: 'answer', source: 'sqs' }],
  [{ match, do: 'answer', source: 'http' }],
  [{ match, do: 'answer', source: 'authorizer' }],
  [{ match, do: 'defer', source: 'cognito' }],
  [{ match, do: 'defer', source: 'warmer' }],
  [{ match, do: 'reject', source: 'durable' }],
  [{ match, do: 'dispatch', source: 'durable' }],
  [{ match, do: 'reject', reply: 'ok' }],
  [{ match, do: 'answer', source: 's3', reply: 'ok' }],
  [{ match, do: 'answer', reply: 'x'.repeat(1023) }],
  [{ match, do: 'answer', reply: JSON.parse(`${'['.repeat(21)}${']'.repeat(21)}`) }],
  [{ match: { type: 'warm-up' }, do: 'answer' }],
  Array.from({ length: 51 }, () => ({ match, do: 'answer' })),
  [{ match: { type: Array.from({ length: 21 }, () => ({ wildcard: '*a*' })) }, do: 'answer' }],
];

describe('rules', () => {
  it('that are refused name the place and the remedy', async () => {
    const messages = FAULTY.map((rules) => {
      const parsed = parsePolicy({ rules }, 'policy');
      return `${shortened(rules)}\n  ${parsed.kind === 'fault' ? parsed.message : 'NO FAULT'}`;
    });
    expect(messages.filter((message) => message.includes('NO FAULT'))).toEqual([]);
    await expect(`${messages.join('\n')}\n`).toMatchFileSnapshot('__snapshots__/rule-faults.txt');
  });

  it('are refused where a reply is deeper than the stack', () => {
    const reply = JSON.parse(`${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`);
    expect(parsePolicy({ rules: [{ match, do: 'answer', reply }] }, 'policy')).toMatchObject({ kind: 'fault' });
  });

  it('may do with each source what fakes no success, and with a batch nothing that drops it', () => {
    for (const key of KEYS) {
      const { settings, fakeSuccess, delivery }: EventSource = EVENT_SOURCES[key];
      const actions = actionsFor(key);
      for (const action of ['answer', 'reject', 'defer', 'dispatch'] as const) {
        const parsed = parsePolicy({ rules: [{ source: key, match, do: action }] }, 'policy');
        expect([key, action, parsed.kind]).toEqual([
          key,
          action,
          key !== 'durable' && actions.includes(action) ? 'policy' : 'fault',
        ]);
      }
      if (fakeSuccess) expect(actions).toEqual(['reject', 'dispatch']);
      if (delivery === 'poll') expect(actions).not.toContain('answer');
      if (!settings.includes('defer') && key !== 'direct') expect(actions).not.toContain('defer');
    }
    expect(KEYS.filter((key) => actionsFor(key).includes('answer'))).toEqual([
      ...[
        's3',
        'sns',
        'ses',
        'eventbridge',
        'scheduler',
        'logs',
        'alarm',
        'config',
        'codecommit',
        'destination',
        'iot',
      ],
      ...['alb-health-check', 'warmer', 'direct'],
    ]);
  });

  it('are about direct payloads unless they name a source, and the first that matches wins', () => {
    const rules: readonly Rule[] = [
      { source: 'eventbridge', match: ANY, do: 'answer' },
      { match: { type: ['other'] }, do: 'reject' },
      { match, do: 'answer', reply: 'warm' },
      { match: ANY, do: 'dispatch' },
    ];
    expect(matched(rules, '{"type":"warm-up"}')).toBe(2);
    expect(matched(rules, '{"type":"order"}')).toBe(3);
    expect(matched(rules, readExampleEvent('eventbridge-schedule'))).toBe(0);
    expect(matched(rules, readExampleEvent('sqs'))).toBeUndefined();
    for (const text of ['[{"type":"warm-up"}]', '"warm-up"', 'null', '7', 'no JSON', '']) {
      expect(matched(rules, text)).toBeUndefined();
    }
    expect(matched(undefined, '{"type":"warm-up"}')).toBeUndefined();
  });

  it('never match a preflight', () => {
    const rules: readonly Rule[] = (['reject', 'defer', 'dispatch'] as const).map((action) => ({
      source: 'http',
      match: ANY,
      do: action,
    }));
    const requests = EXAMPLE_EVENTS.filter(({ key }) => key === 'http').map(({ name }) => name);
    const unmatched = requests.filter((name) => matched(rules, readExampleEvent(name)) === undefined);
    expect(unmatched.length).toBeGreaterThan(3);
    expect(unmatched).toEqual(requests.filter((name) => /preflight/.test(name)));
  });

  it('go before the setting of the source, but for what only the handler can answer', () => {
    for (const { name } of EXAMPLE_EVENTS) {
      const source = recogniseSource(readExampleEvent(name));
      if (source.key === 'durable' || source.request?.isPreflight) continue;
      for (const action of actionsFor(source.key)) {
        const matching = { index: 0, rule: { source: source.key, match: ANY, do: action } };
        const isForHandler = source.needsHandler && (action === 'defer' || action === 'answer');
        expect([name, action, actionFor(source, { [source.key]: 'reject' }, matching)]).toEqual([
          name,
          action,
          isForHandler ? 'reject' : action,
        ]);
      }
    }
  });
});

function matched(rules: readonly Rule[] | undefined, text: string): number | undefined {
  const event = /^[[{"\dn]/.test(text) && text !== 'no JSON' ? JSON.parse(text) : undefined;
  return matchingRule(rules, recogniseSource(text), event)?.index;
}

function shortened(value: unknown): string {
  const text = JSON.stringify(value).replace(/x{20,}/, (run) => `x…(${run.length})`);
  return text.length > 300 ? `${text.slice(0, 60)}… (${text.length} characters)` : text;
}
