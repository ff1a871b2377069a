import { describe, expect, it } from 'vitest';
import { createHttpRuntimeApi } from '../../host/http-runtime-api.ts';
import { type RecordedRequest, startRuntimeApi } from '../fakes/runtime-api.ts';

type Answers = NonNullable<NonNullable<Parameters<typeof startRuntimeApi>[0]>['answer']>;

/** What Lambda's emulator says to a second answer, and to one for an invocation that is over. */
const REFUSALS = [
  { status: 403, body: '{"errorMessage":"State transition is not allowed","errorType":"InvalidStateTransition"}' },
  { status: 400, body: '{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}' },
] as const;

/** Answers one invocation each way, and says how often Lambda was asked. */
async function answerEachWay(answersOf: (tries: () => number) => Answers) {
  const outcomes: unknown[] = [];
  for (const way of ['respond', 'fail', 'stream'] as const) {
    let tries = 0;
    const answer = answersOf(() => ++tries);
    await using api = await startRuntimeApi({ answer });
    const [host = '', port = ''] = api.address.split(':');
    const runtimeApi = createHttpRuntimeApi(host, Number(port));
    const sent = {
      respond: () => runtimeApi.respond('one', '{}'),
      fail: () => runtimeApi.fail('one', '{}', '{}'),
      stream: () => runtimeApi.stream('one', 'text/plain', ['a', 'b']),
    };
    const outcome = Promise.resolve(sent[way]()).then(
      () => 'answered',
      (error: Error) => error.message,
    );
    outcomes.push([await outcome, api.count('answer')]);
  }
  return outcomes;
}

const cutAtFirst =
  (tries: () => number, then: Awaited<ReturnType<Answers>>) =>
  (_: RecordedRequest): Awaited<ReturnType<Answers>> =>
    tries() === 1 ? 'reset' : then;

describe('an answer whose connection breaks', () => {
  it('is sent again', async () => {
    const outcomes = await answerEachWay((tries) => cutAtFirst(tries, undefined));
    expect(outcomes).toEqual(Array(3).fill(['answered', 2]));
  });

  it.each(REFUSALS)('has been taken where Lambda does not wait for it any more: $status', async (refusal) => {
    const outcomes = await answerEachWay((tries) => cutAtFirst(tries, refusal));
    expect(outcomes).toEqual(Array(3).fill(['answered', 2]));
  });

  it('is not taken where Lambda has another reason to refuse the second try', async () => {
    const outcomes = await answerEachWay((tries) => cutAtFirst(tries, { status: 500, body: '{}' }));
    expect(outcomes).toEqual(Array(3).fill(['Lambda does not take it (500 {})', 2]));
  });
});

it.each(REFUSALS)('an answer that is refused at once is not taken: $status', async (refusal) => {
  const outcomes = await answerEachWay(() => () => refusal);
  expect(outcomes).toEqual(Array(3).fill([`Lambda does not take it (${refusal.status} ${refusal.body})`, 1]));
});
