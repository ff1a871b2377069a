import { startInvokeEndpoint } from './aws/invoke-endpoint.ts';
import { startStandIns } from './aws/stand-ins.ts';
import { startLocalConsole } from './console.ts';
import { startLocalDrain } from './drain/local-drain.ts';
import { startEmulator } from './emulator/emulator.ts';
import { startReloading } from './emulator/reloading.ts';
import type { SourceFiles } from './emulator/source-files.ts';
import { clientEnvironment, functionEnvironment } from './environment.ts';
import { type Addresses, FUNCTION_NAME, PARAMETER, TABLE } from './guide.ts';

const TIMEOUT_SECONDS = 30;
/** An edit of the window parameter is to be seen at once; a reading is kept no longer than this. */
const TTL_SECONDS = 1;
/** How long an edit of the window parameter may take to be seen. */
export const EDIT_SEEN_MS = TTL_SECONDS * 1_100 + 100;
/** Lambda waits for one and two minutes; somebody who watches would not. */
const RETRY_DELAYS_MS = [1_000, 2_000];

/** A function of any language, ready to be started. */
export interface LocalFunction {
  readonly taskRoot: string;
  /** As `_HANDLER` has it. */
  readonly name: string;
  /** What its author knows it by. */
  readonly place: string;
  /** What it finds in its environment besides. */
  readonly variables: Readonly<Record<string, string>>;
  /** Makes ready what has changed; called before each start. */
  ready(): Promise<Ready>;
  /** Its code as it is now. */
  look(): SourceFiles;
}

/** How a function is started once. */
interface Ready {
  /** The runtime's command, with the gate in it or before it. */
  readonly command: readonly string[];
  /** What this start finds in its environment besides. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface LocalParts {
  readonly fn: LocalFunction;
  /** The emulator's file. */
  readonly emulatorFile: string;
  /** Folder of the bundles of monitor and drain. Absent: windows that end wait for somebody. */
  readonly cloud?: string;
  /** File of the tool, whose console is served. Absent: none is. */
  readonly console?: string;
  /** What the function inherits. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the Invoke endpoint; 0 for any free one. */
  readonly port: number;
  /** Gets each line that the function writes. */
  readonly write: (line: string) => void;
}

/** A function with the gate in front of it, and all that it needs. */
export interface Local {
  readonly addresses: Addresses;
  /** Resolves when the emulator has ended, by itself or by {@link close}. */
  readonly ended: Promise<void>;
  /** Ends everything, and leaves no process behind. */
  close(): Promise<void>;
}

/** The environment of the function, but for what is known only when everything runs. */
export function environmentFor(
  { name, taskRoot, variables }: Pick<LocalFunction, 'name' | 'taskRoot' | 'variables'>,
  own: LocalParts['environment'],
  endpoints: Readonly<Record<string, string>> = {},
): Record<string, string | undefined> {
  const more = {
    ...variables,
    MAINTENANCE_WINDOW_TTL: own['MAINTENANCE_WINDOW_TTL'] ?? String(TTL_SECONDS),
    MAINTENANCE_WINDOW_PARAMETER: PARAMETER,
    MAINTENANCE_WINDOW_TABLE: TABLE,
    ...endpoints,
  };
  return functionEnvironment(own, {
    handler: name,
    taskRoot,
    functionName: FUNCTION_NAME,
    timeoutSeconds: TIMEOUT_SECONDS,
    more,
  });
}

/**
 * Starts SSM, DynamoDB, the emulator with the function, the Invoke endpoint, monitor and drain, and the console, in this order; ends what it has started
 * where a later one does not start. The function starts anew where its code changes, and finds the same table and windows.
 *
 * @throws `MaintenanceWindow.Missing` where the port is taken or the emulator does not start
 */
export async function startLocal(parts: LocalParts): Promise<Local> {
  const { fn, emulatorFile, port, write } = parts;
  const started: { close(): Promise<void> }[] = [];
  const close = async () => {
    for (const each of started.splice(0).reverse()) await each.close();
  };
  const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    started.push(part);
    return part;
  };

  try {
    const { ssmUrl, dynamoDbUrl } = keep(await startStandIns());
    const endpoints = { AWS_ENDPOINT_URL_SSM: ssmUrl, AWS_ENDPOINT_URL_DYNAMODB: dynamoDbUrl };
    const environment = environmentFor(fn, parts.environment, endpoints);
    const ready = async () => {
      try {
        return await fn.ready();
      } catch (fault) {
        // whoever invokes hears of it, and whoever edits the code looks here
        write(fault instanceof Error ? fault.message : String(fault));
        throw fault;
      }
    };
    const start = async () => {
      const { command, variables } = await ready();
      const { taskRoot } = fn;
      return startEmulator({
        file: emulatorFile,
        command,
        taskRoot,
        environment: { ...environment, ...variables },
        write,
      });
    };
    const emulator = keep(await startReloading({ start, look: () => fn.look(), write }));
    const { invoke, ended } = emulator;
    const endpoint = keep(
      await startInvokeEndpoint({
        functionName: FUNCTION_NAME,
        configuration: { timeoutSeconds: TIMEOUT_SECONDS, environment: settingsIn(environment) },
        invoke,
        port,
        retryDelaysMs: RETRY_DELAYS_MS,
        write,
      }),
    );
    const addresses = { invokeUrl: endpoint.url, ssmUrl, dynamoDbUrl };
    if (parts.cloud === undefined) return { addresses, ended, close };
    const drain = keep(
      await startLocalDrain({
        bundles: parts.cloud,
        environment: { PATH: parts.environment['PATH'], ...clientEnvironment(addresses) },
        write,
      }),
    );
    const all = { ...addresses, stepFunctionsUrl: drain.url };
    if (parts.console === undefined) return { addresses: all, ended, close };
    const { url: consoleUrl } = keep(
      await startLocalConsole(parts.console, {
        PATH: parts.environment['PATH'],
        HOME: parts.environment['HOME'],
        TZ: parts.environment['TZ'],
        AWS_ENDPOINT_URL_SFN: drain.url,
        ...clientEnvironment(addresses),
      }),
    );
    return { addresses: { ...all, consoleUrl }, ended, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The gate's own settings: what an operator's tool asks a function for. */
function settingsIn(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith('MAINTENANCE_WINDOW_') && value !== undefined) settings[name] = value;
  }
  return settings;
}
