import { FAULTS, MaintenanceWindowError } from '../../../core/errors.ts';
import { counted } from '../../../core/text/shown.ts';
import { type Checked, checkText } from '../../windows/check.ts';
import { checkEvent, type EventCheck, type NamedDocument } from '../../windows/event-check.ts';
import { readWindows } from '../../windows/known-windows.ts';
import { type AddNoun, usage } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import { readTextOf } from '../read-text.ts';
import type { Session } from '../session.ts';
import { functionNameValue } from '../values.ts';
import { eventCheckJson, eventCheckText } from './event-check-text.ts';
import { upcomingJson, upcomingTable } from './upcoming-text.ts';

interface CheckOptions {
  readonly event?: string;
  readonly function?: string;
}

type GoodText = Checked & { readonly kind: 'good' };

const SHOWN_WINDOWS = 5;

/** `check`: a text before it becomes a window parameter, and what is done with an event. Asks nothing of AWS about a file by itself. */
export const addCheck: AddNoun = (program, acting) => {
  const command = program
    .command('check')
    .description('check a window document or list, and say what is done with an event outside and inside a window')
    .argument('[file]', 'a file, or - for what is piped in; with --event the window parameters, if left out')
    .option('--event <file>', 'an event as JSON, or - for what is piped in: show its source, action and reply')
    .option(
      '--function <name>',
      'of --event: go by the windows of this function, and by its own policy',
      functionNameValue,
    )
    .action(acting(check));
  withExamples(
    command,
    'check windows.json',
    'aws ssm get-parameter … --query Parameter.Value --output text | maintenance-window check -',
    'check --event event.json --function orders-api',
    'check windows.json --event event.json -o json',
  );
};

async function check(session: Session, file: string | undefined, options: CheckOptions): Promise<number> {
  refuseContradictions(file, options);
  const { output } = session;
  if (file === undefined) return checkEventOnly(session, options);
  const source = nameOf(file);
  const now = session.clockSoFar.now(); // the clock here: nothing is asked of AWS
  const given = await readTextOf(file, session, source);
  const checked = await checkText(given, now, SHOWN_WINDOWS, output.times);
  if (checked.kind === 'malformed')
    throw new MaintenanceWindowError('MaintenanceWindow.Malformed', `${source}: ${checked.message}`);

  const { document, canonical, bytes, upcoming, warnings } = checked;
  const event = options.event && (await checkedEvent(session, [{ name: source, document }], options, now));
  output.show(
    {
      form: document.form,
      canonical,
      bytes,
      windows: document.windows.length,
      next: upcoming.map(upcomingJson),
      warnings,
      ...(event && { event: eventCheckJson(event) }),
    },
    () => [documentText(checked, session, now), ...(event ? [eventCheckText(event, output)] : [])].join('\n\n'),
  );
  for (const warning of warnings) output.warn(warning);
  return DONE;
}

/** What is done with an event under the windows and the policy that are in force. */
async function checkEventOnly(session: Session, options: CheckOptions): Promise<number> {
  const { output } = session;
  const { parameters, faults, warnings } = await readWindows(session);
  const now = (await session.clock()).now();
  const event = await checkedEvent(session, parameters, options, now);
  output.show({ event: eventCheckJson(event), warnings }, () => eventCheckText(event, output));
  for (const warning of warnings) output.warn(warning);
  return faults[0] ? FAULTS[faults[0].name].exitCode : DONE;
}

async function checkedEvent(
  session: Session,
  documents: readonly NamedDocument[],
  { event = '', function: functionName }: CheckOptions,
  now: number,
): Promise<EventCheck> {
  const text = await readTextOf(event, session, nameOf(event));
  const checked = await checkEvent(session, {
    text,
    documents,
    now,
    ...(functionName !== undefined && { functionName }),
  });
  if (checked.kind === 'no-json') {
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Malformed',
      `${nameOf(event)}: is no JSON: ${checked.cause}; write the event as Lambda is sent it`,
    );
  }
  for (const note of checked.event.notes) session.output.note(note);
  return checked.event;
}

function documentText({ document, canonical, bytes, upcoming }: GoodText, { output }: Session, now: number): string {
  return [
    canonical,
    `${output.paint.green('good')}: ${counted(document.windows.length, 'window')}, ${document.form} form, ${bytes} characters`,
    upcoming.length > 0 ? `\n${upcomingTable(upcoming, output, now)}` : 'No window is going to begin.',
  ].join('\n');
}

function refuseContradictions(file: string | undefined, { event, function: functionName }: CheckOptions): void {
  if (file === undefined && event === undefined) throw usage('name a file, or an event with --event FILE');
  if (file === '-' && event === '-') throw usage('only one of both can be piped in: name a file for the other');
  if (functionName !== undefined && event === undefined) throw usage('--function goes with --event: leave it out');
}

function nameOf(file: string): string {
  return file === '-' ? 'stdin' : file;
}
