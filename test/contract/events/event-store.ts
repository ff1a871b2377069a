import { createHash, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeferredEvent, EventStatus } from '../../../core/events/deferred-event.ts';
import type { EventStore, PutOutcome, TakeBackOutcome } from '../../../core/gate/ports.ts';
import { denseText, sampleEvent } from '../../data/deferred-event.ts';

/** What stands under an id, as somebody sees it who does not use the store. */
export interface Seen {
  readonly status: EventStatus;
  /** Of the text, read back whole and unpacked, in UTF-8. */
  readonly sha256: string;
  /** Everything that is stored of the event but its text. */
  readonly facts: Partial<DeferredEvent>;
}

/** An implementation of the port, and a way to look behind it. */
export interface StoreUnderTest {
  /** A new store over the same events: another environment of the same function. */
  open(): EventStore;
  look(id: string): Promise<Seen | undefined>;
  /** How many events, whatever their status, have this id. */
  count(id: string): Promise<number>;
  /** What a replay or an operator does to an event. */
  setStatus(id: string, status: EventStatus): Promise<void>;
  /** The answers to the next call: done and not heard of, or well. Absent where that cannot be brought about. */
  loseAnswer?(): void;
  close(): Promise<void>;
}

const SECONDS = 1_000;

/** The length from which on an event's text, dense as above, no longer fits into one item: about 500 kB. */
const INLINE_TEXT_BYTES = Math.floor(((400 - 16) * 1024 * 4) / 3);

const TEXTS: Readonly<Record<string, () => string>> = {
  'no byte at all': () => '',
  'one byte': () => '1',
  'an empty object': () => '{}',
  '1 kB': () => JSON.stringify({ order: denseText(1_000) }),
  'a little less than one item holds': () => denseText(INLINE_TEXT_BYTES - 8_192),
  'a little more than one item holds': () => denseText(INLINE_TEXT_BYTES + 8_192),
  '1 MB that packs well': () => JSON.stringify(Array.from({ length: 25_000 }, (_, n) => ({ order: n, paid: true }))),
  '1 MB that does not': () => denseText(1_048_576),
  '6 MiB, the most that Lambda takes': () => denseText(6_291_456),
  'every kind of character': () => JSON.stringify('a\u0000é漢🜚\u2028\ud83d\ude00 end'),
  'NUL bytes': () => '{"a":"\u0000\u0000"}\u0000',
  'surrogates that stand alone': () => '"\ud800 and \udfff"',
  'numbers beyond 2^53': () => '{"n":9007199254740993,"e":1e400,"z":-0.0,"d":0.1000000000000000055511151231257827}',
  'blanks and doubled keys': () => ' {"b" : 1,\r\n\t"b":1.0}  ',
  'no JSON': () => '\ufeff<xml/>',
};

/** What every event store does. Run it for each implementation, the fakes included. */
export function eventStoreContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`event store contract: ${name}`, () => {
    let under: StoreUnderTest;
    let store: EventStore;
    beforeAll(async () => {
      under = await make();
      store = under.open();
    });
    afterAll(() => under.close());

    describe('put', () => {
      it.each(Object.entries(TEXTS))('stores %s byte for byte', async (_, makeText) => {
        const event = sampleEvent(makeText());
        expect(await store.put(event, soon())).toBe('stored');
        const seen = await under.look(event.id);
        expect(seen?.status).toBe('pending');
        expect(seen?.sha256).toBe(sha256Of(event.text));
      });

      it('keeps all that is known of the invocation', async () => {
        const event = sampleEvent('{}');
        await store.put(event, soon());
        const { text: _, ...facts } = event;
        expect((await under.look(event.id))?.facts).toEqual(facts);
      });

      it('keeps an event of which nothing is known but what Lambda always says', async () => {
        const { id, text, ...others } = sampleEvent('{}');
        const { functionName, functionVersion, invokedFunctionArn, source, deferredAt, bytes, timeoutMs } = others;
        const facts = { id, functionName, functionVersion, invokedFunctionArn, source, deferredAt, bytes, timeoutMs };
        await store.put({ ...facts, text }, soon());
        expect((await under.look(id))?.facts).toEqual(facts);
      });

      it('leaves the first of two puts of one id as it is, and tells the second so', async () => {
        const event = sampleEvent('{"put":"first"}');
        expect(await store.put(event, soon())).toBe('stored');
        expect(await store.put({ ...event, text: '{"put":"second"}', bytes: 16 }, soon())).toBe('already-stored');
        expect((await under.look(event.id))?.sha256).toBe(sha256Of('{"put":"first"}'));
      });

      it('finds what another environment stored before it was killed', async () => {
        const event = sampleEvent(denseText(900_000));
        await store.put(event, soon());
        expect(await under.open().put(event, soon())).toBe('already-stored');
        expect((await under.look(event.id))?.sha256).toBe(sha256Of(event.text));
      });

      it.each([
        ['small', 100],
        ['in parts', 700_000],
      ])('stores once what 50 put at the same time (%s)', async (_, bytes) => {
        const event = sampleEvent(denseText(bytes));
        const stores = Array.from({ length: 50 }, () => under.open());
        const outcomes = await Promise.all(stores.map((each) => each.put(event, Date.now() + 240 * SECONDS)));
        expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
        expect(outcomes.filter((outcome) => outcome === 'already-stored')).toHaveLength(49);
        expect(await under.count(event.id)).toBe(1);
        expect((await under.look(event.id))?.sha256).toBe(sha256Of(event.text));
      });

      it('keeps the events of several ids apart that are put at the same time', async () => {
        const events = Array.from({ length: 30 }, (_, n) => sampleEvent(JSON.stringify({ n })));
        expect(await Promise.all(events.map((event) => store.put(event, soon())))).toEqual(events.map(() => 'stored'));
        for (const event of events) expect((await under.look(event.id))?.sha256).toBe(sha256Of(event.text));
      });

      it('refuses with DeferralFailed, and stores nothing, when no time is left', async () => {
        const event = sampleEvent('{}');
        await expect(store.put(event, Date.now() - 1)).rejects.toMatchObject({
          name: 'MaintenanceWindow.DeferralFailed',
        });
        expect(await under.look(event.id)).toBeUndefined();
      });

      it.each(['function', 'a#b', 'a b', '-rf', '', 'a\n', 'é', '#'])(
        'refuses an id that no request of Lambda’s has, and that would not be found again: %j',
        async (id) => {
          await expect(store.put(sampleEvent('{}', { id }), soon())).rejects.toMatchObject({
            name: 'MaintenanceWindow.DeferralFailed',
          });
          expect(await under.count(id)).toBe(0);
        },
      );

      it('makes an event pending again that was taken back', async () => {
        const event = sampleEvent(denseText(600_000));
        await store.put(event, soon());
        await store.takeBack(event.id, soon());
        expect(await store.put(event, soon())).toBe('already-stored');
        expect(await under.look(event.id)).toMatchObject({ status: 'pending', sha256: sha256Of(event.text) });
        expect(await under.count(event.id)).toBe(1);
      });

      it('has an event that is pending again deferred anew, under the windows of now', async () => {
        const at = Date.UTC(2026, 10, 22);
        const before = sampleEvent('{}', { deferredAt: at, windowStartAt: at - 2, windowReason: 'upgrade' });
        await store.put(before, soon());
        await store.takeBack(before.id, soon());
        const { windowEndAt: _, windowReason: __, ...facts } = { ...before, deferredAt: at + 9, windowStartAt: at + 5 };
        await store.put(facts, soon());
        const { text: ___, ...stored } = facts;
        expect((await under.look(before.id))?.facts).toEqual(stored);
      });

      it('leaves an event alone that is being replayed or was dealt with', async () => {
        for (const status of ['replaying', 'replayed', 'failed', 'unknown', 'accepted', 'discarded'] as const) {
          const event = sampleEvent('{}');
          await store.put(event, soon());
          await under.setStatus(event.id, status);
          expect(await store.put(event, soon())).toBe('already-stored');
          expect((await under.look(event.id))?.status).toBe(status);
        }
      });
    });

    describe('takeBack', () => {
      it('finds nothing where nothing was stored, and leaves nothing there', async () => {
        const id = randomUUID();
        expect(await store.takeBack(id, soon())).toBe('absent');
        expect(await under.count(id)).toBe(0);
      });

      it('gives a pending event back to Lambda, as often as Lambda asks', async () => {
        const event = sampleEvent('{}');
        await store.put(event, soon());
        expect(await store.takeBack(event.id, soon())).toBe('taken-back');
        expect((await under.look(event.id))?.status).toBe('taken-back');
        expect(await under.open().takeBack(event.id, soon())).toBe('taken-back');
      });

      it('gives it back to all who ask at the same time, since they are the same invocation', async () => {
        const event = sampleEvent('{}');
        await store.put(event, soon());
        const asked = await Promise.all(Array.from({ length: 20 }, () => under.open().takeBack(event.id, soon())));
        expect(new Set(asked)).toEqual(new Set(['taken-back']));
      });

      it('does not give back what is being replayed or was dealt with', async () => {
        for (const status of ['replaying', 'replayed', 'failed', 'unknown', 'accepted', 'discarded'] as const) {
          const event = sampleEvent('{}');
          await store.put(event, soon());
          await under.setStatus(event.id, status);
          expect(await store.takeBack(event.id, soon())).toBe('done');
          expect((await under.look(event.id))?.status).toBe(status);
        }
      });

      it('keeps text and facts, so that the event can become pending again', async () => {
        const event = sampleEvent('{"a":1}');
        await store.put(event, soon());
        await store.takeBack(event.id, soon());
        const { text: _, ...facts } = event;
        expect(await under.look(event.id)).toEqual({ status: 'taken-back', sha256: sha256Of('{"a":1}'), facts });
      });

      it('rejects when no time is left', async () => {
        await expect(store.takeBack(randomUUID(), Date.now() - 1)).rejects.toThrow();
      });
    });

    describe('retriesUntil', () => {
      const HOUR = 3_600 * SECONDS;
      it('is never where nothing was stored that Lambda sends again', async () => {
        const own = await make();
        try {
          expect(await own.open().retriesUntil(soon())).toBe(Number.NEGATIVE_INFINITY);
          await own.open().put(sampleEvent('{}'), soon());
          expect(await own.open().retriesUntil(soon())).toBe(Number.NEGATIVE_INFINITY);
        } finally {
          await own.close();
        }
      });

      it('is what the event that may come last was stored with, or a while more, for every environment', async () => {
        const first = Date.now() + 6 * HOUR;
        await store.put(sampleEvent('{}'), soon(), first);
        await under.open().put(sampleEvent('{}'), soon(), first + HOUR);
        await store.put(sampleEvent('{}'), soon(), first + 2 * SECONDS);
        await under.open().put(sampleEvent('{}'), soon());
        await under.open().put(sampleEvent('{}'), soon(), first - HOUR);
        for (const each of [store, under.open()]) {
          const untilAt = await each.retriesUntil(soon());
          expect(untilAt).toBeGreaterThanOrEqual(first + HOUR);
          expect(untilAt).toBeLessThanOrEqual(first + 1.5 * HOUR);
        }
      });

      it('is never less than any that were stored at the same time', async () => {
        const base = Date.now() + 24 * HOUR;
        const until = Array.from({ length: 20 }, (_, n) => base + ((n * 7) % 20) * HOUR);
        await Promise.all(until.map((untilAt) => under.open().put(sampleEvent('{}'), soon(), untilAt)));
        expect(await store.retriesUntil(soon())).toBeGreaterThanOrEqual(Math.max(...until));
      });

      it('rejects when no time is left', async () => {
        await expect(store.retriesUntil(Date.now() - 1)).rejects.toThrow();
      });
    });

    it('makes ready as often as it is asked to', async () => {
      const fresh = under.open();
      await Promise.all([fresh.load(), fresh.load()]);
      await fresh.load();
      expect(await fresh.put(sampleEvent('{}'), soon())).toBe('stored');
    });

    it('holds its law: one event for an id, none missing that was acknowledged, whatever is tried and lost', async () => {
      const own = await make();
      const holds = fc.assert(
        fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 8 }), async (turns) => {
          const event = sampleEvent('{"n":9007199254740993}');
          const history = createHistory();
          for (const calls of turns) {
            const before = history.status;
            const results = await Promise.all(calls.map((each) => makeCall(own, each, event)));
            history.add(calls, results);
            const seen = await own.look(event.id);
            history.status = seen?.status;
            expect(await own.count(event.id)).toBe(seen ? 1 : 0);
            if (history.acknowledged) expect(seen?.sha256).toBe(sha256Of(event.text));
            expect(history.timesStored).toBeLessThanOrEqual(1);
            if (calls.length === 1) expectOne(calls[0], results[0], before, seen?.status);
          }
        }),
        { numRuns: 50 },
      );
      await holds.finally(own.close);
    });
  });
}

interface Call {
  readonly do: 'put' | 'take-back' | 'replay';
  readonly answerLost: boolean;
}
type Result = PutOutcome | TakeBackOutcome | 'rejected' | 'moved';

const call: fc.Arbitrary<Call> = fc.record({
  do: fc.constantFrom('put', 'put', 'put', 'take-back', 'take-back', 'replay'),
  answerLost: fc.boolean(),
});
/** Calls made at the same time. A replay's claim is its own turn: here it looks before it moves. */
const turn = fc.oneof(
  fc.tuple(call),
  fc.array(
    call.filter(({ do: what }) => what !== 'replay'),
    { minLength: 2, maxLength: 4 },
  ),
);

/** Makes one call, in an environment of its own. */
async function makeCall(under: StoreUnderTest, { do: what, answerLost }: Call, event: DeferredEvent): Promise<Result> {
  if (answerLost) under.loseAnswer?.();
  const store = under.open();
  switch (what) {
    case 'put':
      return store.put(event, soon()).catch(() => 'rejected');
    case 'take-back':
      return store.takeBack(event.id, soon()).catch(() => 'rejected');
    case 'replay':
      if ((await under.look(event.id))?.status === 'pending') await under.setStatus(event.id, 'replaying');
      return 'moved';
  }
}

function createHistory() {
  const history = {
    status: undefined as EventStatus | undefined,
    acknowledged: false,
    timesStored: 0,
    add(calls: readonly Call[], results: readonly Result[]) {
      for (const [index, result] of results.entries()) {
        if (result === 'stored') history.timesStored += 1;
        if (calls[index]?.do === 'put' && result !== 'rejected') history.acknowledged = true;
      }
    },
  };
  return history;
}

/** What a call that was alone has to have found and left, given what was there before. */
function expectOne(
  made: Call | undefined,
  result: Result | undefined,
  before: EventStatus | undefined,
  after: EventStatus | undefined,
): void {
  if (made?.do === 'put') {
    if (result !== 'rejected') expect(result).toBe(before ? 'already-stored' : 'stored');
    expect(after).toBe(before === undefined || before === 'taken-back' ? 'pending' : before);
  }
  if (made?.do === 'take-back') {
    const expected = before === undefined ? 'absent' : before === 'replaying' ? 'done' : 'taken-back';
    if (result !== 'rejected') expect(result).toBe(expected);
    expect(after).toBe(before === 'pending' ? 'taken-back' : before);
  }
}

function soon(): number {
  return Date.now() + 20 * SECONDS;
}

function sha256Of(text: string): string {
  return createHash('sha256').update(Buffer.from(text)).digest('hex');
}
