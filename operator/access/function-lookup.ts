import type { FunctionFacts, Functions } from '../../aws/lambda/functions.ts';
import { isDenied } from '../../aws/request/aws-codes.ts';
import { withinLimit } from '../../aws/time/time-limit.ts';
import { matchesGlob } from '../../core/text/glob.ts';
import type { Operator } from './operator.ts';

/** Lambda's answer about the functions that globs name. */
export type FunctionLookup =
  | {
      readonly kind: 'known';
      readonly functions: readonly FunctionFacts[];
      /** Globs that no function has. */
      readonly unmatched: readonly string[];
    }
  /** Lambda was not to be asked, and why. */
  | { readonly kind: 'unknown'; readonly why: string };

/** Upper bound for looking up functions, which is good to know and can be done without. */
const LOOKUP_LIMIT_MS = 5_000;
const WILDCARD = /[*?]/;

/** Asks Lambda about the functions that these globs name; undefined stands for every function. Never rejects. */
export async function lookUpFunctions(
  operator: Operator,
  globs: readonly string[] | undefined,
): Promise<FunctionLookup> {
  const asking = operator
    .functions()
    .then((functions) => findFunctions(functions, globs))
    .catch((error): FunctionLookup => ({ kind: 'unknown', why: whyUnknown(error, globs) }));
  return operator.waits.during(
    'Lambda',
    () => ({ why: 'Lambda has not answered yet' }),
    withinLimit(asking, LOOKUP_LIMIT_MS, () => ({ kind: 'unknown', why: 'Lambda did not answer in time' })),
  );
}

async function findFunctions(functions: Functions, globs: readonly string[] | undefined): Promise<FunctionLookup> {
  if (globs && !globs.some((glob) => WILDCARD.test(glob))) {
    const found = await Promise.all(globs.map((name) => functions.find(name)));
    return {
      kind: 'known',
      functions: found.filter((facts) => facts !== undefined),
      unmatched: globs.filter((_, index) => found[index] === undefined),
    };
  }
  const all = await functions.list();
  const matching = (glob: string) => all.filter(({ name }) => matchesGlob(glob, name));
  return {
    kind: 'known',
    functions: globs ? [...new Set(globs.flatMap(matching))] : all,
    unmatched: (globs ?? []).filter((glob) => matching(glob).length === 0),
  };
}

function whyUnknown(error: unknown, globs: readonly string[] | undefined): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (!isDenied(name)) return `Lambda could not be asked (${message || name})`;
  const lists = !globs || globs.some((glob) => WILDCARD.test(glob));
  return `lambda:${lists ? 'ListFunctions' : 'GetFunctionConfiguration'} is not allowed`;
}
