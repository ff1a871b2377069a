import { FAULTS } from '../../../core/errors.ts';
import { instantToText } from '../../../core/windows/instant.ts';
import { fromNow } from '../../../core/windows/time-text.ts';
import {
  functionsText,
  instantOrUndefined,
  reasonText,
  whenText,
  windowJson,
} from '../../../core/windows/window-text.ts';
import { type Maintenance, readStatus, type Status } from '../../windows/status.ts';
import type { AddNoun } from '../command.ts';
import { withExamples } from '../examples.ts';
import { DONE } from '../exit-code.ts';
import type { Session } from '../session.ts';
import { functionNameValue, instantValue } from '../values.ts';
import { quietText } from './quiet-text.ts';
import { type Coming, upcomingJson } from './upcoming-text.ts';

interface StatusOptions {
  /** Epoch milliseconds. */
  readonly at?: number;
  readonly function?: string;
}

/** `status`: whether functions are under maintenance, since when, until when and why. */
export const addStatus: AddNoun = (program, acting) => {
  const command = program
    .command('status')
    .description('say whether functions are under maintenance: since when, until when, why')
    .option('--at <instant>', 'at another time than now: 2026-11-21T04:00:00Z', instantValue)
    .option('--function <name>', 'for this function alone', functionNameValue)
    .action(acting(status));
  withExamples(command, 'status', 'status --function orders-api', 'status --at 2027-01-16T23:00:00Z -o json');
};

async function status(session: Session, { at, function: functionName }: StatusOptions): Promise<number> {
  const { output } = session;
  const found = await readStatus(session, {
    ...(at !== undefined && { at }),
    ...(functionName !== undefined && { functionName }),
  });
  const { maintenance, active, next, faults, warnings } = found;
  for (const warning of warnings) output.warn(warning);
  output.show(
    {
      at: instantToText(found.at),
      active: active.length > 0,
      maintenance: maintenance.map(maintenanceJson),
      windows: active.map(({ id, parameter, window }) => ({ id, parameter: parameter.name, ...windowJson(window) })),
      next: next && upcomingJson(next),
    },
    () => statusText(found, output, functionName),
  );
  return faults[0] ? FAULTS[faults[0].name].exitCode : DONE;
}

function statusText(
  { at, now, maintenance, active, next }: Status,
  output: Session['output'],
  functionName: string | undefined,
): string {
  const { bold, green, yellow } = output.paint;
  const isNow = at === now;
  const about = [...(functionName === undefined ? [] : [functionName]), ...(isNow ? [] : [`at ${fromNow(at, now)}`])];
  if (maintenance.length === 0) {
    return [[bold(green('Not under maintenance')), ...about].join(' '), ...nextLines(next, at)].join('\n');
  }
  return [
    ...(isNow ? [] : [`At ${fromNow(at, now)}:`]),
    ...maintenance.flatMap(({ functions, state, quiet }) => [
      `${bold(yellow('Under maintenance'))}: ${functionsText({ ...(functions && { functions }) })}`,
      `  since   ${fromNow(state.startAt, at)}`,
      `  until   ${state.endAt === undefined ? 'further notice: no end of the windows is in sight' : fromNow(state.endAt, at)}`,
      `  reason  ${reasonText(state)}`,
      `  ${quietText(quiet, at)}`,
    ]),
    '',
    output.table(
      ['ID', 'PARAMETER', 'WINDOW', 'FUNCTIONS', 'REASON'],
      active.map(({ id, parameter, window }) => [
        id,
        parameter.name,
        whenText(window),
        functionsText(window),
        reasonText(window),
      ]),
    ),
  ].join('\n');
}

function nextLines(next: Coming | undefined, at: number): readonly string[] {
  if (!next) return ['  next    none'];
  const { id, window, occurrence, note } = next;
  return [
    `  next    ${fromNow(occurrence.startAt, at)}, ${functionsText(window)}, ${reasonText(window)} (${id})`,
    ...(note === undefined ? [] : [`  note    ${note}`]),
  ];
}

function maintenanceJson({ functions, state, quiet }: Maintenance): object {
  return {
    functions,
    since: instantToText(state.startAt),
    until: instantOrUndefined(state.endAt),
    reason: state.reason,
    quietFrom: instantToText(quiet.at),
    quietBecause: quiet.why,
  };
}
