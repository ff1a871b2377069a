import { numberText } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/time/instant.ts';
import type { LastHour } from '../../doctor/last-hour.ts';
import type { AddNoun } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import type { Output } from '../terminal/output.ts';
import { functionNames } from '../values.ts';

interface MetricsOptions {
  readonly function?: readonly string[];
}

/** `metrics`: what functions counted in the last hour. */
export const addMetrics: AddNoun = (program, acting) => {
  const command = program
    .command('metrics')
    .description('say what functions deferred, turned away and could not store in the last hour, by CloudWatch')
    .option(
      '--function <names...>',
      'these functions alone (default: those that the table, or Lambda’s list, knows of)',
      functionNames,
    )
    .action(acting(metrics));
  withExamples(command, 'metrics', 'metrics --function orders-api -o json');
};

async function metrics(session: Session, { function: functions }: MetricsOptions): Promise<number> {
  const { output } = session;
  // no other command needs it, nor what it stands on
  const { readLastHour } = await import('../../doctor/last-hour.ts');
  const found = await readLastHour(session, functions);
  output.show(metricsJson(found), () => metricsText(found, output));
  if (found.partBecause !== undefined)
    output.note(`of functions that never stored an event nothing is known: ${found.partBecause}`);
  return DONE;
}

function metricsJson({ fromAt, untilAt, functions, partBecause }: LastHour): object {
  return {
    from: instantToText(fromAt),
    until: instantToText(untilAt),
    functions: functions.map(({ functionName, deferred, rejected, deferralFailed, windowReadFailed }) => ({
      name: functionName,
      deferred: total(deferred),
      rejected: total(rejected),
      deferralFailed,
      windowReadFailed,
      deferredPerMinute: deferred,
      rejectedPerMinute: rejected,
    })),
    partBecause,
  };
}

function metricsText({ functions }: LastHour, output: Output): string {
  if (functions.length === 0) return 'No function is known.';
  return output.table(
    ['FUNCTION', 'DEFERRED', 'REJECTED', 'NOT STORED', 'WINDOWS NOT READ'],
    functions.map(({ functionName, deferred, rejected, deferralFailed, windowReadFailed }) => [
      functionName,
      ...[total(deferred), total(rejected), deferralFailed, windowReadFailed].map(numberText),
    ]),
  );
}

function total(minutes: readonly number[]): number {
  return minutes.reduce((sum, value) => sum + value, 0);
}
