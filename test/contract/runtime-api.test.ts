import { request as sendRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type RuntimeApiOptions, startRuntimeApi } from '../fakes/runtime-api.ts';

/** Starts the API, and a client of three verbs for it. */
async function started(options: RuntimeApiOptions) {
  const api = await startRuntimeApi(options);
  const runtime = `http://${api.address}/2018-06-01/runtime`;
  return {
    api,
    next: (signal?: AbortSignal) => fetch(`${runtime}/invocation/next`, signal && { signal }),
    respond: (id: string, body = '') => fetch(`${runtime}/invocation/${id}/response`, { method: 'POST', body }),
    fail: (id: string) => fetch(`${runtime}/invocation/${id}/error`, { method: 'POST', body: '{}' }),
    [Symbol.asyncDispose]: api.close,
  };
}

describe('the recording Runtime API', () => {
  it('hands invocations over in order, with what Lambda sends, and then answers 410', async () => {
    await using client = await started({
      invocations: [{ id: 'one', text: '{"n":1}', deadlineAt: 5, tenantId: 'tenant', clientContext: '{"a":"ö"}' }, {}],
    });
    const one = await client.next();
    expect([one.status, await one.text()]).toEqual([200, '{"n":1}']);
    expect(Object.fromEntries(one.headers)).toMatchObject({
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': 'one',
      'lambda-runtime-deadline-ms': '5',
      'lambda-runtime-aws-tenant-id': 'tenant',
      'lambda-runtime-client-context': Buffer.from('{"a":"ö"}').toString('latin1'),
    });
    const two = await client.next();
    expect([two.headers.get('lambda-runtime-aws-request-id'), await two.text()]).toEqual([
      '00000000-0000-4000-8000-000000000002',
      '{}',
    ]);
    const none = await client.next();
    expect([none.status, none.headers.get('content-type')]).toEqual([410, 'application/json']);
  });

  it('records every request as it came', async () => {
    await using client = await started({});
    await client.respond('a%2Fb', 'first');
    await client.fail('second');
    await fetch(`http://${client.api.address}/elsewhere`);
    expect(client.api.requests.map(({ kind, id, method, body }) => [kind, id, method, `${body}`])).toEqual([
      ['response', 'a/b', 'POST', 'first'],
      ['error', 'second', 'POST', '{}'],
      ['unknown', undefined, 'GET', ''],
    ]);
    expect([client.api.count('response'), client.api.count('answer')]).toEqual([1, 2]);
  });

  it('records the chunks and trailers of a stream, and tells one that is broken off', async () => {
    await using client = await started({});
    const whole = stream(client.api.address);
    whole.write('one');
    await new Promise((resolve) => setTimeout(resolve, 20));
    whole.addTrailers({ 'Lambda-Runtime-Function-Error-Type': 'E' });
    whole.end('two');
    await client.api.seen('response', 1);
    const broken = stream(client.api.address);
    broken.write('three', () => setTimeout(() => broken.destroy(), 20));
    await client.api.seen('response', 2);
    expect(
      client.api.requests.map(({ pieces, rawTrailers, complete }) => [pieces.map(String), rawTrailers, complete]),
    ).toEqual([
      [['one', 'two'], ['Lambda-Runtime-Function-Error-Type', 'E'], true],
      [['three'], [], false],
    ]);
  });

  it('lets the test decide when an invocation arrives and when a response is taken', async () => {
    const arrives = Promise.withResolvers<void>();
    const taken = Promise.withResolvers<void>();
    const steps: string[] = [];
    await using client = await started({
      invocations: (async function* () {
        await arrives.promise;
        yield { text: '"now"' };
      })(),
      answer: async ({ kind }) => {
        if (kind !== 'response') return undefined;
        await taken.promise;
        return { status: 413 };
      },
    });
    const polled = client.next().then(async (response) => steps.push(await response.text()));
    await client.api.seen('next');
    expect(steps).toEqual([]);
    arrives.resolve();
    await polled;
    const responded = client.respond('id').then(({ status }) => steps.push(`${status}`));
    await client.api.seen('response');
    expect(steps).toEqual(['"now"']);
    taken.resolve();
    await responded;
    expect(steps).toEqual(['"now"', '413']);
  });

  it('gives an invocation whose poll went away to the next poll', async () => {
    const arrives = Promise.withResolvers<void>();
    await using client = await started({
      invocations: (async function* () {
        await arrives.promise;
        yield { text: '"kept"' };
      })(),
    });
    const gone = new AbortController();
    const lost = client.next(gone.signal).catch(() => 'gone');
    await client.api.seen('next');
    gone.abort();
    await lost;
    await client.api.requests[0]?.over; // until the server has noticed
    arrives.resolve();
    expect(await (await client.next()).text()).toBe('"kept"');
  });

  it('serves several polls at once, and holds those that are too many when it is told to', async () => {
    await using client = await started({ invocations: [{ text: '1' }, { text: '2' }], afterwards: 'hold' });
    const texts: string[] = [];
    const polls = Array.from({ length: 3 }, () =>
      client.next().then(
        async (response) => texts.push(await response.text()),
        () => texts.push('cut'),
      ),
    );
    await client.api.seen('next', 3);
    await expect.poll(() => texts.toSorted()).toEqual(['1', '2']);
    await client.api.close();
    await Promise.all(polls);
    expect(texts.toSorted()).toEqual(['1', '2', 'cut']);
  });

  it('keeps nothing but counts when it is told to', async () => {
    await using client = await started({
      record: 'counts',
      invocations: (function* () {
        for (let i = 0; i < 100; i++) yield { text: `${i}` };
      })(),
    });
    let last = '';
    for (let i = 0; i < 100; i++) last = await (await client.next()).text();
    expect([last, client.api.count('next'), client.api.requests.length]).toEqual(['99', 100, 0]);
  });

  it('can cut a connection', async () => {
    await using client = await started({ answer: () => 'reset' });
    await expect(client.respond('id')).rejects.toThrow();
    expect(client.api.count('response')).toBe(1);
  });
});

function stream(address: string) {
  const request = sendRequest(`http://${address}/2018-06-01/runtime/invocation/id/response`, { method: 'POST' });
  request.setHeader('Trailer', 'Lambda-Runtime-Function-Error-Type');
  return request.on('error', () => undefined);
}
