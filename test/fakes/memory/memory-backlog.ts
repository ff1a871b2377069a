import { statusAfter } from '../../../aws/events/moves.ts';
import {
  type Claim,
  type Ending,
  type EventArchive,
  type EventFacts,
  type EventRow,
  LEASE_MARGIN_MS,
  type RowQuery,
  type StoredEvent,
} from '../../../core/events/archive.ts';
import type { EventStatus } from '../../../core/events/deferred-event.ts';
import { type EventIdentity, SHARDS } from '../../../core/events/table.ts';

const CODES: readonly EventStatus[] = ['pending', 'replaying', 'replayed', 'failed', 'unknown'];
const PENDING = CODES.indexOf('pending');
const STORED_AT = Date.UTC(2026, 10, 21);

/** Backlogs of many events, each a few bytes: for simulations of millions. An event is named `<function>/<index>`. */
export interface MemoryBacklogs {
  /** The archive as one process has it. @param clock its own, where that differs */
  archive(by: string, clock?: () => number): EventArchive;
  /** Marks that an event ran. `text` is the event's own, and its name. */
  ran(text: string): void;
  /** How many events of all functions are in each status. */
  statuses(): Readonly<Partial<Record<EventStatus, number>>>;
  /** Events that ran more than once. */
  twice(): readonly string[];
  /** Events whose record says that an attempt before may have run. */
  doubted(): readonly string[];
  /** Of each order key, `<function> <key>`, the sequences in the order in which they ran. */
  sequencesRun(): ReadonlyMap<string, readonly number[]>;
  /** Events that the process of this name has claimed, and not ended. */
  inHandsOf(by: string): readonly string[];
  /** What was asked of the table: claims, ends of them, rows of the index that were read. */
  readonly requests: { claims: number; ends: number; rows: number };
}

interface Backlog {
  readonly statuses: Uint8Array;
  readonly attempts: Uint8Array;
  readonly runs: Uint8Array;
  readonly doubts: Uint8Array;
  /** Who ended each, by its number among all that did; 0: nobody. */
  readonly doneBy: Uint32Array;
  readonly leases: Map<number, Lease>;
  /** What the index still has of events that have changed of late. */
  readonly behind: Map<number, Behind>;
  /** Nothing before it in its group is unfinished: what an index does not have is not read. */
  readonly firsts: number[];
}

interface Lease {
  readonly by: string;
  readonly untilAt: number;
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
  /** When the windows began under which each event was deferred, by its number; absent: no event says so. */
  readonly windowStartAt?: (index: number) => number | undefined;
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
  { orderKeys = 0, indexLagMs = 0, windowStartAt: windowStartOf = () => undefined }: BacklogKind = {},
): MemoryBacklogs {
  const backlogs = new Map([...sizes].map(([name, size]) => [name, backlogOf(size)]));
  const sequencesRun = new Map<string, number[]>();
  const requests = { claims: 0, ends: 0, rows: 0 };
  const workers = [''];
  return { requests, archive, ran, statuses, twice, doubted, sequencesRun: () => sequencesRun, inHandsOf };

  function archive(by: string, clock = now): EventArchive {
    let claims = 0;
    const worker = workers.push(by) - 1;
    const asked: Partial<EventArchive> = {
      rows: (query) => rowsOf(query),
      groups: (query) => Array.from({ length: SHARDS }, (_, group) => rowsOf(query, group)),
      facts: async (name, ids) => new Map(ids.map((id) => [id, factsOf(of(name), indexIn(id))])),
      look: async ({ functionName, id }) => {
        const index = indexIn(id);
        const isThere = Number.isInteger(index) && index < of(functionName).statuses.length; // the rest of a batch is not
        return isThere ? eventOf(functionName, index) : undefined;
      },
      claim: async (event, from, takesMs) => {
        claims += 1;
        return claim(event, from, `${by}/${claims}`, clock(), takesMs);
      },
      end: async (claimed, ending) => end(claimed, ending, worker),
    };
    return asked as EventArchive; // a drain asks for nothing else
  }

  function claim(
    { functionName, id }: EventIdentity,
    from: readonly EventStatus[],
    leaseBy: string,
    at: number,
    takesMs = 0,
  ) {
    requests.claims += 1;
    const [backlog, index] = [of(functionName), indexIn(id)];
    const event = eventOf(functionName, index);
    if (!from.includes(event.status) || (backlog.leases.get(index)?.untilAt ?? 0) >= at) return undefined;
    const leaseUntilAt = at + Math.max(timeoutMs, takesMs) + LEASE_MARGIN_MS;
    change(backlog, index, 'replaying');
    backlog.attempts[index] = event.attempts + 1;
    backlog.leases.set(index, { by: leaseBy, untilAt: leaseUntilAt });
    const text = `${functionName}/${index}`;
    const body = async () => ({ kind: 'text', text }) as const;
    return { kind: 'claim', event, leaseBy, claimedAt: at, leaseUntilAt, roomBytes: 1_000, body } satisfies Claim;
  }

  function end({ event, leaseBy }: Claim, ending: Ending, worker: number): boolean {
    requests.ends += 1;
    const [backlog, index] = [of(event.functionName), indexIn(event.id)];
    if (backlog.leases.get(index)?.by !== leaseBy) return false;
    const { status } = ending;
    const isDone = status === 'replayed' || status === 'accepted';
    if (isDone && ending.error !== undefined) backlog.doubts[index] = 1;
    if (status !== 'released') backlog.doneBy[index] = worker;
    change(backlog, index, statusAfter(event, ending));
    if (status === 'released') backlog.attempts[index] = event.attempts;
    if (status !== 'unknown') backlog.leases.delete(index);
    return true;
  }

  function ran(text: string): void {
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
  }

  function statuses(): Readonly<Partial<Record<EventStatus, number>>> {
    const counts = CODES.map(() => 0);
    for (const backlog of backlogs.values()) {
      for (const code of backlog.statuses) counts[code] = (counts[code] ?? 0) + 1;
    }
    return Object.fromEntries(CODES.map((status, code) => [status, counts[code]]).filter(([, count]) => count));
  }

  function twice(): readonly string[] {
    return namesOf(({ runs }) => runs, 2);
  }

  function doubted(): readonly string[] {
    return namesOf(({ doubts }) => doubts, 1);
  }

  function namesOf(bytesOf: (backlog: Backlog) => Uint8Array, least: number): readonly string[] {
    const names: string[] = [];
    for (const [name, backlog] of backlogs) {
      bytesOf(backlog).forEach((value, index) => {
        if (value >= least) names.push(`${name}/${index}`);
      });
    }
    return names;
  }

  function inHandsOf(by: string): readonly string[] {
    return [...backlogs].flatMap(([name, { leases }]) =>
      [...leases].filter(([, lease]) => lease.by.startsWith(`${by}/`)).map(([index]) => `${name}/${index}`),
    );
  }

  async function* rowsOf(query: RowQuery, group?: number): AsyncGenerator<EventRow> {
    const { functionName, fromAt, untilAt = Number.POSITIVE_INFINITY } = query;
    const backlog = of(functionName);
    const step = group === undefined ? 1 : SHARDS;
    const first = fromAt === undefined ? firstOf(backlog, group) : firstFrom(fromAt, step, group);
    for (let index = first; index < backlog.statuses.length; index += step) {
      const event = rowOf(functionName, index);
      if (event.deferredAt >= untilAt) return;
      if (!query.statuses.includes(event.status)) continue;
      requests.rows += 1;
      yield event;
    }
  }

  /** As the index has it. */
  function rowOf(functionName: string, index: number): EventRow {
    const event = eventOf(functionName, index);
    const behind = behindOf(of(functionName), index);
    if (!behind) return event;
    const { leaseUntilAt: _, ...row } = event;
    const { status, leaseUntilAt } = behind;
    return { ...row, status, ...(leaseUntilAt !== undefined && { leaseUntilAt }) };
  }

  function firstFrom(fromAt: number, step: number, group = 0): number {
    const index = Math.max(0, fromAt - STORED_AT) / (orderKeys > 0 ? APART_MS : 1);
    return group + Math.max(0, Math.ceil((index - group) / step)) * step;
  }

  function firstOf(backlog: Backlog, group: number | undefined): number {
    if (group === undefined) return Math.min(...backlog.firsts.map((_, each) => firstOf(backlog, each)));
    let first = backlog.firsts[group] ?? 0;
    while (isGone(backlog, first)) first += SHARDS;
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
    const windowStartAt = windowStartOf(index);
    return {
      ...(windowStartAt !== undefined && { windowStartAt }),
      ...(order && { orderKeys: [{ key: order.key, sequence: String(order.sequence) }] }),
      ...(by > 0 && { doneBy: `${workers[by]}/${index}` }),
    };
  }

  function statusOf({ statuses }: Backlog, index: number): EventStatus {
    return CODES[statuses[index] ?? PENDING] ?? 'pending';
  }

  function eventOf(functionName: string, index: number): StoredEvent {
    const backlog = of(functionName);
    const untilAt = backlog.leases.get(index)?.untilAt;
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
      status: statusOf(backlog, index),
      attempts: backlog.attempts[index] ?? 0,
      sha256: '',
      ...(untilAt !== undefined && { leaseUntilAt: untilAt }),
    };
  }

  function of(name: string): Backlog {
    const backlog = backlogs.get(name);
    if (!backlog) throw new Error(`no backlog of ${name}`);
    return backlog;
  }
}

function backlogOf(size: number): Backlog {
  const bytes = () => new Uint8Array(size);
  const firsts = Array.from({ length: SHARDS }, (_, group) => group);
  return {
    statuses: bytes(),
    attempts: bytes(),
    runs: bytes(),
    doubts: bytes(),
    doneBy: new Uint32Array(size),
    leases: new Map(),
    behind: new Map(),
    firsts,
  };
}

function indexIn(id: string): number {
  return Number(id.slice(1));
}
