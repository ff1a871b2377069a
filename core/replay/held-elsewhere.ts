import type { EventArchive, EventRow } from '../events/archive.ts';
import type { Timer } from './timer.ts';

/** Events that are leased to somebody else: the first so many of them are looked at again at the end. */
const MOST_ROWS = 1_000;
/** A tool that lives ends its events one after the other. After so many looks without that, it is likely to be dead. */
const LOOKS = 20;
const LOOK_EVERY_MS = 250;

/** Events that another tool has claimed while this replay runs. */
export interface Elsewhere {
  /** Keeps a row for the end. False: there are too many. */
  putOff(row: EventRow): boolean;
  /** Waits for them while they end one by one, and reports the outcome of each; also if a look fails. */
  conclude(told: ToldElsewhere): Promise<void>;
}

export interface ToldElsewhere {
  /** Told once, before the first wait. */
  onWaiting(row: EventRow): void;
  /** `taken`: it has an outcome that is known. `leased`: it has none yet. */
  onOutcome(row: EventRow, outcome: 'taken' | 'leased'): void;
}

/** @param signal aborted: nothing is waited for */
export function createElsewhere(events: Pick<EventArchive, 'look'>, timer: Timer, signal: AbortSignal): Elsewhere {
  const rows: EventRow[] = [];
  return {
    putOff: (row) => rows.length < MOST_ROWS && rows.push(row) > 0,

    async conclude({ onWaiting, onOutcome }) {
      let looksLeft = LOOKS;
      let isTold = false;
      const left = [...rows];
      try {
        for (let row = left[0]; row; row = left[0]) {
          const first = await statusOf(row);
          let status = first;
          for (; status === 'replaying' && looksLeft > 0 && !signal.aborted; status = await statusOf(row)) {
            if (!isTold) onWaiting(row);
            isTold = true;
            looksLeft -= 1;
            await timer.sleep(LOOK_EVERY_MS, signal);
          }
          const wasEnded = first === 'replaying' && status !== 'replaying';
          if (wasEnded) looksLeft = LOOKS; // before our eyes: that tool lives
          left.shift();
          onOutcome(row, isLeft(status) ? 'leased' : 'taken');
        }
      } finally {
        for (const row of left) onOutcome(row, 'leased');
      }
    },
  };

  async function statusOf(row: EventRow): Promise<string | undefined> {
    return (await events.look(row))?.status;
  }
}

function isLeft(status: string | undefined): boolean {
  return status === 'replaying' || status === 'unknown' || status === 'pending';
}
