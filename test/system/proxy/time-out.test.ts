import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { denseText } from '../../data/deferred-event.ts';
import { readExampleEvent } from '../../data/events.ts';
import type { Behaviour, ProxiedRequest } from '../../fakes/dynamodb-proxy.ts';
import { holds } from '../../fakes/ssm-misbehaving.ts';
import { type ProxiedEnvironment, startEnvironment } from '../../worlds/proxied-environment.ts';
import { hasProxy } from '../../worlds/proxy.ts';
import { activeWindows, type Surroundings, startSurroundings } from '../../worlds/surroundings.ts';

// An invocation's time runs out while its event is being stored. What is not confirmed is not acknowledged, and is found
// where it is stored after all: Lambda, or whoever sends it again, loses nothing.

/** What the function is told of its time. Lambda waits for longer, so that a busy machine changes no outcome. */
const TOLD_MS = 1_200;
const PATIENCE_MS = 200_000;
/** Time to store an event in, on any machine. */
const AMPLE_MS = 3_000;
const WINDOWS = activeWindows({ policy: { http: { defer: ['* /*'] } } });
const LARGE = JSON.stringify({ text: denseText(1_000_000) });
const EVENT = readExampleEvent('eventbridge-custom');

describe.skipIf(!hasProxy)('an invocation behind the proxy whose time runs out while it is stored', () => {
  let aws: Surroundings;
  let environment: ProxiedEnvironment;
  beforeAll(async () => {
    aws = await startSurroundings();
    environment = await startEnvironment({
      dynamoDbUrl: aws.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '',
      ssm: holds({ 'maintenance-window': WINDOWS }),
    });
  });
  afterAll(async () => {
    await environment[Symbol.asyncDispose]();
    await aws[Symbol.asyncDispose]();
  });

  /** @returns what the caller gets, as JSON */
  async function invoke(id: string, text: string, toldMs: number) {
    const now = Date.now();
    const headers = { 'Lambda-Runtime-Deadline-Ms': String(now + toldMs) };
    const before = environment.answersTo(id).length;
    const handler = { handle: async () => ({ kind: 'fails', body: '"it was run"' }) as const };
    const end = await environment.invoke({ id, text, headers, deadlineAt: now + PATIENCE_MS }, handler);
    const answers = environment.answersTo(id).slice(before);
    expect([end, answers.length]).toEqual(['answered', 1]);
    return JSON.parse(String(answers[0]?.body));
  }

  const statusOf = async (id: string) => (await aws.eventItem(id))?.['status']?.S;

  it.each<[source: string, text: string, told: object]>([
    ['direct', '{"n":1}', error('could not be stored; send it again')],
    ['eventbridge', EVENT, error('could not be stored; Lambda keeps it and tries again')],
    ['sqs', readExampleEvent('sqs'), error('could not be stored; its source keeps it and sends it again')],
    ['http', readExampleEvent('api-gateway-http-payload-2'), { statusCode: 503 }],
  ])('is told as not stored, in the words of its source: %s', async (_, text, told) => {
    const id = randomUUID();
    environment.dynamoDb.behave(() => ({ kind: 'hang', when: 'before' }));
    expect(await invoke(id, text, TOLD_MS)).toMatchObject(told);
    expect(await statusOf(id)).toBeUndefined();
  });

  const isEvent = ({ operation, pk }: ProxiedRequest, id: string) => operation === 'PutItem' && pk.endsWith(`#${id}`);
  const silent: Behaviour = { kind: 'hang', when: 'before' };
  const atTheEvent = (behaviour: Behaviour) => (request: ProxiedRequest, id: string) =>
    isEvent(request, id) ? behaviour : undefined;

  it.each<
    [what: string, text: string, behaviour: (request: ProxiedRequest, id: string) => Behaviour | undefined, string?]
  >([
    ['does nothing', EVENT, () => silent],
    ['has stored it, and does not say so', EVENT, atTheEvent({ kind: 'hang', when: 'after' }), 'pending'],
    ['is cut off again and again, having stored it', EVENT, atTheEvent({ kind: 'cut', when: 'after' }), 'pending'],
    ['throttles to the end', EVENT, () => ({ kind: 'fail', code: 'ThrottlingException' })],
    ['is silent of one part', LARGE, ({ pk }) => (pk.endsWith('#0002') ? silent : undefined)],
    ['is silent of the event after its parts', LARGE, atTheEvent(silent)],
  ])('is not acknowledged where the table %s, and is once it comes again', async (_, text, behaviour, found) => {
    const id = randomUUID();
    environment.dynamoDb.behave((request) => behaviour(request, id));
    expect(await invoke(id, text, found ? AMPLE_MS : TOLD_MS)).toMatchObject(error('could not be stored'));
    expect(await statusOf(id)).toBe(found);
    await expectStoredWhenItComesAgain(id, text);
  });

  it('is not acknowledged where the table stores it too late, and is found there when it comes again', async () => {
    const id = randomUUID();
    let letGo = () => {};
    const over = new Promise<undefined>((resolve) => {
      letGo = () => resolve(undefined);
    });
    environment.dynamoDb.behave((request) => (isEvent(request, id) ? over : undefined));
    expect(await invoke(id, EVENT, TOLD_MS)).toMatchObject(error('could not be stored'));
    expect(await statusOf(id)).toBeUndefined();
    letGo();
    await expect.poll(() => statusOf(id), { timeout: PATIENCE_MS }).toBe('pending');
    await expectStoredWhenItComesAgain(id, EVENT);
  });

  it('is acknowledged where the answer has come, though the process was held up until its time was over', async () => {
    const id = randomUUID();
    const { pid } = environment.proxy;
    environment.dynamoDb.behave((request) => {
      if (isEvent(request, id)) process.kill(pid, 'SIGSTOP');
      return undefined;
    });
    const answer = invoke(id, EVENT, AMPLE_MS);
    await expect.poll(() => statusOf(id), { timeout: PATIENCE_MS }).toBe('pending');
    await new Promise((resolve) => setTimeout(resolve, AMPLE_MS + 500));
    process.kill(pid, 'SIGCONT');
    expect(await answer).toBeNull();
    expect(environment.dynamoDb.requests.filter((request) => isEvent(request, id))).toHaveLength(1);
  });

  async function expectStoredWhenItComesAgain(id: string, text: string): Promise<void> {
    environment.dynamoDb.behave(() => undefined);
    const told = await invoke(id, text, PATIENCE_MS);
    expect(told ?? { errorMessage: `stored as ${id}` }).toMatchObject({
      errorMessage: expect.stringContaining(`stored as ${id}`),
    });
    expect(await statusOf(id)).toBe('pending');
    expect(String(await aws.storedBytes(id))).toBe(text);
    const items = (await aws.items()).filter((item) => item['status'] && item['pk']?.S?.endsWith(`#${id}`));
    expect(items).toHaveLength(1);
  }
});

/** What a caller is told of an event that is not stored. */
function error(words: string): object {
  return { errorType: 'MaintenanceWindow.DeferralFailed', errorMessage: expect.stringContaining(words) };
}
