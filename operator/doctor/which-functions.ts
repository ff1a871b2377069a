import type { FunctionFacts } from '../../aws/lambda/functions.ts';
import { SETTINGS } from '../../core/gate/config.ts';
import { matchesGlob } from '../../core/text/glob.ts';
import type { Window } from '../../core/windows/window.ts';
import { lookUpFunctions } from '../access/function-lookup.ts';
import type { Operator, OperatorSettings } from '../access/operator.ts';
import { type Finding, found, type KnownBy } from './finding.ts';
import { isSameParameter, isSameTable } from './same-place.ts';

/** A function to look at, and how it came to be one. */
export interface MeantFunction {
  readonly name: string;
  readonly knownBy: readonly KnownBy[];
}

/** Functions to look at, and what is to be said of the choice. */
export interface MeantFunctions {
  readonly functions: readonly MeantFunction[];
  readonly finding: Finding;
}

const WILDCARD = /[*?]/;

/**
 * Finds the functions that nobody named: those that ever deferred an event, those that windows name, and those whose
 * environment names these parameters or this table. The last, and globs, take Lambda's list, which an operator may do without.
 *
 * @param inTable the names in the table
 */
export async function findFunctions(
  operator: Operator,
  inTable: readonly string[],
  windows: readonly Window[],
): Promise<MeantFunctions> {
  const globs = [...new Set(windows.flatMap(({ functions = [] }) => functions))];
  const wild = globs.filter((glob) => WILDCARD.test(glob) && glob !== '*');
  const lookup = await lookUpFunctions(operator, undefined);
  const listed = lookup.kind === 'known' ? lookup.functions : [];
  const known = new Map<string, KnownBy[]>();
  const add = (names: readonly string[], by: KnownBy) => {
    for (const name of names) known.set(name, [...(known.get(name) ?? []), by]);
  };
  add(inTable, 'table');
  add(
    globs.filter((glob) => !WILDCARD.test(glob)),
    'window',
  );
  const names = listed.map(({ name }) => name);
  add(
    names.filter((name) => wild.some((glob) => matchesGlob(glob, name))),
    'glob',
  );
  add(
    listed.filter((facts) => namesThese(facts, operator.settings)).map(({ name }) => name),
    'environment',
  );
  const functions = [...known].map(([name, knownBy]) => ({ name, knownBy })).sort(byName);
  const facts = { count: functions.length, named: false };
  if (lookup.kind === 'unknown') {
    const unlisted = { ...facts, why: 'not-listed', message: lookup.why, globs: wild } as const;
    const state = wild.length > 0 || functions.length === 0 ? 'warning' : 'ok';
    return { functions, finding: found('functions', '', state, unlisted) };
  }
  const finding =
    functions.length > 0
      ? found('functions', '', 'ok', facts)
      : found('functions', '', 'warning', { ...facts, why: 'none' });
  return { functions, finding };
}

/** The functions that somebody named. */
export function namedFunctions(names: readonly string[]): MeantFunctions {
  const functions = [...new Set(names)].map((name) => ({ name, knownBy: ['named'] as const }));
  return { functions, finding: found('functions', '', 'ok', { count: functions.length, named: true }) };
}

/** The functions that stored an event, and those whose environment names these parameters or this table. */
export async function meteredFunctions(
  operator: Operator,
  inTable: readonly string[],
): Promise<{ readonly names: readonly string[]; readonly partBecause?: string }> {
  const lookup = await lookUpFunctions(operator, undefined);
  const listed =
    lookup.kind === 'known' ? lookup.functions.filter((facts) => namesThese(facts, operator.settings)) : [];
  return {
    names: [...new Set([...inTable, ...listed.map(({ name }) => name)])].sort(),
    ...(lookup.kind === 'unknown' && { partBecause: lookup.why }),
  };
}

/** Whether an environment has settings of ours, and these name this table or one of these parameters. */
function namesThese({ environment }: FunctionFacts, { parameters, table }: OperatorSettings): boolean {
  if (!Object.values(SETTINGS).some(({ name }) => environment[name] !== undefined)) return false;
  const read = (environment[SETTINGS.parameters.name] ?? SETTINGS.parameters.default).split(',');
  return (
    isSameTable(environment[SETTINGS.table.name] ?? SETTINGS.table.default, table) ||
    parameters.some((name) => read.some((other) => isSameParameter(other.trim(), name)))
  );
}

function byName(a: MeantFunction, b: MeantFunction): number {
  return a.name < b.name ? -1 : 1;
}
