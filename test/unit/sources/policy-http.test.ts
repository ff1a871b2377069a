import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replyOf } from '../../../core/gate/reply.ts';
import { isListed } from '../../../core/sources/http-policy.ts';
import { actionFor, type Policy, parsePolicy } from '../../../core/sources/policy.ts';
import { recogniseSource } from '../../../core/sources/recognise.ts';
import { matchesGlob } from '../../../core/text/glob.ts';
import { readExampleEvent } from '../../data/events.ts';

/** A glob, tried character by character, with no thought of what it costs. */
function matchesNaively(glob: string, text: string): boolean {
  if (glob === '') return text === '';
  const [first, rest] = [glob[0], glob.slice(1)];
  if (first === '*') return matchesNaively(rest, text) || (text !== '' && matchesNaively(glob, text.slice(1)));
  return text !== '' && (first === '?' || first === text[0]) && matchesNaively(rest, text.slice(1));
}

describe('matchesGlob', () => {
  it.each([
    ['/orders', '/orders', true],
    ['/orders', '/orders/', false],
    ['/orders', '/ORDERS', false],
    ['/webhooks/*', '/webhooks/', true],
    ['/webhooks/*', '/webhooks/git/push', true],
    ['/webhooks/*', '/webhooks', false],
    ['/webhooks*', '/webhooks', true],
    ['*', '/', true],
    ['*', '', true],
    ['*/push', '/webhooks/git/push', true],
    ['*/push', '/webhooks/git/push/', false],
    ['/a*b*c', '/abc', true],
    ['/a*b*c', '/acb', false],
    ['/a*a', '/a', false],
    ['/**', '/x', true],
    ['/a.b', '/axb', false],
    ['/[a]', '/a', false],
    ['orders-?', 'orders-7', true],
    ['orders-?', 'orders-', false],
  ])('%s and %s: %s', (glob, text, matches) => {
    expect(matchesGlob(glob, text)).toBe(matches);
  });

  it('says what a naive matcher says', () => {
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 10 });
    fc.assert(
      fc.property(glob, text, (g, t) => {
        expect(matchesGlob(g, t)).toBe(matchesNaively(g, t));
      }),
      { numRuns: 20_000 },
    );
  });

  it('comes to an end where a backtracking matcher would not', () => {
    expect(matchesGlob(`${'*a'.repeat(500)}b`, 'a'.repeat(50_000))).toBe(false);
  });
});

describe('http.defer', () => {
  const listed = (defer: readonly string[], method: string, path: string): boolean =>
    isListed(
      { defer },
      { method, path, isPreflight: false, sender: 'api-gateway', multiValueHeaders: false, streams: false },
    );

  it('lists a request by its method and its path', () => {
    expect(listed(['POST /webhooks/*'], 'POST', '/webhooks/git')).toBe(true);
    expect(listed(['POST /webhooks/*'], 'PUT', '/webhooks/git')).toBe(false);
    expect(listed(['POST /webhooks/*'], 'POST', '/orders')).toBe(false);
    expect(listed(['* /webhooks/*'], 'PUT', '/webhooks/git')).toBe(true);
    expect(listed(['POST /a', 'POST /b'], 'POST', '/b')).toBe(true);
    expect(listed([], 'POST', '/b')).toBe(false);
  });

  it.each([
    'alb-single-value-headers',
    'alb-multi-value-headers',
    'api-gateway-rest',
    'api-gateway-rest-console-test',
    'api-gateway-rest-custom-domain',
    'api-gateway-http-payload-1',
    'api-gateway-http-payload-1-named-stage',
    'api-gateway-http-payload-2',
    'api-gateway-http-named-stage',
    'function-url',
    'function-url-iam',
    'lattice-v1',
    'lattice-v2',
  ])('is written the same for %s', (name) => {
    const source = recogniseSource(readExampleEvent(name));
    expect(actionFor(source, policyOf({ http: { defer: ['POST /orders'] } }))).toBe('defer');
    expect(actionFor(source, policyOf({ http: { defer: ['GET /orders'] } }))).toBe('reject');
    expect(actionFor(source, policyOf({ http: { defer: ['POST /prod/orders'] } }))).toBe('reject');
  });

  it.each([
    ['POST /caf\u00e9/menu', '/caf%C3%A9/menu'],
    ['POST /caf%c3%a9/menu', '/caf\u00e9/menu'],
    ['POST /my%20orders', '/my orders'],
    ['POST /orders/*', '//orders//7'],
    ['POST /orders/7', '/orders/7/'],
    ['POST /orders/7/', '/orders/7'],
    ['POST /orders/*', '/shop/../orders/7'],
    ['POST /100%', '/100%'],
    ['POST /%ff', '/%FF'],
    ['POST /', '//'],
  ])('%s lists %s, another form of the same path', (pattern, path) => {
    expect(actionOn(restEvent(path), pattern)).toBe('defer');
  });

  it.each([
    ['POST /orders/7', '/Orders/7'],
    ['POST /orders/*', '/orders%2F7'],
    ['POST /orders/*', '/orders/../admin'],
    ['POST /orders/*', '/orders/%2e%2e/admin'],
    ['POST /a%2Ab', '/axb'],
    ['POST /orders/*', '/orders'],
    ['POST /%2541', '/A'],
  ])('%s does not list %s, which is another path', (pattern, path) => {
    expect(actionOn(restEvent(path), pattern)).toBe('reject');
  });

  it('knows a request behind a custom domain by both names: with the base path, and without', () => {
    const mapped = exampleOf('api-gateway-rest-custom-domain');
    expect(actionOn(mapped, 'POST /shop/orders')).toBe('defer');
    expect(actionOn(mapped, 'POST /orders')).toBe('defer');
    const proxied = {
      ...mapped,
      path: '/shop/v2/orders/7',
      resource: '/orders/{proxy+}',
      pathParameters: { proxy: '7' },
    };
    expect(actionOn(proxied, 'POST /orders/*')).toBe('defer');
    expect(actionOn({ ...proxied, pathParameters: null }, 'POST /orders/*')).toBe('reject');
  });

  it('leaves the stage out where an HTTP API has left it in, and a path of that name in', () => {
    const named = exampleOf('api-gateway-http-payload-1-named-stage');
    const stage = (path: string, resource: string) =>
      actionOn({ ...named, path, resource, pathParameters: { proxy: 'orders' } }, 'POST /prod/orders');
    expect(stage('/prod/prod/orders', '$default')).toBe('defer');
    expect(stage('/prod/orders', '/prod/{proxy+}')).toBe('defer');
    expect(stage('/prod/orders', '/{proxy+}')).toBe('reject');
    const url = { ...exampleOf('function-url'), rawPath: '/$default/orders' };
    expect(actionOn(url, 'POST /orders')).toBe('reject');
  });

  it('looks at no query string, in whatever a service sends', () => {
    expect(actionOn({ ...exampleOf('lattice-v1'), raw_path: '/orders/?dry=no' }, 'POST /orders')).toBe('defer');
    expect(actionOn({ ...exampleOf('lattice-v2'), path: '/orders?dry=/no' }, 'POST /orders')).toBe('defer');
  });

  it('leaves everything else rejected, and a policy without it rejects all', () => {
    const source = recogniseSource(readExampleEvent('function-url'));
    expect(actionFor(source, policyOf({ http: {} }))).toBe('reject');
    expect(actionFor(source, policyOf({ http: { status: 429 } }))).toBe('reject');
    expect(actionFor(source, policyOf({ http: 'defer' }))).toBe('defer');
    expect(actionFor(source, policyOf({ http: 'dispatch' }))).toBe('dispatch');
  });
});

describe('a CORS preflight', () => {
  const PREFLIGHTS = [
    'alb-preflight',
    'alb-preflight-multi-value-headers',
    'api-gateway-rest-preflight',
    'api-gateway-http-payload-1-preflight',
    'api-gateway-http-payload-2-preflight',
    'function-url-preflight',
    'lattice-v1-preflight',
    'lattice-v2-preflight',
  ];
  const HEADERS = { 'Access-Control-Allow-Origin': 'https://shop.example.com', 'Access-Control-Allow-Methods': '*' };

  it.each(PREFLIGHTS)('%s is answered whatever the policy stores or rejects, and runs where it dispatches', (name) => {
    const source = recogniseSource(readExampleEvent(name));
    for (const http of ['defer', 'reject', {}, { defer: ['OPTIONS *', '* *'] }, { status: 429, body: '"later"' }]) {
      expect([http, actionFor(source, policyOf({ http }))]).toEqual([http, 'answer']);
    }
    expect(actionFor(source, policyOf({ http: 'dispatch' }))).toBe('dispatch');
  });

  it.each(PREFLIGHTS)('%s is answered by 204 and the policy’s headers, with nothing of a rejection', (name) => {
    const source = recogniseSource(readExampleEvent(name));
    const policy = policyOf({ http: { headers: HEADERS, status: 429, body: '{"message":"later"}' } });
    const reply = replyOf('answer', source, { id: 'event-1', window: { startAt: 0 }, policy, now: 0, chance: 0 });
    if (reply.kind !== 'http') throw new Error(reply.kind);
    const { headers, multiValueHeaders = {}, ...rest } = reply.response;
    expect(rest).toEqual({
      statusCode: 204,
      ...(name.startsWith('alb') && { statusDescription: '204 No Content' }),
      body: '',
      isBase64Encoded: false,
    });
    const lists = Object.entries(multiValueHeaders).map(([header, [value]]) => [header, value]);
    expect(headers ?? Object.fromEntries(lists)).toEqual({ 'Cache-Control': 'no-store', ...HEADERS });
  });

  it('is told by both of its headers, in any case and any form, and by its method', () => {
    const rest = exampleOf('api-gateway-rest-preflight');
    const withHeaders = (headers: unknown, multiValueHeaders: unknown = null, httpMethod = 'OPTIONS') =>
      actionOn({ ...rest, headers, multiValueHeaders, httpMethod }, 'GET /nothing');
    const method = { 'ACCESS-CONTROL-REQUEST-METHOD': 'PUT' };
    expect(withHeaders({ ORIGIN: 'null', ...method })).toBe('answer');
    expect(withHeaders(null, { Origin: ['https://a.example'], 'access-Control-request-Method': ['PUT'] })).toBe(
      'answer',
    );
    expect(withHeaders({ origin: 'https://a.example' }, method)).toBe('answer');
    expect(withHeaders({ origin: 'https://a.example' })).toBe('reject');
    expect(withHeaders(method)).toBe('reject');
    expect(withHeaders({ origin: '', ...method })).toBe('reject');
    expect(withHeaders({ origin: [], ...method })).toBe('reject');
    expect(withHeaders({ origin: 'https://a.example', ...method }, null, 'GET')).toBe('reject');
  });
});

function exampleOf(name: string): Record<string, unknown> {
  return JSON.parse(readExampleEvent(name));
}

/** A request to a REST API whose route tells nothing. */
function restEvent(path: string): Record<string, unknown> {
  return { ...exampleOf('api-gateway-rest'), path, resource: '/{proxy+}', pathParameters: null };
}

function actionOn(event: unknown, pattern: string): string {
  return actionFor(recogniseSource(JSON.stringify(event)), policyOf({ http: { defer: [pattern] } }));
}

function policyOf(value: unknown): Policy {
  const parsed = parsePolicy(value, 'policy');
  if (parsed.kind === 'fault') throw new Error(parsed.message);
  return parsed.policy;
}
