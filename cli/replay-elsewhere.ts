import { setTimeout as pause } from 'node:timers/promises';
import type { EventRow } from '../aws/event-rows.ts';
import type { EventArchive } from '../aws/events.ts';

/** Events that are leased to somebody else: the first so many of them are looked at again at the end. */
const MOST_ROWS = 1_000;
/** A tool that lives ends its events one after the other. After so many looks without that, it is likely to be dead. */
const LOOKS = 20;
const LOOK_EVERY_MS = 250;

/** What somebody else has in hand while this replay runs. */
export interface Elsewhere {
  /** Keeps a row for the end. False: there are too many. */
  putOff(row: EventRow): boolean;
  /** Waits for them as long as they end one by one, and tells of each what came of it. */
  conclude(told: ToldElsewhere): Promise<void>;
}

export interface ToldElsewhere {
  /** Told once, before the first wait. */
  onWaiting(row: EventRow): void;
  /** `taken`: it was dealt with. `leased`: it may still be running. */
  onOutcome(row: EventRow, outcome: 'taken' | 'leased'): void;
}

/** @param signal aborted: nothing is waited for */
export function createElsewhere(events: Pick<EventArchive, 'look'>, signal: AbortSignal): Elsewhere {
  const rows: EventRow[] = [];
  return {
    putOff: (row) => rows.length < MOST_ROWS && rows.push(row) > 0,

    async conclude({ onWaiting, onOutcome }) {
      let looksLeft = LOOKS;
      let isTold = false;
      for (const row of rows) {
        let status = await statusOf(row);
        for (; status === 'replaying' && looksLeft > 0 && !signal.aborted; status = await statusOf(row)) {
          if (!isTold) onWaiting(row);
          isTold = true;
          looksLeft -= 1;
          await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
        }
        if (status !== 'replaying') looksLeft = LOOKS;
        onOutcome(row, isLeft(status) ? 'leased' : 'taken');
      }
    },
  };

  async function statusOf({ id }: EventRow): Promise<string | undefined> {
    return (await events.look(id))?.status;
  }
}

function isLeft(status: string | undefined): boolean {
  return status === 'replaying' || status === 'unknown' || status === 'pending';
}
