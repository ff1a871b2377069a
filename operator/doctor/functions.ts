import type { FunctionInspector } from '../../aws/lambda/function-inspector.ts';
import { eachOf } from '../../core/each-of.ts';
import type { Window } from '../../core/windows/window.ts';
import { type OpenArchive, withArchive } from '../access/archive.ts';
import { openFunctionInspector } from '../access/function-inspector.ts';
import type { Operator } from '../access/operator.ts';
import { readClientVersion } from '../events/client-version.ts';
import { judgeClient } from './client.ts';
import { type EventSources, lookUpEventSources } from './event-sources.ts';
import { type Finding, notSeen } from './finding.ts';
import { type Ask, examineFunction, isWithoutClient } from './one-function.ts';
import type { ExaminedParameters } from './parameters.ts';
import type { Places } from './protection.ts';
import { looked, type Unseen } from './unseen.ts';
import { findFunctions, type MeantFunction, type MeantFunctions, namedFunctions } from './which-functions.ts';

/** What a look at functions takes. */
export interface FunctionsWish {
  /** Absent: those of the table, of windows and of Lambda's list. */
  readonly functions?: readonly string[];
  /** `1.4.0` */
  readonly toolVersion: string;
  /** How many functions of how many are done. */
  readonly tell?: (done: number, all: number) => void;
}

/** Functions at once. Three requests each, one after the other: Lambda takes some 15 a second of an account. */
const AT_ONCE = 4;

/**
 * Looks at the functions that are meant. Each is looked at as a whole, and comes with all its findings.
 *
 * @param hasTable whether there is a table to ask, as far as that is known
 */
export async function examineFunctions(
  operator: Operator,
  { windows, policy }: Pick<ExaminedParameters, 'windows' | 'policy'>,
  hasTable: boolean,
  wish: FunctionsWish,
): Promise<readonly Finding[]> {
  const places = { ...operator.settings, policy };
  if (!hasTable) return examineMeant(operator, await meantBy(operator, [], windows, wish), undefined, places, wish);
  return withArchive(operator, async (archive) => {
    const { value: inTable = [], unseen } = await looked('dynamodb:Query', archive.functionNames);
    const meant = await meantBy(operator, inTable, windows, wish);
    if (!unseen) return examineMeant(operator, meant, archive, places, wish);
    return [notSeen('functions', '', unseen), ...(await examineMeant(operator, meant, undefined, places, wish))];
  });
}

async function meantBy(
  operator: Operator,
  inTable: readonly string[],
  windows: readonly Window[],
  { functions }: FunctionsWish,
): Promise<MeantFunctions> {
  return functions ? namedFunctions(functions) : findFunctions(operator, inTable, windows);
}

/** @param archive undefined where the table cannot be asked: then nothing is known of clients */
async function examineMeant(
  operator: Operator,
  { functions, finding }: MeantFunctions,
  archive: OpenArchive | undefined,
  places: Places,
  wish: FunctionsWish,
): Promise<readonly Finding[]> {
  const inspector = await openFunctionInspector(operator);
  try {
    const sources = await lookUpEventSources(inspector);
    return [finding, ...sources.findings, ...(await examineAll(functions, inspector, archive, places, sources, wish))];
  } finally {
    inspector.close();
  }
}

async function examineAll(
  functions: readonly MeantFunction[],
  inspector: FunctionInspector,
  archive: OpenArchive | undefined,
  places: Places,
  sources: EventSources,
  { toolVersion, tell }: FunctionsWish,
): Promise<readonly Finding[]> {
  const [askLambda, askTable] = [untilSilent(), untilSilent()];
  let done = 0;
  const findings = await eachOf(functions, AT_ONCE, async (meant) => {
    const found = await examineFunction(meant, inspector, places, askLambda);
    const mayHoldClient =
      found.some(({ kind, state }) => kind === 'function' && state === 'ok') && !found.some(isWithoutClient);
    const all = [
      ...found,
      ...(found.some(isWithoutClient) ? [] : sources.of(meant.name)),
      ...(mayHoldClient && archive ? [await client(meant.name, archive)] : []),
    ];
    done += 1;
    tell?.(done, functions.length);
    return all;
  });
  return findings.flat();

  async function client(name: string, from: OpenArchive): Promise<Finding> {
    const { value, unseen } = await askTable('dynamodb:Query', () => readClientVersion(from, name));
    return unseen ? notSeen('client', name, unseen) : judgeClient(name, value, toolVersion);
  }
}

/** Asks a service as long as it answers: of hundreds of functions, not each is to wait for one that is silent. */
export function untilSilent(): Ask {
  let silent: Unseen | undefined;
  return async (action, ask) => {
    if (silent) return { unseen: { ...silent, action } };
    const outcome = await looked(action, ask);
    if (outcome.unseen?.why === 'no-answer') silent = outcome.unseen;
    return outcome;
  };
}
