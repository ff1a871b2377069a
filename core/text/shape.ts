/**
 * Shapes of parsed JSON values:
 *
 * ```ts
 * const order = object({ id: text, lines: listOf(object({ sku: startingWith('sku-') })) });
 * order(JSON.parse('{"id":"1","lines":[{"sku":"sku-7"}],"note":""}')); // true
 * ```
 */

/** A question to a parsed JSON value. Never throws, reads own properties only, and looks at each element at most once. */
export type Shape = (value: unknown) => boolean;

/** A JSON object as parsed. Its keys are anything, `__proto__` and `constructor` included: read it with {@link at}. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** An object that has these fields, each of its shape. It may have more. */
export function object(fields: Readonly<Record<string, Shape>>): Shape {
  const entries = Object.entries(fields);
  return (value) => isObject(value) && entries.every(([name, shape]) => shape(own(value, name)));
}

/** An object that has these fields, each of its shape, and no others. */
export function exactly(fields: Readonly<Record<string, Shape>>): Shape {
  const shape = object(fields);
  return (value) => shape(value) && Object.keys(Object(value)).every((name) => Object.hasOwn(fields, name));
}

/** An object with at least one field, whose every value is of this shape. */
export function mapOf(shape: Shape): Shape {
  return (value) => isObject(value) && Object.keys(value).length > 0 && Object.values(value).every(shape);
}

/** A list of at least one element, each of this shape. */
export function listOf(shape: Shape): Shape {
  return (value) => Array.isArray(value) && value.length > 0 && value.every(shape);
}

/** One of these texts. */
export function oneOf(...texts: readonly string[]): Shape {
  return (value) => typeof value === 'string' && texts.includes(value);
}

/** A text that begins so. */
export function startingWith(start: string): Shape {
  return (value) => typeof value === 'string' && value.startsWith(start);
}

/** Not there, null, or of this shape. */
export function optional(shape: Shape): Shape {
  return (value) => value === undefined || value === null || shape(value);
}

/** Of any of these shapes. */
export function anyOf(...shapes: readonly Shape[]): Shape {
  return (value) => shapes.some((shape) => shape(value));
}

/** Of all of these shapes. */
export function allOf(...shapes: readonly Shape[]): Shape {
  return (value) => shapes.every((shape) => shape(value));
}

/** A text that is JSON of this shape. Parses it only where it looks like an object. */
export function jsonOf(shape: Shape): Shape {
  return (value) => {
    if (typeof value !== 'string' || !value.startsWith('{')) return false;
    try {
      return shape(JSON.parse(value));
    } catch {
      return false;
    }
  };
}

/** The ARN of something of this service, in any partition. */
export function arnOf(service: string): Shape {
  return (value) => typeof value === 'string' && value.startsWith('arn:aws') && value.split(':', 3)[2] === service;
}

/** A text of at least one character. */
export const text: Shape = (value) => typeof value === 'string' && value !== '';
/** A text, an empty one too. */
export const anyText: Shape = (value) => typeof value === 'string';
/** A number. */
export const number: Shape = (value) => typeof value === 'number';
/** True or false. */
export const boolean: Shape = (value) => typeof value === 'boolean';
/** A list, an empty one too. */
export const anyList: Shape = (value) => Array.isArray(value);
/** A list without elements. */
export const emptyList: Shape = (value) => Array.isArray(value) && value.length === 0;
/** An object, an empty one too. */
export const anyObject: Shape = isObject;
/** Anything that is there, null too. */
export const anything: Shape = (value) => value !== undefined;
/** An ARN, in any partition. */
export const arn: Shape = startingWith('arn:aws');

/** Whether this is a JSON object: neither a list nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at this path of own properties; undefined where the path ends early. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((inner, name) => (isObject(inner) ? own(inner, name) : undefined), value);
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

/** The handler lives in the same process, and a library of its may have added to the prototype of all objects. */
function own(value: JsonObject, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
