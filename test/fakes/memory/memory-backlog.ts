import type { Claim, EventArchive, EventRow, RowQuery, StoredEvent } from '../../../core/events/archive.ts';
import { LEASE_MARGIN_MS } from '../../../core/events/archive.ts';
import type { EventStatus } from '../../../core/events/deferred-event.ts';
import { SHARDS } from '../../../core/events/table.ts';

const CODES: readonly EventStatus[] = ['pending', 'replaying', 'replayed', 'failed', 'unknown'];
const STORED_AT = Date.UTC(2026, 10, 21);

/** Backlogs of many events, each a byte: for simulations of millions. */
export interface MemoryBacklogs {
  /** The archive as one process has it. */
  archive(by: string): EventArchive;
  /** Marks that an event ran. `text` is the event's own. */
  ran(text: string): void;
  /** How many events of all functions are in each status. */
  statuses(): Readonly<Partial<Record<EventStatus, number>>>;
  /** Events that ran more than once, as `<function>/<index>`. */
  twice(): readonly string[];
  readonly requests: { claims: number; ends: number; rows: number };
}

interface Backlog {
  readonly statuses: Uint8Array;
  readonly runs: Uint8Array;
  readonly leases: Map<number, { readonly by: string; readonly untilAt: number }>;
  /** Nothing before it in its group is unfinished: what an index does not have is not read. */
  readonly firsts: number[];
}

/** @param sizes events of each function */
export function createMemoryBacklogs(
  sizes: ReadonlyMap<string, number>,
  timeoutMs: number,
  now: () => number,
): MemoryBacklogs {
  const backlogs = new Map<string, Backlog>();
  const requests = { claims: 0, ends: 0, rows: 0 };
  for (const [name, size] of sizes) {
    const firsts = Array.from({ length: SHARDS }, (_, group) => group);
    backlogs.set(name, { statuses: new Uint8Array(size), runs: new Uint8Array(size), leases: new Map(), firsts });
  }
  const of = (name: string) => {
    const backlog = backlogs.get(name);
    if (!backlog) throw new Error(`no backlog of ${name}`);
    return backlog;
  };

  return {
    requests,
    archive: (by) => {
      let claims = 0;
      const archive: Partial<EventArchive> = {
        rows: (query) => rowsOf(query),
        groups: (query) => Array.from({ length: SHARDS }, (_, group) => rowsOf(query, group)),
        facts: async () => new Map(),
        look: async ({ functionName, id }) => eventOf(functionName, Number(id.slice(1))),
        async claim({ functionName, id }, from) {
          requests.claims += 1;
          claims += 1;
          const [backlog, index] = [of(functionName), Number(id.slice(1))];
          const status = statusOf(backlog, index);
          const isLeased = (backlog.leases.get(index)?.untilAt ?? 0) >= now();
          if (!from.includes(status) || (isLeased && (status === 'replaying' || status === 'unknown')))
            return undefined;
          const leaseBy = `${by}/${claims}`;
          const leaseUntilAt = now() + timeoutMs + LEASE_MARGIN_MS;
          const event = eventOf(functionName, index);
          backlog.statuses[index] = CODES.indexOf('replaying');
          backlog.leases.set(index, { by: leaseBy, untilAt: leaseUntilAt });
          const text = `${functionName}/${index}`;
          const body = async () => ({ kind: 'text', text }) as const;
          return {
            kind: 'claim',
            event,
            leaseBy,
            claimedAt: now(),
            leaseUntilAt,
            roomBytes: 1_000,
            body,
          } satisfies Claim;
        },
        async end({ event, leaseBy }, { status }) {
          requests.ends += 1;
          const [backlog, index] = [of(event.functionName), Number(event.id.slice(1))];
          if (backlog.leases.get(index)?.by !== leaseBy) return false;
          backlog.statuses[index] = CODES.indexOf(status === 'released' ? 'pending' : status);
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
    },
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

  async function* rowsOf({ functionName, statuses }: RowQuery, group?: number): AsyncGenerator<EventRow> {
    const backlog = of(functionName);
    const step = group === undefined ? 1 : SHARDS;
    for (let index = firstOf(backlog, group); index < backlog.statuses.length; index += step) {
      const status = statusOf(backlog, index);
      if (!statuses.includes(status)) continue;
      requests.rows += 1;
      const untilAt = backlog.leases.get(index)?.untilAt;
      yield { ...eventOf(functionName, index), ...(untilAt !== undefined && { leaseUntilAt: untilAt }) };
    }
  }

  function firstOf(backlog: Backlog, group: number | undefined): number {
    if (group === undefined) return Math.min(...backlog.firsts.map((_, each) => firstOf(backlog, each)));
    let first = backlog.firsts[group] ?? 0;
    while (first < backlog.statuses.length && statusOf(backlog, first) === 'replayed') first += SHARDS;
    backlog.firsts[group] = first;
    return first;
  }

  function statusOf({ statuses }: Backlog, index: number): EventStatus {
    return CODES[statuses[index] ?? 0] ?? 'pending';
  }

  function eventOf(functionName: string, index: number): StoredEvent {
    return {
      id: `e${index}`,
      functionName,
      functionVersion: '$LATEST',
      invokedFunctionArn: `arn:aws:lambda:eu-south-1:123456789012:function:${functionName}`,
      source: 'direct',
      deferredAt: STORED_AT + index,
      bytes: 20,
      timeoutMs,
      status: statusOf(of(functionName), index),
      attempts: 0,
      sha256: '',
    };
  }
}
