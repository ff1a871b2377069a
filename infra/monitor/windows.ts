import { GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { type ActiveWindow, createCalendar } from '../../gate/calendar.ts';
import { parseWindows, type Window } from '../../gate/window.ts';

/**
 * Reads the window parameters and evaluates them as the runtime does: the union of all windows around an instant,
 * whichever functions they name. Undefined while none is active. A parameter that does not exist has no windows.
 *
 * @param names one to ten
 * @param now epoch milliseconds
 * @throws what the SDK throws where SSM does not answer; an Error with a line for each parameter that is malformed
 */
export async function readActiveWindow(
  client: SSMClient,
  names: readonly string[],
  now: number,
): Promise<ActiveWindow | undefined> {
  const { Parameters: parameters = [] } = await client.send(
    new GetParametersCommand({ Names: [...names], WithDecryption: true }),
  );
  const windows: Window[] = [];
  const faults: string[] = [];
  for (const { Name: name, Value: text = '' } of parameters) {
    const parsed = parseWindows(text);
    if (parsed.kind === 'windows') windows.push(...parsed.document.windows);
    else faults.push(`${name}: ${parsed.message}`);
  }
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const calendar = await createCalendar(windows.map(forEveryFunction), '');
  return calendar.stateAt(now).active;
}

function forEveryFunction({ functions: _, ...window }: Window): Window {
  return window;
}
