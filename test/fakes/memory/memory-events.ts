import { MaintenanceWindowError } from '../../../core/errors.ts';
import { type DeferredEvent, type EventStatus, MOVES } from '../../../core/events/deferred-event.ts';
import { isEventId } from '../../../core/events/table.ts';
import type { EventStore } from '../../../core/gate/ports.ts';

/** How the next call goes wrong: nothing is written, or it is and the caller does not hear of it. */
type MemoryFault = 'refused' | 'answer-lost';

/** An event store for tests of what stands before one. It holds its events as long as it lives. */
export interface MemoryEvents extends EventStore {
  /** What is stored under an id. */
  look(id: string): { readonly event: DeferredEvent; readonly status: EventStatus } | undefined;
  ids(): string[];
  /** Does what a replay or an operator does. Throws where there is no such move. */
  move(id: string, to: EventStatus): void;
  /** Lets the calls to come go wrong, one fault for each; afterwards they go well again. */
  fail(...faults: MemoryFault[]): void;
}

/** Makes an empty store. `now` is epoch milliseconds. */
export function createMemoryEvents(now: () => number = Date.now): MemoryEvents {
  const stored = new Map<string, { event: DeferredEvent; status: EventStatus }>();
  const faults: MemoryFault[] = [];
  let retriesUntil = Number.NEGATIVE_INFINITY;

  return {
    load: async () => undefined,
    put: (event, deadlineAt, retriedUntilAt = Number.NEGATIVE_INFINITY) =>
      answer(deadlineAt, () => {
        if (!isEventId(event.id)) throw failure('that is no id of an event');
        retriesUntil = Math.max(retriesUntil, retriedUntilAt);
        const found = stored.get(event.id);
        if (!found) stored.set(event.id, { event, status: 'pending' });
        if (found?.status === 'taken-back') stored.set(event.id, { event, status: 'pending' });
        return found ? 'already-stored' : 'stored';
      }),
    takeBack: (id, deadlineAt) =>
      answer(deadlineAt, () => {
        const found = stored.get(id);
        if (!found) return 'absent';
        if (found.status === 'pending') found.status = 'taken-back';
        return found.status === 'taken-back' ? 'taken-back' : 'done';
      }),
    retriesUntil: (deadlineAt) => answer(deadlineAt, () => retriesUntil),
    look: (id) => stored.get(id),
    ids: () => [...stored.keys()],
    move(id, to) {
      const found = stored.get(id);
      if (!found || !MOVES[found.status].includes(to))
        throw new Error(`${id} cannot go from ${found?.status} to ${to}`);
      found.status = to;
    },
    fail: (...more) => void faults.push(...more),
  };

  async function answer<T>(deadlineAt: number, act: () => T): Promise<T> {
    // As over a network: nothing happens in the caller's own turn.
    await new Promise(setImmediate);
    const fault = faults.shift();
    if (fault === 'refused' || now() >= deadlineAt) throw failure(fault ?? 'no time is left');
    const outcome = act();
    if (fault === 'answer-lost') throw failure(fault);
    return outcome;
  }
}

function failure(why: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.DeferralFailed', `the store in memory: ${why}`);
}
