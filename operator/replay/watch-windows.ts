import { paceOf } from '../../aws/lambda/pace.ts';
import { steadyClock } from '../../aws/time/steady-clock.ts';
import { createWatchedWindows, type ParameterRead } from '../../aws/windows/watched-windows.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { SETTINGS } from '../../core/gate/config.ts';
import type { Pace } from '../../core/gate/freshness.ts';
import { createWindowWatch, NO_WATCH, type WindowWatch } from '../../core/replay/window-watch.ts';
import { lookUpFunctions } from '../access/function-lookup.ts';
import type { Operator } from '../access/operator.ts';
import { type Remark, remarkOf } from '../access/remedy.ts';
import { malformed } from '../windows/known-windows.ts';

/** The windows that functions wait for, and what Lambda tells of those. */
export interface FunctionWatch extends WindowWatch {
  /** A function's time-out, in milliseconds; undefined where Lambda does not tell. */
  timeoutMsOf(functionName: string): number | undefined;
}

/** No function waits for a window: what Lambda tells of them is known all the same. */
export async function watchNoWindows(operator: Operator, functionNames: readonly string[]): Promise<FunctionWatch> {
  const paces = await pacesOf(operator, functionNames);
  return { ...NO_WATCH, timeoutMsOf: (functionName) => timeoutMsIn(paces, functionName) };
}

/**
 * Watches the named parameters for the functions that are replayed. What is wrong with one of them is said once, until there is
 * something else to say of it.
 *
 * @param ttlSeconds of functions of which Lambda does not tell
 * @throws MaintenanceWindowError where the first reading of one of them fails
 */
export async function watchWindows(
  operator: Operator,
  functionNames: readonly string[],
  ttlSeconds: number | undefined,
): Promise<FunctionWatch> {
  const { settings, parameters, remarks, clockSoFar } = operator;
  /** Last warning for each parameter that has one. */
  const told = new Map<string, string>();
  const paces = await pacesOf(operator, functionNames);
  const watch = createWindowWatch({
    read: createWatchedWindows({
      store: await parameters(),
      parameters: settings.parameters,
      functionNames,
      malformed,
      onRead,
    }),
    ttlSecondsOf: (functionName) =>
      paces.get(functionName)?.ttlSeconds ?? ttlSeconds ?? Number(SETTINGS.ttlSeconds.default),
    clock: clockSoFar, // which has been told the time by the first reading
    timer: steadyClock,
    onFailure: (fault) =>
      remarks.warn({
        ...(fault instanceof MaintenanceWindowError && remarkOf(fault)),
        text: `the windows could not be read again: ${fault instanceof Error ? fault.message : fault}`,
      }),
  });
  await watch.refresh();
  return { ...watch, timeoutMsOf: (functionName) => timeoutMsIn(paces, functionName) };

  function onRead(name: string, read: ParameterRead): void {
    const remark = remarkAbout(name, read);
    if (remark) tell(name, remark);
    else told.delete(name);
  }

  /** Once: it is read every few seconds. */
  function tell(name: string, remark: Remark): void {
    if (told.get(name) !== remark.text) remarks.warn(remark);
    told.set(name, remark.text);
  }
}

function remarkAbout(name: string, read: ParameterRead): Remark | undefined {
  switch (read.kind) {
    case 'well':
      return undefined;
    case 'absent':
      return {
        text: `the parameter ${name} does not exist: it counts as no window`,
        remedy: { kind: 'other-parameter' },
      };
    case 'kept':
      if (!(read.fault instanceof MaintenanceWindowError)) throw read.fault;
      return { ...remarkOf(read.fault), effect: 'the replay goes on with what it said before' };
  }
}

/** How soon each function follows an edit, and what it may take, as far as Lambda tells. */
async function pacesOf(operator: Operator, functionNames: readonly string[]): Promise<ReadonlyMap<string, Pace>> {
  const lookup = await lookUpFunctions(operator, functionNames);
  if (lookup.kind === 'unknown') return new Map();
  return new Map(lookup.functions.map((facts) => [facts.name, paceOf(facts)]));
}

function timeoutMsIn(paces: ReadonlyMap<string, Pace>, functionName: string): number | undefined {
  const pace = paces.get(functionName);
  return pace && pace.timeoutSeconds * 1_000;
}
