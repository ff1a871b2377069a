import { nextWindows } from '../../../core/calendar/upcoming.ts';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import { counted } from '../../../core/text/shown.ts';
import { ADVANCED_TIER_BYTES, STANDARD_TIER_BYTES } from '../../../core/windows/parameter-limits.ts';
import { parseWindows, windowsToText } from '../../../core/windows/window.ts';
import { windowId } from '../../windows/known-windows.ts';
import { doubtsOfTimes, warningsOfUnions } from '../../windows/warnings.ts';
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
  const parsed = parseWindows(given);
  if (parsed.kind === 'fault')
    throw new MaintenanceWindowError('MaintenanceWindow.Malformed', `${source}: ${parsed.message}`);

  const { document } = parsed;
  const now = clockSoFar.now(); // the clock here: nothing is asked of AWS
  const canonical = windowsToText(document);
  const bytes = Buffer.byteLength(canonical);
  const windows = document.windows.map((window) => ({ id: windowId(window), window }));
  const next = await nextWindows(windows, now, SHOWN_WINDOWS);
  const warnings = [
    ...(
      await Promise.all(
        windows.map(async ({ id, window }) => (await doubtsOfTimes(window, now)).map(({ text }) => `${id}: ${text}`)),
      )
    ).flat(),
    ...(await warningsOfUnions(document.windows, now)),
    ...sizeWarning(bytes),
  ];
  output.show(
    { form: document.form, canonical, bytes, windows: document.windows.length, next: next.map(upcomingJson), warnings },
    () =>
      [
        canonical,
        `${output.paint.green('good')}: ${counted(document.windows.length, 'window')}, ${document.form} form, ${bytes} characters`,
        next.length > 0 ? `\n${upcomingTable(next, output, now)}` : 'No window is going to begin.',
      ].join('\n'),
  );
  for (const warning of warnings) output.warn(warning);
  return DONE;
}

function sizeWarning(bytes: number): readonly string[] {
  if (bytes > ADVANCED_TIER_BYTES)
    return [`${bytes} characters are more than a parameter holds (${ADVANCED_TIER_BYTES})`];
  return bytes > STANDARD_TIER_BYTES
    ? [`${bytes} characters need SSM's advanced tier (more than ${STANDARD_TIER_BYTES})`]
    : [];
}
