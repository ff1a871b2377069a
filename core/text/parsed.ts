/** As much of a refused value as a message shows, in characters. */
const MAX_QUOTED_LENGTH = 60;

/**
 * Result of a parser. The message of a fault is the rest of a sentence that begins with the quoted text, and ends with
 * the remedy: `is not a duration; write PT2H or 2h`. The caller, who knows the place, puts it in front.
 */
export type Parsed<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'fault'; readonly message: string };

/** The value that a text stands for. */
export function parsed<Value>(value: Value): Parsed<Value> {
  return { kind: 'value', value };
}

/** What is wrong with a text. */
export function fault(message: string): Parsed<never> {
  return { kind: 'fault', message };
}

/** A JSON value as a message shows it: on one line, a long text shortened, a list or an object only named. */
export function quoted(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > MAX_QUOTED_LENGTH ? `${value.slice(0, MAX_QUOTED_LENGTH - 1)}…` : value);
  }
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
