import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../../core/gate/http-reply.ts';
import {
  deferralFailedReply,
  type ErrorReply,
  type Reply,
  type ReplyContext,
  replayedInsideReply,
  replyOf,
} from '../../../core/gate/reply.ts';
import { NO_POLICY, type Policy } from '../../../core/sources/policy.ts';
import { recogniseSource, type Source } from '../../../core/sources/recognise.ts';
import { EVENT_SOURCES } from '../../../core/sources/sources.ts';
import { EXAMPLE_END, EXAMPLE_EVENTS, EXAMPLE_ID, EXAMPLE_REASON, readExampleEvent } from '../../data/events.ts';

const NOW = Date.parse('2026-11-21T03:00:00Z');
const IN_AN_HOUR: ReplyContext['window'] = {
  startAt: Date.parse('2026-11-21T00:00:00Z'),
  endAt: Date.parse(EXAMPLE_END),
  reason: EXAMPLE_REASON,
};
const CONTEXT: ReplyContext = { id: EXAMPLE_ID, window: IN_AN_HOUR, policy: NO_POLICY, now: NOW, chance: 0 };
const NO_END: ReplyContext = { ...CONTEXT, window: { startAt: 0 } };

describe('replyOf', () => {
  it.each(EXAMPLE_EVENTS)('answers $name with $reply', ({ name, action, reply }) => {
    if (action === 'dispatch') expect(reply).toBe('the handler’s');
    else expect(inWords(replyOf(action, sourceOf(name), CONTEXT), name)).toBe(reply);
  });

  it('answers each event source as the reviewed table says', async () => {
    const rows = EXAMPLE_EVENTS.map(({ name }) => {
      const source = sourceOf(name);
      const reply = source.action === 'dispatch' ? 'dispatch' : inFull(replyOf(source.action, source, CONTEXT), name);
      return `${name}\n  ${source.key}, ${source.delivery}: ${source.action}\n  ${reply}\n`;
    });
    await expect(rows.join('')).toMatchFileSnapshot('__snapshots__/replies.txt');
  });

  it('answers a rejection of what is stored by default as the reviewed table says', async () => {
    const stored = EXAMPLE_EVENTS.filter(({ action }) => action === 'defer');
    const rows = new Set(
      stored.map(({ name, key }) => `${key}: ${inFull(replyOf('reject', sourceOf(name), CONTEXT), name)}\n`),
    );
    await expect([...rows].join('')).toMatchFileSnapshot('__snapshots__/rejections.txt');
  });

  it('tells the reason to direct callers only, and the id only of what is stored', () => {
    for (const { name, key } of EXAMPLE_EVENTS) {
      for (const kind of ['defer', 'reject', 'answer'] as const) {
        const told = JSON.stringify(replyOf(kind, withoutEcho(sourceOf(name)), CONTEXT));
        if (key === 'direct') continue;
        expect(told).not.toContain(EXAMPLE_REASON);
        if (kind !== 'defer') expect(told).not.toContain(EXAMPLE_ID);
      }
    }
  });

  it('never answers with `null` where somebody may be waiting', () => {
    const mayWait = EXAMPLE_EVENTS.map(({ name }) => sourceOf(name)).filter(
      ({ delivery }) => delivery === 'synchronous' || delivery === 'unknown',
    );
    for (const source of mayWait) {
      expect([source.key, replyOf('defer', withoutEcho(source), CONTEXT)]).not.toEqual([
        source.key,
        { kind: 'value', value: null },
      ]);
    }
  });

  it('never answers a rejection with success', () => {
    for (const { name } of EXAMPLE_EVENTS) {
      const reply = replyOf('reject', sourceOf(name), CONTEXT);
      const text = JSON.stringify(reply);
      if (reply.kind === 'value') expect(text).toMatch(/503|TemporaryFailure|"success":false/);
      else if (reply.kind === 'http') expect(reply.response.statusCode).toBe(503);
      else expect(reply).toMatchObject({ kind: 'error', errorType: 'MaintenanceWindow.Active' });
    }
  });
});

describe('direct invocations', () => {
  const source = sourceOf('direct-object');

  it('are stored and told so, with an error that no state machine takes for success', () => {
    expect(replyOf('defer', source, CONTEXT)).toEqual({
      kind: 'error',
      errorType: 'MaintenanceWindow.Active',
      errorMessage: 'stored as event-1, to be replayed after 2026-11-21T04:00:00Z; do not send it again (CHG-1042)',
    });
  });

  it('hear no instant and no reason where none is known', () => {
    expect((replyOf('defer', source, NO_END) as ErrorReply).errorMessage).toBe(
      'stored as event-1, to be replayed after the maintenance; do not send it again',
    );
    expect((replyOf('reject', source, NO_END) as ErrorReply).errorMessage).toBe(
      'under maintenance, not stored; send it again after the maintenance',
    );
  });

  it('are accepted where the policy says so', () => {
    const context = { ...CONTEXT, policy: { direct: 'accept' } as const };
    expect(replyOf('defer', source, context)).toEqual({ kind: 'value', value: { deferred: true, id: EXAMPLE_ID } });
  });

  it('are told to come again where nothing is stored', () => {
    expect((replyOf('reject', source, CONTEXT) as ErrorReply).errorMessage).toBe(
      'under maintenance, not stored; send it again after 2026-11-21T04:00:00Z (CHG-1042)',
    );
  });
});

describe('Cognito', () => {
  it('gets the event back byte for byte', () => {
    const text = `${readExampleEvent('cognito-post-confirmation').replace('"1"', '9007199254740993')}\n`;
    expect(replyOf('defer', recogniseSource(text), CONTEXT)).toEqual({ kind: 'text', text });
  });
});

describe('HTTP', () => {
  it('says when to come back: the seconds to the end, rounded up, and up to 10 % more', () => {
    const end = IN_AN_HOUR.endAt ?? 0;
    expect(retryAfter({ ...CONTEXT, now: end - 3_600_000 })).toBe(3600);
    expect(retryAfter({ ...CONTEXT, now: end - 3_600_000 + 1 })).toBe(3600);
    expect(retryAfter({ ...CONTEXT, now: end - 3_600_000, chance: 0.5 })).toBe(3780);
    expect(retryAfter({ ...CONTEXT, now: end - 1 })).toBe(1);
    expect(retryAfter({ ...CONTEXT, now: end })).toBe(1);
    expect(retryAfter({ ...NO_END, chance: 0.9 })).toBe(60);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (ms, chance) => {
          const seconds = retryAfter({ ...CONTEXT, now: end - ms, chance });
          expect(Number.isInteger(seconds)).toBe(true);
          expect(seconds).toBeGreaterThanOrEqual(Math.ceil(ms / 1000));
          expect(seconds).toBeLessThanOrEqual(Math.ceil(ms / 1000) * 1.1);
        },
      ),
    );
  });

  it('answers ALB in the header form that it asked in, and always with a description', () => {
    const single = responseOf('reject', 'alb-single-value-headers');
    expect(single).toMatchObject({ statusCode: 503, statusDescription: '503 Service Unavailable' });
    expect(single.headers).toEqual({
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      'Retry-After': '3600',
    });
    expect(single).not.toHaveProperty('multiValueHeaders');

    const multi = responseOf('reject', 'alb-multi-value-headers');
    expect(multi).toMatchObject({ statusCode: 503, statusDescription: '503 Service Unavailable' });
    expect(multi.multiValueHeaders).toEqual({
      'Content-Type': ['application/json'],
      'Cache-Control': ['no-store'],
      'Retry-After': ['3600'],
    });
    expect(multi).not.toHaveProperty('headers');
  });

  it('gives everybody a status, a text for a body, and the encoding of it', () => {
    for (const { name, key } of EXAMPLE_EVENTS) {
      if (key !== 'http') continue;
      for (const kind of ['defer', 'reject'] as const) {
        const response = responseOf(kind, name);
        expect(Number.isInteger(response.statusCode)).toBe(true);
        expect(JSON.parse(response.body)).toBeTypeOf('object');
        expect(response.isBase64Encoded).toBe(false);
        expect(Object.hasOwn(response, 'statusDescription')).toBe(name.startsWith('alb'));
      }
    }
  });

  it('answers what is stored with 202 and the id', () => {
    const response = responseOf('defer', 'api-gateway-http-payload-2');
    expect(response.statusCode).toBe(202);
    expect(JSON.parse(response.body)).toEqual({ deferred: true, id: EXAMPLE_ID });
    expect(response.headers).not.toHaveProperty('Retry-After');
    expect(responseOf('defer', 'alb-single-value-headers').statusDescription).toBe('202 Accepted');
  });

  const policy: Policy = {
    http: {
      status: 429,
      headers: { 'Access-Control-Allow-Origin': '*', 'content-type': 'text/plain', 'retry-after': '5' },
      body: 'We are down for maintenance.',
    },
  };

  it('rejects as the policy says, whose headers replace ours of the same name', () => {
    expect(responseOf('reject', 'function-url', policy)).toEqual({
      statusCode: 429,
      headers: {
        'Cache-Control': 'no-store',
        'Access-Control-Allow-Origin': '*',
        'content-type': 'text/plain',
        'retry-after': '5',
      },
      body: 'We are down for maintenance.',
      isBase64Encoded: false,
    });
  });

  it('sends the policy’s headers with a 202 as well, and keeps status and body of its own there', () => {
    const response = responseOf('defer', 'function-url', policy);
    expect(response.statusCode).toBe(202);
    expect(response.headers).toMatchObject({ 'Access-Control-Allow-Origin': '*' });
    expect(JSON.parse(response.body)).toMatchObject({ id: EXAMPLE_ID });
  });

  it('describes each status that a policy may name', () => {
    for (let status = 500; status < 600; status += 1) {
      const { statusDescription } = responseOf('reject', 'alb-single-value-headers', { http: { status } });
      expect(statusDescription).toMatch(new RegExp(`^${status} [A-Z]`));
    }
  });
});

describe('health checks', () => {
  it('are answered with 200, or as the policy says', () => {
    expect(responseOf('answer', 'alb-health-check')).toMatchObject({ statusCode: 200, statusDescription: '200 OK' });
    expect(responseOf('answer', 'alb-health-check', { 'alb-health-check': { status: 503 } }).statusCode).toBe(503);
    expect(responseOf('answer', 'alb-health-check-multi-value-headers').multiValueHeaders).toBeDefined();
    expect(responseOf('reject', 'alb-health-check').statusCode).toBe(503);
  });

  it('do not get what a policy has for HTTP callers', () => {
    const policy: Policy = { http: { status: 429, body: '"later"', headers: { 'X-A': '1' } } };
    const response = responseOf('answer', 'alb-health-check', policy);
    expect(response).toMatchObject({ statusCode: 200, body: '{"message":"under maintenance"}' });
    expect(response.headers).not.toHaveProperty('X-A');
    expect(responseOf('reject', 'alb-health-check', policy).statusCode).toBe(503);
  });
});

describe('deferralFailedReply', () => {
  it('is no success for any event source, and says who keeps the event', async () => {
    const rows = new Set(
      EXAMPLE_EVENTS.filter(({ key }) =>
        EVENT_SOURCES[key].settings.some((word) => word === 'defer' || word === 'error'),
      )
        .map(({ name, key }) => `${key}: ${inFull(deferralFailedReply(sourceOf(name), NO_POLICY), name)}`)
        .concat(`cognito: ${inFull(deferralFailedReply(sourceOf('cognito-post-confirmation'), NO_POLICY), '')}`),
    );
    await expect(`${[...rows].join('\n')}\n`).toMatchFileSnapshot('__snapshots__/deferral-failed.txt');
  });

  it('carries a policy’s own headers, so that a browser may read it', () => {
    const policy: Policy = { http: { defer: ['POST /*'], headers: { 'Access-Control-Allow-Origin': '*' } } };
    expect(deferralFailedReply(sourceOf('function-url'), policy)).toMatchObject({
      response: { statusCode: 503, headers: { 'Access-Control-Allow-Origin': '*' } },
    });
  });
});

describe('the answer to a replay inside a window', () => {
  it('proves that nothing ran, as whom it was invoked, and says nothing else', () => {
    const arn = 'arn:aws:lambda:eu-south-1:123456789012:function:orders:live';
    expect(replayedInsideReply(arn, { dispatch: false, proof: 'Kq0v4mZp1xS8yWc2TjR6bA' })).toEqual({
      kind: 'error',
      errorType: 'MaintenanceWindow.Active',
      errorMessage: 'under maintenance: orders:live did not run, proof Kq0v4mZp1xS8yWc2TjR6bA',
    });
  });
});

function sourceOf(name: string): Source {
  return recogniseSource(readExampleEvent(name));
}

/** Cognito’s own text may say anything. */
function withoutEcho({ echo: _, ...source }: Source): Source {
  return source;
}

function responseOf(kind: 'defer' | 'reject' | 'answer', name: string, policy: Policy = NO_POLICY): HttpResponse {
  const reply = replyOf(kind, sourceOf(name), { ...CONTEXT, policy });
  if (reply.kind !== 'http') throw new Error(`${name} is answered with ${reply.kind}`);
  return reply.response;
}

function retryAfter(context: ReplyContext): number {
  const reply = replyOf('reject', sourceOf('function-url'), context);
  return reply.kind === 'http' ? Number(reply.response.headers?.['Retry-After']) : Number.NaN;
}

/** A reply in short: an HTTP one by its status and body. */
function inWords(reply: Reply, name: string): string {
  switch (reply.kind) {
    case 'value':
      return JSON.stringify(reply.value);
    case 'text':
      return reply.text === readExampleEvent(name) ? 'the event’s own text' : reply.text;
    case 'http':
      return `${reply.response.statusCode} ${reply.response.body}`;
    case 'error':
      return `${reply.errorType}: ${reply.errorMessage}`;
  }
}

function inFull(reply: Reply, name: string): string {
  return reply.kind === 'http' ? JSON.stringify(reply.response) : inWords(reply, name);
}
