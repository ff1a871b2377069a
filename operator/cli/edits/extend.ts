import { MaintenanceWindowError } from '../../../core/errors.ts';
import { instantToText } from '../../../core/time/instant.ts';
import { durationText } from '../../../core/time/time-text.ts';
import { MINUTE_MS } from '../../../core/units.ts';
import { functionsText, windowJson } from '../../../core/windows/window-text.ts';
import { commitExtend, type ExtendRequest, type PreparedExtend, prepareExtend } from '../../edits/extend.ts';
import { type Concerned, outlookOf } from '../../edits/outlook.ts';
import type { TypedTime } from '../../times/typed-time.ts';
import type { AddNoun } from '../command.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import { durationValue, timeAhead } from '../values.ts';
import { wouldChangeText } from '../windows/difference-text.ts';
import { commit } from './commit.ts';
import { type EditOptions, takesEdits, tellEditPlace } from './edit-options.ts';
import { outlookJson, outlookText } from './outlook-text.ts';

interface ExtendOptions extends EditOptions {
  /** Milliseconds. */
  readonly for?: number;
  readonly until?: TypedTime;
}

/** It is said aloud. */
const DEFAULT_LENGTH_MS = 30 * MINUTE_MS;

/** `extend`: a later end of an active window. */
export const addExtend: AddNoun = (program, acting) => {
  const command = program
    .command('extend')
    .description('let an active window last longer; of one that comes again, this time only')
    .argument('[id]', 'the window, as status shows it (default: the one that is active)')
    .option('--for <duration>', 'by how much longer: 30m, 2h, 1h30 (default 30m)', durationValue)
    .option('--until <time>', 'until when: 23:00 (the next), tomorrow 02:00, +2h (from now)', timeAhead);
  withExamples(takesEdits(command).action(acting(extend)), 'extend', 'extend --for 1h', 'extend 3f9a1c --until 23:00');
};

async function extend(session: Session, id: string | undefined, options: ExtendOptions): Promise<number> {
  const { output } = session;
  refuseWrongWords(options);
  await tellEditPlace(session, options);
  const prepared = await prepareExtend(session, await requestFrom(session, id, options));
  if (options.for === undefined && options.until === undefined) {
    output.note(`by ${durationText(DEFAULT_LENGTH_MS)}, as neither --for nor --until was said`);
  }
  const committed = await commit(session, prepared, options, commitExtend);
  if (committed.kind === 'declined') return NOT_ALL_DONE;

  const isWritten = committed.kind === 'written';
  const { draft, extending, occurrenceId, endAt, wasEndAt, difference } = prepared;
  const { parameter } = draft;
  const { version, now } = isWritten ? committed.outcome : { version: draft.base.version, now: prepared.now };
  const outlook = isWritten ? undefined : await outlookOf(session, prepared, concernedBy(prepared));
  output.show(
    {
      written: isWritten,
      parameter,
      version,
      window: { id: extending.id, ...windowJson(extending.window) },
      occurrenceId,
      end: instantToText(endAt),
      wasEnd: instantToText(wasEndAt),
      ...(outlook && outlookJson(outlook)),
      ...difference,
    },
    () =>
      isWritten
        ? extendedText(session, prepared, `${parameter}, version ${version}`, now)
        : wouldChangeText(parameter, version, difference, output, outlook && outlookText(outlook, output)),
  );
  return DONE;
}

/** This time as it will be, and not the later ones. */
function concernedBy({ extending, occurrenceId, endAt, now }: PreparedExtend): readonly Concerned[] {
  const { id, window, occurrence } = extending;
  const times = [{ startAt: Math.max(occurrence.startAt, now), endAt }];
  return [{ id, window, times }, ...(occurrenceId === undefined ? [] : [{ id: occurrenceId, window, times: [] }])];
}

function refuseWrongWords({ for: byMs, until }: ExtendOptions): void {
  if (byMs === undefined || until === undefined) return;
  throw new MaintenanceWindowError(
    'MaintenanceWindow.Usage',
    '--for and --until both say how much longer: say one of them',
  );
}

async function requestFrom(session: Session, id: string | undefined, options: ExtendOptions): Promise<ExtendRequest> {
  const { for: byMs = DEFAULT_LENGTH_MS, until, edit } = options;
  return {
    ...(id !== undefined && { id }),
    end: until === undefined ? { byMs } : { at: await session.instantOf(until) },
    ...(edit !== undefined && { parameter: edit }),
  };
}

function extendedText(
  { output }: Session,
  { extending: { id, window }, occurrenceId, endAt, wasEndAt }: PreparedExtend,
  where: string,
  now: number,
): string {
  const { command, paint, times } = output;
  const { bold, yellow } = paint;
  return [
    `${bold(yellow('Extended'))}: ${functionsText(window)}, until ${times.fromNow(endAt, now)}, ${durationText(endAt - wasEndAt)} longer`,
    `  window  ${id} in ${where}${occurrenceId === undefined ? '' : `; this time as ${occurrenceId}`}`,
    `  to end  ${command(['end', occurrenceId ?? id])}`,
  ].join('\n');
}
