import type { Upcoming } from '../../../core/calendar/upcoming.ts';
import type { ReplayPolicy } from '../../../core/sources/auto-replay.ts';
import { instantToText } from '../../../core/time/instant.ts';
import { durationText } from '../../../core/time/time-text.ts';
import type { Window } from '../../../core/windows/window.ts';
import { functionsText, instantOrUndefined, reasonText, replayText } from '../../../core/windows/window-text.ts';
import type { Output } from '../terminal/output.ts';

/** The parameter is absent where there is only one. */
export type Coming = Upcoming<{
  readonly id: string;
  readonly window: Window;
  readonly parameter?: { readonly name: string };
  readonly replay?: ReplayPolicy;
}>;

/** For people. */
export function upcomingTable(
  upcoming: readonly Coming[],
  output: Pick<Output, 'table' | 'times'>,
  now: number,
): string {
  const { times } = output;
  const severalParameters = upcoming.some(({ parameter }) => parameter);
  const notes = upcoming.some(({ note }) => note);
  const replays = upcoming.some(({ replay }) => replay !== undefined);
  return output.table(
    [
      times.head('STARTS'),
      times.head('ENDS'),
      'LASTS',
      'ID',
      ...(severalParameters ? ['PARAMETER'] : []),
      'FUNCTIONS',
      'REASON',
      ...(replays ? ['REPLAY'] : []),
      ...(notes ? ['NOTE'] : []),
    ],
    upcoming.map(({ id, parameter, window, replay, occurrence: { startAt, endAt }, note }) => [
      times.cellFromNow(startAt, now),
      endAt === undefined ? 'no end' : times.cell(endAt),
      endAt === undefined ? '-' : durationText(endAt - startAt),
      id,
      ...(severalParameters ? [parameter?.name ?? '-'] : []),
      functionsText(window),
      reasonText(window),
      ...(replays ? [replayText(replay)] : []),
      ...(notes ? [note ?? ''] : []),
    ]),
  );
}

/** For programs. */
export function upcomingJson({ id, parameter, window, replay, occurrence: { startAt, endAt }, note }: Coming): object {
  return {
    id,
    parameter: parameter?.name,
    start: instantToText(startAt),
    end: instantOrUndefined(endAt),
    functions: window.functions,
    reason: window.reason,
    replay,
    note,
  };
}
