import { FAULTS } from '../../../core/errors.ts';
import { numberText } from '../../../core/text/shown.ts';
import { makeReport } from '../../report/report.ts';
import type { TypedTime } from '../../times/typed-time.ts';
import type { AddNoun } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import { timeBack } from '../values.ts';
import { reportJson } from './report-json.ts';
import { reportMarkdown } from './report-markdown.ts';

interface ReportOptions {
  readonly at?: TypedTime;
}

/** `report`: what happened in one window. */
export const addReport: AddNoun = (program, acting) => {
  const command = program
    .command('report')
    .description('report one window in Markdown: its times, who and why, and what became of each event')
    .argument('[window]', 'its id or the beginning of it (default: the active one, or the last that ended)')
    .option('--at <time>', 'the one that was active then; of one that comes again, that occurrence', timeBack)
    .action(acting(report));
  withExamples(command, 'report', 'report 745950 > CHG-1042.md', "report 3a5b17 --at 'sunday 02:30'", 'report -o json');
};

async function report(session: Session, id: string | undefined, options: ReportOptions): Promise<number> {
  const { output } = session;
  const at = options.at && (await session.instantOf(options.at));
  const made = await makeReport(session, id, at, (events) => {
    output.progress?.(`${numberText(events)} events looked at`);
  });
  for (const warning of made.warnings) output.warn(warning);
  output.show(reportJson(made), () => reportMarkdown(made, output.times));
  const [fault] = made.faults;
  return fault ? FAULTS[fault.name].exitCode : DONE;
}
