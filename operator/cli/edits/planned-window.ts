import { nextWindows } from '../../../core/calendar/upcoming.ts';
import type { Window } from '../../../core/windows/window.ts';
import { windowJson } from '../../../core/windows/window-text.ts';
import type { Prepared, Written } from '../../edits/draft.ts';
import { FORESEEN_TIMES, type Outlook } from '../../edits/outlook.ts';
import type { Output } from '../terminal/output.ts';
import { wouldChangeText } from '../windows/difference-text.ts';
import { upcomingJson, upcomingTable } from '../windows/upcoming-text.ts';
import type { Committed } from './commit.ts';
import { outlookJson, outlookText } from './outlook-text.ts';

/** A window that an edit is about. */
export interface PlannedWindow {
  readonly id: string;
  /** As the edit makes it. */
  readonly window: Window;
  /** Of one that was not written. */
  readonly outlook?: Outlook;
  /** What programs get to know of it besides. */
  readonly more?: object;
  /** What people get to know of it once it is written. */
  readonly text: (where: string) => string;
}

/** Shows a window that is to come, with its next times; or, where it was not written, what would change. */
export async function showPlannedWindow(
  output: Output,
  { draft: { parameter, base }, now: preparedAt, difference }: Prepared,
  committed: Exclude<Committed<Written>, { readonly kind: 'declined' }>,
  { id, window, outlook, more, text }: PlannedWindow,
): Promise<void> {
  const isWritten = committed.kind === 'written';
  const { version, now } = isWritten ? committed.outcome : { version: base.version, now: preparedAt };
  const next = await nextWindows([{ id, window }], now, FORESEEN_TIMES);
  output.show(
    {
      written: isWritten,
      parameter,
      version,
      window: { id, ...windowJson(window) },
      ...more,
      next: next.map(upcomingJson),
      ...(outlook && outlookJson(outlook)),
      ...difference,
    },
    () => {
      const told = isWritten
        ? text(`${parameter}, version ${version}`)
        : wouldChangeText(parameter, version, difference, output, outlook && outlookText(outlook, output));
      return next.length > 0 ? `${told}\n\n${upcomingTable(next, output, now)}` : told;
    },
  );
}
