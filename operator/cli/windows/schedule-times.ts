import { FAULTS } from '../../../core/errors.ts';
import { instantToText } from '../../../core/time/instant.ts';
import { durationText } from '../../../core/time/time-text.ts';
import { DAY_MS } from '../../../core/units.ts';
import { functionsText, instantOrUndefined, reasonText } from '../../../core/windows/window-text.ts';
import type { TypedTime } from '../../times/typed-time.ts';
import {
  LONGEST_SPAN_MS,
  readScheduledTimes,
  type ScheduledTime,
  type UnitedTimes,
} from '../../windows/scheduled-times.ts';
import { type AddNoun, usage } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import type { Output } from '../terminal/output.ts';
import { functionNameValue, timeAhead } from '../values.ts';
import { upcomingJson } from './upcoming-text.ts';

interface TimesOptions {
  readonly from?: TypedTime;
  readonly until?: TypedTime;
  readonly function?: string;
}

const DEFAULT_SPAN_MS = 7 * DAY_MS;
const LONGEST_DAYS = LONGEST_SPAN_MS / DAY_MS;

/** `schedule times`: when windows were active, are, and will be. */
export const addScheduleTimes: AddNoun = (schedule, acting) => {
  const command = schedule
    .command('times')
    .description('list when windows were active, are, and will be: what is over as it was then')
    .option('--from <time>', 'from when on: yesterday, 2h ago, 2027-01-01 (default now)', timeAhead)
    .option('--until <time>', `until when, ${LONGEST_DAYS} days later at most (default a week later)`, timeAhead)
    .option('--function <name>', 'only windows that name this function', functionNameValue)
    .action(acting(times));
  withExamples(
    command,
    'schedule times',
    'schedule times --from 2027-01-01 --until 2027-02-01 --timezone Europe/Rome',
    'schedule times --from yesterday --function orders-api -o json',
  );
};

async function times(session: Session, options: TimesOptions): Promise<number> {
  const { output } = session;
  const { fromAt, untilAt } = await spanOf(session, options);
  const functionName = options.function;
  const read = await readScheduledTimes(session, {
    fromAt,
    untilAt,
    ...(functionName !== undefined && { functionName }),
  });
  for (const warning of read.warnings) output.warn(warning);
  const { now, knownFromAt, faults } = read;
  if (knownFromAt !== undefined && knownFromAt < now)
    output.note(
      `SSM has no older version than that of ${output.times.fromNow(knownFromAt, now)}: what was before is not known`,
    );
  output.show(
    {
      from: instantToText(fromAt),
      until: instantToText(untilAt),
      knownFrom: instantOrUndefined(knownFromAt),
      times: read.times.map(timeJson),
      maintenance: read.maintenance.map(unitedJson),
    },
    () => (read.times.length === 0 ? 'No window is active then.' : timesTable(read.times, output, now)),
  );
  return faults[0] ? FAULTS[faults[0].name].exitCode : DONE;
}

async function spanOf({ instantOf, clock }: Session, { from, until }: TimesOptions) {
  const fromAt = from ? await instantOf(from) : (await clock()).now();
  const untilAt = until ? await instantOf(until) : fromAt + DEFAULT_SPAN_MS;
  if (untilAt <= fromAt) throw usage('--until is not after --from: say a later time');
  if (untilAt - fromAt > LONGEST_SPAN_MS)
    throw usage(`--until is more than ${LONGEST_DAYS} days after --from: say a shorter span`);
  return { fromAt, untilAt };
}

function timeJson(time: ScheduledTime): object {
  return { ...upcomingJson(time), state: time.standing, recurs: time.window.kind === 'recurring' };
}

function unitedJson({ functions, startAt, endAt, ids }: UnitedTimes): object {
  return { functions, start: instantToText(startAt), end: instantOrUndefined(endAt), ids };
}

function timesTable(rows: readonly ScheduledTime[], output: Output, now: number): string {
  const { times } = output;
  const hasNote = rows.some(({ note }) => note !== undefined);
  return output.table(
    [
      ...[times.head('STARTS'), times.head('ENDS'), 'LASTS', 'STATE', 'ID', 'PARAMETER', 'FUNCTIONS', 'REASON'],
      ...(hasNote ? ['NOTE'] : []),
    ],
    rows.map(({ id, parameter, window, standing, note = '', occurrence: { startAt, endAt } }) => [
      times.cellFromNow(startAt, now),
      endAt === undefined ? 'no end' : times.cell(endAt),
      endAt === undefined ? '-' : durationText(endAt - startAt),
      standing,
      id,
      parameter.name,
      functionsText(window),
      reasonText(window),
      ...(hasNote ? [note] : []),
    ]),
  );
}
