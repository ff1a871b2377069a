import { readingFrom } from '../../aws/windows/window-documents.ts';
import { createGate, type Gate } from '../../core/gate/gate.ts';
import type { EventStore } from '../../core/gate/ports.ts';
import { parseWindows } from '../../core/windows/window.ts';
import { type NextInvocation, oneAtATime } from '../../ric/intake.ts';
import { type Finding, writeNanoseconds } from '../measure/findings.ts';
import { differences, estimate, interleave, median } from '../measure/pairs.ts';
import { windowNextYear } from '../processes/windows.ts';

/** How often to measure. */
export interface WrapCounts {
  readonly rounds: number;
  readonly callsPerRound: number;
}

/** Cost of the gate and its wrap around `nextInvocation` outside a window, without any I/O. */
export async function measureWrap(counts: Partial<WrapCounts> = {}): Promise<Finding[]> {
  return [await wrapAdds('wrap and decision outside a window', windowNextYear(), counts)];
}

/**
 * The CPU time of a wrapped call of a `nextInvocation` that resolves at once, over an unwrapped one, in this process.
 *
 * @param document what the window parameter holds
 */
export async function wrapAdds(
  what: string,
  document: string,
  { rounds = 60, callsPerRound = 100_000 }: Partial<WrapCounts>,
): Promise<Finding> {
  const request = { bodyJson: '{}', headers: {} };
  const bare: NextInvocation = async () => request;
  const gated = oneAtATime(bare, await startGate(document), () => unexpected());
  const sides = {
    gated: async () => cpuTimePerCallNs(gated, callsPerRound),
    bare: async () => cpuTimePerCallNs(bare, callsPerRound),
  };
  await interleave(Math.ceil(rounds / 10), sides); // until V8 has compiled both
  const figures = await interleave(rounds, sides);
  return {
    what,
    target: { kind: 'at most', value: 200 },
    figure: estimate(differences(figures.gated, figures.bare)),
    write: writeNanoseconds,
    basis: `${writeNanoseconds(median(figures.gated))} against ${writeNanoseconds(median(figures.bare))}; ${rounds} pairs of ${callsPerRound} calls`,
  };
}

async function cpuTimePerCallNs(next: NextInvocation, calls: number): Promise<number> {
  const before = process.cpuUsage();
  for (let call = 0; call < calls; call += 1) await next();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1_000) / calls;
}

/** The gate as the runtime has it, with a reading that does not grow old. */
async function startGate(text: string): Promise<Gate> {
  const parsed = parseWindows(text);
  if (parsed.kind === 'fault') throw new Error(parsed.message);
  const reading = await readingFrom([parsed.document], 'orders');
  const done = async () => undefined;
  const events: EventStore = { load: done, put: unexpected, takeBack: unexpected, retriesUntil: unexpected };
  const gate = createGate({
    windows: { reading, staleAt: Number.POSITIVE_INFINITY, start: done, refresh: done },
    events,
    log: { write: unexpected },
    clock: { now: Date.now, random: Math.random },
    identity: { name: 'orders', version: '$LATEST', clientVersion: '0.2.0' },
    policy: {},
    ttlSeconds: 60,
  });
  await gate.start();
  return gate;
}

function unexpected(): never {
  throw new Error('no window is active: nothing is stored, answered or logged');
}
