import { createHash, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Claim, Ending, EventArchive, EventRow } from '../../../core/events/archive.ts';

import { type DeferredEvent, type EventStatus, MOVES } from '../../../core/events/deferred-event.ts';
import { type EventIdentity, FUNCTIONS_GROUP, pendingGroups } from '../../../core/events/table.ts';
import { denseText, sampleEvent } from '../../data/deferred-event.ts';
import { type ArchiveOfOne, archiveOfOne } from '../../fakes/memory/archive-of-one.ts';

/** An archive over a table, and what the tests need around it. */
export interface ArchiveUnderTest {
  /** Another operator's tool over the same table. */
  open(by: string): EventArchive;
  /** Stores an event as an environment does. */
  put(event: DeferredEvent): Promise<void>;
  setStatus(event: EventIdentity, status: EventStatus): Promise<void>;
  /** The item as the table has it: names and plain values. */
  attributes(event: EventIdentity): Promise<Readonly<Record<string, string>> | undefined>;
  /** Writes a text into an item, as a function may into its own. */
  setAttribute(event: EventIdentity, name: string, text: string): Promise<void>;
  /** Moves the clock of every tool. */
  advance(ms: number): void;
  now(): number;
  /** The next write of an event is done, and its answer lost. Absent where that cannot be brought about. */
  loseAnswer?(): void;
  close(): Promise<void>;
}

const MINUTE = 60_000;
const UNFINISHED: readonly EventStatus[] = ['pending', 'replaying', 'failed', 'unknown'];
const ENDINGS: readonly Ending[] = [
  { status: 'replayed', result: '{"ok":true}' },
  { status: 'accepted' },
  { status: 'failed', error: 'Orders.Unknown', result: '{}' },
  { status: 'unknown', error: 'ECONNRESET' },
  { status: 'released', error: 'throttled' },
];

/** What the operator's tool may take for granted of the table. */
export function eventArchiveContract(name: string, start: () => Promise<ArchiveUnderTest>): void {
  describe(`the event archive ${name}`, () => {
    let under: ArchiveUnderTest;
    let alice: ArchiveOfOne;
    let bob: ArchiveOfOne;
    let functionName: string;
    let functions = 0;
    beforeAll(async () => {
      under = await start();
      alice = open('alice@laptop/1');
      bob = open('bob@laptop/2');
    });
    afterAll(() => under.close());
    beforeEach(() => {
      functions += 1;
      functionName = `orders-${functions}`;
    });

    function open(by: string): ArchiveOfOne {
      return archiveOfOne(under.open(by), () => functionName);
    }
    async function store(changes: Partial<DeferredEvent> = {}, text = '{"order":1}'): Promise<DeferredEvent> {
      const event = sampleEvent(text, { functionName, ...changes });
      await under.put(event);
      return event;
    }
    async function claimed(id: string, archive = alice): Promise<Claim> {
      const claim = await archive.claim(id, ['pending', 'failed', 'unknown', 'replaying']);
      if (!claim) throw new Error(`${id} could not be claimed`);
      return claim;
    }
    const statusOf = async (id: string) => (await under.attributes({ functionName, id }))?.['status'] as EventStatus;
    const rows = (query: object = {}) => all(alice.rows({ functionName, statuses: UNFINISHED, ...query }));
    const idsOf = async (query: object = {}) => (await rows(query)).map(({ id }) => id);

    describe('lists', () => {
      it('events oldest first, whatever their groups, page by page', async () => {
        const events = [];
        for (let index = 0; index < 30; index += 1)
          events.push(await store({ deferredAt: 1_000 + ((index * 7) % 30) }));
        const ids = events.sort((a, b) => a.deferredAt - b.deferredAt).map(({ id }) => id);
        expect(await idsOf()).toEqual(ids);
        expect(await idsOf({ pageRows: 2 })).toEqual(ids);
      });

      it('what the index knows of each', async () => {
        const { id, deferredAt, orderKeys: keys = [] } = await store({ source: 'kinesis' }, '{"order":"é"}');
        const row = {
          id,
          functionName,
          qualifier: 'live',
          status: 'pending',
          source: 'kinesis',
          bytes: 14,
          attempts: 0,
        };
        const orderKeys = keys.map(({ key }) => ({ key }));
        expect(await rows()).toEqual([{ ...row, deferredAt, orderKeys }]);
        const { leaseUntilAt } = await claimed(id);
        expect(await rows()).toEqual([
          { ...row, deferredAt, orderKeys, status: 'replaying', attempts: 1, leaseUntilAt },
        ]);
      });

      it('by source, by status, and by time with the end outside', async () => {
        const [first, second, third] = [
          await store({ deferredAt: 10, source: 'sqs' }),
          await store({ deferredAt: 20, source: 'sns' }),
          await store({ deferredAt: 30, source: 'sqs' }),
        ];
        expect(await idsOf({ sources: ['sqs'] })).toEqual([first.id, third.id]);
        expect(await idsOf({ sources: ['sns', 's3'] })).toEqual([second.id]);
        expect(await idsOf({ fromAt: 20 })).toEqual([second.id, third.id]);
        expect(await idsOf({ untilAt: 30 })).toEqual([first.id, second.id]);
        expect(await idsOf({ fromAt: 10, untilAt: 11 })).toEqual([first.id]);
        await under.setStatus(second, 'failed');
        expect(await idsOf({ statuses: ['failed'] })).toEqual([second.id]);
        expect(await alice.count({ functionName, statuses: ['pending'] })).toBe(2);
        expect(await alice.count({ functionName, statuses: UNFINISHED, sources: ['sqs'] })).toBe(2);
      });

      it('what comes behind a place, and not what stands there', async () => {
        const events = [];
        for (let index = 0; index < 10; index += 1) events.push(await store({ deferredAt: 100 + (index >> 1) }));
        const ids = await idsOf();
        const place = `${'0'.repeat(10)}102#${ids[4]}`;
        expect(await idsOf({ after: place })).toEqual(ids.slice(5));
        expect(await idsOf({ after: place, fromAt: 104 })).toEqual(ids.slice(8));
      });

      it('finished events apart from those that wait', async () => {
        const [done, waits] = [await store(), await store()];
        await alice.end(await claimed(done.id), { status: 'replayed', result: '' });
        expect(await idsOf()).toEqual([waits.id]);
        expect(await idsOf({ statuses: ['replayed', 'accepted'] })).toEqual([done.id]);
        expect((await idsOf({ statuses: ['pending', 'replayed'] })).sort()).toEqual([done.id, waits.id].sort());
      });

      it('the functions that ever deferred', async () => {
        await store();
        expect(await alice.functionNames()).toContain(functionName);
      });

      it('a function’s own, and none that another one wrote among them', async () => {
        const [first, last] = [await store({ deferredAt: 1_000 }), await store({ deferredAt: 3_000 })];
        const thief = `${functionName}-thief`;
        for (const [index, id] of [first.id, randomUUID(), 'gone'].entries()) {
          const forged = { ...sampleEvent('{}', { functionName: thief, id }), deferredAt: 2_000 + index };
          await under.put(forged);
          // All that its role keeps it from is a key that begins with another name.
          for (const group of pendingGroups(functionName)) await under.setAttribute(forged, 'gpk', group);
        }
        await under.put({ ...sampleEvent('{}', { functionName: thief }), id: 'a' });
        const carol = open('carol@laptop/3');
        const query = { functionName, statuses: UNFINISHED };
        expect((await all(carol.rows(query))).map(({ id }) => id)).toEqual([first.id, last.id]);
        expect((await all(carol.rows({ ...query, pageRows: 1 }))).map(({ id }) => id)).toEqual([first.id, last.id]);
        expect(await carol.count(query)).toBe(2);
        expect(carol.strays()).toMatchObject({ items: 3, writers: [thief] });
      });

      it('each function once and by its key, however many rows one of them writes among them', async () => {
        await store();
        const thief = `${functionName}-thief`;
        for (let row = 0; row < 30; row += 1) {
          const forged = sampleEvent('{}', { functionName: thief });
          await under.put(forged);
          await under.setAttribute(forged, 'gpk', FUNCTIONS_GROUP);
          await under.setAttribute(forged, 'functionName', `invented-${row}`);
        }
        const carol = open('carol@laptop/3');
        const names = await carol.functionNames();
        expect(names.filter((each) => each.startsWith(functionName))).toEqual([functionName, thief]);
        expect(names.some((each) => each.startsWith('invented'))).toBe(false);
        expect(carol.strays()).toMatchObject({ items: 30, writers: [thief] });
      });
    });

    describe('finds', () => {
      it('an event by its id alone, of whichever function', async () => {
        const event = await store();
        await under.put(sampleEvent('{}', { functionName: `${functionName}-other` }));
        expect(await alice.find(event.id)).toEqual([{ kind: 'event', functionName, id: event.id }]);
        expect(await alice.find(randomUUID())).toEqual([]);
        expect(await alice.find('function')).toEqual([]);
      });

      it('all that have the id, where somebody chose that of another function’s event', async () => {
        const event = await store();
        const thief = `${functionName}-thief`;
        await under.put(sampleEvent('{"forged":true}', { functionName: thief, id: event.id }));
        const found = await alice.find(event.id);
        expect(found.map((each) => each.functionName).sort()).toEqual([functionName, thief].sort());
        const own = await alice.read(event);
        expect(own?.body).toEqual({ kind: 'text', text: event.text });
      });

      it('among more functions than one request can ask about', async () => {
        const event = await store();
        const names = Array.from({ length: 120 }, (_, index) => `${functionName}-${index}`);
        await Promise.all(names.map((name) => under.put(sampleEvent('{}', { functionName: name }))));
        expect((await alice.find(event.id)).map((each) => each.functionName)).toEqual([functionName]);
      });
    });

    describe('reads', () => {
      it.each([0, 20_000, 3_000_000])('a text of %i random bytes as it was sent', async (bytes) => {
        const { id, text } = await store({}, JSON.stringify({ dense: denseText(bytes) }));
        const found = await alice.read(id);
        expect(found?.body.kind === 'text' && hashOf(found.body.text)).toBe(hashOf(text));
        const claim = await claimed(id);
        const body = await claim.body();
        expect(body.kind === 'text' && hashOf(body.text)).toBe(hashOf(text));
      });

      it('everything that was stored with it', async () => {
        const event = await store();
        const { text, ...facts } = event;
        expect(await alice.look(event.id)).toEqual({ ...facts, status: 'pending', attempts: 0, sha256: hashOf(text) });
        expect(await alice.facts(functionName, [event.id, 'nobody'])).toEqual(
          new Map([
            [event.id, expect.objectContaining({ orderKeys: event.orderKeys, windowStartAt: event.windowStartAt })],
          ]),
        );
      });

      it('nothing under an id that is none', async () => {
        expect(await alice.look('nobody')).toBeUndefined();
        expect(await alice.read('function')).toBeUndefined();
        expect(await alice.claim('nobody', UNFINISHED)).toBeUndefined();
        expect(await alice.discard('nobody', '')).toBe(false);
      });
    });

    describe('claims', () => {
      it('an event once, however many want it', async () => {
        const { id } = await store();
        const wanting = [alice, bob, open('c'), alice, bob];
        const claims = await Promise.all(wanting.map((archive) => archive.claim(id, ['pending'])));
        expect(claims.filter(Boolean)).toHaveLength(1);
      });

      it('for what the function may take and a minute', async () => {
        const { id, timeoutMs } = await store({ timeoutMs: 900_000 });
        const { event, leaseUntilAt, leaseBy } = await claimed(id);
        expect(leaseUntilAt).toBe(under.now() + timeoutMs + MINUTE);
        expect(event).toMatchObject({ status: 'pending', attempts: 0 });
        expect(await under.attributes({ functionName, id })).toMatchObject({
          status: 'replaying',
          leaseBy,
          leaseUntil: String(leaseUntilAt),
          attempts: '1',
        });
        expect(leaseBy).toMatch(/^alice@laptop\/1\/\d+$/);
      });

      it.each(['replaying', 'unknown'] as const)('what is %s only once its lease is over', async (status) => {
        const { id, timeoutMs } = await store();
        const first = await claimed(id);
        if (status === 'unknown') await alice.end(first, { status, error: 'ECONNRESET' });
        expect(await bob.claim(id, [status])).toBeUndefined();
        under.advance(timeoutMs + MINUTE);
        expect(await bob.claim(id, [status])).toBeUndefined();
        under.advance(1);
        expect(await bob.claim(id, ['pending', 'failed'])).toBeUndefined();
        expect(await bob.claim(id, [status])).toMatchObject({ event: { status, attempts: 1 } });
      });

      it.each(['replayed', 'accepted', 'discarded', 'taken-back'] as const)('nothing that is %s', async (status) => {
        const { id } = await store();
        await under.setStatus({ functionName, id }, status);
        expect(await alice.claim(id, ['pending', 'failed', 'unknown', 'replaying'])).toBeUndefined();
      });
    });

    describe('ends a claim', () => {
      it.each(ENDINGS)('as $status, and writes down what there is to know', async (ending) => {
        const { id, timeoutMs } = await store();
        const claim = await claimed(id);
        under.advance(5);
        expect(await alice.end(claim, ending)).toBe(true);
        const attributes = await under.attributes({ functionName, id });
        const finished = ending.status === 'replayed' || ending.status === 'accepted';
        const isReleased = ending.status === 'released';
        expect(attributes).toMatchObject(
          isReleased ? { status: 'pending', attempts: '0' } : { status: ending.status, attempts: '1' },
        );
        expect(attributes?.['lastError']).toBe('error' in ending ? ending.error : undefined);
        expect(attributes?.['result']).toBe('result' in ending ? ending.result : undefined);
        expect(attributes?.['gpk']?.startsWith('done#')).toBe(finished);
        const days = (Number(attributes?.['expiresAt']) * 1_000 - under.now()) / 86_400_000;
        if (finished) expect(days).toBeCloseTo(30, 3);
        else expect(attributes?.['expiresAt']).toBeUndefined();
        const lease = ending.status === 'unknown' ? String(under.now() - 5 + timeoutMs + MINUTE) : undefined;
        expect(attributes?.['leaseUntil']).toBe(lease);
        if (!isReleased) {
          expect(attributes).toMatchObject({ doneBy: claim.leaseBy, doneAt: String(under.now()) });
        }
      });

      it('not where somebody else claimed the event meanwhile', async () => {
        const { id } = await store();
        const late = await claimed(id);
        under.advance(10 * MINUTE);
        const { leaseBy } = await claimed(id, bob);
        for (const ending of ENDINGS) expect(await alice.end(late, ending)).toBe(false);
        expect(await under.attributes({ functionName, id })).toMatchObject({ status: 'replaying', leaseBy });
      });

      it('that was released as what it was: what failed stays failed, and tells why', async () => {
        const { id } = await store();
        await alice.end(await claimed(id), { status: 'failed', error: 'Orders.Unknown', result: '{}' });
        const before = await under.attributes({ functionName, id });
        expect(await alice.end(await claimed(id), { status: 'released' })).toBe(true);
        expect(await under.attributes({ functionName, id })).toEqual({ ...before, leaseBy: expect.any(String) });
      });

      it.each(['whose outcome is not known', 'that a tool left which died'])(
        'that was released of an event %s, which stays unknown and can be claimed at once',
        async (which) => {
          const { id } = await store();
          const first = await claimed(id);
          if (which === 'whose outcome is not known')
            await alice.end(first, { status: 'unknown', error: 'ECONNRESET' });
          under.advance(10 * MINUTE);
          const before = await under.attributes({ functionName, id });
          expect(await bob.end(await claimed(id, bob), { status: 'released' })).toBe(true);
          const { attempts, lastError } = before ?? {};
          expect(await under.attributes({ functionName, id })).toMatchObject({
            status: 'unknown',
            attempts,
            ...(lastError && { lastError }),
          });
          expect((await claimed(id)).event.status).toBe('unknown');
        },
      );

      it('and forgets the error of an earlier attempt', async () => {
        const { id } = await store();
        await alice.end(await claimed(id), { status: 'failed', error: 'Orders.Unknown', result: '{}' });
        await alice.end(await claimed(id), { status: 'replayed', result: 'null' });
        const attributes = await under.attributes({ functionName, id });
        expect(attributes).toMatchObject({ result: 'null', attempts: '2' });
        expect(attributes?.['lastError']).toBeUndefined();
      });
    });

    it('knows its own claim and its own ending although the answers were lost', async ({ skip }) => {
      if (!under.loseAnswer) return skip('no answer can be lost there');
      const { id } = await store();
      under.loseAnswer();
      const claim = await claimed(id);
      expect(claim.event).toMatchObject({ status: 'pending', attempts: 0 });
      expect((await claim.body()).kind).toBe('text');
      for (const ending of ENDINGS) {
        const again = ending === ENDINGS[0] ? claim : await claimed((await store()).id);
        under.loseAnswer();
        expect([ending.status, await alice.end(again, ending)]).toEqual([ending.status, true]);
      }
      const discarded = await store();
      under.loseAnswer();
      expect(await alice.discard(discarded.id, 'not wanted')).toBe(true);
    });

    describe('stores what stays of a batch', () => {
      it('as an event of its own, at the same place, that failed', async () => {
        const parent = await store();
        const claim = await claimed(parent.id);
        const rest = {
          id: `${parent.id}.1`,
          text: '{"Records":[2]}',
          orderKeys: [{ key: 'orders.fifo#customer-9', sequence: '7' }],
          error: '1 of 2',
        };
        await alice.putRest(claim, rest);
        const { text: _, bytes: __, ...facts } = parent;
        expect(await alice.look(rest.id)).toEqual({
          ...facts,
          id: rest.id,
          orderKeys: [{ key: 'orders.fifo#customer-9', sequence: '7' }],
          bytes: 15,
          sha256: hashOf(rest.text),
          status: 'failed',
          attempts: 0,
          lastError: '1 of 2',
          doneBy: claim.leaseBy,
          doneAt: under.now(),
        });
        const found = await alice.read(rest.id);
        expect(found?.body).toEqual({ kind: 'text', text: rest.text });
        expect(await idsOf({ statuses: ['failed'] })).toEqual([rest.id]);
      });

      it('once, also when it is large, and keeps what is there', async () => {
        const parent = await store();
        const claim = await claimed(parent.id);
        const rest = { id: `${parent.id}.1`, error: '' };
        const text = JSON.stringify(denseText(1_000_000));
        await alice.putRest(claim, { ...rest, text });
        await alice.putRest(claim, { ...rest, text: 'another one' });
        const found = await bob.read(rest.id);
        expect(found?.body.kind === 'text' && hashOf(found.body.text)).toBe(hashOf(text));
      });
    });

    describe('discards', () => {
      it.each(['pending', 'failed', 'unknown'] as const)('what is %s, and says who did it and why', async (status) => {
        const { id } = await store();
        await under.setStatus({ functionName, id }, status);
        expect(await alice.discard(id, 'a duplicate')).toBe(true);
        expect(await under.attributes({ functionName, id })).toMatchObject({
          status: 'discarded',
          doneBy: 'alice@laptop/1',
          result: 'a duplicate',
          gpk: expect.stringMatching(/^done#/),
          expiresAt: expect.stringMatching(/^\d+$/),
        });
      });

      it('what is being replayed only once the lease is over', async () => {
        const { id } = await store();
        await claimed(id);
        expect(await bob.discard(id, '')).toBe(false);
        under.advance(10 * MINUTE);
        expect(await bob.discard(id, '')).toBe(true);
        expect(await under.attributes({ functionName, id })).toMatchObject({ status: 'discarded' });
      });

      it.each(['replayed', 'accepted', 'taken-back'] as const)('nothing that is %s', async (status) => {
        const { id } = await store();
        await under.setStatus({ functionName, id }, status);
        expect(await alice.discard(id, '')).toBe(false);
        expect(await under.attributes({ functionName, id })).toMatchObject({ status });
      });
    });

    it('keeps to the moves, and to one holder at a time, whatever three tools do in whatever order', async () => {
      const step = fc.record({
        who: fc.nat(2),
        what: fc.oneof(
          fc.constantFrom<EventStatus[]>(['pending'], ['failed'], ['unknown', 'replaying'], [...UNFINISHED]),
          fc.constantFrom(...ENDINGS),
          fc.constantFrom('discard' as const),
          fc.constantFrom(1, MINUTE / 2, 2 * MINUTE),
        ),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
          const { id } = await store();
          const tools = [alice, bob, open('carol/3')];
          const held = new Map<number, Claim>();
          let before = await statusOf(id);
          for (const { who, what } of steps) {
            const archive = tools[who] ?? alice;
            if (typeof what === 'number') under.advance(what);
            else if (what === 'discard') await archive.discard(id, '');
            else if (Array.isArray(what)) await claimAlone(archive, what, who);
            else await endOwn(archive, who, what);
            const after = await statusOf(id);
            // A discard of what a dead tool left behind goes by way of `unknown`.
            const from = what === 'discard' && before === 'replaying' ? 'unknown' : before;
            if (after !== before) expect([from, after, MOVES[from].includes(after)]).toEqual([from, after, true]);
            before = after;
          }

          async function claimAlone(archive: ArchiveOfOne, from: readonly EventStatus[], who: number): Promise<void> {
            const claim = await archive.claim(id, from);
            if (!claim) return;
            const others = [...held.values()].filter(({ leaseUntilAt }) => leaseUntilAt >= under.now());
            expect(others).toEqual([]);
            held.set(who, claim);
          }

          async function endOwn(archive: ArchiveOfOne, who: number, ending: Ending): Promise<void> {
            const mine = held.get(who);
            if (mine) await archive.end(mine, ending);
            held.delete(who);
          }
        }),
        { numRuns: 25 },
      );
    });
  });
}

async function all(rows: AsyncIterable<EventRow>): Promise<EventRow[]> {
  const found = [];
  for await (const row of rows) found.push(row);
  return found;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
