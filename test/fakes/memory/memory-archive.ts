import {
  type Claim,
  type DamagedClaim,
  type Ending,
  type EventArchive,
  type EventRow,
  LEASE_MARGIN_MS,
  type StoredEvent,
} from '../../../core/events/archive.ts';
import { type EventStatus, isFinished } from '../../../core/events/deferred-event.ts';
import type { EventIdentity } from '../../../core/events/table.ts';

/** What a replay asks an archive. */
type ReplayArchive = Pick<EventArchive, 'claim' | 'end' | 'look' | 'facts' | 'discard'>;

/** Small events of several functions, as a table has them: claimed by one tool at a time. */
export interface MemoryArchive {
  /** Stores an event that was deferred so many milliseconds after the one before. */
  put(functionName: string, facts?: Partial<Pick<StoredEvent, 'timeoutMs' | 'orderKeys'>>): EventIdentity;
  /** The events as a tool has them, whose clock this is. */
  open(by: string, now: () => number): EventArchive;
  rows(functionName: string, statuses: readonly EventStatus[]): AsyncGenerator<EventRow>;
  look(event: EventIdentity): StoredEvent | undefined;
  all(): readonly StoredEvent[];
}

const ARN = 'arn:aws:lambda:eu-south-1:123456789012:function:';
const TEXT = '{"order":1}';

export function createMemoryArchive(): MemoryArchive {
  const stored = new Map<string, StoredEvent>();
  let deferredAt = Date.UTC(2026, 10, 21);
  const keyOf = ({ functionName, id }: EventIdentity) => `${functionName}#${id}`;
  const set = (event: StoredEvent) => stored.set(keyOf(event), event);

  return { put, open, rows, look: (event) => stored.get(keyOf(event)), all: () => [...stored.values()] };

  function put(functionName: string, facts: Partial<StoredEvent> = {}): EventIdentity {
    deferredAt += 1;
    const event: StoredEvent = {
      id: `e${stored.size}`,
      functionName,
      functionVersion: '$LATEST',
      invokedFunctionArn: ARN + functionName,
      source: 'direct',
      bytes: TEXT.length,
      sha256: '',
      deferredAt,
      timeoutMs: 3_000,
      attempts: 0,
      status: 'pending',
      ...facts,
    };
    set(event);
    return { functionName, id: event.id };
  }

  async function* rows(functionName: string, statuses: readonly EventStatus[]): AsyncGenerator<EventRow> {
    const page = [...stored.values()]; // as it was: whoever reads on hears of nothing that came meanwhile
    for (const event of page) {
      if (event.functionName === functionName && statuses.includes(event.status)) yield rowOf(event);
    }
  }

  function open(by: string, now: () => number): EventArchive {
    let claims = 0;
    const archive: ReplayArchive = { claim, end, look, facts, discard };
    return archive as EventArchive; // a replay asks for nothing else

    async function claim(
      wanted: EventIdentity,
      from: readonly EventStatus[],
      takesMs = 0,
    ): Promise<Claim | DamagedClaim | undefined> {
      await new Promise(setImmediate);
      claims += 1;
      const event = stored.get(keyOf(wanted));
      if (!event || !from.includes(event.status)) return undefined;
      const isLeased = event.status === 'replaying' || event.status === 'unknown';
      if (isLeased && (event.leaseUntilAt ?? 0) >= now()) return undefined;
      const leaseBy = `${by}/${claims}`;
      const [claimedAt, attempts] = [now(), event.attempts + 1];
      const leaseUntilAt = claimedAt + Math.max(event.timeoutMs, takesMs) + LEASE_MARGIN_MS;
      set({ ...event, status: 'replaying', leaseBy, leaseUntilAt, attempts });
      const body = async () => ({ kind: 'text', text: TEXT }) as const;
      return { kind: 'claim', event, leaseBy, claimedAt, leaseUntilAt, roomBytes: 16_384, body };
    }

    async function end({ event, leaseBy }: Claim, ending: Ending): Promise<boolean> {
      await new Promise(setImmediate);
      const current = stored.get(keyOf(event));
      if (current?.status !== 'replaying' || current.leaseBy !== leaseBy) return false;
      const { status } = ending;
      if (status === 'released') {
        const wasLeft = event.status === 'replaying' || event.status === 'unknown';
        const before = wasLeft ? ({ status: 'unknown', leaseUntilAt: now() - 1 } as const) : { status: event.status };
        set({ ...current, ...before, attempts: event.attempts });
      } else set({ ...current, status, doneBy: leaseBy, doneAt: now() });
      return true;
    }

    async function look(event: EventIdentity) {
      await new Promise(setImmediate);
      return stored.get(keyOf(event));
    }

    async function facts(functionName: string, ids: readonly string[]) {
      const found = ids.flatMap((id) => stored.get(keyOf({ functionName, id })) ?? []);
      return new Map(found.map((event) => [event.id, event]));
    }

    async function discard(event: EventIdentity): Promise<boolean> {
      const current = stored.get(keyOf(event));
      if (!current || isFinished(current.status)) return false;
      set({ ...current, status: 'discarded', doneBy: by, doneAt: now() });
      return true;
    }
  }
}

function rowOf({ id, functionName, status, source, bytes, attempts, deferredAt, ...rest }: StoredEvent): EventRow {
  const { leaseUntilAt, orderKeys } = rest;
  return {
    ...{ id, functionName, status, source, bytes, attempts, deferredAt },
    ...(leaseUntilAt !== undefined && { leaseUntilAt }),
    ...(orderKeys && { orderKeys: orderKeys.map(({ key }) => ({ key })) }),
  };
}
