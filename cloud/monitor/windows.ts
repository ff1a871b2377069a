import { GetParametersCommand, type Parameter, type SSMClient, SSMServiceException } from '@aws-sdk/client-ssm';
import { type ActiveWindow, createCalendar } from '../../core/calendar/calendar.ts';
import { parseWindows, type Window } from '../../core/windows/window.ts';

/** What the window parameters amount to at an instant. */
export interface WindowActivity {
  /** Absent where none of the windows that could be read is active. */
  readonly active?: ActiveWindow;
  /** One message for each parameter that could not be read or is malformed: of its windows nothing is known. */
  readonly faults: readonly string[];
}

/**
 * Reads the window parameters and evaluates them as the runtime does: the union of all windows around an instant,
 * whichever functions they name. Each parameter stands or falls by itself. One that does not exist has no windows.
 *
 * @param names one to ten
 * @param now epoch milliseconds
 * @throws what the SDK throws where SSM does not answer
 */
export async function readWindowActivity(
  client: SSMClient,
  names: readonly string[],
  now: number,
): Promise<WindowActivity> {
  const { parameters, faults } = await readParameters(client, names);
  const windows: Window[] = [];
  for (const { Name: name, Value: text = '' } of parameters) {
    const parsed = parseWindows(text);
    if (parsed.kind === 'windows') windows.push(...parsed.document.windows);
    else faults.push(`${name}: ${parsed.message}`);
  }
  const { active } = (await createCalendar(windows.map(forEveryFunction), '')).stateAt(now);
  return { ...(active && { active }), faults };
}

/** SSM refuses a call as a whole where it denies a single one of the parameters: then they are read one by one. */
async function readParameters(
  client: SSMClient,
  names: readonly string[],
): Promise<{ readonly parameters: Parameter[]; readonly faults: string[] }> {
  try {
    const { Parameters: parameters = [] } = await client.send(
      new GetParametersCommand({ Names: [...names], WithDecryption: true }),
    );
    return { parameters, faults: [] };
  } catch (error) {
    if (!(error instanceof SSMServiceException) || error.$metadata.httpStatusCode !== 400) throw error;
    if (names.length === 1) return { parameters: [], faults: [`${names[0]}: ${error}`] };
    const read = await Promise.all(names.map((name) => readParameters(client, [name])));
    return { parameters: read.flatMap((one) => one.parameters), faults: read.flatMap((one) => one.faults) };
  }
}

function forEveryFunction({ functions: _, ...window }: Window): Window {
  return window;
}
