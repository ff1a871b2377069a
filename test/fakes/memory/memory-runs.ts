import type { RunOrders, RunStore } from '../../../core/runs/ports.ts';
import { isFinal, type KeptRun, type RunShare, runAt } from '../../../core/runs/run.ts';

/** Records of replays for tests of what stands before them. `now` is epoch milliseconds. */
export function createMemoryRuns(now: () => number): RunStore {
  const kept = new Map<string, KeptRun>();

  return {
    async create(run, shareCount, aliveUntil) {
      const found = kept.get(run.id);
      if (found) return found.name === run.name && found.startedAt === run.startedAt;
      kept.set(run.id, { ...run, wishes: { wanted: 'running' }, shares: [], shareCount, aliveUntil });
      return true;
    },
    async begun(id, facts) {
      const run = underWay(id);
      if (!run) return 'gone';
      kept.set(id, { ...run, ...facts });
      return 'begun';
    },
    async read(id) {
      const run = kept.get(id);
      return run && runAt(run, now());
    },
    async share(id, number) {
      const run = kept.get(id);
      if (!run) return undefined;
      const { wishes: _, shares, shareCount: __, aliveUntil: ___, end: ____, ...facts } = run;
      const share = shares.find((each) => each.number === number);
      return { facts, orders: ordersOf(run), ...(share && { share }) };
    },
    async findBeginning(prefix) {
      return [...kept.keys()].filter((id) => id.startsWith(prefix));
    },
    async list({ limit }) {
      const newest = [...kept.values()].sort((a, b) => b.startedAt - a.startedAt).slice(0, limit);
      return { runs: newest.map((run) => runAt(run, now())), unreadable: [] };
    },
    async openIds({ limit }) {
      return newest((run) => !run.end, limit);
    },
    async idsSince(at, { limit }) {
      return newest((run) => run.startedAt >= at, limit);
    },
    async readAll(ids) {
      return { runs: ids.flatMap((id) => kept.get(id) ?? []).map((run) => runAt(run, now())), unreadable: [] };
    },
    async beat(id, share) {
      const run = kept.get(id);
      if (!run) return 'gone';
      const hand = run.shares.find(({ number }) => number === share.number)?.hand;
      if (share.hand !== undefined && hand !== undefined && hand !== share.hand) return 'taken';
      const shares = toldOf(run.shares, { ...share, ...(hand !== undefined && { hand }) });
      kept.set(id, { ...run, shares });
      return ordersOf({ ...run, shares });
    },
    async take(id, share, seen) {
      const run = kept.get(id);
      const before = run?.shares.find(({ number }) => number === share.number);
      if (!run || before?.hand !== seen || (before && isFinal(before.state))) return false;
      kept.set(id, { ...run, shares: [...run.shares.filter((each) => each !== before), share] });
      return true;
    },
    async wish(id, wishes) {
      const run = underWay(id);
      if (!run) return kept.has(id) ? 'ended' : 'gone';
      if (run.wishes.wanted === 'stopped' && wishes.wanted !== 'stopped') return 'stopping';
      kept.set(id, { ...run, wishes: { ...run.wishes, ...wishes } });
      return 'wished';
    },
    async end(id, end) {
      const run = underWay(id);
      if (run) kept.set(id, { ...run, end: { ...end, at: now() } });
      return run !== undefined;
    },
    async recount(id, counts) {
      const run = kept.get(id);
      if (!run?.end) return false;
      kept.set(id, { ...run, end: { ...run.end, counts } });
      return true;
    },
  };

  function newest(isMeant: (run: KeptRun) => boolean, limit: number): readonly string[] {
    const found = [...kept.values()].filter(isMeant).sort((a, b) => b.startedAt - a.startedAt);
    return found.slice(0, limit).map(({ id }) => id);
  }

  function underWay(id: string): KeptRun | undefined {
    const run = kept.get(id);
    return run?.end ? undefined : run;
  }
}

function toldOf(shares: readonly RunShare[], share: RunShare): readonly RunShare[] {
  const before = shares.find(({ number }) => number === share.number);
  if (before && (isFinal(before.state) || before.at > share.at)) return shares;
  return [...shares.filter((each) => each !== before), share].sort((a, b) => a.number - b.number);
}

function ordersOf({ wishes, shares, shareCount, end }: KeptRun): RunOrders {
  const over = shares.filter(({ state }) => isFinal(state)).length;
  return { ...wishes, sharesLeft: Math.max(1, shareCount - over), isEnded: end !== undefined };
}
