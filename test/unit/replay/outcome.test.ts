import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../aws/lambda/invoke-answer.ts';
import type { InvokeAnswer } from '../../../core/replay/invoker.ts';
import { contextOfReplay, newProof, outcomeOf, restIdOf, whyNotAsEvent } from '../../../core/replay/outcome.ts';
import { EVENT_SOURCES } from '../../../core/sources/sources.ts';
import { anyCharacter } from '../../data/characters.ts';

const reply = (value: unknown): InvokeAnswer => ({ kind: 'reply', text: JSON.stringify(value) });
const functionError = (errorType: string, errorMessage: string): InvokeAnswer => ({
  kind: 'function-error',
  text: JSON.stringify({ errorType, errorMessage }),
});

const ARN = 'arn:aws:lambda:eu-south-1:123456789012:function:orders';
const PROOF = 'K'.repeat(22);

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

  it.each([
    ['MaintenanceWindow.Active', 'active'],
    ['MaintenanceWindow.Fault', 'fault'],
  ] as const)('is neither failure nor attempt where the gate proves that nothing ran: %s', (errorType, by) => {
    const answer = functionError(errorType, `under maintenance: orders:live did not run, proof ${PROOF}`);
    expect(outcomeOf('sqs', '{}', answer, { function: `${ARN}:live`, proof: PROOF })).toEqual({
      kind: 'gate-held',
      by,
    });
    expect(outcomeOf('sqs', '{}', answer, { function: 'orders:live', proof: PROOF }).kind).toBe('gate-held');
  });

  it.each([
    ['an older client, or a nested function', 'MaintenanceWindow.Active', 'under maintenance'],
    ['what was stored elsewhere', 'MaintenanceWindow.Active', 'stored as 9f1c, to be replayed after the maintenance'],
    [
      'another proof',
      'MaintenanceWindow.Active',
      'under maintenance: orders did not run, proof 0123456789012345678901',
    ],
    ['another function', 'MaintenanceWindow.Active', `under maintenance: billing did not run, proof ${'K'.repeat(22)}`],
    ['another version', 'MaintenanceWindow.Active', `under maintenance: orders:1 did not run, proof ${'K'.repeat(22)}`],
    [
      'more around it',
      'MaintenanceWindow.Active',
      `Error: under maintenance: orders did not run, proof ${'K'.repeat(22)}`,
    ],
    ['another fault', 'MaintenanceWindow.Fault', 'under maintenance'],
  ])('is failed where that is the word of %s, and tells why it is not believed', (_whose, errorType, message) => {
    const sent = { function: ARN, proof: PROOF };
    expect(outcomeOf('sqs', '{}', functionError(errorType, message), sent)).toMatchObject({
      kind: 'failed',
      error: expect.stringMatching(/; it may have run, as its gate does not prove that it did not: either its handler/),
    });
  });

  it('is failed where no mark was sent, whatever is said', () => {
    const answer = functionError('MaintenanceWindow.Active', 'under maintenance: orders did not run, proof undefined');
    expect(outcomeOf('sqs', '{}', answer).kind).toBe('failed');
  });

  it.each([
    'Runtime.ImportModuleError',
    'Runtime.ExitError',
    'Sandbox.Timedout',
    'Extension.Crash',
    'Function.ResponseSizeTooLarge',
    'MaintenanceWindow.DeferralFailed',
    'MaintenanceWindow.Config',
  ])('is failed for %s: a handler could have called its own error so', (errorType) => {
    const answer = functionError(errorType, `under maintenance: orders did not run, proof ${PROOF}`);
    expect(outcomeOf('sqs', '{}', answer, { function: ARN, proof: PROOF }).kind).toBe('failed');
  });

  it('knows a proof that nobody else can have', () => {
    const proofs = Array.from({ length: 1_000 }, newProof);
    expect(new Set(proofs).size).toBe(1_000);
    for (const proof of proofs) expect(proof).toMatch(/^[\w-]{22}$/);
  });

  it('is unknown without an answer', () => {
    expect(outcomeOf('sqs', '{}', { kind: 'no-answer', message: 'ECONNRESET' })).toEqual({
      kind: 'unknown',
      error: 'ECONNRESET',
    });
  });

  it('keeps no more of a reply than there is room for, and no half of a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter(), maxLength: 4_000 }), (word) => {
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
    [400, 'AccessDeniedException', 'denied'],
    [403, 'ExpiredTokenException', 'credentials'],
    [403, 'UnrecognizedClientException', 'credentials'],
    [404, 'ResourceNotFoundException', 'missing'],
    [400, 'InvalidRequestContentException', 'refused'],
    [413, 'RequestTooLargeException', 'refused'],
    [415, 'UnsupportedMediaTypeException', 'refused'],
  ] as const)('%i %s is %s', (status, code, refusal) => {
    expect(refusalOf(status, code)).toBe(refusal);
  });
});

describe('the client context of a replay', () => {
  const mark = { replay: '9f1c', deferredAt: Date.UTC(2026, 10, 21, 3), proof: PROOF, dispatch: false };
  const told = {
    'maintenance-window.replay': '9f1c',
    'maintenance-window.deferredAt': '2026-11-21T03:00:00.000Z',
    'maintenance-window.proof': PROOF,
  };
  const merged = (stored: string | undefined, dispatch = false) => {
    const context = contextOfReplay({ ...mark, dispatch }, stored);
    return context.kind === 'context' ? JSON.parse(Buffer.from(context.base64, 'base64').toString()) : context.kind;
  };

  it('carries the mark, and asks for the handler inside a window only on request', () => {
    expect(merged(undefined)).toEqual({ custom: told });
    expect(merged(undefined, true)).toEqual({ custom: { ...told, 'maintenance-window.dispatch': 'true' } });
  });

  it('keeps what was there, but for a mark that somebody passed on', () => {
    const before = {
      a: '1',
      'maintenance-window.replay': 'another',
      'maintenance-window.dispatch': 'true',
      'maintenance-window.copyOf': 'orders',
    };
    const stored = JSON.stringify({ client: { installation_id: 'i' }, custom: before, env: { locale: 'it' } });
    expect(merged(stored)).toEqual({
      client: { installation_id: 'i' },
      custom: { a: '1', ...told },
      env: { locale: 'it' },
    });
    expect(merged('{"custom":null}')).toEqual({ custom: told });
  });

  it.each(['[]', '"text"', 'no JSON', '{"custom":"text"}'])('is refused where %s stands in its way', (stored) => {
    expect(merged(stored)).toBe('refused');
  });

  it('has 3,583 bytes in Base64 at most', () => {
    const fits = (length: number) => contextOfReplay(mark, JSON.stringify({ a: 'x'.repeat(length) }));
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
    const source = 's3';
    expect(whyNotAsEvent({ source, bytes: 1_048_576 })).toBeUndefined();
    expect(whyNotAsEvent({ source, bytes: 1_048_577 })).toMatch(/^it has 1048577 bytes/);
    expect(whyNotAsEvent({ source, bytes: 2, clientContext: '{}' })).toMatch(/client context would not reach/);
  });

  it('is refused for every source to whose reply somebody listens, and for one that nobody knows', () => {
    const fit = [...Object.keys(EVENT_SOURCES), 'a-source-of-next-year', 'toString'].filter(
      (source) => whyNotAsEvent({ source, bytes: 2 }) === undefined,
    );
    expect(fit.filter((key) => actionOf(key) === 'defer')).toEqual([
      ...['mq', 'documentdb', 's3', 'sns', 'ses', 'eventbridge', 'scheduler', 'logs', 'alarm', 'config', 'codecommit'],
      ...['destination', 'iot', 'direct'],
    ]);
    // the others are never stored
    expect(fit.filter((key) => actionOf(key) !== 'defer')).toEqual(['codepipeline', 'codedeploy']);
    expect(whyNotAsEvent({ source: 'sqs', bytes: 2 })).toMatch(/from sqs stands in the function's reply/);
  });
});

function actionOf(source: string): string | undefined {
  return Object.entries(EVENT_SOURCES).find(([key]) => key === source)?.[1].action;
}

describe('the id of a rest', () => {
  it('counts on', () => {
    expect(restIdOf('9f1c')).toBe('9f1c.1');
    expect(restIdOf('9f1c.1')).toBe('9f1c.2');
    expect(restIdOf('9f1c.9')).toBe('9f1c.10');
    expect(restIdOf('a.b')).toBe('a.b.1');
  });

  it('is never that of the batch, whoever chose it', () => {
    expect(restIdOf('9f1c.9007199254740992')).toBe('9f1c.9007199254740993');
    expect(restIdOf('9f1c.99999999999999999999999')).toBe('9f1c.100000000000000000000000');
    const ids = fc.oneof(
      fc.string(),
      fc.tuple(fc.string(), fc.bigInt({ min: 0n, max: 10n ** 40n })).map(([word, number]) => `${word}.${number}`),
    );
    fc.assert(
      fc.property(ids, (id) => {
        expect(restIdOf(id)).not.toBe(id);
      }),
    );
  });
});
