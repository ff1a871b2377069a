import type { ReplayPlan } from '../../core/replay/plan.ts';
import { FROM_DRAIN, type KeptRun, NEXT_STRETCH_MS, runPlanOf } from '../../core/runs/run.ts';

/** When {@link KEPT_RUN} began: epoch milliseconds. */
export const RUN_BEGUN_AT = Date.parse('2026-11-29T20:00:00Z');

/** A plan without a rate or a limit. */
export const RUN_PLAN: ReplayPlan = {
  statuses: ['pending'],
  mode: 'request',
  concurrency: 10,
  ratePerSecond: Number.POSITIVE_INFINITY,
  limit: Number.POSITIVE_INFINITY,
  ordered: true,
  duringWindow: false,
  latestPerResource: false,
  stopAfter: { kind: 'count', failures: 3 },
};

/** Record of a drain's replay that has begun none of its shares. */
export const KEPT_RUN: KeptRun = {
  id: '0a1b2c3d',
  name: 'orders',
  by: 'monitor',
  from: FROM_DRAIN,
  selection: { functions: ['orders'] },
  plan: runPlanOf(RUN_PLAN),
  startedAt: RUN_BEGUN_AT,
  wishes: { wanted: 'running' },
  shares: [],
  shareCount: 2,
  aliveUntil: RUN_BEGUN_AT + NEXT_STRETCH_MS,
};
