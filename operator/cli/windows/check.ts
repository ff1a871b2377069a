import { MaintenanceWindowError } from '../../../core/errors.ts';
import { counted } from '../../../core/text/shown.ts';
import { checkText } from '../../windows/check.ts';
import type { AddNoun } from '../command.ts';
import { withExamples } from '../examples.ts';
import { DONE } from '../exit-code.ts';
import { readTextOf } from '../read-text.ts';
import type { Session } from '../session.ts';
import { upcomingJson, upcomingTable } from './upcoming-text.ts';

const SHOWN_WINDOWS = 5;

/** `check`: a text before it becomes a window parameter. Asks nothing of AWS. */
export const addCheck: AddNoun = (program, acting) => {
  const command = program
    .command('check')
    .description('check a window document or list, print its canonical form and the next windows')
    .argument('<file>', 'a file, or - for what is piped in')
    .action(acting(check));
  withExamples(
    command,
    'check windows.json',
    'aws ssm get-parameter … --query Parameter.Value --output text | maintenance-window check -',
  );
};

async function check(session: Session, file: string): Promise<number> {
  const { output, clockSoFar, stdin } = session;
  const source = file === '-' ? 'stdin' : file;
  const given = await readTextOf(file, stdin, source);
  const now = clockSoFar.now(); // the clock here: nothing is asked of AWS
  const checked = await checkText(given, now, SHOWN_WINDOWS);
  if (checked.kind === 'malformed')
    throw new MaintenanceWindowError('MaintenanceWindow.Malformed', `${source}: ${checked.message}`);

  const { document, canonical, bytes, upcoming, warnings } = checked;
  output.show(
    {
      form: document.form,
      canonical,
      bytes,
      windows: document.windows.length,
      next: upcoming.map(upcomingJson),
      warnings,
    },
    () =>
      [
        canonical,
        `${output.paint.green('good')}: ${counted(document.windows.length, 'window')}, ${document.form} form, ${bytes} characters`,
        upcoming.length > 0 ? `\n${upcomingTable(upcoming, output, now)}` : 'No window is going to begin.',
      ].join('\n'),
  );
  for (const warning of warnings) output.warn(warning);
  return DONE;
}
