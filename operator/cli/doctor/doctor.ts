import type { Finding } from '../../doctor/finding.ts';
import type { AddNoun } from '../command.ts';
import { DONE, NOT_ALL_DONE, PROBLEM } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import { TOOL_VERSION } from '../tool-version.ts';
import { functionNames } from '../values.ts';
import { findingJson } from './finding-json.ts';
import { countsOf, findingsText } from './findings-text.ts';

interface DoctorOptions {
  readonly function?: readonly string[];
}

/** `doctor`: whether it is on. Looks at parameters, table and functions, and says what is wrong with what to do about it. */
export const addDoctor: AddNoun = (program, acting) => {
  const command = program
    .command('doctor')
    .description('say whether it is on: parameters, table and functions, with a remedy where something is wrong')
    .option(
      '--function <names...>',
      'these functions alone (default: those that the table, windows, or Lambda’s list know of)',
      functionNames,
    )
    .action(acting(doctor));
  withExamples(command, 'doctor', 'doctor --function orders-api billing', 'doctor -o json');
};

async function doctor(session: Session, { function: functions }: DoctorOptions): Promise<number> {
  const { output } = session;
  // no other command needs it, nor what it stands on
  const { examine } = await import('../../doctor/examine.ts');
  const findings = await examine(session, {
    ...(functions && { functions }),
    toolVersion: TOOL_VERSION,
    tell: (done, all) => output.progress?.(`${done} of ${all} functions`),
  });
  output.progress?.(undefined);
  const telling = { times: output.times, now: session.clockSoFar.now(), command: output.command };
  output.show({ findings: findings.map((finding) => findingJson(finding, telling)), counts: countsOf(findings) }, () =>
    findingsText(findings, output.paint, telling),
  );
  return exitCodeOf(findings);
}

/** What a stand-in does not offer, and what only an event can show, leaves nothing undone. */
function exitCodeOf(findings: readonly Finding[]): number {
  if (findings.some(({ state }) => state === 'problem')) return PROBLEM;
  return findings.some(({ unseen }) => unseen && unseen.why !== 'not-offered') ? NOT_ALL_DONE : DONE;
}
