import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../gate/glob.ts';
import { isListed } from '../../gate/http-policy.ts';
import { actionFor, type Policy, parsePolicy } from '../../gate/policy.ts';
import { recogniseSource } from '../../gate/source.ts';
import { readExampleEvent } from '../support/events.ts';

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
    isListed({ defer }, { method, path, sender: 'api-gateway', multiValueHeaders: false, streams: false });

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
    'api-gateway-http-payload-1',
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

  it('leaves everything else rejected, and a policy without it rejects all', () => {
    const source = recogniseSource(readExampleEvent('function-url'));
    expect(actionFor(source, policyOf({ http: {} }))).toBe('reject');
    expect(actionFor(source, policyOf({ http: { status: 429 } }))).toBe('reject');
    expect(actionFor(source, policyOf({ http: 'defer' }))).toBe('defer');
    expect(actionFor(source, policyOf({ http: 'dispatch' }))).toBe('dispatch');
  });
});

function policyOf(value: unknown): Policy {
  const parsed = parsePolicy(value, 'policy');
  if (parsed.kind === 'fault') throw new Error(parsed.message);
  return parsed.policy;
}
