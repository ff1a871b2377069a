import { type Command, InvalidArgumentError, Option } from 'commander';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import { parseFunctionArn } from '../../../core/events/function-arn.ts';
import { SETTINGS } from '../../../core/gate/config.ts';
import { MOST_CONCURRENCY, type ReplayPlan } from '../../../core/replay/plan.ts';
import {
  DEFAULT_CONCURRENCY,
  DEFAULT_FAILURES,
  NAMED_STATUSES,
  type NoPlan,
  planOf,
} from '../../../core/replay/wish.ts';
import {
  type FailureLimit,
  LEAST_RATE_PER_SECOND,
  parseFailureLimit,
  parseRate,
} from '../../../core/sources/auto-replay.ts';
import { type TypedSelection, takesSelection } from '../events/selection-options.ts';
import { countValue } from '../values.ts';

/** What to replay and how, as commander reads it. */
export interface ReplayOptions extends TypedSelection {
  readonly rate?: number;
  readonly concurrency: number;
  readonly limit?: number;
  readonly canary?: number;
  readonly dryRun?: boolean;
  readonly mode: ReplayPlan['mode'];
  readonly again?: boolean;
  readonly ordered?: boolean;
  readonly duringWindow?: boolean;
  readonly latestPer?: 'resource';
  readonly skipUnknown?: boolean;
  readonly stopAfterFailures: FailureLimit;
  readonly qualifier?: string;
  readonly to?: string;
  readonly ttl?: number;
  readonly name?: string;
  readonly reason?: string;
  /** True, or the ARN of the drain's state machine. */
  readonly detach?: true | string;
  readonly yes?: boolean;
}

/** Of a name or a reason. */
const MOST_CHARACTERS = 200;

/** Adds the options of `replay`. */
export function takesReplay(command: Command): Command {
  return takesSelection(command, `${NAMED_STATUSES.join(', ')}; with --to any`)
    .option(
      '--rate <number/s>',
      'at most so many events a second; begins at a tenth, and is whole after 30 s',
      rateValue,
    )
    .option(
      '--concurrency <number>',
      'at most so many at once; begins with two, one more with each success',
      concurrencyValue,
      DEFAULT_CONCURRENCY,
    )
    .option('--limit <number>', 'no more events than this', countValue)
    .option(
      '--canary <number>',
      'replay so many first and show what became of them; then ask, or without a terminal go on if all succeeded',
      countValue,
    )
    .option('--dry-run', 'count what would be replayed, and replay nothing')
    .addOption(
      new Option('--mode <mode>', 'wait for each answer, or hand events to Lambda’s own queue')
        .choices(['request', 'event'])
        .default('request'),
    )
    .option(
      '--ordered',
      'one at a time for each shard, partition or message group; what fails holds back what comes after',
    )
    .option('--during-window', 'run the handler inside a window too: to drain in order before end')
    .addOption(
      new Option('--latest-per <what>', 'of a schedule’s missed runs only the last; discards the others').choices([
        'resource',
      ]),
    )
    .option('--again', 'run named events again that are replayed or accepted; asks first')
    .option('--skip-unknown', 'leave events of which nobody knows whether they ran')
    .addOption(
      new Option(
        '--stop-after-failures <limit>',
        'stop at so many failures, or such a part of 10 outcomes or more; what is under way then is waited for',
      )
        .argParser(failureLimitValue)
        .default(DEFAULT_FAILURES, failureLimitText(DEFAULT_FAILURES)),
    )
    .option('--qualifier <version>', 'another version or alias than the one that was invoked', qualifierValue)
    .option(
      '--to <function>',
      'send copies to another function or alias, FUNCTION[:ALIAS]; no event changes',
      targetValue,
    )
    .addOption(
      new Option(
        '--ttl <seconds>',
        `how long functions keep a reading of the windows, where Lambda does not tell (default ${SETTINGS.ttlSeconds.default})`,
      )
        .env(SETTINGS.ttlSeconds.name)
        .argParser(ttlValue),
    )
    .option('--name <text>', 'what replays list calls it (default: the functions)', sayingValue)
    .option('--reason <text>', 'why, for whoever sees it in replays list', sayingValue)
    .option(
      '--detach [machine]',
      'hand it over to the drain, which goes on without this terminal; its state machine is found in the table, or named by its ARN',
      machineValue,
    )
    .option('-y, --yes', 'ask nothing');
}

/** Source: AWS Step Functions API reference, "StartExecution". */
function machineValue(text: string): string {
  if (/^arn:[\w-]+:states:[\w-]+:\d{12}:stateMachine:[\w-]{1,80}$/.test(text)) return text;
  throw new InvalidArgumentError('Write the ARN of a state machine, or nothing.');
}

/**
 * The plan that options ask for.
 *
 * @param areNamed whether events were named by their ids
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` where they contradict each other
 */
export function planFrom(options: ReplayOptions, areNamed: boolean): ReplayPlan {
  const { status, source, rate, latestPer, stopAfterFailures, name: _, reason: __, detach: ___, ...more } = options;
  const planned = planOf(
    {
      ...more,
      ...(status && { statuses: status }),
      ...(source && { sources: source }),
      ...(rate !== undefined && { ratePerSecond: rate }),
      latestPerResource: latestPer === 'resource',
      stopAfter: stopAfterFailures,
    },
    areNamed,
  );
  if (planned.kind === 'plan') return planned.plan;
  throw new MaintenanceWindowError('MaintenanceWindow.Usage', noPlanText(planned.why));
}

function noPlanText(why: NoPlan): string {
  switch (why.kind) {
    case 'queue-without-order':
      return '--mode event gives up all order: leave out --ordered, or the mode';
    case 'queue-inside-window':
      return '--mode event cannot run a handler inside a window, as no mark reaches it: leave out --during-window, or the mode';
    case 'queue-without-reply':
      return `--mode event --source ${why.source}: what fails of such an event stands in the function's reply, which nobody would read: leave out the mode`;
    case 'finished':
      return `--status ${why.status}: an event that is ${why.status} is dealt with, and not replayed`;
    case 'not-of-copies':
      return NOT_OF_COPIES[why.what];
    case 'canary-unanswered':
      return '--mode event brings no outcomes, and --canary looks at them: leave out one of them';
    case 'again-unnamed':
      return '--again runs what has run already: name each event by its id';
    case 'again-latest':
      return '--again runs what is named, and --latest-per discards some of it: leave out one of them';
    case 'nothing-left':
      return '--skip-unknown leaves nothing of that --status';
  }
}

const NOT_OF_COPIES = {
  queue: '--to marks each copy, and --mode event carries no mark: leave out the mode',
  order: '--to holds nothing back, as the events stay as they are: leave out --ordered',
  latest: '--to changes no event, and --latest-per discards some: leave out one of them',
  again: '--to sends copies of what has run as well: leave out --again',
  qualifier: '--to FUNCTION:ALIAS names the version or alias: leave out --qualifier',
} as const;

/** Source: as of {@link qualifierValue}, "FunctionName". */
function targetValue(text: string): string {
  if (/^[\w-]{1,64}(?::(?:\$LATEST|[\w-]{1,128}))?$/.test(text) || parseFunctionArn(text)) return text;
  throw new InvalidArgumentError('Write FUNCTION, FUNCTION:ALIAS or its ARN.');
}

/** For commander: events a second. */
export function rateValue(text: string): number {
  const rate = parseRate(text.endsWith('/s') ? text : `${text}/s`);
  if (rate.kind === 'value') return rate.value;
  throw new InvalidArgumentError(`Write events a second, ${LEAST_RATE_PER_SECOND}/s or more: 50/s.`);
}

function sayingValue(text: string): string {
  if (text.trim() !== '' && text.length <= MOST_CHARACTERS) return text.trim();
  throw new InvalidArgumentError(`Write some words, ${MOST_CHARACTERS} characters at most.`);
}

/** For commander: invocations at once. */
export function concurrencyValue(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= MOST_CONCURRENCY) return Number(text);
  throw new InvalidArgumentError(`Write a whole number from 1 to ${MOST_CONCURRENCY}.`);
}

function failureLimitValue(text: string): FailureLimit {
  const limit = parseFailureLimit(text);
  if (limit.kind === 'value') return limit.value;
  throw new InvalidArgumentError('Write a number of failures, or a part of all outcomes: 20, 10%.');
}

function failureLimitText(limit: FailureLimit): string {
  return limit.kind === 'count' ? String(limit.failures) : `${limit.percent}%`;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, "Qualifier" */
function qualifierValue(text: string): string {
  if (/^(?:\$LATEST|[\w-]{1,128})$/.test(text)) return text;
  throw new InvalidArgumentError('Write a version or an alias, such as 7 or live.');
}

function ttlValue(text: string): number {
  const value = SETTINGS.ttlSeconds.parse(text);
  if (value.kind === 'value') return value.value;
  throw new InvalidArgumentError(`Please ${value.message}.`);
}
