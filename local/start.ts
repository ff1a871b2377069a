import { delimiter, dirname } from 'node:path';
import { startInvokeEndpoint } from './aws/invoke-endpoint.ts';
import { startStandIns } from './aws/stand-ins.ts';
import { startEmulator } from './emulator/emulator.ts';
import { functionEnvironment } from './environment.ts';
import { type Addresses, FUNCTION_NAME, PARAMETER, TABLE } from './guide.ts';
import type { Handler } from './handler.ts';

const TIMEOUT_SECONDS = 30;
/** An edit of the window parameter is to be seen at once; a reading is kept no longer than this. */
const TTL_SECONDS = 1;
/** How long an edit of the window parameter may take to be seen. */
export const EDIT_SEEN_MS = TTL_SECONDS * 1_100 + 100;
/** Lambda waits for one and two minutes; somebody who watches would not. */
const RETRY_DELAYS_MS = [1_000, 2_000];

export interface LocalParts {
  readonly handler: Pick<Handler, 'taskRoot' | 'name'>;
  /** The emulator's file. */
  readonly emulatorFile: string;
  /** The patched client's entry: `dist/ric/bootstrap`. */
  readonly bootstrap: string;
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
  { handler, environment }: Pick<LocalParts, 'handler' | 'environment'>,
  endpoints: Readonly<Record<string, string>> = {},
): Record<string, string | undefined> {
  const { name, taskRoot } = handler;
  const more = {
    // the client runs `node`: let it be the one that runs this
    PATH: [dirname(process.execPath), environment['PATH']].join(delimiter),
    MAINTENANCE_WINDOW_TTL: environment['MAINTENANCE_WINDOW_TTL'] ?? String(TTL_SECONDS),
    MAINTENANCE_WINDOW_PARAMETER: PARAMETER,
    MAINTENANCE_WINDOW_TABLE: TABLE,
    ...endpoints,
  };
  return functionEnvironment(environment, {
    handler: name,
    taskRoot,
    functionName: FUNCTION_NAME,
    timeoutSeconds: TIMEOUT_SECONDS,
    more,
  });
}

/**
 * Starts SSM, DynamoDB, the emulator with the function, and the Invoke endpoint, in this order; ends what it has started
 * where a later one does not start.
 *
 * @throws `MaintenanceWindow.Missing` where the port is taken or the emulator does not start
 */
export async function startLocal(parts: LocalParts): Promise<Local> {
  const { handler, emulatorFile, bootstrap, port, write } = parts;
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
    const environment = environmentFor(parts, { AWS_ENDPOINT_URL_SSM: ssmUrl, AWS_ENDPOINT_URL_DYNAMODB: dynamoDbUrl });
    const emulator = keep(
      await startEmulator({
        file: emulatorFile,
        command: [bootstrap, handler.name],
        taskRoot: handler.taskRoot,
        environment,
        write,
      }),
    );
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
    return { addresses: { invokeUrl: endpoint.url, ssmUrl, dynamoDbUrl }, ended, close };
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
