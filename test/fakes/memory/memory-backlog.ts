import type { Claim, EventArchive, EventFacts, EventRow, RowQuery, StoredEvent } from '../../../core/events/archive.ts';
import { LEASE_MARGIN_MS } from '../../../core/events/archive.ts';
import type { EventStatus } from '../../../core/events/deferred-event.ts';
import { SHARDS } from '../../../core/events/table.ts';

const CODES: readonly EventStatus[] = ['pending', 'replaying', 'replayed', 'failed', 'unknown'];
const STORED_AT = Date.UTC(2026, 10, 21);

/** Backlogs of many events, each a byte: for simulations of millions. */
export interface MemoryBacklogs {
  /** The archive as one process has it. @param clock its own, where that differs */
  archive(by: string, clock?: () => number): EventArchive;
  /** Marks that an event ran. `text` is the event's own. */
  ran(text: string): void;
  /** How many events of all functions are in each status. */
  statuses(): Readonly<Partial<Record<EventStatus, number>>>;
  /** Events that ran more than once, as `<function>/<index>`. */
  twice(): readonly string[];
  /** Of each order key, `<function> <key>`, the sequences in the order in which they ran. */
  sequencesRun(): ReadonlyMap<string, readonly number[]>;
  readonly requests: { claims: number; ends: number; rows: number };
}

interface Backlog {
  readonly statuses: Uint8Array;
  readonly runs: Uint8Array;
  /** Who ended each, by its number among all that did; 0: nobody. */
  readonly doneBy: Uint32Array;
  readonly leases: Map<number, { readonly by: string; readonly untilAt: number }>;
  /** What the index still has of events that have changed of late. */
  readonly behind: Map<number, Behind>;
  /** Nothing before it in its group is unfinished: what an index does not have is not read. */
  readonly firsts: number[];
}

interface Behind {
  readonly status: EventStatus;
  readonly untilAt: number;
  readonly leaseUntilAt: number | undefined;
}

/** What backlogs have that not every test needs. */
export interface BacklogKind {
  /** Each event has one of so many order keys, in turn. Neighbours of a key were deferred in the wrong order. Default: none. */
  readonly orderKeys?: number;
  /** How long the index lags behind the table. Default: not at all. */
  readonly indexLagMs?: number;
}

/** Time between two events that have order keys. */
const APART_MS = 400;

/** @param sizes events of each function */
export function createMemoryBacklogs(
  sizes: ReadonlyMap<string, number>,
  timeoutMs: number,
  now: () => number,
  { orderKeys = 0, indexLagMs = 0 }: BacklogKind = {},
): MemoryBacklogs {
  const backlogs = new Map<string, Backlog>();
  const sequencesRun = new Map<string, number[]>();
  const requests = { claims: 0, ends: 0, rows: 0 };
  const workers = [''];
  for (const [name, size] of sizes) {
    const firsts = Array.from({ length: SHARDS }, (_, group) => group);
    backlogs.set(name, {
      statuses: new Uint8Array(size),
      runs: new Uint8Array(size),
      doneBy: new Uint32Array(size),
      leases: new Map(),
      behind: new Map(),
      firsts,
    });
  }
  const of = (name: string) => {
    const backlog = backlogs.get(name);
    if (!backlog) throw new Error(`no backlog of ${name}`);
    return backlog;
  };

  return {
    requests,
    archive: (by, clock = now) => {
      let claims = 0;
      const worker = workers.push(by) - 1;
      const archive: Partial<EventArchive> = {
        rows: (query) => rowsOf(query),
        groups: (query) => Array.from({ length: SHARDS }, (_, group) => rowsOf(query, group)),
        facts: async (name, ids) => new Map(ids.map((id) => [id, factsOf(of(name), Number(id.slice(1)))])),
        look: async ({ functionName, id }) => eventOf(functionName, Number(id.slice(1))),
        async claim({ functionName, id }, from) {
          requests.claims += 1;
          claims += 1;
          const [backlog, index] = [of(functionName), Number(id.slice(1))];
          const status = statusOf(backlog, index);
          const isLeased = (backlog.leases.get(index)?.untilAt ?? 0) >= clock();
          if (!from.includes(status) || (isLeased && (status === 'replaying' || status === 'unknown')))
            return undefined;
          const leaseBy = `${by}/${claims}`;
          const leaseUntilAt = clock() + timeoutMs + LEASE_MARGIN_MS;
          const event = eventOf(functionName, index);
          change(backlog, index, 'replaying');
          backlog.leases.set(index, { by: leaseBy, untilAt: leaseUntilAt });
          const text = `${functionName}/${index}`;
          const body = async () => ({ kind: 'text', text }) as const;
          return {
            kind: 'claim',
            event,
            leaseBy,
            claimedAt: clock(),
            leaseUntilAt,
            roomBytes: 1_000,
            body,
          } satisfies Claim;
        },
        async end({ event, leaseBy }, { status }) {
          requests.ends += 1;
          const [backlog, index] = [of(event.functionName), Number(event.id.slice(1))];
          if (backlog.leases.get(index)?.by !== leaseBy) return false;
          change(backlog, index, status === 'released' ? 'pending' : status);
          if (status !== 'released') backlog.doneBy[index] = worker;
          backlog.leases.delete(index);
          return true;
        },
      };
      return archive as EventArchive;
    },
    ran(text) {
      const [functionName = '', number] = text.split('/');
      const index = Number(number);
      const { runs } = of(functionName);
      runs[index] = (runs[index] ?? 0) + 1;
      const order = orderOf(index);
      if (!order) return;
      const key = `${functionName} ${order.key}`;
      const before = sequencesRun.get(key);
      if (before) before.push(order.sequence);
      else sequencesRun.set(key, [order.sequence]);
    },
    sequencesRun: () => sequencesRun,
    statuses() {
      const counts: Partial<Record<EventStatus, number>> = {};
      for (const { statuses } of backlogs.values()) {
        for (const code of statuses) {
          const status = CODES[code] ?? 'pending';
          counts[status] = (counts[status] ?? 0) + 1;
        }
      }
      return counts;
    },
    twice: () =>
      [...backlogs].flatMap(([name, { runs }]) =>
        [...runs.entries()].flatMap(([i, n]) => (n > 1 ? [`${name}/${i}`] : [])),
      ),
  };

  async function* rowsOf(query: RowQuery, group?: number): AsyncGenerator<EventRow> {
    const { functionName, statuses, fromAt } = query;
    const backlog = of(functionName);
    const step = group === undefined ? 1 : SHARDS;
    const first = fromAt === undefined ? firstOf(backlog, group) : firstFrom(fromAt, step, group);
    for (let index = first; index < backlog.statuses.length; index += step) {
      const behind = behindOf(backlog, index);
      const status = behind?.status ?? statusOf(backlog, index);
      if (!statuses.includes(status)) continue;
      requests.rows += 1;
      const untilAt = behind ? behind.leaseUntilAt : backlog.leases.get(index)?.untilAt;
      yield { ...eventOf(functionName, index), status, ...(untilAt !== undefined && { leaseUntilAt: untilAt }) };
    }
  }

  function firstFrom(fromAt: number, step: number, group = 0): number {
    const index = Math.max(0, fromAt - STORED_AT) / (orderKeys > 0 ? APART_MS : 1);
    return group + Math.max(0, Math.ceil((index - group) / step)) * step;
  }

  function firstOf(backlog: Backlog, group: number | undefined): number {
    if (group === undefined) return Math.min(...backlog.firsts.map((_, each) => firstOf(backlog, each)));
    let first = backlog.firsts[group] ?? 0;
    while (first < backlog.statuses.length && isGone(backlog, first)) first += SHARDS;
    backlog.firsts[group] = first;
    return first;
  }

  function isGone(backlog: Backlog, index: number): boolean {
    return statusOf(backlog, index) === 'replayed' && !behindOf(backlog, index);
  }

  function change(backlog: Backlog, index: number, status: EventStatus): void {
    if (indexLagMs > 0) {
      const { status: before, leaseUntilAt } = behindOf(backlog, index) ?? {
        status: statusOf(backlog, index),
        leaseUntilAt: backlog.leases.get(index)?.untilAt,
      };
      backlog.behind.set(index, { status: before, leaseUntilAt, untilAt: now() + indexLagMs });
    }
    backlog.statuses[index] = CODES.indexOf(status);
  }

  function behindOf({ behind }: Backlog, index: number): Behind | undefined {
    const found = behind.get(index);
    if (!found || found.untilAt > now()) return found;
    behind.delete(index);
    return undefined;
  }

  function orderOf(index: number): { readonly key: string; readonly sequence: number } | undefined {
    if (orderKeys === 0) return undefined;
    return { key: `stream#shard-${index % orderKeys}`, sequence: Math.floor(index / orderKeys) ^ 1 };
  }

  function factsOf({ doneBy }: Backlog, index: number): EventFacts {
    const order = orderOf(index);
    const by = doneBy[index] ?? 0;
    return {
      ...(order && { orderKeys: [{ key: order.key, sequence: String(order.sequence) }] }),
      ...(by > 0 && { doneBy: `${workers[by]}/${index}` }),
    };
  }

  function statusOf({ statuses }: Backlog, index: number): EventStatus {
    return CODES[statuses[index] ?? 0] ?? 'pending';
  }

  function eventOf(functionName: string, index: number): StoredEvent {
    const order = orderOf(index);
    return {
      id: `e${index}`,
      functionName,
      functionVersion: '$LATEST',
      invokedFunctionArn: `arn:aws:lambda:eu-south-1:123456789012:function:${functionName}`,
      source: 'direct',
      deferredAt: STORED_AT + index * (order ? APART_MS : 1),
      ...(order && { orderKeys: [{ key: order.key }] }),
      bytes: 20,
      timeoutMs,
      status: statusOf(of(functionName), index),
      attempts: 0,
      sha256: '',
    };
  }
}
