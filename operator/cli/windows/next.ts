import { FAULTS } from '../../../core/errors.ts';
import { readNext } from '../../windows/next.ts';
import type { AddNoun } from '../command.ts';
import { withExamples } from '../examples.ts';
import { DONE } from '../exit-code.ts';
import type { Session } from '../session.ts';
import { countValue, functionNameValue } from '../values.ts';
import { upcomingJson, upcomingTable } from './upcoming-text.ts';

interface NextOptions {
  readonly count: number;
  readonly function?: string;
}

const DEFAULT_COUNT = 5;

/** `next`: what is going to begin. */
export const addNext: AddNoun = (program, acting) => {
  const command = program
    .command('next')
    .description('show the windows that begin next, and where daylight saving moves one')
    .option('--count <number>', 'how many', countValue, DEFAULT_COUNT)
    .option('--function <name>', 'only windows that name this function', functionNameValue)
    .action(acting(next));
  withExamples(command, 'next', 'next --count 20 --function orders-api', 'next -o json');
};

async function next(session: Session, { count, function: functionName }: NextOptions): Promise<number> {
  const { output } = session;
  const { upcoming, now, faults, warnings } = await readNext(session, count, functionName);
  for (const warning of warnings) output.warn(warning);
  output.show({ next: upcoming.map(upcomingJson) }, () =>
    upcoming.length > 0 ? upcomingTable(upcoming, output, now) : 'No window is going to begin.',
  );
  return faults[0] ? FAULTS[faults[0].name].exitCode : DONE;
}
