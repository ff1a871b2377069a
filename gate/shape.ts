/** A question to a parsed JSON value. Never throws, reads own properties only, and looks at each element once. */
export type Shape = (value: unknown) => boolean;

/** A JSON object, as parsed. Read it through {@link at}: a payload may have a key called `__proto__` or `constructor`. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** An object that has these fields, each of its shape. More fields may be there. */
export function object(fields: Readonly<Record<string, Shape>>): Shape {
  const entries = Object.entries(fields);
  return (value) => isObject(value) && entries.every(([name, shape]) => shape(own(value, name)));
}

/** A list of at least one element, each of this shape. */
export function listOf(shape: Shape): Shape {
  return (value) => Array.isArray(value) && value.length > 0 && value.every(shape);
}

/** Exactly one of these words. */
export function oneOf(...words: readonly string[]): Shape {
  return (value) => typeof value === 'string' && words.includes(value);
}

/** A text that begins so. */
export function startingWith(prefix: string): Shape {
  return (value) => typeof value === 'string' && value.startsWith(prefix);
}

/** Not there at all, or of this shape. */
export function optional(shape: Shape): Shape {
  return (value) => value === undefined || shape(value);
}

/** Any of these shapes. */
export function either(...shapes: readonly Shape[]): Shape {
  return (value) => shapes.some((shape) => shape(value));
}

/** All of these shapes. */
export function both(...shapes: readonly Shape[]): Shape {
  return (value) => shapes.every((shape) => shape(value));
}

/** A text of at least one character. */
export const text: Shape = (value) => typeof value === 'string' && value !== '';
export const anyText: Shape = (value) => typeof value === 'string';
export const number: Shape = (value) => typeof value === 'number';
export const boolean: Shape = (value) => typeof value === 'boolean';
export const list: Shape = (value) => Array.isArray(value);
export const anyObject: Shape = (value) => isObject(value);
export const nothing: Shape = (value) => value === undefined || value === null;
export const absent: Shape = (value) => value === undefined;
/** `arn:aws:…`, in any partition. */
export const arn: Shape = startingWith('arn:aws');

/** A JSON object: neither a list nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at this path of own properties; undefined where the path ends early. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => (isObject(inner) ? own(inner, name) : undefined), value);
}

/** The text at this path; empty where there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** The list at this path; empty where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

function own(value: JsonObject, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
