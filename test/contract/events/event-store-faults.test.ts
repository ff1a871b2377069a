import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventKey } from '../../../core/events/table.ts';
import type { EventStore } from '../../../core/gate/ports.ts';
import { type LocalDynamoDb, startDynamoDb } from '../../../local/aws/dynamodb.ts';
import { denseText, sampleEvent } from '../../data/deferred-event.ts';
import { type Behaviour, type DynamoDbProxy, inOrder, startDynamoDbProxy } from '../../fakes/dynamodb-proxy.ts';
import { pause } from '../../fakes/scripted-service.ts';
import { HANG_LIMIT_MS } from '../../worlds/hang-limit.ts';
import { useTurnClock } from '../../worlds/turn-clock.ts';
import { createTable, FUNCTION, PLACES, type Table } from './event-store-table.ts';

const FUNCTION_ITEM = `${FUNCTION}#function`;
/** Time enough for anything that does not hang. */
const AMPLE_MS = 20_000;
/** The gate keeps this much of an invocation's time for telling that storing failed. */
const MARGIN_MS = 300;
const THROTTLED: Behaviour = { kind: 'fail', code: 'ThrottlingException' };

useTurnClock();
let database: LocalDynamoDb;
let table: Table;
let proxy: DynamoDbProxy;
let store: EventStore;

describe.each(PLACES)('a store: %s', (place) => {
  beforeAll(async () => {
    database = await startDynamoDb();
    table = await createTable(database.url, place);
    proxy = await startDynamoDbProxy(database.url);
    store = table.open({ endpoint: proxy.url });
    await store.put(sampleEvent('{}'), within(AMPLE_MS));
  });
  afterEach(() => proxy.behave(() => undefined));
  afterAll(async () => {
    await table.drop();
    await proxy.close();
    await database.close();
  });

  describe('that Lambda may send an event again', () => {
    const sixHoursOn = () => Date.now() + 6 * 3_600_000;
    const writes = (from: number) =>
      proxy.requests.slice(from).map(({ operation, pk }) => (pk === FUNCTION_ITEM ? operation : 'the event'));

    it('is in the table before the event is, and stops it where it cannot be written', async () => {
      const fresh = table.open({ endpoint: proxy.url });
      const event = sampleEvent('{}');
      proxy.behave(({ pk }) => (pk === FUNCTION_ITEM ? { kind: 'fail', code: 'AccessDeniedException' } : undefined));
      await expect(fresh.put(event, within(AMPLE_MS), sixHoursOn())).rejects.toThrow('is not stored');
      expect(await table.look(event.id)).toBeUndefined();

      const held: (() => void)[] = [];
      proxy.behave(({ pk }) =>
        pk === FUNCTION_ITEM ? new Promise((resolve) => held.push(() => resolve(undefined))) : undefined,
      );
      const from = proxy.requests.length;
      const stored = fresh.put(event, within(AMPLE_MS), sixHoursOn());
      while (held.length === 0) await pause(5);
      await pause(50);
      expect(writes(from)).toEqual(['UpdateItem']);
      for (const release of held) release();
      expect(await stored).toBe('stored');
      expect(writes(from)).toEqual(['UpdateItem', 'the event']);
    });

    it('is written for a quarter of an hour in advance, not with each event', async () => {
      const fresh = table.open({ endpoint: proxy.url });
      const from = proxy.requests.length;
      const base = sixHoursOn();
      for (let minute = 0; minute <= 15; minute += 1) {
        await fresh.put(sampleEvent('{}'), within(AMPLE_MS), base + minute * 60_000);
      }
      expect(writes(from).filter((write) => write === 'UpdateItem')).toHaveLength(1);
      await fresh.put(sampleEvent('{}'), within(AMPLE_MS), base + 16 * 60_000);
      expect(writes(from).filter((write) => write === 'UpdateItem')).toHaveLength(2);
    });

    it('is not known where the table does not say', async () => {
      proxy.behave(() => ({ kind: 'hang', when: 'before' }));
      await expect(store.retriesUntil(within(300))).rejects.toThrow('whether Lambda may try stored events again');
    });
  });

  describe('a table that does not let an event in', () => {
    it.each([
      ['ResourceNotFoundException', 'does not exist in this account and region', 'MAINTENANCE_WINDOW_TABLE'],
      ['AccessDeniedException', 'may not be used', 'dynamodb:PutItem, dynamodb:GetItem and dynamodb:UpdateItem'],
      ['UnrecognizedClientException', "does not accept the request's signature", 'AWS_SESSION_TOKEN'],
      ['InvalidSignatureException', "does not accept the request's signature", 'the clock is right'],
      ['ValidationException', 'refused the request', 'compare its key and its index'],
    ])('fails at once with %s, and says what to do', async (code, what, remedy) => {
      const event = sampleEvent('{}');
      proxy.behave(() => ({ kind: 'fail', code }));
      const message = await failureOf(store.put(event, within(AMPLE_MS)));
      expect(message).toContain(`the table ${table.name} ${what} (${code}`);
      expect(message).toContain(remedy);
      // What an earlier test gave up may arrive only now: it is of another item.
      expect(requestsOf(event.id)).toHaveLength(1);
    });

    it('fails at once where there is no such table', async () => {
      const event = sampleEvent('{}');
      const message = await failureOf(table.open({ table: 'no-such-table' }).put(event, within(AMPLE_MS)));
      expect(message).toContain(`the event ${event.id} is not stored: the table no-such-table does not exist`);
    });

    it('says in the service’s own words who may not do what', async () => {
      const words =
        'User: arn:aws:sts::123456789012:assumed-role/orders is not authorized to perform: dynamodb:PutItem';
      proxy.behave(() => ({ kind: 'fail', code: 'AccessDeniedException', message: words }));
      expect(await failureOf(store.put(sampleEvent('{}'), within(AMPLE_MS)))).toContain(words);
    });
  });

  describe('a table in trouble', () => {
    it.each([
      ['throttled', THROTTLED],
      ['throttled by its provisioned capacity', { kind: 'fail', code: 'ProvisionedThroughputExceededException' }],
      ['answered with 500', { kind: 'fail', code: 'InternalServerError' }],
      ['answered with 503', { kind: 'fail', code: 'ServiceUnavailable' }],
      ['cut off before it is done', { kind: 'cut', when: 'before' }],
      ['cut off after it is done', { kind: 'cut', when: 'after' }],
      ['cut off in the middle of the answer', { kind: 'cut', when: 'during' }],
    ] as const)('stores an event whose every request is %s three times', async (_, trouble) => {
      const event = sampleEvent(denseText(900_000));
      const tries = new Map<string, number>();
      proxy.behave(({ operation, pk }) => {
        const tried = (tries.get(operation + pk) ?? 0) + 1;
        tries.set(operation + pk, tried);
        return tried <= 3 ? trouble : undefined;
      });
      // A store of its own has the function's item to write as well.
      expect(await table.open({ endpoint: proxy.url }).put(event, within(AMPLE_MS))).toBe('stored');
      expect(await table.look(event.id)).toMatchObject({ status: 'pending' });
      expect(await eventItemsOf(event.id)).toBe(1);
    });

    it('tries until the deadline, fails before the gate has to answer, and tries nothing afterwards', async () => {
      proxy.behave(() => THROTTLED);
      const event = sampleEvent('{}');
      const deadlineAt = within(1_500);
      const message = await failureOf(settledBefore(deadlineAt + MARGIN_MS, store.put(event, deadlineAt)));
      expect(message).toContain(`the table ${table.name} throttled every attempt (ThrottlingException`);
      expect(message).toContain('raise its capacity');
      const tried = proxy.requests.filter(({ pk }) => pk === eventKey(event));
      expect(tried.length).toBeGreaterThan(3);
      await expectSilence();
      expect(await table.look(event.id)).toBeUndefined();
    });

    it('tells of 5xx that do not end', async () => {
      proxy.behave(() => ({ kind: 'fail', code: 'InternalServerError' }));
      const message = await failureOf(store.put(sampleEvent('{}'), within(800)));
      expect(message).toContain(`the table ${table.name} failed at every attempt (500 InternalServerError)`);
    });

    it('tells of an address where nobody listens', async () => {
      const gone = await startDynamoDbProxy(database.url);
      await gone.close();
      const message = await failureOf(table.open({ endpoint: gone.url }).put(sampleEvent('{}'), within(800)));
      expect(message).toContain(`the table ${table.name} could not be reached (ECONNREFUSED)`);
      expect(message).toContain('gateway endpoint');
    });
  });

  describe('a table that does not answer', () => {
    it('does not let one connection that hangs eat the time of the next', async () => {
      const event = sampleEvent('{}');
      proxy.behave(inOrder({ kind: 'hang', when: 'before' }, { kind: 'hang', when: 'before' }));
      expect(await store.put(event, within(4_000))).toBe('stored');
      const ports = proxy.requests.filter(({ pk }) => pk === eventKey(event)).map(({ port }) => port);
      expect(new Set(ports).size).toBe(3);
    });

    it('fails in time when every connection hangs, and says where to look', async () => {
      proxy.behave(() => ({ kind: 'hang', when: 'before' }));
      const event = sampleEvent(denseText(1_000_000));
      const deadlineAt = within(1_200);
      const message = await failureOf(settledBefore(deadlineAt + MARGIN_MS, store.put(event, deadlineAt)));
      expect(message).toContain(`the event ${event.id} is not stored: the table ${table.name} could not be reached`);
      expect(message).toContain('gateway endpoint');
      await expectSilence();
    });

    it('has a bounded number of parts on their way', async () => {
      proxy.behave(() => ({ kind: 'hang', when: 'before' }));
      const event = sampleEvent(denseText(6_000_000));
      await failureOf(store.put(event, within(5_000)));
      const begun = new Set(proxy.requests.map(({ pk }) => pk).filter((pk) => pk.startsWith(eventKey(event))));
      expect(begun.size).toBe(4);
    });

    it('is believed when its answer is there, though a busy event loop reads it only after the deadline', async () => {
      const slow = await startServerOfItsOwn();
      const own = table.open({ endpoint: slow.url });
      await own.put(sampleEvent('{}'), within(AMPLE_MS));
      const before = slow.requests();
      const putting = own.put(sampleEvent('{}'), within(AMPLE_MS));
      while (slow.requests() === before) await pause(1);
      // Nothing is read from here on, and the timers come before the sockets, as after a freeze.
      slow.waitForAnswer();
      vi.advanceTimersByTime(AMPLE_MS + MARGIN_MS);
      expect(await putting).toBe('stored');
      expect(slow.requests()).toBe(before + 1);
      await slow.close();
    });
  });

  describe('an answer that is lost', () => {
    it.each([
      ['cut off', { kind: 'cut', when: 'after' }],
      ['cut off in the middle', { kind: 'cut', when: 'during' }],
      ['never sent', { kind: 'hang', when: 'after' }],
    ] as const)('to the put of the event (%s) does not make it somebody else’s', async (_, trouble) => {
      const event = sampleEvent('{}');
      proxy.behave(inOrder(trouble, trouble));
      expect(await store.put(event, within(6_000))).toBe('stored');
      expect(
        proxy.requests.filter(({ operation, pk }) => operation === 'PutItem' && pk === eventKey(event)),
      ).toHaveLength(3);
      expect(await eventItemsOf(event.id)).toBe(1);
    });

    it('to the put, and a process that is killed: Lambda’s retry finds the event', async () => {
      const event = sampleEvent(denseText(800_000));
      proxy.behave(({ operation, pk }) =>
        operation === 'PutItem' && pk === eventKey(event) ? { kind: 'hang', when: 'after' } : undefined,
      );
      await failureOf(store.put(event, within(2_500)));
      proxy.behave(() => undefined);
      expect(await table.open({ endpoint: proxy.url }).put(event, within(AMPLE_MS))).toBe('already-stored');
      expect(await eventItemsOf(event.id)).toBe(1);
    });

    it('to the move to taken-back does not look like somebody else’s doing', async () => {
      const event = sampleEvent('{}');
      await store.put(event, within(AMPLE_MS));
      for (const when of ['after', 'during'] as const) {
        await table.setStatus(event.id, 'pending');
        let lost = 0;
        proxy.behave(({ operation }) => (operation === 'UpdateItem' && lost++ < 2 ? { kind: 'cut', when } : undefined));
        expect(await store.takeBack(event.id, within(AMPLE_MS))).toBe('taken-back');
        expect(lost).toBeGreaterThanOrEqual(2);
        expect((await table.look(event.id))?.status).toBe('taken-back');
      }
    });

    it('to the move back to pending leaves the event pending', async () => {
      const event = sampleEvent('{}');
      await store.put(event, within(AMPLE_MS));
      await store.takeBack(event.id, within(AMPLE_MS));
      let lost = 0;
      proxy.behave(({ operation }) =>
        operation === 'UpdateItem' && lost++ < 2 ? { kind: 'cut', when: 'after' } : undefined,
      );
      expect(await store.put(event, within(AMPLE_MS))).toBe('already-stored');
      expect((await table.look(event.id))?.status).toBe('pending');
    });
  });

  describe('a condition that fails', () => {
    it('is settled by the item that comes with it, where the service sends one', async () => {
      const event = sampleEvent('{}');
      const item = { pk: { S: eventKey(event) }, status: { S: 'replaying' }, writeId: { S: randomUUID() } };
      proxy.behave(() => ({ kind: 'fail', code: 'ConditionalCheckFailedException', item }));
      expect(await store.put(event, within(AMPLE_MS))).toBe('already-stored');
      const asked = requestsOf(event.id);
      expect(asked.map(({ operation }) => operation)).toEqual(['PutItem']);
      expect(asked[0]?.input).toMatchObject({ ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
    });

    it('is settled by a consistent read where it sends none', async () => {
      const event = sampleEvent('{}');
      await store.put(event, within(AMPLE_MS));
      const before = requestsOf(event.id).length;
      expect(await store.put(event, within(AMPLE_MS))).toBe('already-stored');
      const asked = requestsOf(event.id).slice(before);
      expect(asked.map(({ operation }) => operation)).toEqual(['PutItem', 'GetItem']);
      expect(asked[1]?.input).toMatchObject({ ConsistentRead: true });
    });

    it('puts once more what has gone meanwhile', async () => {
      const event = sampleEvent('{}');
      proxy.behave(inOrder({ kind: 'fail', code: 'ConditionalCheckFailedException' }));
      expect(await store.put(event, within(AMPLE_MS))).toBe('stored');
      expect(await eventItemsOf(event.id)).toBe(1);
    });

    it('on the way to taken-back is looked into: a replay was quicker', async () => {
      const event = sampleEvent('{}');
      await store.put(event, within(AMPLE_MS));
      proxy.behave(async ({ operation }) => {
        if (operation === 'UpdateItem') await table.setStatus(event.id, 'replaying');
        return undefined;
      });
      expect(await store.takeBack(event.id, within(AMPLE_MS))).toBe('done');
      expect((await table.look(event.id))?.status).toBe('replaying');
    });

    it('on the way back to pending is looked into: another try of Lambda’s was quicker', async () => {
      const event = sampleEvent('{}');
      await store.put(event, within(AMPLE_MS));
      await store.takeBack(event.id, within(AMPLE_MS));
      let moved = false;
      proxy.behave(async ({ operation }) => {
        if (operation === 'UpdateItem' && !moved) await table.setStatus(event.id, 'pending');
        moved ||= operation === 'UpdateItem';
        return undefined;
      });
      expect(await store.put(event, within(AMPLE_MS))).toBe('already-stored');
      expect((await table.look(event.id))?.status).toBe('pending');
    });
  });

  describe('what is written, and in which order', () => {
    it('is first the function and the parts, and last the event', async () => {
      const event = sampleEvent(denseText(2_000_000));
      const before = proxy.requests.length;
      await table.open({ endpoint: proxy.url }).put(event, within(AMPLE_MS));
      const keys = proxy.requests.slice(before).map(({ pk }) => pk);
      expect(keys.at(-1)).toBe(eventKey(event));
      expect(keys.filter((pk) => pk.startsWith(`${eventKey(event)}#`))).toHaveLength(4);
      expect(keys.filter((pk) => pk === FUNCTION_ITEM)).toHaveLength(1);
    });

    it('is the function only once in an environment', async () => {
      const own = table.open({ endpoint: proxy.url });
      const before = proxy.requests.length;
      for (let n = 0; n < 3; n++) await own.put(sampleEvent('{}'), within(AMPLE_MS));
      const keys = proxy.requests.slice(before).map(({ pk }) => pk);
      expect(keys.filter((pk) => pk === FUNCTION_ITEM)).toHaveLength(1);
    });

    it.each(['the function', 'a part'])('is no event where %s is refused', async (which) => {
      const event = sampleEvent(denseText(2_000_000));
      const own = table.open({ endpoint: proxy.url });
      proxy.behave(({ pk }) =>
        (which === 'the function' ? pk === FUNCTION_ITEM : pk.endsWith('#0002'))
          ? { kind: 'fail', code: 'AccessDeniedException' }
          : undefined,
      );
      await failureOf(own.put(event, within(AMPLE_MS)));
      expect(await table.eventItem(event.id)).toBeUndefined();
      proxy.behave(() => undefined);
      expect(await own.put(event, within(AMPLE_MS))).toBe('stored');
      expect(await table.look(event.id)).toMatchObject({ status: 'pending' });
    });
  });

  describe('connections', () => {
    it('are kept between events', async () => {
      const own = table.open({ endpoint: proxy.url });
      await own.load();
      const before = proxy.requests.length;
      for (let n = 0; n < 5; n++) await own.put(sampleEvent('{}'), within(AMPLE_MS));
      expect(new Set(proxy.requests.slice(before - 1).map(({ port }) => port)).size).toBe(1);
    });

    it('that were closed meanwhile cost no event', async () => {
      for (let n = 0; n < 10; n++) {
        const event = sampleEvent('{}');
        proxy.closeIdleConnections();
        expect(await store.put(event, within(AMPLE_MS))).toBe('stored');
        proxy.behave(inOrder({ kind: 'cut', when: 'before' }));
        expect(await store.put(sampleEvent('{}'), within(AMPLE_MS))).toBe('stored');
      }
    });

    it('are not trusted after a long sleep by the clock on the wall', async () => {
      let sleptMs = 0;
      const own = table.open({
        endpoint: proxy.url,
        clock: { now: () => Date.now() + sleptMs, random: Math.random },
      });
      const put = async () => {
        await own.put(sampleEvent('{}'), within(AMPLE_MS) + sleptMs);
        return proxy.requests.at(-1)?.port;
      };
      const first = await put();
      sleptMs += 30_000;
      expect(await put()).toBe(first);
      sleptMs += 61_000;
      expect(await put()).not.toBe(first);
    });
  });

  describe('takeBack', () => {
    it('rejects in time where the table does not answer, and says why', async () => {
      proxy.behave(() => ({ kind: 'hang', when: 'before' }));
      const deadlineAt = within(600);
      const message = await failureOf(settledBefore(deadlineAt + MARGIN_MS, store.takeBack('some-id', deadlineAt)));
      expect(message).toContain(
        `whether the event some-id is stored is not known: the table ${table.name} could not be reached`,
      );
      await expectSilence();
    });

    it('moves an event where the index shows it as finished, lets it expire, and takes both back', async () => {
      const event = sampleEvent('{}');
      await store.put(event, within(AMPLE_MS));
      const pending = await table.eventItem(event.id);
      await store.takeBack(event.id, within(AMPLE_MS));
      const taken = await table.eventItem(event.id);
      expect(taken?.['gpk']?.S).toBe(`done#${pending?.['gpk']?.S}`);
      expect(taken?.['doneBy']?.S).toBe('lambda');
      const keptSeconds = Number(taken?.['expiresAt']?.N) - Number(taken?.['doneAt']?.N) / 1_000;
      expect(Math.round(keptSeconds / 86_400)).toBe(30);
      await store.put(event, within(AMPLE_MS));
      expect(await table.eventItem(event.id)).toEqual(pending);
    });
  });

  describe('load', () => {
    it('never rejects, and does not hang, whatever the table does', async () => {
      for (const trouble of [THROTTLED, { kind: 'hang', when: 'before' }, { kind: 'cut', when: 'before' }] as const) {
        proxy.behave(() => trouble);
        await settledBefore(within(2_000), table.open({ endpoint: proxy.url }).load());
      }
    });
  });
});

function within(ms: number): number {
  return Date.now() + ms;
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  const fault = await work.then(
    (value) => new Error(`it succeeded: ${value}`),
    (error: unknown) => error,
  );
  expect(fault).toMatchObject({ name: 'MaintenanceWindow.DeferralFailed' });
  return (fault as Error).message;
}

/** Settles as the work does, unless a timer on the same event loop is quicker. A loop that lags holds up both. */
function settledBefore<T>(at: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error('it was not settled in time'));
    const timer = setTimeout(() => setImmediate(setImmediate, late), at - Date.now());
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Requests for the item of one event of the function. */
function requestsOf(id: string): DynamoDbProxy['requests'] {
  return proxy.requests.filter(({ pk }) => pk === eventKey({ functionName: FUNCTION, id }));
}

/** No request comes any more, for longer than the longest pause between two attempts. */
async function expectSilence(): Promise<void> {
  // What was on the wire already may still arrive.
  await pause(200);
  const before = proxy.requests.length;
  await pause(2_200);
  expect(proxy.requests.length).toBe(before);
}

/** A server in a thread of its own, because it answers while this one is busy: after 50 ms, yes to everything. */
async function startServerOfItsOwn() {
  const counts = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(
    `const { createServer } = require('node:http');
     const { parentPort, workerData } = require('node:worker_threads');
     const server = createServer((request, response) => {
       request.resume().on('end', () => {
         Atomics.add(workerData, 0, 1);
         setTimeout(() => response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}', () => {
           Atomics.add(workerData, 1, 1);
           Atomics.notify(workerData, 1);
         }), 50);
       });
     });
     server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
    { eval: true, workerData: counts },
  );
  const [port] = await once(worker, 'message');
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => Atomics.load(counts, 0),
    /** Stops this thread until the latest request is answered. */
    waitForAnswer() {
      const [requests = 0, answers = 0] = counts;
      if (answers < requests) Atomics.wait(counts, 1, answers, HANG_LIMIT_MS);
    },
    close: () => worker.terminate(),
  };
}

async function eventItemsOf(id: string): Promise<number> {
  const items = await table.items();
  return items.filter((item) => item['status'] && item['pk']?.S?.split('#')[1] === id).length;
}
