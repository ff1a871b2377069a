import { once } from 'node:events';
import type { Command } from 'commander';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import type { Where } from '../../console/answer.ts';
import { readContexts } from '../../contexts/context-file.ts';
import type { Acting } from '../command.ts';
import { withExamples } from '../help/examples.ts';
import type { Host } from '../host.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import { portValue } from '../values.ts';
import { readPage } from './page-files.ts';
import type { RunProgram } from './run-command.ts';
import { createTool } from './tool.ts';

interface ConsoleCommandOptions {
  readonly port: number;
  readonly readOnly?: boolean;
  readonly listen: string;
}

const PORT = 8_090;
const LOOPBACK = '127.0.0.1';
const LOOPBACKS = [LOOPBACK, '::1', 'localhost'];

/**
 * `console`: the tool in a browser.
 *
 * @param runProgram runs the tool: what is asked for in the browser are its commands
 */
export function addConsole(program: Command, acting: Acting, host: Host, runProgram: RunProgram): void {
  const command = program
    .command('console')
    .description('show what waits and what runs in a browser, on this machine alone; Ctrl-C ends it')
    .option('--port <number>', 'where it is served; 0: any that is free', portValue, PORT)
    .option('--read-only', 'nothing can be changed in it')
    .option('--listen <address>', 'in a container whose port is published on loopback: 0.0.0.0', LOOPBACK)
    .action(acting((session: Session, options: ConsoleCommandOptions) => serve(session, options, host, runProgram)));
  withExamples(command, 'console', 'console --read-only --port 0', 'console --context production');
}

async function serve(
  session: Session,
  { port, readOnly = false, listen }: ConsoleCommandOptions,
  host: Host,
  runProgram: RunProgram,
): Promise<number> {
  // it answers who asks for the number that the browser knows, and what was published of a container is not known in it
  if (port === 0 && !LOOPBACKS.includes(listen)) {
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Usage',
      `--listen ${listen} takes the --port that is published on loopback: 0 would be one that nobody publishes`,
    );
  }
  const { output, settings } = session;
  const { parameters, table } = settings;
  const [{ startConsole }, main] = [await import('../../console/server.ts'), process.argv[1] ?? ''];
  const signal = session.interrupted();
  const tool = createTool(session, host, runProgram, main);
  const options = {
    tool,
    page: readPage(),
    where: () => ({ ...productionOf(settings), parameters, table }),
    isReadOnly: readOnly,
    port,
    address: listen,
  };
  const running = await startConsole(options).catch((fault: NodeJS.ErrnoException) => {
    throw notListening(fault, listen, port);
  });
  output.showLine({ url: running.url }, () => `The console: ${running.url}`);
  output.note('the address is for you alone: whoever has it can do what you can; Ctrl-C ends the console');
  if (!signal.aborted) await once(signal, 'abort');
  await running.close();
  await tool.close();
  return Number(signal.reason);
}

/** A context that is marked later counts from then on; one that was marked stays so, whatever is made of it. */
function productionOf({ context, contextFile }: Settings): Pick<Where, 'production'> {
  if (!context || !(context.isProduction || isMarked(context.name, contextFile))) return {};
  return { production: context.name };
}

/** A file that cannot be read stops each command by itself. */
function isMarked(name: string, contextFile: string): boolean {
  try {
    return readContexts(contextFile).contexts[name]?.production === true;
  } catch {
    return false;
  }
}

function notListening({ code, message }: NodeJS.ErrnoException, address: string, port: number): MaintenanceWindowError {
  const why = code === 'EADDRINUSE' ? 'something listens there already: say another --port, or 0 for any' : message;
  return new MaintenanceWindowError(
    'MaintenanceWindow.Missing',
    `the console cannot be served at ${address}:${port}: ${why}`,
  );
}
