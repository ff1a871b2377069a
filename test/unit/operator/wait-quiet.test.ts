import { describe, expect, it } from 'vitest';
import { SECOND_MS } from '../../../core/units.ts';
import { waitUntilQuiet } from '../../../operator/windows/wait-quiet.ts';
import { createMemoryOperator } from '../../fakes/memory/memory-operator.ts';

const START = Date.UTC(2026, 10, 21, 2);
const WINDOW = { start: '2026-11-21T02:00:00Z', end: '2026-11-21T04:00:00Z' };
const textOf = (...windows: object[]) => JSON.stringify({ version: 1, windows });

/** A world whose clock goes by sleeping alone: `orders` follows within 68 s and runs for 30 s. */
function worldOf(...windows: object[]) {
  let now = START;
  const environment = { MAINTENANCE_WINDOW_PARAMETER: 'windows', MAINTENANCE_WINDOW_TTL: '60' };
  const functions = [{ name: 'orders', timeoutSeconds: 30, environment, mayHoldClient: true }];
  const world = createMemoryOperator(['windows'], () => now, functions);
  world.put('windows', textOf(...windows));
  const sleeps: number[] = [];
  const told: number[] = [];
  /** What happens while it sleeps for the nth time. */
  const during = new Map<number, () => void>();
  const wait = (timeoutMs = Number.POSITIVE_INFINITY, signal?: AbortSignal) =>
    waitUntilQuiet(
      { ...world.operator, clockSoFar: { ...world.operator.clockSoFar, now: () => now } },
      {
        timeoutMs,
        ...(signal && { signal }),
        tell: (quiet) => told.push((quiet.at - START) / SECOND_MS),
        timer: {
          now: () => now,
          async sleep(ms) {
            now += ms;
            sleeps.push(ms);
            during.get(sleeps.length)?.();
          },
        },
      },
    );
  return { ...world, during, sleeps, told, wait, secondsGone: () => (now - START) / SECOND_MS };
}

describe('the wait for quiet', () => {
  it('ends when the last handler may have ended, and looks again every ten seconds', async () => {
    const { wait, secondsGone, sleeps, told } = worldOf(WINDOW);
    expect(await wait()).toMatchObject({ kind: 'quiet', quiet: { at: START + 97 * SECOND_MS } });
    expect(secondsGone()).toBe(97);
    expect(Math.max(...sleeps)).toBe(10 * SECOND_MS);
    expect(new Set(told)).toEqual(new Set([97]));
  });

  it('ends where no window is active, also where one ends meanwhile', async () => {
    expect(await worldOf().wait()).toEqual({ kind: 'none-active' });
    const { during, put, wait, secondsGone } = worldOf(WINDOW);
    during.set(2, () => put('windows', textOf()));
    expect(await wait()).toEqual({ kind: 'none-active' });
    expect(secondsGone()).toBe(20);
  });

  it('ends at once where maintenance ends before it is quiet, and goes on where somebody extends it in time', async () => {
    const short = { ...WINDOW, end: '2026-11-21T02:01:37Z' };
    const vain = worldOf(short);
    expect(await vain.wait()).toMatchObject({
      kind: 'ends-first',
      quiet: { at: START + 97_000, overAt: START + 97_000 },
    });
    expect(vain.secondsGone()).toBe(0);
    const covered = worldOf(short, { start: '2026-11-21T02:01:00Z', end: '2026-11-21T03:00:00Z' });
    expect(await covered.wait()).toMatchObject({ kind: 'quiet' });
  });

  it('ends at its time limit, or when it is interrupted, and says until when it would have waited', async () => {
    const limited = worldOf(WINDOW);
    expect(await limited.wait(25 * SECOND_MS)).toMatchObject({ kind: 'timed-out', quiet: { at: START + 97_000 } });
    expect(limited.secondsGone()).toBe(25);
    const { during, wait } = worldOf(WINDOW);
    const controller = new AbortController();
    during.set(3, () => controller.abort());
    expect(await wait(Number.POSITIVE_INFINITY, controller.signal)).toMatchObject({ kind: 'interrupted' });
  });

  it('goes by what it knew while the windows cannot be read, and says so once; at the end it has to read them', async () => {
    const { deny, during, said, secondsGone, wait } = worldOf(WINDOW);
    during.set(2, () => deny('windows'));
    await expect(wait()).rejects.toMatchObject({ name: 'MaintenanceWindow.Denied' });
    expect(secondsGone()).toBe(97);
    expect(said).toHaveLength(1);
  });
});
