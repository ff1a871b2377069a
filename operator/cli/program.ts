import { Command, CommanderError, Option } from 'commander';
import { FAULTS, MaintenanceWindowError } from '../../core/errors.ts';
import { SETTINGS } from '../../core/gate/config.ts';
import { shown } from '../../core/text/shown.ts';
import { type Acting, type AddNoun, pathOf } from './command.ts';
import { addCompletion } from './completion/completion.ts';
import { addConsole } from './console/console.ts';
import { docsFile } from './docs-file.ts';
import { addDoctor } from './doctor/doctor.ts';
import { addMetrics } from './doctor/metrics.ts';
import { addBegin } from './edits/begin.ts';
import { addEnd } from './edits/end.ts';
import { addExtend } from './edits/extend.ts';
import { addSchedule } from './edits/schedule.ts';
import { addEvents } from './events/events.ts';
import { addInvoke } from './events/invoke.ts';
import { DONE } from './exit-code.ts';
import { withExamples } from './help/examples.ts';
import { addHelp } from './help/help.ts';
import { topicsText } from './help/topics.ts';
import type { Host } from './host.ts';
import { withFieldsHelp } from './json/fields-help.ts';
import type { JsonView } from './json/view.ts';
import { addConfig } from './place/config.ts';
import { addContext } from './place/context.ts';
import { addWhoami } from './place/whoami.ts';
import { addReplay } from './replay/replay.ts';
import { addReplays } from './replays/replays.ts';
import { addAudit } from './report/audit.ts';
import { addReport } from './report/report.ts';
import { createSession } from './session.ts';
import { CONTEXT_VARIABLE, type GlobalOptions } from './settings.ts';
import { addSetup } from './setup/setup.ts';
import { addStatus } from './status/status.ts';
import { commandsBeside } from './terminal/command-text.ts';
import { faultText } from './terminal/remedy-text.ts';
import { createScreen } from './terminal/screen.ts';
import { TOOL_VERSION } from './tool-version.ts';
import { timezoneValue } from './values.ts';
import { addCheck } from './windows/check.ts';
import { addHistory } from './windows/history.ts';
import { addNext } from './windows/next.ts';

/** In the order of the help. */
const NOUNS: readonly AddNoun[] = [
  addStatus,
  addNext,
  addBegin,
  addExtend,
  addEnd,
  addSchedule,
  addCheck,
  addHistory,
  addReport,
  addAudit,
  addEvents,
  addReplay,
  addReplays,
  addInvoke,
  addSetup,
  addDoctor,
  addMetrics,
  addContext,
  addWhoami,
  addConfig,
];

/** Runs the command that the words name, and resolves with its exit code. Never rejects. */
export async function runProgram(words: readonly string[], host: Host): Promise<number> {
  let exitCode = DONE;
  const acting: Acting =
    (act) =>
    async (...given) => {
      const command = given.pop() as Command;
      const options = command.optsWithGlobals<GlobalOptions>();
      const session = createSession(options, words, host, await viewFor(command, options, host));
      let isUnfiltered = false;
      try {
        exitCode = await act(session, ...(given as never[]));
      } finally {
        isUnfiltered = session.output.end();
        host.meant?.(session.words);
        session.close();
      }
      // what the command says by its code stays
      if (isUnfiltered && exitCode === DONE) exitCode = FAULTS['MaintenanceWindow.Usage'].exitCode;
    };
  try {
    await createProgram(acting, host).parseAsync([...words], { from: 'user' });
    return exitCode;
  } catch (error) {
    host.failed?.(error);
    return tell(error, words, host);
  }
}

/** What `--json` and `--jq` make of the command's JSON, before anything is asked or changed. */
async function viewFor(command: Command, options: GlobalOptions, { stdout }: Host): Promise<JsonView | undefined> {
  if (options.json === undefined && options.jq === undefined) return undefined;
  const { createView } = await import('./json/view.ts');
  const isSaid = (flag: string) =>
    command.options.some((one) => one.long === flag && command.getOptionValueSource(one.attributeName()) === 'cli');
  return createView(pathOf(command), options, isSaid, stdout.isTTY);
}

/** All commands, as commander knows them. */
export function createProgram(acting: Acting, host: Host): Command {
  const results = createScreen(host.stdout);
  const remarks = createScreen(host.stderr);
  const program = new Command('maintenance-window')
    .description('Maintenance windows of Lambda functions: what is active, what comes, begin and end one.')
    .version(TOOL_VERSION, '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: results.write,
      writeErr: remarks.write,
      outputError: (text, write) => write(`${remarks.paint.red('maintenance-window:')} ${complaint(text)}\n`),
    })
    .configureHelp({ showGlobalOptions: true, styleTitle: results.paint.bold })
    .addOption(
      new Option(
        '--parameter <names>',
        `window parameters, commas between; edits go to the first (env ${SETTINGS.parameters.name}; default ${SETTINGS.parameters.default})`,
      ),
    )
    .addOption(
      new Option(
        '--table <name>',
        `deferred events table (env ${SETTINGS.table.name}; default ${SETTINGS.table.default})`,
      ),
    )
    .option('--context <name>', `place to work in, see context (env ${CONTEXT_VARIABLE}; default: context use)`)
    .option('--no-context', 'no context, even where one is in use')
    .option('--profile <name>', 'profile of the AWS configuration (env AWS_PROFILE)')
    .option('--region <region>', 'AWS region (env AWS_REGION, AWS_DEFAULT_REGION)')
    .option('--endpoint-url <url>', 'one endpoint for all of AWS (env AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_SSM, …)')
    .option(
      '--timezone <zone>',
      'of the times that you type and see, an IANA name (env TZ; default: this machine’s)',
      timezoneValue,
    )
    .addOption(new Option('-o, --output <format>', 'for people or for programs').choices(['table', 'json']))
    .option(
      '--json [fields]',
      'JSON with these fields alone, commas between; without fields: name those that there are',
    )
    .option('--jq <expression>', 'JSON, filtered by an expression of jq; texts as they are (help formatting)');
  withExamples(program, 'status', "begin --for 2h --reason 'database upgrade'", 'end');
  program.addHelpText('after', () => `\nTopics:\n${topicsText()}\n\nMore: ${docsFile('cli.md')}`);
  for (const addNoun of NOUNS) addNoun(program, acting);
  addConsole(program, acting, host, runProgram);
  withFieldsHelp(program);
  addCompletion(program, host);
  addHelp(program, host);
  return program;
}

/** What commander says of the command line, on one line with its hint. What it quotes ends no line, and fills none. */
function complaint(text: string): string {
  const [, message = '', hint = ''] = /^(?:error: )?(.*?)(?:\n\(Did you mean ([^\n]*)\?\))?\n?$/s.exec(text) ?? [];
  const what = shown(message.replace(LONG_QUOTATION, "'$1…'").replace(/\.$/, ''));
  return hint === ''
    ? `${what}; --help says what there is`
    : `${what}: did you mean ${shown(hint)}? --help says what there is`;
}

/** As much of a word of the command line as a message shows. */
const LONG_QUOTATION = /'([^']{59})[^']{2,}'/g;

/** Says why the command ends, and with which code. A fault that we know is one line; any other is a defect of ours, and shown whole. */
function tell(error: unknown, words: readonly string[], host: Host): number {
  const { write, paint } = createScreen(host.stderr);
  const say = (text: string) => write(`${paint.red('maintenance-window:')} ${text}\n`);
  // commander has said already what is wrong; it ends its help this way, too
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : FAULTS['MaintenanceWindow.Usage'].exitCode;
  if (error instanceof MaintenanceWindowError) {
    say(shown(faultText(error, commandsBeside(words))));
    return FAULTS[error.name].exitCode;
  }
  return tellDefect(error, host);
}

/** The same of what nobody waits for any more, and nobody foresaw. */
export function tellDefect(error: unknown, host: Pick<Host, 'stderr'>): number {
  const { write, paint } = createScreen(host.stderr);
  const whole = error instanceof Error ? (error.stack ?? error.message) : String(error);
  write(`${paint.red('maintenance-window:')} a defect of this tool, please report it: ${whole}\n`);
  return FAULTS['MaintenanceWindow.Fault'].exitCode;
}
