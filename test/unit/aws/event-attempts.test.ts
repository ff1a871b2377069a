import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { causeOf, mayPass } from '../../../aws/dynamodb/dynamodb-fault.ts';
import { type Attempt, TimeUpError, untilDeadline } from '../../../aws/time/until-deadline.ts';
import type { Clock } from '../../../core/gate/ports.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const clock: Clock = { now: () => Date.now(), random: () => 0.5 };
const AMPLE_MS = 60_000;
/** What a fake `setImmediate` takes. */
const IMMEDIATE_MS = 1;
const PASSES = new Error('passes');
const STAYS = new Error('stays');

/** Does it, with all the time that it takes. */
async function work<T>(ms: number, doIt: (attempt: Attempt) => Promise<T>): Promise<T> {
  const settled = Promise.allSettled([untilDeadline(clock, Date.now() + ms, (fault) => fault === PASSES, doIt)]);
  await vi.runAllTimersAsync();
  const [outcome] = await settled;
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

/** Never answers, whatever its signal says. */
function deaf(): Promise<never> {
  return new Promise(() => undefined);
}

describe('untilDeadline', () => {
  it('hands through the answer, and leaves the request’s signal alone', async () => {
    let seen: AbortSignal | undefined;
    const answer = await work(AMPLE_MS, (attempt) =>
      attempt(async (signal) => {
        seen = signal;
        return 'answer';
      }),
    );
    expect(answer).toBe('answer');
    // An abort now would close a connection that can be used again.
    expect(seen?.aborted).toBe(false);
  });

  it('tries again after a fault that passes', async () => {
    let tries = 0;
    const answer = await work(AMPLE_MS, (attempt) =>
      attempt(async () => {
        tries += 1;
        if (tries < 20) throw PASSES;
        return tries;
      }),
    );
    expect(answer).toBe(20);
  });

  it('gives up at once at a fault that stays', async () => {
    let tries = 0;
    const failing = work(AMPLE_MS, (attempt) =>
      attempt(async () => {
        tries += 1;
        throw STAYS;
      }),
    );
    await expect(failing).rejects.toBe(STAYS);
    expect(tries).toBe(1);
  });

  it('cuts off what else is going on when one request fails for good', async () => {
    let other: AbortSignal | undefined;
    const failing = work(AMPLE_MS, (attempt) =>
      Promise.all([
        attempt((signal) => {
          other = signal;
          return deaf();
        }),
        attempt(() => Promise.reject(STAYS)),
      ]),
    );
    await expect(failing).rejects.toBe(STAYS);
    expect(other?.aborted).toBe(true);
  });

  it('gives an attempt that hangs no more than half of the time', async () => {
    let tries = 0;
    const beganAt = Date.now();
    const secondAfterMs = await work(600, (attempt) =>
      attempt(async () => {
        tries += 1;
        return tries === 1 ? deaf() : Date.now() - beganAt;
      }),
    );
    expect(secondAfterMs).toBe(300 + IMMEDIATE_MS + 25);
  });

  it('ends at the deadline though nobody heeds a signal', async () => {
    await expect(work(150, (attempt) => attempt(deaf))).rejects.toBeInstanceOf(TimeUpError);
    const beganAt = Date.now();
    await expect(work(50, deaf)).rejects.toBeInstanceOf(TimeUpError);
    expect(Date.now() - beganAt).toBe(50 + IMMEDIATE_MS);
  });

  it('begins nothing when no time is left', async () => {
    let begun = false;
    const failing = work(0, async () => {
      begun = true;
    });
    await expect(failing).rejects.toBeInstanceOf(TimeUpError);
    expect(begun).toBe(false);
  });

  it('knows at the deadline which fault it could not get over', async () => {
    await expect(work(150, (attempt) => attempt(() => Promise.reject(PASSES)))).rejects.toMatchObject({
      cause: PASSES,
    });
  });

  it('has no deadline that a timer could not wait for', async () => {
    const late = Promise.withResolvers<string>();
    const far = untilDeadline(clock, Number.POSITIVE_INFINITY, mayPass, () => late.promise);
    await vi.advanceTimersByTimeAsync(24 * 3_600_000);
    late.resolve('answer');
    expect(await far).toBe('answer');
  });
});

describe('a fault of DynamoDB', () => {
  const answered = (name: string, httpStatusCode: number, more: object = {}) =>
    Object.assign(new Error('words'), { name, $metadata: { httpStatusCode, ...more } });

  it.each([
    ['throttling', answered('ThrottlingException', 400)],
    ['a limit of the account', answered('RequestLimitExceeded', 400)],
    ['429', answered('Whatever', 429)],
    ['500', answered('InternalServerError', 500)],
    ['503', answered('UnknownError', 503)],
    ['a good answer that cannot be read', answered('SyntaxError', 200)],
    ['a clock that the SDK has set right', answered('InvalidSignatureException', 400, { clockSkewCorrected: true })],
    ['what the model calls retryable', answered('ReplicatedWriteConflictException', 400)],
    ['a reset', Object.assign(new Error('words'), { code: 'ECONNRESET' })],
    ['a name that does not resolve now', Object.assign(new Error('words'), { code: 'EAI_AGAIN' })],
    ['broken HTTP', Object.assign(new Error('words'), { code: 'HPE_INVALID_CONSTANT' })],
    ['the SDK’s own time-out', Object.assign(new Error('words'), { name: 'TimeoutError' })],
    ['a reset in the middle of a refusal', Object.assign(answered('Error', 400), { code: 'ECONNRESET' })],
  ])('may pass: %s', (_, fault) => {
    expect(mayPass(fault)).toBe(true);
  });

  it.each([
    ['a missing table', answered('ResourceNotFoundException', 400)],
    ['a missing permission', answered('AccessDeniedException', 400)],
    ['a wrong signature', answered('InvalidSignatureException', 400)],
    ['a condition that does not hold', answered('ConditionalCheckFailedException', 400)],
    ['a page of some proxy', answered('SyntaxError', 403)],
    ['missing credentials', Object.assign(new Error('words'), { name: 'CredentialsProviderError' })],
    ['a fault of our own', new TypeError('x is not a function')],
    ['a fault of Node’s own making', Object.assign(new TypeError('words'), { code: 'ERR_INVALID_ARG_TYPE' })],
    ['nothing at all', undefined],
  ])('stays: %s', (_, fault) => {
    expect(mayPass(fault)).toBe(false);
  });

  it.each([
    ['ResourceNotFoundException', answered('ResourceNotFoundException', 400)],
    ['AccessDeniedException', answered('AccessDeniedException', 400)],
    ['ThrottlingException', new TimeUpError('time is up', { cause: answered('ThrottlingException', 400) })],
    ['500 InternalServerError', new TimeUpError('time is up', { cause: answered('InternalServerError', 500) })],
    ['ECONNREFUSED', new TimeUpError('', { cause: Object.assign(new Error('w'), { code: 'ECONNREFUSED' }) })],
    ['no answer within 500 ms', new TimeUpError('', { cause: new TimeUpError('no answer within 500 ms') })],
    ['no answer in time', new TimeUpError('time is up')],
    ['ValidationException: words', answered('ValidationException', 400)],
    ['TypeError: x is not a function', new TypeError('x is not a function')],
  ])('is told with the table, the code (%s) and a remedy', (code, fault) => {
    const cause = causeOf(fault, 'events');
    expect(cause).toMatch(/^the table events .*\(.*\).*[:,] /);
    expect(cause).toContain(code);
  });

  it('is told briefly, however long the service talks', () => {
    const fault = Object.assign(answered('ValidationException', 400), { message: 'x'.repeat(5_000) });
    expect(causeOf(fault, 'events').length).toBeLessThan(600);
  });
});
