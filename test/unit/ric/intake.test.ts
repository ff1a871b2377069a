import { describe, expect, it } from 'vitest';
import type { Invocation } from '../../../core/events/invocation.ts';
import type { Gate } from '../../../core/gate/gate.ts';
import type { Outcome } from '../../../core/gate/inside.ts';
import { oneAtATime, severalAtOnce } from '../../../ric/intake.ts';
import type { InvocationRequest } from '../../../ric/patch/upstream.ts';

const REPLY: Outcome = { kind: 'reply', reply: { kind: 'value', value: null } };
const CLIENT_CONTEXT = 'lambda-runtime-client-context';
const DISPATCH: Outcome = { kind: 'dispatch' };

function request(id: string, headers: InvocationRequest['headers'] = {}): InvocationRequest {
  return {
    bodyJson: `{"id":"${id}"}`,
    headers: {
      'lambda-runtime-aws-request-id': id,
      'lambda-runtime-deadline-ms': 2_000_000_000_000,
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-south-1:123456789012:function:orders',
      'lambda-runtime-trace-id': '',
      ...headers,
    },
  };
}

/** A gate that asks about everything unless told to let pass, and records what it is asked. */
function gateThat(handle: (invocation: Invocation) => Outcome | Promise<Outcome>, passes = false) {
  const asked: Invocation[] = [];
  const gate: Gate = {
    start: async () => {},
    passes: () => passes,
    passesRefreshed: async () => passes,
    quiet: { fromAt: 0, untilAt: 0 },
    handle: async (invocation) => {
      asked.push(invocation);
      return handle(invocation);
    },
  };
  return { gate, asked };
}

/** Upstream's `nextInvocation` over a list; it fails at the end, as the client does when the API is gone. */
function arriving(...requests: InvocationRequest[]) {
  return async () => {
    const next = requests.shift();
    if (!next) throw new Error('no more invocations');
    return next;
  };
}

const sent: string[] = [];
const send = async (id: string) => sent.push(id) > 0;

describe.each([
  ['one at a time', oneAtATime],
  ['several at once', severalAtOnce],
])('the intake, %s', (_, around) => {
  it('hands on the very object where the gate passes, and asks nothing', async () => {
    const first = request('a');
    const { gate, asked } = gateThat(() => REPLY, true);
    expect(await around(arriving(first), gate, send)()).toBe(first);
    expect(asked).toEqual([]);
  });

  it('hands on the very object where the gate says dispatch', async () => {
    const first = request('a');
    expect(await around(arriving(first), gateThat(() => DISPATCH).gate, send)()).toBe(first);
  });

  it('answers what the handler will not have, and polls the next', async () => {
    sent.length = 0;
    const { gate } = gateThat(({ id }) => (id === 'c' ? DISPATCH : REPLY));
    const next = around(arriving(request('a'), request('b'), request('c')), gate, send);
    expect((await next()).bodyJson).toBe('{"id":"c"}');
    expect(sent).toEqual(['a', 'b']);
  });

  it('gives the gate the raw text and every header that an event is stored with', async () => {
    const { gate, asked } = gateThat(() => DISPATCH);
    const full = request('a', {
      'lambda-runtime-client-context': '{"custom":{}}',
      'lambda-runtime-cognito-identity': '{"cognitoIdentityId":"i"}',
      'lambda-runtime-trace-id': 'Root=1-2-3',
      'lambda-runtime-aws-tenant-id': 'blue',
      'lambda-runtime-deadline-ms': '2000000000000',
    });
    const next = around(arriving(full, request('b')), gate, send);
    await next();
    await next();
    expect(asked).toEqual([
      {
        id: 'a',
        text: '{"id":"a"}',
        invokedFunctionArn: 'arn:aws:lambda:eu-south-1:123456789012:function:orders',
        deadlineAt: 2_000_000_000_000,
        clientContext: '{"custom":{}}',
        cognitoIdentity: '{"cognitoIdentityId":"i"}',
        traceId: 'Root=1-2-3',
        tenantId: 'blue',
      },
      {
        id: 'b',
        text: '{"id":"b"}',
        invokedFunctionArn: 'arn:aws:lambda:eu-south-1:123456789012:function:orders',
        deadlineAt: 2_000_000_000_000,
      },
    ]);
  });

  it('keeps the proof of a replay for the gate: the handler has the mark alone', async () => {
    const custom = (more: string) => `{"custom":{"a":1.0,"maintenance-window.replay":"r"${more}}}`;
    const sent = custom(',"maintenance-window.proof":"Kq0v4mZp1xS8yWc2TjR6bA"');
    for (const passes of [true, false]) {
      const { gate, asked } = gateThat(() => DISPATCH, passes);
      const requests = ['a', 'b'].map((id) => request(id, { [CLIENT_CONTEXT]: sent }));
      const next = around(arriving(...requests), gate, send);
      for (const { headers, bodyJson } of [await next(), await next()]) {
        expect(headers[CLIENT_CONTEXT]).toBe(custom(''));
        expect({ ...headers, [CLIENT_CONTEXT]: sent }).toEqual(
          requests.find((one) => one.bodyJson === bodyJson)?.headers,
        );
      }
      const known = {
        clientContext: custom(''),
        mark: { dispatch: false, proof: 'Kq0v4mZp1xS8yWc2TjR6bA' },
      };
      expect(asked).toMatchObject(passes ? [] : [known, known]);
    }
  });

  it('hands on the very object with a client context of somebody else’s', async () => {
    for (const context of [
      '{"custom":{}}',
      '{"custom":{"maintenance-window.replay":"r"}}',
      'no JSON: maintenance-window.',
    ]) {
      const first = request('a', { [CLIENT_CONTEXT]: context });
      expect(await around(arriving(first), gateThat(() => DISPATCH, true).gate, send)()).toBe(first);
      expect(await around(arriving(first), gateThat(() => DISPATCH).gate, send)()).toBe(first);
    }
  });

  it('leaves an invocation without its required headers to upstream, which has its own way to fail', async () => {
    const odd: InvocationRequest = { bodyJson: '{}', headers: {} };
    const { gate, asked } = gateThat(() => REPLY);
    expect(await around(arriving(odd), gate, send)()).toBe(odd);
    expect(asked).toEqual([]);
  });

  it('passes on upstream’s own failure', async () => {
    await expect(around(arriving(), gateThat(() => DISPATCH).gate, send)()).rejects.toThrow('no more invocations');
  });
});

describe('the intake, several at once', () => {
  it('polls on while an invocation waits for the gate', async () => {
    let open: (outcome: Outcome) => void = () => {};
    const { gate } = gateThat(({ id }) => (id === 'slow' ? new Promise((resolve) => (open = resolve)) : DISPATCH));
    const never = new Promise<InvocationRequest>(() => {});
    const requests = [request('slow'), request('quick')];
    const next = severalAtOnce(
      () => (requests.length ? Promise.resolve(requests.shift() as never) : never),
      gate,
      send,
    );
    expect((await next()).bodyJson).toBe('{"id":"quick"}');
    const second = next();
    open(DISPATCH);
    expect((await second).bodyJson).toBe('{"id":"slow"}');
  });

  it('hands on what waits for the gate before it fails as upstream’s poll failed', async () => {
    const { gate } = gateThat(() => new Promise((resolve) => setImmediate(() => resolve(DISPATCH))));
    const next = severalAtOnce(arriving(request('a'), request('b')), gate, send);
    expect([(await next()).bodyJson, (await next()).bodyJson]).toEqual(['{"id":"a"}', '{"id":"b"}']);
    await expect(next()).rejects.toThrow('no more invocations');
  });

  it('keeps an invocation that the gate lets go while upstream is not asking', async () => {
    const waiting = new Map<string, (outcome: Outcome) => void>();
    const { gate } = gateThat(({ id }) => (id === 'c' ? DISPATCH : new Promise((resolve) => waiting.set(id, resolve))));
    const never = new Promise<InvocationRequest>(() => {});
    const requests = [request('a'), request('b'), request('c')];
    const next = severalAtOnce(
      () => (requests.length ? Promise.resolve(requests.shift() as never) : never),
      gate,
      send,
    );
    await next();
    waiting.get('b')?.(DISPATCH);
    waiting.get('a')?.(DISPATCH);
    await new Promise((resolve) => setImmediate(resolve));
    expect([(await next()).bodyJson, (await next()).bodyJson]).toEqual(['{"id":"b"}', '{"id":"a"}']);
  });
});
