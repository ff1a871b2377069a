import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextOfReplay, outcomeOf } from '../../../core/replay/outcome.ts';
import { readExampleEvent } from '../../data/events.ts';
import { type RecordedRequest, startRuntimeApi } from '../../fakes/runtime-api.ts';
import { patchedClient, startClient } from '../../worlds/client-process.ts';
import { activeWindows, type Surroundings, startSurroundings } from '../../worlds/surroundings.ts';

// Who says that a replay did not run: the real client, between a replay and handlers that know what a gate says.

const ARN = 'arn:aws:lambda:eu-south-1:123456789012:function:orders:live';
const PROOF = 'Kq0v4mZp1xS8yWc2TjR6bA';
const ENDED = JSON.stringify({
  version: 1,
  windows: [{ start: '2026-01-01T00:00:00Z', end: new Date(Date.now() - 60_000).toISOString() }],
});
const SEVERAL = { AWS_LAMBDA_MAX_CONCURRENCY: '4', AWS_LAMBDA_NODEJS_WORKER_COUNT: '2' };

let aws: Surroundings;
beforeAll(async () => {
  aws = await startSurroundings();
});
afterAll(() => aws[Symbol.asyncDispose]());

/** What a replay sends with an event that had this client context. */
function contextOf({ stored, dispatch = false }: { stored?: string; dispatch?: boolean } = {}): string {
  const context = contextOfReplay(
    { replay: 'id-1', deferredAt: Date.UTC(2026, 10, 21), proof: PROOF, dispatch },
    stored,
  );
  if (context.kind === 'refused') throw new Error(context.message);
  return Buffer.from(context.base64, 'base64').toString();
}

/** What the client answers an invocation with. */
async function answerOf(
  handler: string,
  clientContext: string,
  windows: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RecordedRequest & { readonly log: string }> {
  await aws.setWindows(windows);
  const invocation = { id: 'replayed', text: readExampleEvent('sqs'), invokedFunctionArn: ARN, clientContext };
  await using api = await startRuntimeApi({ invocations: [invocation], afterwards: 'hold' });
  await using client = startClient({
    client: patchedClient(),
    handler,
    runtimeApi: api.address,
    environment: { ...aws.environment, ...environment },
  });
  await api.seen('answer');
  client.kill('SIGTERM');
  const { stdout: log } = await client.exited;
  const answer = api.requests.find(({ kind }) => kind === 'response' || kind === 'error');
  if (!answer) throw new Error('there is no answer');
  return { ...answer, body: answer.body, log };
}

const judged = ({ kind, body }: RecordedRequest) =>
  outcomeOf(
    'sqs',
    '{}',
    { kind: kind === 'error' ? 'function-error' : 'reply', text: body.toString() },
    { function: ARN, proof: PROOF },
  );

describe('a handler that gets a replay', () => {
  it.each([
    ['without a window', 'context.everything', '{"version":1,"windows":[]}', {}],
    ['after a window', 'context.everything', ENDED, {}],
    ['inside a window, on request', 'context.everything', activeWindows(), {}],
    ['several at once', 'context.everything', ENDED, SEVERAL],
    ['several at once, inside a window', 'context.everything', activeWindows(), SEVERAL],
    ['as a stream', 'streams.everything', '{"version":1,"windows":[]}', {}],
    ['as a stream, inside a window', 'streams.everything', activeWindows(), {}],
  ])('sees its mark and not the proof, %s', async (_when, handler, windows, environment) => {
    const clientContext = contextOf({ stored: '{"client":{"app_title":"é"},"custom":{"a":"1"}}', dispatch: true });
    const { kind, body } = await answerOf(handler, clientContext, windows, environment);
    expect(kind).toBe('response');
    const text = body.toString();
    expect(text).not.toContain(PROOF);
    const whole = JSON.parse(handler.startsWith('streams') ? text : JSON.parse(text));
    expect(whole[1].clientContext).toEqual({
      client: { app_title: 'é' },
      custom: {
        a: '1',
        'maintenance-window.replay': 'id-1',
        'maintenance-window.deferredAt': '2026-11-21T00:00:00.000Z',
        'maintenance-window.dispatch': 'true',
      },
    });
  });

  it('has failed where it throws on what another function’s gate said', async () => {
    const answer = await answerOf('context.throwsOn', contextOf(), ENDED);
    expect(answer.log).toContain('CHARGED');
    expect(judged(answer)).toMatchObject({ kind: 'failed', error: /billing did not run.*it may have run/ });
  });
});

describe('a gate that holds a replay', () => {
  it.each([
    ['one at a time', {}],
    ['several at once', SEVERAL],
  ])('proves that nothing ran, %s', async (_mode, environment) => {
    const answer = await answerOf('context.throwsOn', contextOf(), activeWindows(), environment);
    expect(answer.log).not.toContain('CHARGED');
    expect(answer.log).not.toContain(PROOF);
    expect(judged(answer)).toEqual({ kind: 'gate-held', by: 'active' });
    expect(await aws.eventItem('replayed')).toBeUndefined();
  });

  it('takes a context that a handler passed on for no replay: it stores the event, without any proof', async () => {
    const passedOn = contextOf({ dispatch: true }).replace(`,"maintenance-window.proof":"${PROOF}"`, '');
    expect(passedOn).not.toContain('proof');
    const { log } = await answerOf('context.throwsOn', passedOn, activeWindows());
    expect(log).not.toContain('CHARGED');
    expect((await aws.eventItem('replayed'))?.['clientContext']?.S).toBe(passedOn);
  });
});
