import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { noCounts } from '../../../core/replay/progress/news.ts';
import type { RunStore } from '../../../core/runs/ports.ts';
import { type RunFacts, type RunShare, SHARE_STATES } from '../../../core/runs/run.ts';

/** A store of runs, and what the tests need around it. */
export interface RunStoreUnderTest {
  readonly store: RunStore;
  /** Moves the store's clock. */
  advance(ms: number): void;
  now(): number;
  /** The next write is done, and its answer lost. Absent where that cannot be brought about. */
  loseAnswer?(): void;
  close(): Promise<void>;
}

/** A run that begins now, under an id of its own. */
export function sampleRun(startedAt: number, facts: Partial<RunFacts> = {}): RunFacts {
  return {
    id: randomBytes(4).toString('hex'),
    name: 'orders after the upgrade',
    reason: 'CHG-4711',
    by: 'alice@laptop',
    from: 'laptop',
    selection: { functions: ['orders'], sources: ['sqs'], untilAt: startedAt },
    plan: {
      statuses: ['pending'],
      mode: 'request',
      concurrency: 10,
      ratePerSecond: 50,
      ordered: false,
      duringWindow: false,
      latestPerResource: false,
      stopAfter: { kind: 'share', percent: 50 },
    },
    startedAt,
    ...facts,
  };
}

const MINUTE = 60_000;
const DAY = 86_400_000;

/** What tools and runners may take for granted of the records. */
export function runStoreContract(name: string, start: () => Promise<RunStoreUnderTest>): void {
  describe(`the records of replays ${name}`, () => {
    let under: RunStoreUnderTest;
    let store: RunStore;
    let run: RunFacts;
    beforeAll(async () => {
      under = await start();
      store = under.store;
    });
    afterAll(() => under.close());
    beforeEach(async () => {
      under.advance(1_000);
      run = sampleRun(under.now());
      expect(await store.create(run, 1, under.now() + MINUTE)).toBe(true);
    });

    function share(facts: Partial<RunShare> = {}): RunShare {
      const { counts, ...others } = facts;
      return {
        number: 0,
        state: 'running',
        at: under.now(),
        aliveUntil: under.now() + MINUTE,
        ...others,
        counts: { ...noCounts(), ...counts },
      };
    }

    it('say what a run is, from its start on', async () => {
      expect(await store.read(run.id)).toEqual({
        ...run,
        status: 'running',
        counts: noCounts(),
        ratePerSecond: 50,
        concurrency: 10,
        wishes: { wanted: 'running' },
        shares: [],
        shareCount: 1,
        heartbeatAt: run.startedAt,
        aliveUntil: run.startedAt + MINUTE,
      });
      expect(await store.read('00000000')).toBeUndefined();
    });

    it('keep an id for the run that had it first', async () => {
      expect(await store.create({ ...run, name: 'another' }, 1, under.now() + MINUTE)).toBe(false);
      expect(await store.create(run, 1, under.now() + MINUTE)).toBe(true);
      expect((await store.read(run.id))?.name).toBe(run.name);
    });

    it('list runs with the newest first, no more than were asked for', async () => {
      under.advance(1_000);
      const later = sampleRun(under.now());
      await store.create(later, 1, under.now() + MINUTE);
      const { runs, unreadable } = await store.list({ limit: 2 });
      expect([runs.map(({ id }) => id), unreadable]).toEqual([[later.id, run.id], []]);
      expect((await store.list({ limit: 1 })).runs).toEqual([await store.read(later.id)]);
    });

    it('find runs by the beginning of an id', async () => {
      expect(await store.findBeginning(run.id.slice(0, 7))).toContain(run.id);
      expect(await store.findBeginning(run.id)).toEqual([run.id]);
      expect(await store.findBeginning(`${run.id}0`)).toEqual([]);
    });

    it('count what each share says as a whole: a heartbeat that comes twice counts once', async () => {
      await store.begun(run.id, { shareCount: 3, aliveUntil: under.now() + MINUTE });
      const first = share({ functionName: 'orders', counts: { ...noCounts(), replayed: 5, failed: 1 } });
      await store.beat(run.id, first);
      await store.beat(run.id, first);
      await store.beat(run.id, share({ number: 2, counts: { ...noCounts(), replayed: 7 } }));
      const read = await store.read(run.id);
      expect(read?.counts).toEqual({ ...noCounts(), replayed: 12, failed: 1 });
      expect(read?.shares).toEqual([first, share({ number: 2, counts: { ...noCounts(), replayed: 7 } })]);
      expect((await store.list({ limit: 1 })).runs[0]?.counts).toEqual(read?.counts);
    });

    it('pass over a share that says what was true before: another stretch has gone on with it', async () => {
      const late = share({ counts: { ...noCounts(), replayed: 1 } });
      under.advance(500);
      await store.beat(run.id, share({ counts: { ...noCounts(), replayed: 2 } }));
      expect(await store.beat(run.id, late)).toMatchObject({ wanted: 'running' });
      expect((await store.read(run.id))?.counts.replayed).toBe(2);
    });

    it('say why a share waits, and no more once it goes on', async () => {
      const waiting = { why: 'a maintenance window is active', functionName: 'orders', untilAt: under.now() + 5_000 };
      await store.beat(run.id, share({ state: 'held', waiting }));
      expect((await store.read(run.id))?.waiting).toEqual(waiting);
      await store.beat(run.id, share());
      expect(await store.read(run.id)).not.toHaveProperty('waiting');
    });

    it('know a share that is over, which nothing opens again', async () => {
      await store.begun(run.id, { shareCount: 2, aliveUntil: under.now() + MINUTE });
      expect(await store.beat(run.id, share({ number: 1 }))).toMatchObject({ sharesLeft: 2 });
      expect(await store.beat(run.id, share({ state: 'stopped', why: '5 of 10 failed' }))).toMatchObject({
        sharesLeft: 1,
      });
      under.advance(1);
      expect(await store.beat(run.id, share({ state: 'running' }))).toMatchObject({ sharesLeft: 1 });
      expect(await store.beat(run.id, share({ state: 'stopped' }))).toMatchObject({ sharesLeft: 1 });
      expect((await store.read(run.id))?.shares[0]).toMatchObject({ state: 'stopped', why: '5 of 10 failed' });
    });

    it.each(SHARE_STATES)('keep a share that is %s', async (state) => {
      await store.beat(run.id, share({ state }));
      expect((await store.read(run.id))?.shares).toEqual([share({ state })]);
    });

    it('keep a share, and a run, whose instants are no whole milliseconds', async () => {
      const waiting = { why: 'Lambda does not tell its time-out', untilAt: under.now() + 10_000.7 };
      const counts = { ...noCounts(), replayed: 5 };
      await store.begun(run.id, { shareCount: 1, aliveUntil: under.now() + 0.3 });
      const told = share({
        state: 'held',
        counts,
        waiting,
        at: under.now() + 0.3,
        aliveUntil: under.now() + MINUTE + 0.7,
      });
      await store.beat(run.id, told);
      const read = await store.read(run.id);
      expect(read).toMatchObject({ counts, waiting, status: 'running', shares: [{ state: 'held', counts }] });
      expect(Math.abs((read?.aliveUntil ?? 0) - told.aliveUntil)).toBeLessThan(1);
    });

    it('tell with the next heartbeat what somebody wants of a run', async () => {
      const asked = { wanted: 'paused', by: 'bob@desk', at: under.now() } as const;
      expect(await store.wish(run.id, asked)).toBe('wished');
      expect(await store.beat(run.id, share())).toEqual({ ...asked, sharesLeft: 1, isEnded: false });
      expect(await store.wish(run.id, { ratePerSecond: 5, concurrency: 3 })).toBe('wished');
      expect(await store.beat(run.id, share())).toMatchObject({ ...asked, ratePerSecond: 5, concurrency: 3 });
      expect(await store.read(run.id)).toMatchObject({ ratePerSecond: 5, concurrency: 3 });
      await store.wish(run.id, { ratePerSecond: Number.POSITIVE_INFINITY, wanted: 'running' });
      expect(await store.beat(run.id, share())).toMatchObject({ wanted: 'running', ratePerSecond: Infinity });
      expect(await store.read(run.id)).not.toHaveProperty('ratePerSecond');
    });

    it('call a run paused once no share of it runs', async () => {
      await store.beat(run.id, share());
      await store.wish(run.id, { wanted: 'paused' });
      expect((await store.read(run.id))?.status).toBe('running');
      await store.beat(run.id, share({ state: 'paused' }));
      expect((await store.read(run.id))?.status).toBe('paused');
      await store.wish(run.id, { wanted: 'stopped' });
      expect((await store.read(run.id))?.status).toBe('stopping');
    });

    it('take no cancel back, whoever wishes something else in the same moment', async () => {
      expect(await store.wish(run.id, { wanted: 'stopped', by: 'bob@desk' })).toBe('wished');
      const others = [{ wanted: 'running' }, { wanted: 'paused' }, { concurrency: 3 }] as const;
      for (const other of others) expect(await store.wish(run.id, { ...other, by: 'eve@desk' })).toBe('stopping');
      expect(await store.beat(run.id, share())).toMatchObject({ wanted: 'stopped', by: 'bob@desk' });
      expect(await store.wish(run.id, { wanted: 'stopped' })).toBe('wished');
      const next = sampleRun(under.now());
      await store.create(next, 1, under.now() + MINUTE);
      const wanted = ['paused', 'running', 'stopped', 'paused', 'running'] as const;
      await Promise.all(wanted.map((each) => store.wish(next.id, { wanted: each })));
      expect((await store.read(next.id))?.status).toBe('stopping');
    });

    it('call a run lost once it is too long ago that somebody heard of it, and not before', async () => {
      await store.beat(run.id, share({ aliveUntil: under.now() + 5 * MINUTE }));
      under.advance(5 * MINUTE);
      expect((await store.read(run.id))?.status).toBe('running');
      under.advance(1);
      expect((await store.read(run.id))?.status).toBe('lost');
      await store.beat(run.id, share());
      expect((await store.read(run.id))?.status).toBe('running');
    });

    it('end a run once, with what was counted', async () => {
      const counts = { ...noCounts(), replayed: 9 };
      await store.beat(run.id, share({ counts: { ...noCounts(), replayed: 3 } }));
      expect(await store.end(run.id, { status: 'stopped', counts, why: 'cancelled by bob@desk' })).toBe(true);
      const endedAt = under.now();
      under.advance(1_000);
      expect(await store.end(run.id, { status: 'done', counts })).toBe(false);
      expect(await store.read(run.id)).toMatchObject({
        status: 'stopped',
        counts,
        endedAt,
        why: 'cancelled by bob@desk',
      });
      expect(await store.wish(run.id, { wanted: 'paused' })).toBe('ended');
      expect(await store.begun(run.id, { shareCount: 2, aliveUntil: under.now() })).toBe('gone');
      expect(await store.beat(run.id, share())).toMatchObject({ isEnded: true });
      under.advance(DAY);
      expect((await store.list({ limit: 1 })).runs[0]).toMatchObject({ status: 'stopped', counts });
    });

    it('take the counts of whoever did a run, once somebody else has ended it, and not before', async () => {
      const counts = { ...noCounts(), replayed: 9 };
      expect(await store.recount(run.id, counts)).toBe(false);
      expect((await store.read(run.id))?.counts).toEqual(noCounts());
      await store.end(run.id, { status: 'stopped', counts: noCounts(), why: 'cancelled by bob@desk' });
      const endedAt = under.now();
      under.advance(MINUTE);
      expect(await store.recount(run.id, counts)).toBe(true);
      const ended = { status: 'stopped', counts, why: 'cancelled by bob@desk', endedAt };
      expect(await store.read(run.id)).toMatchObject(ended);
      expect((await store.readAll([run.id])).runs).toMatchObject([ended]);
      expect(await store.recount('00000000', counts)).toBe(false);
    });

    it('say where there is no such run', async () => {
      expect(await store.beat('00000000', share())).toBe('gone');
      expect(await store.wish('00000000', { wanted: 'paused' })).toBe('gone');
      expect(await store.end('00000000', { status: 'done', counts: noCounts() })).toBe(false);
      expect(await store.begun('00000000', { shareCount: 1, aliveUntil: under.now() })).toBe('gone');
      expect(await store.read('00000000')).toBeUndefined();
    });

    it('tell which runs have not ended, however many have, and which have begun since', async () => {
      under.advance(MINUTE);
      const old = sampleRun(under.now());
      await store.create(old, 1, under.now() + MINUTE);
      under.advance(MINUTE);
      const since = under.now();
      const later = Array.from({ length: 5 }, () => sampleRun(under.now()));
      for (const each of later) {
        await store.create(each, 1, under.now() + MINUTE);
        await store.end(each.id, { status: 'done', counts: noCounts() });
      }
      const open = await store.openIds({ limit: 1_000 });
      expect(open.filter((id) => [old, ...later].some((each) => each.id === id))).toEqual([old.id]);
      expect(await store.openIds({ limit: 1 })).toEqual([old.id]);
      expect([...(await store.idsSince(since, { limit: 9 }))].sort()).toEqual(later.map(({ id }) => id).sort());
      expect(await store.idsSince(since, { limit: 2 })).toHaveLength(2);
      const read = await store.readAll([old.id, '00000000', later[0]?.id ?? '']);
      expect(read.runs.map(({ id }) => id)).toEqual([old.id, later[0]?.id]);
      const listed = await store.list({ limit: 6 });
      expect(listed.runs.map(({ id }) => id).slice(-1)).toEqual([old.id]);
      await store.end(old.id, { status: 'stopped', counts: noCounts() });
      expect(await store.openIds({ limit: 1_000 })).not.toContain(old.id);
    });

    it('give a share into one hand of those that reach for it in one moment, and hear no other', async () => {
      await store.beat(run.id, share({ state: 'more' }));
      for (const seen of [undefined, 'first'] as const) {
        const hands = Array.from({ length: 20 }, (_, index) => `${seen}-${index}`);
        const taken = await Promise.all(
          hands.map(async (hand) => ((await store.take(run.id, { ...share(), hand }, seen)) ? [hand] : [])),
        );
        const [hand = '', ...more] = taken.flat();
        expect([hand, more]).toEqual([expect.stringContaining(`${seen}`), []]);
        expect((await store.read(run.id))?.shares[0]).toMatchObject({ hand, state: 'running' });
        const other = hands.find((each) => each !== hand) ?? '';
        expect(await store.beat(run.id, { ...share({ counts: { ...noCounts(), failed: 9 } }), hand: other })).toBe(
          'taken',
        );
        expect(await store.beat(run.id, { ...share({ state: 'done' }), hand: other })).toBe('taken');
        expect(await store.beat(run.id, { ...share({ counts: { ...noCounts(), replayed: 1 } }), hand })).toMatchObject({
          sharesLeft: 1,
        });
        expect((await store.read(run.id))?.shares[0]).toMatchObject({
          state: 'running',
          counts: { replayed: 1, failed: 0 },
        });
        expect(await store.take(run.id, { ...share(), hand: 'first' }, hand)).toBe(true);
      }
      await store.beat(run.id, { ...share({ state: 'done' }), hand: 'first' });
      expect(await store.take(run.id, { ...share(), hand: 'late' }, 'first')).toBe(false);
    });

    it('remember what waits beside a run', async () => {
      const left = { events: 1_000, isMore: true } as const;
      await store.begun(run.id, { shareCount: 1, aliveUntil: under.now() + MINUTE, left });
      expect((await store.read(run.id))?.left).toEqual(left);
    });

    it('remember which execution does a run', async () => {
      const execution = 'arn:aws:states:eu-south-1:123456789012:execution:drain:orders';
      await store.begun(run.id, { shareCount: 1, aliveUntil: under.now() + MINUTE, execution });
      expect((await store.read(run.id))?.execution).toBe(execution);
    });

    it('do each write once, though its answer is lost', async (context) => {
      const { loseAnswer } = under;
      if (!loseAnswer) return context.skip();
      const other = sampleRun(under.now());
      const lost = <Value>(write: () => Promise<Value>) => {
        loseAnswer();
        return write();
      };
      expect(await lost(() => store.create(other, 2, under.now() + MINUTE))).toBe(true);
      expect(await lost(() => store.beat(other.id, share({ state: 'done' })))).toMatchObject({ sharesLeft: 1 });
      expect(await lost(() => store.wish(other.id, { wanted: 'paused' }))).toBe('wished');
      expect(await lost(() => store.end(other.id, { status: 'done', counts: noCounts() }))).toBe(true);
      expect(await store.read(other.id)).toMatchObject({ status: 'done', wishes: { wanted: 'paused' } });
    });
  });
}
