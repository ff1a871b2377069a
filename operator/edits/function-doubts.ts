import type { FunctionFacts } from '../../aws/lambda/functions.ts';
import { NEVER_WRITTEN } from '../../aws/windows/parameter-edit.ts';
import { matchesGlob } from '../../core/text/glob.ts';
import type { FunctionLookup } from '../access/function-lookup.ts';
import { noFunction } from '../windows/known-windows.ts';
import { isReadBySome } from '../windows/quiet-time.ts';
import type { Doubt } from '../windows/warnings.ts';
import type { Draft } from './draft.ts';

const SHOWN_NAMES = 3;

/** That the names could not be looked up. */
export function notesOfFunctions(lookup: FunctionLookup, globs: readonly string[] | undefined): readonly string[] {
  return globs && lookup.kind === 'unknown' ? [`whether the functions exist could not be checked: ${lookup.why}`] : [];
}

/**
 * Names that no function has, and functions that do not read what is edited.
 *
 * @param globs what the window names; undefined: every function
 */
export function doubtsOfFunctions(
  lookup: FunctionLookup,
  globs: readonly string[] | undefined,
  { parameter, base }: Draft,
): readonly Doubt[] {
  if (lookup.kind === 'unknown') return [];
  const { unmatched, functions } = lookup;
  const absent = unmatched.map(noFunction);
  // One that is made now is in doubt by itself.
  const unread = base.version === NEVER_WRITTEN ? [] : unreadOf(lookup, globs, parameter);
  if (!globs) return unread.length > 0 ? [inVain(`no function in this account and region reads ${parameter}`)] : [];
  const found = globs.filter((glob) => !unmatched.includes(glob));
  if (unread.length < found.length) {
    return [...absent.map(inVain), ...unread.map((glob) => ({ text: unprotected(glob, functions, parameter) }))];
  }
  const nobody = found.length > 0 ? [`no function that it names reads ${parameter}: ${namesOf(functions)}`] : [];
  return [...absent, ...nobody].map(inVain);
}

/** Globs that match functions of which none reads the parameter. */
function unreadOf(
  lookup: FunctionLookup & { readonly kind: 'known' },
  globs: readonly string[] = ['*'],
  parameter: string,
): readonly string[] {
  return globs.filter((glob) => {
    const functions = lookup.functions.filter(({ name }) => matchesGlob(glob, name));
    return !lookup.unmatched.includes(glob) && !isReadBySome({ ...lookup, functions }, parameter);
  });
}

function unprotected(glob: string, functions: readonly FunctionFacts[], parameter: string): string {
  const named = functions.filter(({ name }) => matchesGlob(glob, name));
  const whose = named.length === 1 && named[0]?.name === glob ? glob : `${glob} (${namesOf(named)})`;
  return `${whose} is not protected, as it does not read ${parameter}`;
}

function inVain(text: string): Doubt {
  return { text, vainUnless: 'functions-right' };
}

function namesOf(functions: readonly FunctionFacts[]): string {
  const names = functions.slice(0, SHOWN_NAMES).map(({ name }) => name);
  return [...names, ...(functions.length > SHOWN_NAMES ? ['…'] : [])].join(', ');
}
