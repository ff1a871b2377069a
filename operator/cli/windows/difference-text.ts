import { shown } from '../../../core/text/shown.ts';
import type { Difference } from '../../../core/windows/difference.ts';
import type { Output } from '../terminal/output.ts';

/** What an edit changes: a line for each window, `-` before what goes and `+` before what comes. */
export function differenceText(difference: Difference, output: Pick<Output, 'paint'>): string {
  return differenceLines(difference, output).join('\n');
}

/** The same, line by line. */
export function differenceLines({ removed, added }: Difference, { paint }: Pick<Output, 'paint'>): readonly string[] {
  const lines = [
    ...removed.map((line) => paint.red(`- ${shown(line)}`)),
    ...added.map((line) => paint.green(`+ ${shown(line)}`)),
  ];
  return lines.length > 0 ? lines : ['(nothing, but for order and spelling)'];
}

/**
 * What an edit that was not written would change, of which version.
 *
 * @param besides what else there is to know of it
 */
export function wouldChangeText(
  parameter: string,
  version: number,
  difference: Difference,
  output: Pick<Output, 'paint'>,
  besides?: string,
): string {
  const changed = `${parameter}, version ${version}, would change:\n${differenceText(difference, output)}`;
  return besides === undefined ? changed : `${changed}\n\n${besides}`;
}
