import type { ReplayPlan } from '../../../core/replay/plan.ts';
import type { Hold } from '../../../core/replay/window-watch.ts';
import { counted, shown } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/time/instant.ts';
import type { DryRun } from '../../replay/dry-run.ts';
import type { PassedOver } from '../../replay/meant.ts';
import { type ReplayPreview, sendingMs } from '../../replay/preview.ts';
import type { Times } from '../../times/times.ts';
import { countsJson, countsText } from '../events/counts-text.ts';
import type { Session } from '../session.ts';
import { noEventText, passedOverText } from './left-text.ts';
import { rateText, takesText } from './pace-text.ts';
import { passedOverJson } from './report.ts';
import { wholeSecond } from './wait-text.ts';

/**
 * Shows what a replay would do.
 *
 * @param until of a filter: the instant before which all of it was deferred
 */
export function showDryRun(
  { output, words }: Session,
  found: ReplayPreview,
  plan: ReplayPlan,
  passedOver: readonly PassedOver[],
  until: number | undefined,
): void {
  const { counts, first, functions, others, holds, endAt } = found;
  const hasRate = counts.events > 0 && Number.isFinite(plan.ratePerSecond);
  const json = {
    dryRun: true,
    ...countsJson(counts),
    ...others,
    ...(functions.length > 0 && {
      oldestAt: instantToText(Math.min(...functions.map(({ oldestAt }) => oldestAt))),
      newestAt: instantToText(Math.max(...functions.map(({ newestAt }) => newestAt))),
    }),
    first: first.map(({ id }) => id),
    ...(until !== undefined && { until: instantToText(until) }),
    ...(hasRate && { ratePerSecond: plan.ratePerSecond, takesAtLeastMs: Math.round(sendingMs(found, plan)) }),
    ...(holds.length > 0 && { waits: holds.map(holdJson) }),
    ...passedOverJson(passedOver),
  };
  output.show(json, () =>
    [
      counts.events === 0 ? noEventText(words, passedOver) : `Would replay:\n${countsText(counts, output)}`,
      ...othersText(others),
      ...holds.map(({ functionName, hold }) => holdText(functionName, hold, output.times)),
      ...(hasRate
        ? [
            `Would take ${takesText(found, plan)}, ${rateText(plan)}${endAt === undefined ? '' : ','}${untilText(endAt, output.times)}.`,
          ]
        : []),
      ...(counts.events > 0 && passedOver.length > 0 ? [`Would leave ${passedOverText(passedOver, words)}`] : []),
    ].join('\n'),
  );
}

function holdText(functionName: string, { why, untilAt }: Hold, times: Times): string {
  return `${shown(functionName)} would wait${untilText(untilAt === undefined ? undefined : wholeSecond(untilAt), times)}: ${shown(why)}`;
}

function untilText(at: number | undefined, times: Times): string {
  return at === undefined ? '' : ` until ${times.text(at)}`;
}

function holdJson({ functionName, hold: { why, untilAt } }: ReplayPreview['holds'][number]): object {
  return {
    function: functionName,
    why,
    until: untilAt === undefined ? undefined : instantToText(wholeSecond(untilAt)),
  };
}

/** What a replay would do with events besides replaying them. */
export function othersText({ discarded, refused, held, damaged, leased }: DryRun['others']): readonly string[] {
  return [
    ...(discarded > 0
      ? [`Would discard ${counted(discarded, 'event')}, as a later tick of the same schedule is there.`]
      : []),
    ...(refused > 0 ? [`Would refuse ${counted(refused, 'event')}, which cannot go through Lambda’s own queue.`] : []),
    ...(held > 0 ? [`Would hold back ${counted(held, 'event')} behind what is not done in their order keys.`] : []),
    ...(damaged > 0 ? [`Would mark ${counted(damaged, 'event')} as failed, as the stored event is damaged.`] : []),
    ...(leased > 0
      ? [`Would leave ${counted(leased, 'event')} that may still be running until the lease is over.`]
      : []),
  ];
}
