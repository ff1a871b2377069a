import type { HttpRequest } from './http-event.ts';
import type { JsonObject } from './shape.ts';

/** How HTTP requests are answered inside a window, where one word is not enough. */
export interface HttpPolicy {
  /** Requests to store: `"POST /webhooks/*"`. `*` stands for any method, or for any run of characters, slashes included. */
  readonly defer?: readonly string[];
  /** Of a rejection, instead of 503: 429 or 500 to 599. */
  readonly status?: number;
  /** Sent with each answer of ours; one of the same name as ours replaces it. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of a rejection, instead of ours. */
  readonly body?: string;
}

/** What is wrong with the value of `http`, or undefined when it is an {@link HttpPolicy}. */
export function parseHttpPolicy(value: JsonObject, place: string): string | undefined {
  for (const name of Object.keys(value)) {
    if (!['defer', 'status', 'headers', 'body'].includes(name))
      return `${place}.${name}: no such setting; use defer, status, headers or body`;
  }
  const { defer } = value;
  if (defer !== undefined && !(Array.isArray(defer) && defer.every(isPattern))) {
    return `${place}.defer: must be a list of methods and paths, such as ["POST /webhooks/*"]`;
  }
  return undefined;
}

function isPattern(value: unknown): boolean {
  return typeof value === 'string' && /^(\*|[A-Z]+) [/*]\S*$/.test(value);
}

/** Whether one of the patterns under `defer` names this request. */
export function isDeferredRequest({ defer = [] }: HttpPolicy, { method, path }: HttpRequest): boolean {
  return defer.some((pattern) => {
    const [patternMethod = '', patternPath = ''] = pattern.split(' ');
    return (patternMethod === '*' || patternMethod === method) && matchesGlob(patternPath, path);
  });
}

/** Whether `*` in the glob, any run of characters, can be filled so that it is the text. No backtracking. */
export function matchesGlob(glob: string, text: string): boolean {
  const [start = '', ...rest] = glob.split('*');
  const end = rest.pop();
  if (end === undefined) return text === start;
  if (text.length < start.length + end.length || !text.startsWith(start) || !text.endsWith(end)) return false;
  let from = start.length;
  const to = text.length - end.length;
  for (const part of rest) {
    const found = text.indexOf(part, from);
    if (found === -1 || found + part.length > to) return false;
    from = found + part.length;
  }
  return true;
}
