import { describe, expect, it } from 'vitest';
import type { EventRow } from '../../../core/events/archive.ts';
import type { EventStatus } from '../../../core/events/deferred-event.ts';
import { createElsewhere } from '../../../core/replay/held-elsewhere.ts';
import type { Timer } from '../../../core/replay/timer.ts';

/** Statuses that one look after the other finds; the last one stays. */
type Looks = readonly (EventStatus | 'fault')[];

const DEAD: Looks = ['replaying'];
const OVER: Looks = ['replayed'];
const AT_ONCE: Timer = { now: () => 0, sleep: async () => undefined };

async function conclude(rows: readonly Looks[], signal = new AbortController().signal) {
  let looks = 0;
  const seen = rows.map((each) => [...each]);
  const look = async ({ id }: { readonly id: string }) => {
    looks += 1;
    const left = seen[Number(id)] ?? [];
    const status = left.length > 1 ? left.shift() : left[0];
    if (status === 'fault') throw new Error('the table is gone');
    return { status } as never;
  };
  const elsewhere = createElsewhere({ look }, AT_ONCE, signal);
  for (const index of rows.keys()) elsewhere.putOff({ id: String(index), functionName: 'orders' } as EventRow);
  const outcomes: string[] = [];
  let waits = 0;
  const fault = await elsewhere
    .conclude({
      onWaiting: () => {
        waits += 1;
      },
      onOutcome: (_, outcome) => outcomes.push(outcome),
    })
    .catch((error: Error) => error.message);
  return { outcomes, waits, looks, fault };
}

describe('what another replay has in hand', () => {
  it('is not waited for where it is over, or nobody works on it', async () => {
    const rows = [OVER, ['failed'], ['discarded'], ['unknown'], ['pending'], ['accepted']] as const;
    expect(await conclude(rows)).toMatchObject({
      outcomes: ['taken', 'taken', 'taken', 'leased', 'leased', 'taken'],
      waits: 0,
      looks: 6,
    });
  });

  it('is waited for as long as it ends one by one, and told of once', async () => {
    const slow: Looks = ['replaying', 'replaying', 'replayed'];
    expect(await conclude([slow, slow, slow])).toEqual({ outcomes: ['taken', 'taken', 'taken'], waits: 1, looks: 9 });
  });

  it('is given up after a while, once for all', async () => {
    const { outcomes, looks } = await conclude([DEAD, OVER, DEAD, ['unknown'], DEAD]);
    expect(outcomes).toEqual(['leased', 'taken', 'leased', 'leased', 'leased']);
    expect(looks).toBe(5 + 20);
  });

  it('is told of also where the table stops answering', async () => {
    const { outcomes, fault } = await conclude([OVER, ['replaying', 'fault'], DEAD]);
    expect({ outcomes, fault }).toEqual({ outcomes: ['taken', 'leased', 'leased'], fault: 'the table is gone' });
  });

  it('is not waited for once the replay is interrupted', async () => {
    expect(await conclude([DEAD, DEAD], AbortSignal.abort())).toMatchObject({
      outcomes: ['leased', 'leased'],
      looks: 2,
    });
  });

  it('is kept in mind up to a thousand', () => {
    const elsewhere = createElsewhere({ look: async () => undefined }, AT_ONCE, new AbortController().signal);
    const kept = Array.from({ length: 1_001 }, (_, index) => elsewhere.putOff({ id: String(index) } as EventRow));
    expect(kept.filter(Boolean)).toHaveLength(1_000);
    expect(kept.at(-1)).toBe(false);
  });
});
