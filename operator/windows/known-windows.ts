import type { ParameterStore } from '../../aws/windows/parameter-store.ts';
import { readWindowParameter } from '../../aws/windows/window-parameter.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import type { ReplayPolicy } from '../../core/sources/auto-replay.ts';
import { mergePolicies, NO_POLICY, type Policy } from '../../core/sources/policy.ts';
import { matchesGlob } from '../../core/text/glob.ts';
import type { Window, WindowDocument } from '../../core/windows/window.ts';
import { windowIds } from '../../core/windows/window-ids.ts';
import { faultOfReplay } from '../../core/windows/with-replay.ts';
import { lookUpFunctions } from '../access/function-lookup.ts';
import type { Operator } from '../access/operator.ts';
import { OperatorFault, type Remark, type Remedy, remarkOf } from '../access/remedy.ts';

/** A window parameter that could be read. */
export interface WindowParameter {
  /** As it was named to us. */
  readonly name: string;
  /** With account and region, where SSM says it. */
  readonly arn?: string;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
  readonly document: WindowDocument;
}

/** A window, and where it stands. */
export interface PlacedWindow {
  /** Six to 32 hexadecimal digits: the same for its whole life. */
  readonly id: string;
  readonly parameter: WindowParameter;
  readonly window: Window;
  /** What becomes of its backlog, by its own words or by the policy of all parameters; absent where neither says it. */
  readonly replay?: ReplayPolicy;
}

/** All windows of all named parameters. */
export interface KnownWindows {
  readonly parameters: readonly WindowParameter[];
  /** In the order of the parameters, and in each one's own. */
  readonly windows: readonly PlacedWindow[];
  /** One for each parameter that could not be read or is malformed: functions go on with what they read of it before. */
  readonly faults: readonly MaintenanceWindowError[];
  /** What may not be meant: the faults, parameters that do not exist, and a function that does not. */
  readonly warnings: readonly Remark[];
}

const ABSENT = {
  version: 0,
  modifiedAt: Number.NEGATIVE_INFINITY,
  document: { form: 'document', windows: [], policy: NO_POLICY },
} as const;

/** Fewer digits of an id are too few to mean one. */
const MIN_ID_DIGITS = 4;

/**
 * Reads all named parameters, each by itself, as in the runtime. One that does not exist has no windows.
 *
 * @param functionName only windows that name it; undefined: all
 * @throws MaintenanceWindowError where none of them could be read
 */
export async function readWindows(operator: Operator, functionName?: string): Promise<KnownWindows> {
  const { settings, parameters } = operator;
  const lookup = functionName === undefined ? undefined : lookUpFunctions(operator, [functionName]);
  const store = await parameters();
  const read = await Promise.all(settings.parameters.map((name) => readParameter(store, name).catch(faultItself)));
  const faults = read.flatMap((one) => (one instanceof MaintenanceWindowError ? one : []));
  const good = read.flatMap((one) => (one instanceof MaintenanceWindowError ? [] : one));
  const [first] = faults;
  if (first && good.length === 0) throw first;
  const known = await lookup;
  const policy = mergePolicies(good.map(({ document }) => document.policy));
  return {
    parameters: good,
    windows: good.flatMap((parameter) =>
      identified(parameter.document.windows)
        .filter(({ window }) => namesFunction(window, functionName))
        .map((one) => ({ ...one, parameter, ...replayOf(one.window, policy) })),
    ),
    faults,
    warnings: [
      ...faults.map(remarkOf),
      ...good.filter(({ version }) => version === ABSENT.version).map(({ name }) => absent(name)),
      ...good.flatMap(unreadReplay),
      ...(known?.kind === 'known' ? known.unmatched : []).map((glob) => ({ text: noFunction(glob) })),
    ],
  };
}

function absent(parameter: string): Remark {
  return {
    text: `the parameter ${parameter} does not exist in this account and region, so it has no windows`,
    remedy: { kind: 'absent-parameter', parameter },
  };
}

function replayOf({ replay: own }: Window, policy: Policy): Pick<PlacedWindow, 'replay'> {
  const replay = own ?? policy.replay;
  return replay === undefined ? {} : { replay };
}

/** Functions follow such a parameter, as they do not look there; the drain does not. */
function unreadReplay({ name, version, document }: WindowParameter): readonly Remark[] {
  const message = faultOfReplay(document);
  if (message === undefined) return [];
  const text = `the parameter ${name} says in version ${version} what nobody can replay by (${message}): its windows hold, and their events wait for somebody`;
  return [{ text, remedy: { kind: 'mend-parameter' } }];
}

/** That Lambda has none of this name, or none that a glob matches. */
export function noFunction(glob: string): string {
  return `no function ${glob} exists in this account and region`;
}

/** What is denied, or not answered, of one parameter says nothing of the others. */
function faultItself(error: unknown): MaintenanceWindowError {
  if (error instanceof MaintenanceWindowError) return error;
  throw error;
}

async function readParameter(store: ParameterStore, name: string): Promise<WindowParameter | MaintenanceWindowError> {
  const reading = await readWindowParameter(store, name);
  switch (reading.kind) {
    case 'absent':
      return { name, ...ABSENT };
    case 'malformed':
      return malformed(name, reading.version, reading.message);
    case 'windows': {
      const { kind: _, ...read } = reading;
      return { name, ...read };
    }
  }
}

/** The fault of a parameter that holds no windows. */
export function malformed(name: string, version: number, message: string): MaintenanceWindowError {
  return new OperatorFault(
    'MaintenanceWindow.Malformed',
    `the parameter ${name} is malformed in version ${version} (${message}): functions go on with the version before`,
    { kind: 'mend-parameter' },
  );
}

/** The windows of a text, each with its id. */
export function identified(windows: readonly Window[]): readonly { readonly id: string; readonly window: Window }[] {
  const ids = windowIds(windows);
  return windows.map((window, index) => ({ id: ids[index] ?? '', window }));
}

/**
 * The window that an id, or its beginning, means.
 *
 * @param absent what to do where there is none
 * @throws MaintenanceWindowError `MaintenanceWindow.NotFound`, or `MaintenanceWindow.Usage` for one that means several
 */
export function windowWithId<One extends { readonly id: string }>(
  windows: readonly One[],
  id: string,
  where: string,
  absent: Remedy = { kind: 'absent-window' },
): One {
  if (!/^[0-9a-f]+$/.test(id) || id.length < MIN_ID_DIGITS) {
    throw new OperatorFault('MaintenanceWindow.Usage', `"${id}" is no window's id`, {
      kind: 'window-id',
      leastDigits: MIN_ID_DIGITS,
    });
  }
  const whole = windows.find((window) => window.id === id);
  const meant = whole ? [whole] : windows.filter((window) => window.id.startsWith(id));
  const [first, ...others] = meant;
  if (others.length > 0) {
    const ids = meant.map((window) => window.id).join(' or ');
    throw new MaintenanceWindowError('MaintenanceWindow.Usage', `${id} means ${ids}: write more of it`);
  }
  if (first === undefined) {
    throw new OperatorFault('MaintenanceWindow.NotFound', `no window ${id} in ${where}`, absent);
  }
  return first;
}

/** Whether a window names the function; every window does where none is given. */
export function namesFunction({ functions = ['*'] }: Window, functionName: string | undefined): boolean {
  return functionName === undefined || functions.some((glob) => matchesGlob(glob, functionName));
}
