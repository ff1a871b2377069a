import type { RunOrders } from '../../core/runs/ports.ts';
import { HEARTBEAT_MS, type RunShare } from '../../core/runs/run.ts';
import type { DrainParts } from './parts.ts';

/** Tells of a share at work, and hears what is wanted. */
export interface Heartbeat {
  /** Tells no more. Resolves once what is under way has ended. */
  end(): Promise<void>;
}

/**
 * Begins at once. An outage of the record stops no replay: it is told, and the next beat says all of it again.
 *
 * @param onOrders told of each answer; a run that is gone is as good as one that was cancelled
 */
export function beginHeartbeat(
  { runs, timer, write }: Pick<DrainParts, 'runs' | 'timer' | 'write'>,
  run: string,
  share: () => RunShare,
  onOrders: (orders: RunOrders) => void,
): Heartbeat {
  const over = new AbortController();
  const beating = beat();
  return {
    async end() {
      over.abort();
      await beating;
    },
  };

  async function beat(): Promise<void> {
    while (!over.signal.aborted) {
      try {
        const orders = await runs.beat(run, share());
        if (orders === 'gone') onOrders({ ...GONE });
        else onOrders(orders.isEnded ? { ...orders, wanted: 'stopped' } : orders);
      } catch (fault) {
        write(`the record of the run ${run} could not be written: ${fault}`);
      }
      await timer.sleep(HEARTBEAT_MS, over.signal);
    }
  }
}

const GONE: RunOrders = { wanted: 'stopped', sharesLeft: 1, isEnded: true };
