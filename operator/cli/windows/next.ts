import { FAULTS, MaintenanceWindowError } from '../../../core/errors.ts';
import { calendarOf } from '../../windows/calendar-entries.ts';
import { readCalendarTimes, readNext } from '../../windows/next.ts';
import type { AddNoun } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import { TOOL_VERSION } from '../tool-version.ts';
import { countUpTo, functionNameValue } from '../values.ts';
import { upcomingJson, upcomingTable } from './upcoming-text.ts';

interface NextOptions {
  readonly count?: number;
  readonly function?: string;
  readonly ics?: boolean;
}

const DEFAULT_COUNT = 5;
/** A year of a weekly window, and more. */
const CALENDAR_COUNT = 100;
/** A window of each minute could begin for ever. */
const MOST = 1_000;

/** `next`: what is going to begin. */
export const addNext: AddNoun = (program, acting) => {
  const command = program
    .command('next')
    .description('show the windows that begin next, and where daylight saving moves one')
    .option(
      '--count <number>',
      `how many, up to ${MOST} (default ${DEFAULT_COUNT}; of --ics ${CALENDAR_COUNT})`,
      countUpTo(MOST),
    )
    .option('--function <name>', 'only windows that name this function', functionNameValue)
    .option('--ics', 'a file for calendars (iCalendar), with the windows that are active, too')
    .action(acting(next));
  withExamples(
    command,
    'next',
    'next --count 20 --function orders-api',
    'next --timezone Europe/Rome',
    'next --ics > windows.ics',
  );
};

async function next(session: Session, options: NextOptions): Promise<number> {
  if (options.ics) return calendar(session, options);
  const { output } = session;
  const { count = DEFAULT_COUNT, function: functionName } = options;
  const { upcoming, now, faults, warnings } = await readNext(session, count, functionName);
  for (const warning of warnings) output.warn(warning);
  output.show({ next: upcoming.map(upcomingJson) }, () =>
    upcoming.length > 0 ? upcomingTable(upcoming, output, now) : 'No window is going to begin.',
  );
  return faults[0] ? FAULTS[faults[0].name].exitCode : DONE;
}

async function calendar(
  session: Session,
  { count = CALENDAR_COUNT, function: functionName }: NextOptions,
): Promise<number> {
  const { output, settings } = session;
  if (settings.format === 'json') {
    throw new MaintenanceWindowError('MaintenanceWindow.Usage', '--ics and -o json are two forms: say one of them');
  }
  const { active, upcoming, now, faults, warnings } = await readCalendarTimes(session, count, functionName);
  for (const warning of warnings) output.warn(warning);
  const times = [...active, ...upcoming];
  if (times.length === 0) output.note('no window is active or going to begin: the calendar is empty');
  await output.showExactly(calendarOf(times, now, TOOL_VERSION));
  return faults[0] ? FAULTS[faults[0].name].exitCode : DONE;
}
