import { DRAIN_MEMORY_MB } from '../../core/deployment/drain-machine.ts';
import type { Simulated } from '../../test/worlds/drain-simulation.ts';

/** $ by AWS's list prices for US East (N. Virginia), without free tiers. docs/cost.md has their sources, and is held to these. */
export const LIST_PRICES = {
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  gbSecond: 0.000_013_333_4,
  invocation: 0.2e-6,
  stateTransition: 25e-6,
} as const;

/** Units of DynamoDB for one of each, of an event of up to 2 KB and a run of 200 functions. docs/cost.md is held to these, too. */
export const DRAIN_UNITS = {
  /** Of the table and of its index. */
  claim: { write: 3 },
  end: { write: 4 },
  heartbeat: { write: 1, read: 2 },
  /** Twelve rows are 4 KB, which are half a unit: their read may be a little behind. */
  rowsOfReadUnit: 24,
} as const;

/** What a drain used of AWS. */
export type DrainUse = Readonly<Record<keyof typeof LIST_PRICES, number>>;

export function useOf({ requests, stretches, stretchMs, executions }: Simulated): DrainUse {
  const { claim, end, heartbeat, rowsOfReadUnit } = DRAIN_UNITS;
  return {
    writeUnit: requests.claims * claim.write + requests.ends * end.write + requests.heartbeats * heartbeat.write,
    readUnit: requests.rows / rowsOfReadUnit + requests.heartbeats * heartbeat.read,
    gbSecond: (stretchMs / 1_000) * (DRAIN_MEMORY_MB / 1_024),
    invocation: stretches,
    stateTransition: executions.reduce((sum, { transitions }) => sum + transitions, 0),
  };
}

/** In $. */
export function costOf(use: DrainUse): number {
  const kinds = Object.keys(LIST_PRICES) as (keyof DrainUse)[];
  return kinds.reduce((sum, kind) => sum + use[kind] * LIST_PRICES[kind], 0);
}
