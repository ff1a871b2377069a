import { counted } from '../../../core/text/shown.ts';
import type { DryRun } from '../../replay/dry-run.ts';
import { countsJson, countsText } from '../events/counts-text.ts';
import type { Output } from '../terminal/output.ts';

/** Shows what a replay would do. */
export function showDryRun(output: Output, { counts, others }: DryRun): void {
  output.show({ dryRun: true, ...countsJson(counts), ...others }, () =>
    [`Would replay:\n${countsText(counts, output)}`, ...othersText(others)].join('\n'),
  );
}

function othersText({ discarded, refused, held, damaged, leased }: DryRun['others']): readonly string[] {
  return [
    ...(discarded > 0
      ? [`Would discard ${counted(discarded, 'event')}, as a later tick of their schedule is there.`]
      : []),
    ...(refused > 0 ? [`Would refuse ${counted(refused, 'event')}, which cannot go through Lambda’s own queue.`] : []),
    ...(held > 0 ? [`Would hold back ${counted(held, 'event')} behind what is not done in their order keys.`] : []),
    ...(damaged > 0 ? [`Would mark ${counted(damaged, 'event')} as failed, as the stored event is damaged.`] : []),
    ...(leased > 0
      ? [`Would leave ${counted(leased, 'event')} that may still be running until their lease is over.`]
      : []),
  ];
}
