/** Actions that AWS refused. A page that is loaded anew tries again. */
import { signal } from '@preact/signals';
import type { Answer } from '../../answer.ts';
import type { Given } from '../api.ts';
import { facts } from './facts.ts';
import { NEEDS } from './needs.ts';

/** An operation, as it is asked for. */
export interface Wanted {
  readonly name: string;
  readonly given: Given;
}

/** Each action with what it was refused on, where it is known that AWS may allow it on another one. */
const refused = signal<ReadonlySet<string>>(new Set());

/** Notes for which action an operation ended. */
export function remember(wanted: Wanted, { denied: action }: Answer): void {
  if (action !== undefined) refused.value = new Set([...refused.value, refusalOf(action, wanted)]);
}

/** The action that this takes and that was refused, to whatever asked for it; undefined where none is known. */
export function refusedOf(wanted: Wanted): string | undefined {
  return NEEDS[wanted.name]?.find((action) => refused.value.has(refusalOf(action, wanted)));
}

/** One parameter may be written and another one not, and one function invoked. A replay invokes those that are found. */
function refusalOf(action: string, { name, given: { names = [], options = {} } }: Wanted): string {
  if (action === 'ssm:PutParameter') {
    const { edit } = options;
    return `${action} ${(edit === true ? undefined : edit?.[0]) ?? facts.value?.where.parameters[0]}`;
  }
  return action === 'lambda:InvokeFunction' ? `${action} ${name === 'invoke' ? names[0] : ''}` : action;
}
