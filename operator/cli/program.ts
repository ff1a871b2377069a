import { Command, CommanderError, Option } from 'commander';
import { FAULTS, MaintenanceWindowError } from '../../core/errors.ts';
import { SETTINGS } from '../../core/gate/config.ts';
import { shown } from '../../core/text/shown.ts';
import project from '../../package.json' with { type: 'json' };
import type { Acting, AddNoun } from './command.ts';
import { addEvents } from './events/events.ts';
import { addInvoke } from './events/invoke.ts';
import { DONE } from './exit-code.ts';
import type { Host } from './host.ts';
import { addReplay } from './replay/replay.ts';
import { createSession } from './session.ts';
import type { GlobalOptions } from './settings.ts';
import { addSetup } from './setup/setup.ts';
import { createScreen } from './terminal/screen.ts';
import { addBegin } from './windows/begin.ts';
import { addCheck } from './windows/check.ts';
import { addEnd } from './windows/end.ts';
import { addHistory } from './windows/history.ts';
import { addNext } from './windows/next.ts';
import { addSchedule } from './windows/schedule.ts';
import { addStatus } from './windows/status.ts';

/** In the order of the help. */
const NOUNS: readonly AddNoun[] = [
  addStatus,
  addNext,
  addBegin,
  addEnd,
  addSchedule,
  addCheck,
  addHistory,
  addEvents,
  addReplay,
  addInvoke,
  addSetup,
];

/** Runs the command that the words name, and resolves with its exit code. Never rejects. */
export async function runProgram(words: readonly string[], host: Host): Promise<number> {
  let exitCode = DONE;
  const acting: Acting =
    (act) =>
    async (...given) => {
      const command = given.pop() as Command;
      const session = createSession(command.optsWithGlobals<GlobalOptions>(), words, host);
      try {
        exitCode = await act(session, ...(given as never[]));
      } finally {
        session.close();
      }
    };
  try {
    await createProgram(acting, host).parseAsync([...words], { from: 'user' });
    return exitCode;
  } catch (error) {
    return tell(error, host);
  }
}

function createProgram(acting: Acting, host: Host): Command {
  const results = createScreen(host.stdout);
  const remarks = createScreen(host.stderr);
  const program = new Command('maintenance-window')
    .description('Maintenance windows of Lambda functions: what is active, what comes, begin and end one.')
    .version(project.version, '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: results.write,
      writeErr: remarks.write,
      outputError: (text, write) => write(`${remarks.paint.red('maintenance-window:')} ${complaint(text)}\n`),
    })
    .configureHelp({ showGlobalOptions: true, styleTitle: results.paint.bold })
    .helpCommand(true)
    .showHelpAfterError('(what there is: add --help)')
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
    .option('--profile <name>', 'profile of the AWS configuration (env AWS_PROFILE)')
    .option('--region <region>', 'AWS region (env AWS_REGION, AWS_DEFAULT_REGION)')
    .option('--endpoint-url <url>', 'one endpoint for all of AWS (env AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_SSM, …)')
    .addOption(new Option('-o, --output <format>', 'for people or for programs').choices(['table', 'json']))
    .addHelpText('after', EXAMPLES);
  for (const addNoun of NOUNS) addNoun(program, acting);
  return program;
}

/** What commander says of the command line, with its hint on a line of its own. What it quotes ends no line. */
function complaint(text: string): string {
  const [, message = '', hint = ''] = /^(?:error: )?(.*?)(\n\(Did you mean [^\n]*)?\n?$/s.exec(text) ?? [];
  return shown(message) + hint;
}

const EXAMPLES = `
Examples:
  maintenance-window status
  maintenance-window begin --for 2h --reason 'database upgrade'
  maintenance-window end

Exit codes and more: docs/cli.md`;

/** Says why the command ends, and with which code. A fault that we know is one line; any other is a defect of ours, and shown whole. */
function tell(error: unknown, host: Host): number {
  const { write, paint } = createScreen(host.stderr);
  const say = (text: string) => write(`${paint.red('maintenance-window:')} ${text}\n`);
  // commander has said already what is wrong; it ends its help this way, too
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : FAULTS['MaintenanceWindow.Usage'].exitCode;
  if (error instanceof MaintenanceWindowError) {
    say(shown(error.message));
    return FAULTS[error.name].exitCode;
  }
  const whole = error instanceof Error ? (error.stack ?? error.message) : String(error);
  say(`a defect of this tool, please report it: ${whole}`);
  return FAULTS['MaintenanceWindow.Fault'].exitCode;
}
