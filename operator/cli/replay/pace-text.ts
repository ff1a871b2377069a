import type { ReplayPlan } from '../../../core/replay/plan.ts';
import { numberText } from '../../../core/text/shown.ts';
import { durationText } from '../../../core/time/time-text.ts';
import type { DryRun } from '../../replay/dry-run.ts';
import { sendingMs } from '../../replay/preview.ts';

/** `at most 50/s (a tenth of it at first, all of it after 30 s)`. */
export function rateText({ ratePerSecond }: ReplayPlan): string {
  return `at most ${numberText(ratePerSecond)}/s (a tenth of it at first, all of it after 30 s)`;
}

/** `at least 35 s`. */
export function takesText(found: DryRun, plan: ReplayPlan): string {
  return `at least ${durationText(sendingMs(found, plan))}`;
}
