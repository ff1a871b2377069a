import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contextOfReplay,
  type InvokeAnswer,
  outcomeOf,
  refusalOf,
  restIdOf,
  whyNotAsEvent,
} from '../../gate/replay.ts';

const reply = (value: unknown): InvokeAnswer => ({ kind: 'reply', text: JSON.stringify(value) });
const functionError = (errorType: string, errorMessage: string): InvokeAnswer => ({
  kind: 'function-error',
  text: JSON.stringify({ errorType, errorMessage }),
});

describe('the outcome of a replay', () => {
  it('is replayed where the function returned, whatever it returned', () => {
    for (const value of [null, 'done', { ok: true }, { statusCode: 500 }]) {
      expect(outcomeOf('eventbridge', '{}', reply(value))).toEqual({ kind: 'replayed', result: JSON.stringify(value) });
    }
    expect(outcomeOf('direct', '{}', { kind: 'reply', text: '' })).toEqual({ kind: 'replayed', result: '' });
  });

  it('is failed where the function failed, with its error', () => {
    expect(outcomeOf('sqs', '{}', functionError('Orders.Unknown', 'no such order'))).toMatchObject({
      kind: 'failed',
      error: 'Orders.Unknown: no such order',
    });
    expect(outcomeOf('sqs', '{}', { kind: 'function-error', text: 'cut off' })).toMatchObject({
      kind: 'failed',
      error: 'the function failed',
      result: 'cut off',
    });
  });

  it.each(['http', 'websocket'])('is failed for an %s status of 400 or more, in any form', (source) => {
    expect(outcomeOf(source, '{}', reply({ statusCode: 503, body: '' }))).toMatchObject({
      kind: 'failed',
      error: 'HTTP status 503',
    });
    expect(outcomeOf(source, '{}', reply({ statusCode: '400' })).kind).toBe('failed');
    const streamed = `{"statusCode":502,"headers":{}}${'\0'.repeat(8)}<html>`;
    expect(outcomeOf(source, '{}', { kind: 'reply', text: streamed }).kind).toBe('failed');
    for (const fine of [{ statusCode: 399 }, { statusCode: 200 }, 'plain', { message: 'no status' }]) {
      expect(outcomeOf(source, '{}', reply(fine)).kind).toBe('replayed');
    }
  });

  it('is partly where some records of a batch failed', () => {
    const text = '{"Records":[{"messageId":"a"},{"messageId":"b"}]}';
    const answer = reply({ batchItemFailures: [{ itemIdentifier: 'b' }] });
    expect(outcomeOf('sqs', text, answer)).toMatchObject({ kind: 'partly', rest: '{"Records":[{"messageId":"b"}]}' });
    const all = reply({ batchItemFailures: [{ itemIdentifier: '' }] });
    expect(outcomeOf('sqs', text, all).kind).toBe('failed');
  });

  it('is neither failure nor attempt inside a window', () => {
    expect(outcomeOf('sqs', '{}', functionError('MaintenanceWindow.Active', 'under maintenance'))).toEqual({
      kind: 'active',
    });
  });

  it('is unknown without an answer', () => {
    expect(outcomeOf('sqs', '{}', { kind: 'no-answer', message: 'ECONNRESET' })).toEqual({
      kind: 'unknown',
      error: 'ECONNRESET',
    });
  });

  it('keeps no more of a reply than there is room for, and no half of a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 4_000 }), (word) => {
        const outcome = outcomeOf('direct', '{}', { kind: 'reply', text: word });
        const result = outcome.kind === 'replayed' ? outcome.result : '';
        expect(result.length).toBeLessThanOrEqual(2_001);
        if (word.isWellFormed()) expect(result.isWellFormed()).toBe(true);
      }),
    );
    const astral = `a${'😀'.repeat(2_000)}`;
    const outcome = outcomeOf('direct', '{}', { kind: 'reply', text: astral });
    expect(outcome.kind === 'replayed' && outcome.result.isWellFormed()).toBe(true);
  });
});

describe('a refusal of Lambda’s', () => {
  it.each([
    [429, 'TooManyRequestsException', 'busy'],
    [409, 'ResourceConflictException', 'busy'],
    [403, 'AccessDeniedException', 'denied'],
    [400, 'ExpiredTokenException', 'denied'],
    [404, 'ResourceNotFoundException', 'missing'],
    [400, 'InvalidRequestContentException', 'refused'],
    [413, 'RequestTooLargeException', 'refused'],
    [415, 'UnsupportedMediaTypeException', 'refused'],
  ] as const)('%i %s is %s', (status, code, refusal) => {
    expect(refusalOf(status, code)).toBe(refusal);
  });
});

describe('the client context of a replay', () => {
  const merged = (id: string, stored: string | undefined, dispatch = false) => {
    const context = contextOfReplay(id, stored, dispatch);
    return context.kind === 'context' ? JSON.parse(Buffer.from(context.base64, 'base64').toString()) : context.kind;
  };

  it('carries the mark, and asks for the handler inside a window only on request', () => {
    expect(merged('9f1c', undefined)).toEqual({ custom: { 'maintenance-window': { replay: '9f1c' } } });
    expect(merged('9f1c', undefined, true)).toEqual({
      custom: { 'maintenance-window': { replay: '9f1c', dispatch: true } },
    });
  });

  it('keeps what was there', () => {
    const stored = JSON.stringify({ client: { installation_id: 'i' }, custom: { a: '1' }, env: { locale: 'it' } });
    expect(merged('9f1c', stored)).toEqual({
      client: { installation_id: 'i' },
      custom: { a: '1', 'maintenance-window': { replay: '9f1c' } },
      env: { locale: 'it' },
    });
    expect(merged('9f1c', '{"custom":null}')).toEqual({ custom: { 'maintenance-window': { replay: '9f1c' } } });
  });

  it.each(['[]', '"text"', 'no JSON', '{"custom":"text"}'])('is refused where %s stands in its way', (stored) => {
    expect(merged('9f1c', stored)).toBe('refused');
  });

  it('has 3,583 bytes in Base64 at most', () => {
    const fits = (length: number) => contextOfReplay('9f1c', JSON.stringify({ a: 'x'.repeat(length) }), false);
    const longest = Array.from({ length: 2_700 }, (_, length) => length).findLast(
      (length) => fits(length).kind === 'context',
    );
    expect(longest).toBeDefined();
    const context = fits(longest ?? 0);
    expect(context.kind === 'context' && context.base64.length).toBe(3_580);
    expect(fits((longest ?? 0) + 1)).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/has 3584 bytes in Base64; Lambda takes 3583$/),
    });
  });
});

describe('an asynchronous replay', () => {
  it('is refused for what would not reach the function whole', () => {
    expect(whyNotAsEvent({ bytes: 1_048_576 })).toBeUndefined();
    expect(whyNotAsEvent({ bytes: 1_048_577 })).toMatch(/^it has 1048577 bytes/);
    expect(whyNotAsEvent({ bytes: 2, clientContext: '{}' })).toMatch(/client context would not reach/);
  });
});

describe('the id of a rest', () => {
  it('counts on', () => {
    expect(restIdOf('9f1c')).toBe('9f1c.1');
    expect(restIdOf('9f1c.1')).toBe('9f1c.2');
    expect(restIdOf('9f1c.9')).toBe('9f1c.10');
    expect(restIdOf('a.b')).toBe('a.b.1');
  });
});
