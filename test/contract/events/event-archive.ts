import { createHash, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Claim, Ending, EventArchive, EventRow } from '../../../core/events/archive.ts';

import { type DeferredEvent, type EventStatus, MOVES } from '../../../core/events/deferred-event.ts';
import { type EventIdentity, FUNCTIONS_GROUP, pendingGroups } from '../../../core/events/table.ts';
import { readClientVersion } from '../../../operator/events/client-version.ts';
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

      it('the same events group by group, each in order', async () => {
        for (let index = 0; index < 30; index += 1) await store({ deferredAt: 1_000 + ((index * 7) % 30) });
        const groups = await Promise.all(alice.groups({ functionName, statuses: UNFINISHED }).map(all));
        for (const group of groups) expect(group).toEqual(group.toSorted((a, b) => a.deferredAt - b.deferredAt));
        const places = (found: readonly EventRow[]) => found.toSorted((a, b) => a.deferredAt - b.deferredAt);
        expect(places(groups.flat())).toEqual(await rows());
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

    describe('counts what waits', () => {
      const waiting = async () => {
        const counts: Record<string, number> = {};
        let oldestAt = Number.POSITIVE_INFINITY;
        await alice.countWaiting(functionName, (piece) => {
          if ('oldestAt' in piece) oldestAt = Math.min(oldestAt, piece.oldestAt);
          else counts[piece.status] = (counts[piece.status] ?? 0) + piece.events;
        });
        return { counts, oldestAt };
      };

      it('by status, with the oldest, and nothing that is finished', async () => {
        expect(await waiting()).toEqual({ counts: {}, oldestAt: Number.POSITIVE_INFINITY });
        const statuses: readonly EventStatus[] = ['pending', 'pending', 'pending', 'failed', 'failed', 'unknown'];
        const events = [];
        for (const [index] of statuses.entries()) events.push(await store({ deferredAt: 5_000 + index }));
        const done = await store({ deferredAt: 1_000 });
        await alice.end(await claimed(done.id), { status: 'replayed', result: '' });
        expect(await waiting()).toEqual({ counts: { pending: 6 }, oldestAt: 5_000 });
        for (const [index, event] of events.entries()) await under.setStatus(event, statuses[index] ?? 'pending');
        await claimed((await store()).id);
        const counts = { pending: 3, failed: 2, unknown: 1, replaying: 1 };
        expect(await waiting()).toEqual({ counts, oldestAt: 5_000 });
      });

      it('each event once, with what has no status of ours as pending, and nothing of another function', async () => {
        const events = [];
        for (let index = 0; index < 20; index += 1) events.push(await store({ deferredAt: 2_000 + index }));
        for (const [index, event] of events.entries())
          if (index % 2 === 0) await under.setStatus(event, index % 4 === 0 ? 'failed' : 'unknown');
        await under.setAttribute(events[1] as DeferredEvent, 'status', 'nonsense');
        const forged = { ...sampleEvent('{}', { functionName: `${functionName}-thief` }), deferredAt: 1 };
        await under.put(forged);
        for (const group of pendingGroups(functionName)) await under.setAttribute(forged, 'gpk', group);
        expect(await waiting()).toEqual({ counts: { pending: 10, failed: 5, unknown: 5 }, oldestAt: 2_000 });
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

      it('those whose id begins so, finished or not, of one function or of all', async () => {
        const prefix = randomUUID().slice(0, 13);
        const other = `${functionName}-other`;
        const [waiting, done] = [await store({ id: `${prefix}-1` }), await store({ id: `${prefix}-2.1` })];
        await store({ id: `x${prefix}` });
        await alice.discard(done.id, '');
        await under.put(sampleEvent('{}', { functionName: other, id: `${prefix}-3` }));
        const own = [waiting, done].map(({ id }) => ({ functionName, id }));
        const idsOfAll = (events: readonly EventIdentity[]) => events.map(({ id }) => id).sort();
        expect((await alice.findBeginning(prefix, functionName)).toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
          own,
        );
        expect(idsOfAll(await alice.findBeginning(prefix))).toEqual([`${prefix}-1`, `${prefix}-2.1`, `${prefix}-3`]);
        expect(await alice.findBeginning(`${prefix}-1`, other)).toEqual([]);
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

      it('the texts of several, with what that took', async () => {
        const texts = ['{"order":1}', JSON.stringify({ dense: denseText(900_000) })];
        const events = [];
        for (const text of texts) events.push(await store({}, text));
        const read = await alice.texts(functionName, [...events.map(({ id }) => id), 'nobody']);
        const found = events.map(({ id }) => read.texts.get(id));
        expect(found.map((body) => (body?.kind === 'text' ? hashOf(body.text) : body))).toEqual(texts.map(hashOf));
        expect(read.texts.size).toBe(2);
        // Half a unit for each 4 KB, and both take at least one half.
        expect(read.readUnits).toBeGreaterThan(900_000 / 8_192 / 2);
        expect(read.readUnits).toBeLessThan((1.4 * 900_000) / 8_192);
      });

      it('no text of one that is damaged', async () => {
        const event = await store();
        await under.setAttribute(event, 'timeoutMs', 'soon');
        const { texts } = await alice.texts(functionName, [event.id]);
        expect(texts.get(event.id)).toMatchObject({ kind: 'damaged' });
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

    describe('knows the client that stored the last event', () => {
      it('finished or not, in whichever group it is', async () => {
        expect(await readClientVersion(alice, functionName)).toBeUndefined();
        for (let at = 1; at <= 20; at += 1) {
          const { id } = await store({ deferredAt: at * 1_000, clientVersion: `1.0.${at}` });
          if (at % 3 === 0) await alice.end(await claimed(id), { status: 'replayed', result: '' });
          expect(await readClientVersion(alice, functionName)).toEqual({
            deferredAt: at * 1_000,
            version: `1.0.${at}`,
          });
        }
      });

      it('and that it wrote no version, or none that is one', async () => {
        const { clientVersion: _, ...before } = sampleEvent('{}', { functionName, deferredAt: 1_000 });
        await under.put(before);
        expect(await alice.look(before)).not.toHaveProperty('clientVersion');
        expect(await readClientVersion(alice, functionName)).toEqual({ deferredAt: 1_000 });
        for (const text of ['', 'latest', '1.2', '\u001b[31m1.2.3', `1.2.3-${'a'.repeat(33)}`, '1.2.3\n']) {
          await under.setAttribute(before, 'clientVersion', text);
          expect(await alice.look(before)).toMatchObject({ status: 'pending' });
          expect(await alice.look(before)).not.toHaveProperty('clientVersion');
          expect(await readClientVersion(alice, functionName)).toEqual({ deferredAt: 1_000 });
        }
        const claim = await claimed(before.id);
        expect(await claim.body()).toEqual({ kind: 'text', text: '{}' });
      });

      it('and lets whatever a later client wrote besides stand, through a replay', async () => {
        const event = await store({ clientVersion: '99.0.0' });
        await under.setAttribute(event, 'laterWords', 'x');
        await alice.end(await claimed(event.id), { status: 'replayed', result: '' });
        expect(await under.attributes(event)).toMatchObject({
          clientVersion: '99.0.0',
          laterWords: 'x',
          status: 'replayed',
        });
      });

      it('behind whatever another function wrote in front of it', async () => {
        await store({ deferredAt: 1_000, clientVersion: '1.2.3' });
        const thief = `${functionName}-thief`;
        for (let row = 0; row < 40; row += 1) {
          const forged = sampleEvent('{}', { functionName: thief, deferredAt: 2_000 + row, clientVersion: '6.6.6' });
          await under.put(forged);
          await under.setAttribute(forged, 'gpk', pendingGroups(functionName)[row % 2] ?? '');
        }
        expect(await readClientVersion(open('carol@laptop/3'), functionName)).toEqual({
          deferredAt: 1_000,
          version: '1.2.3',
        });
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

      it('for what the function may take now, where that is more than when the event came', async () => {
        for (const [takesMs, leaseMs] of [
          [300_000, 300_000],
          [3_500, 3_000],
          [1_000, 3_000],
        ] as const) {
          const { id } = await store({ timeoutMs: 3_000 });
          if (under.loseAnswer && takesMs > leaseMs) under.loseAnswer();
          const claim = await alice.claim(id, ['pending'], takesMs);
          expect(claim?.leaseUntilAt).toBe(under.now() + leaseMs + MINUTE);
          const { leaseUntil } = (await under.attributes({ functionName, id })) ?? {};
          expect(leaseUntil).toBe(String(claim?.leaseUntilAt));
          if (claim) expect(await alice.end(claim, { status: 'replayed', result: '{}' })).toBe(true);
        }
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

    describe('keeps a history', () => {
      const historyOf = async (id: string) => (await alice.look(id))?.history ?? [];

      it('of each attempt: when it began, by whom, how long it took, its outcome and its error', async () => {
        const { id } = await store();
        expect(await alice.look(id)).not.toHaveProperty('history');
        const expected = [];
        for (const ending of ENDINGS.filter(({ status }) => status === 'failed' || status === 'unknown')) {
          const at = under.now();
          const { leaseBy } = await claimed(id);
          under.advance(1_234);
          expect(await statusOf(id)).toBe('replaying');
          under.advance(10 * MINUTE);
          expected.push({ at, by: leaseBy, outcome: 'unknown', error: expect.stringContaining('wrote no outcome') });
          const again = await claimed(id, bob);
          under.advance(7);
          await bob.end(again, ending);
          expected.push({
            at: under.now() - 7,
            by: again.leaseBy,
            outcome: ending.status,
            tookMs: 7,
            ...('error' in ending && { error: ending.error }),
          });
          expect(await historyOf(id)).toEqual(expected);
          under.advance(10 * MINUTE);
        }
        const last = await claimed(id);
        await alice.end(last, { status: 'replayed', result: '{}' });
        expected.push({ at: under.now(), by: last.leaseBy, outcome: 'replayed', tookMs: 0 });
        expect(await historyOf(id)).toEqual(expected);
      });

      it('without a claim that was released, and with what a dead tool left before it', async () => {
        const { id } = await store();
        await alice.end(await claimed(id), { status: 'released', error: 'throttled' });
        expect(await historyOf(id)).toEqual([]);
        const { leaseBy, claimedAt } = await claimed(id);
        under.advance(10 * MINUTE);
        for (let time = 0; time < 2; time += 1) {
          await bob.end(await claimed(id, bob), { status: 'released' });
          expect(await historyOf(id)).toEqual([
            { at: claimedAt, by: leaseBy, outcome: 'unknown', error: expect.any(String) },
          ]);
        }
      });

      it('of the last twenty attempts', async () => {
        const { id } = await store();
        for (let time = 1; time <= 23; time += 1)
          await alice.end(await claimed(id), { status: 'failed', error: `failure ${time}`, result: '' });
        expect(await alice.look(id)).toMatchObject({ attempts: 23 });
        expect((await historyOf(id)).map(({ error }) => error)).toEqual(
          Array.from({ length: 20 }, (_, index) => `failure ${index + 4}`),
        );
      });

      it('in the room that a full item has left: a claim ends whatever was written before', async () => {
        // The largest that is stored in its own item, and the longest of what a replay tells.
        const { id } = await store({ windowReason: 'x' }, JSON.stringify(denseText(520_000)));
        const long = '漢'.repeat(2_000);
        for (let time = 1; time <= 16; time += 1) {
          const claim = await claimed(id);
          expect(await alice.end(claim, { status: 'failed', error: `${time} ${long}`, result: long })).toBe(true);
          expect(await alice.look(id)).toMatchObject({ status: 'failed', lastError: `${time} ${long}`, result: long });
          expect((await historyOf(id)).at(-1)).toMatchObject({ by: claim.leaseBy, outcome: 'failed' });
        }
        expect((await historyOf(id)).length).toBeLessThan(16);
        const attributes = await under.attributes({ functionName, id });
        expect(attributes).not.toHaveProperty('parts');
      });

      it('of copies, whoever notes them at once, and while a claim is held, which ends as ever', async () => {
        const event = await store();
        const { id } = event;
        const claim = await claimed(id);
        const before = await under.attributes(event);
        const copy = {
          at: under.now() + 1,
          outcome: 'failed',
          tookMs: 3,
          error: 'Orders.Unknown',
          to: 'orders-2:live',
        } as const;
        expect(await Promise.all([alice, bob, open('c')].map((archive) => archive.noteCopy(id, copy)))).toEqual([
          true,
          true,
          true,
        ]);
        // Nothing else of the event is another.
        expect(await under.attributes(event)).toEqual({ ...before, copies: expect.any(String) });
        under.loseAnswer?.();
        await alice.noteCopy(id, { ...copy, at: copy.at + 1 });
        expect(await alice.end(claim, { status: 'replayed', result: '' })).toBe(true);
        const history = await historyOf(id);
        expect(history).toHaveLength(5);
        expect(history[0]).toMatchObject({ by: claim.leaseBy, outcome: 'replayed' });
        expect(
          history
            .slice(1, 4)
            .map(({ by }) => by)
            .sort(),
        ).toEqual(['alice@laptop/1', 'bob@laptop/2', 'c']);
        expect(history[4]).toEqual({ ...copy, at: copy.at + 1, by: 'alice@laptop/1' });
        for (let time = 0; time < 30; time += 1) {
          expect(await bob.noteCopy(id, { ...copy, at: copy.at + time, error: 'x'.repeat(500) })).toBe(true);
        }
        expect((await under.attributes(event))?.['copies']?.length).toBeLessThanOrEqual(2_048);
        expect(await alice.noteCopy('nobody', copy)).toBe(false);
        expect(await under.attributes({ functionName, id: 'nobody' })).toBeUndefined();
      });

      it('that is none where somebody wrote something else there', async () => {
        const event = await store();
        for (const text of ['', '[', '{"at":1}', '[{"at":"1"},7,null]', '['.repeat(50_000)]) {
          await under.setAttribute(event, 'history', text);
          expect(await alice.look(event.id)).toMatchObject({ status: expect.stringMatching(/^(pending|failed)$/) });
          expect(await historyOf(event.id)).toEqual([]);
          const claim = await claimed(event.id);
          await alice.end(claim, { status: 'failed', error: 'Orders.Unknown', result: '' });
          expect(await historyOf(event.id)).toMatchObject([{ by: claim.leaseBy, outcome: 'failed' }]);
        }
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

      it('nothing that somebody else has discarded, whose word stays', async () => {
        const { id } = await store();
        expect(await alice.discard(id, 'a duplicate')).toBe(true);
        expect(await bob.discard(id, 'another one')).toBe(false);
        expect(await under.attributes({ functionName, id })).toMatchObject({ result: 'a duplicate' });
      });

      it.each(['replayed', 'accepted', 'taken-back'] as const)('nothing that is %s', async (status) => {
        const { id } = await store();
        await under.setStatus({ functionName, id }, status);
        expect(await alice.discard(id, '')).toBe(false);
        expect(await under.attributes({ functionName, id })).toMatchObject({ status });
      });
    });

    describe('restores', () => {
      const attributesOf = (id: string) => under.attributes({ functionName, id });

      it.each(['pending', 'failed', 'unknown'] as const)(
        'what was %s as that, and forgets the discard',
        async (before) => {
          const { id, timeoutMs } = await store();
          if (before === 'failed') {
            await alice.end(await claimed(id), { status: 'failed', error: 'Orders.Unknown', result: '{}' });
          }
          if (before === 'unknown') await alice.end(await claimed(id), { status: 'unknown', error: 'ECONNRESET' });
          under.advance(5);
          const discardedAt = under.now();
          await alice.discard(id, 'a duplicate');
          expect(await alice.look(id)).toMatchObject({ status: 'discarded', statusBefore: before });
          under.advance(7);
          expect(await bob.restore(id, 'it was none')).toEqual({ kind: 'restored', status: before });
          expect(await alice.look(id)).toMatchObject({
            status: before,
            doneBy: 'bob@laptop/2',
            doneAt: under.now(),
            ...(before === 'failed' && { lastError: 'Orders.Unknown' }),
          });
          for (const gone of ['expiresAt', 'statusBefore', 'result'])
            expect(await attributesOf(id)).not.toHaveProperty(gone);
          expect((await alice.look(id))?.history?.slice(-2)).toEqual([
            { at: discardedAt, by: 'alice@laptop/1', outcome: 'discarded', reason: 'a duplicate' },
            { at: discardedAt + 7, by: 'bob@laptop/2', outcome: 'restored', reason: 'it was none' },
          ]);
          expect(await idsOf()).toEqual([id]);
          // The function may have been at work when it was discarded.
          expect((await bob.claim(id, UNFINISHED))?.event.status).toBe(before === 'unknown' ? undefined : before);
          under.advance(timeoutMs + MINUTE);
          if (before === 'unknown') expect((await claimed(id)).event.status).toBe('unknown');
        },
      );

      it('what an older tool discarded: what was never sent is pending, all else failed', async () => {
        for (const attempts of [0, 1]) {
          const event = await store();
          if (attempts > 0) await alice.end(await claimed(event.id), { status: 'unknown', error: 'ECONNRESET' });
          await under.setStatus(event, 'discarded');
          const status = attempts === 0 ? 'pending' : 'failed';
          expect(await alice.restore(event.id)).toEqual({ kind: 'restored', status });
        }
      });

      it('what a dead tool had left, as unknown', async () => {
        const { id } = await store();
        await claimed(id);
        under.advance(10 * MINUTE);
        await bob.discard(id, '');
        expect(await bob.restore(id)).toEqual({ kind: 'restored', status: 'unknown' });
      });

      it.each(['pending', 'failed', 'replayed', 'accepted', 'taken-back'] as const)(
        'nothing that is %s',
        async (status) => {
          const event = await store();
          await under.setStatus(event, status);
          expect(await alice.restore(event.id)).toEqual({ kind: 'other-status', status });
          expect(await statusOf(event.id)).toBe(status);
        },
      );

      it('once, however many want it, and nothing that is gone', async () => {
        const { id } = await store();
        await alice.discard(id, '');
        const outcomes = await Promise.all([alice, bob, open('c')].map((archive) => archive.restore(id)));
        expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['other-status', 'other-status', 'restored']);
        expect(await alice.restore('nobody')).toEqual({ kind: 'gone' });
      });

      it('a body in parts, and none that is not whole', async () => {
        const text = JSON.stringify(denseText(900_000));
        const { id } = await store({}, text);
        await alice.discard(id, '');
        expect(await alice.restore(id)).toEqual({ kind: 'restored', status: 'pending' });
        const body = await (await claimed(id)).body();
        expect(body.kind === 'text' && hashOf(body.text)).toBe(hashOf(text));
        const lost = await store({}, text);
        await alice.discard(lost.id, '');
        await under.setAttribute(lost, 'partsHash', '0123456789abcdef');
        expect(await alice.restore(lost.id)).toMatchObject({ kind: 'damaged', why: expect.stringContaining('part 1') });
        expect(await statusOf(lost.id)).toBe('discarded');
      });

      it('nothing that a discard had to take the body of', async () => {
        const event = await store();
        await under.setAttribute(event, 'filler', 'x'.repeat(405_000));
        await alice.discard(event.id, 'z'.repeat(20_000));
        await under.setAttribute(event, 'encoding', 'none');
        expect(await alice.restore(event.id)).toMatchObject({ kind: 'damaged' });
        expect(await statusOf(event.id)).toBe('discarded');
      });
    });

    describe('lets an event run again that has run', () => {
      const AGAIN: readonly EventStatus[] = ['replayed', 'accepted'];
      const DONE_ENDINGS = ENDINGS.filter(({ status }) => AGAIN.some((each) => each === status));

      it.each(DONE_ENDINGS)('$status: it waits again, does not expire, and ends as any other', async (ending) => {
        for (const next of ENDINGS) {
          const { id } = await store();
          await alice.end(await claimed(id), ending);
          const before = await under.attributes({ functionName, id });
          expect(await bob.claim(id, UNFINISHED)).toBeUndefined();
          under.advance(5 * MINUTE);
          const claim = await bob.claim(id, AGAIN);
          expect(claim?.event).toMatchObject({ status: ending.status, attempts: 1, timesAgain: 1 });
          expect(await idsOf()).toEqual([id]);
          expect(await under.attributes({ functionName, id })).not.toHaveProperty('expiresAt');
          expect(await alice.claim(id, AGAIN)).toBeUndefined();
          if (!claim) throw new Error('it was not claimed');
          expect(await bob.end(claim, next)).toBe(true);
          const after = await under.attributes({ functionName, id });
          expect(after).not.toHaveProperty('statusBefore');
          if (next.status === 'released') {
            // What did not run goes back to what it was, expiry and all.
            expect(after).toEqual({ ...before, leaseBy: claim.leaseBy, timesAgain: '1' });
          } else {
            expect(after).toMatchObject({ status: next.status, attempts: '2', timesAgain: '1' });
            expect(after?.['gpk']?.startsWith('done#')).toBe(AGAIN.some((status) => status === next.status));
            expect((await alice.look(id))?.history).toHaveLength(2);
          }
          await under.setStatus({ functionName, id }, 'discarded');
          await under.setAttribute({ functionName, id }, 'gpk', 'done');
        }
      });

      it('and is unknown after its lease where the tool was killed', async () => {
        const { id } = await store();
        await alice.end(await claimed(id), { status: 'replayed', result: '{}' });
        await alice.claim(id, AGAIN);
        expect(await bob.claim(id, UNFINISHED)).toBeUndefined();
        under.advance(10 * MINUTE);
        expect(await bob.claim(id, AGAIN)).toBeUndefined();
        const claim = await claimed(id, bob);
        expect(claim.event).toMatchObject({ status: 'replaying', attempts: 2, timesAgain: 1 });
        await bob.end(claim, { status: 'released' });
        expect(await alice.look(id)).toMatchObject({ status: 'unknown' });
        expect(await alice.look(id)).not.toHaveProperty('statusBefore');
      });

      it('although the answer to the claim was lost', async ({ skip }) => {
        if (!under.loseAnswer) return skip('no answer can be lost there');
        const { id } = await store();
        await alice.end(await claimed(id), { status: 'replayed', result: '{}' });
        under.loseAnswer();
        const claim = await bob.claim(id, AGAIN);
        expect(claim?.event).toMatchObject({ status: 'replayed', attempts: 1, timesAgain: 1 });
        if (claim) await bob.end(claim, { status: 'released' });
        const after = await under.attributes({ functionName, id });
        expect(after).toMatchObject({ status: 'replayed', attempts: '1', expiresAt: expect.any(String) });
        expect(after?.['gpk']).toMatch(/^done#/);
      });

      it('never what is discarded', async () => {
        const { id } = await store();
        await alice.discard(id, '');
        expect(await alice.claim(id, AGAIN)).toBeUndefined();
        expect(await alice.claim(id, UNFINISHED)).toBeUndefined();
      });
    });

    it('keeps to the moves, and to one holder at a time, whatever three tools do in whatever order', async () => {
      const step = fc.record({
        who: fc.nat(2),
        what: fc.oneof(
          fc.constantFrom<EventStatus[]>(['pending'], ['failed'], ['unknown', 'replaying'], [...UNFINISHED]),
          fc.constantFrom(...ENDINGS),
          fc.constantFrom('discard' as const, 'restore' as const, 'again' as const),
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
            else if (what === 'restore') await archive.restore(id);
            else if (what === 'again') await claimAlone(archive, ['replayed', 'accepted'], who);
            else if (Array.isArray(what)) await claimAlone(archive, what, who);
            else await endOwn(archive, who, what);
            const after = await statusOf(id);
            // A discard of what a dead tool left behind goes by way of `unknown`.
            const from = what === 'discard' && before === 'replaying' ? 'unknown' : before;
            // Nothing that is finished moves but by a command that names it.
            const isNamed = what === 'restore' || what === 'again';
            if (['replayed', 'accepted', 'discarded'].includes(before) && !isNamed) expect(after).toBe(before);
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
