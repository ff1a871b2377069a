import { matchesGlob } from '../text/glob.ts';
import { isJson } from '../text/json.ts';
import { nearest } from '../text/nearest.ts';
import { quoted } from '../text/parsed.ts';
import { isObject, type JsonObject } from '../text/shape.ts';
import type { HttpRequest } from './shapes/http-event.ts';
import { comparablePattern } from './shapes/http-path.ts';

/** Policy for HTTP callers, if one word is not enough. All fields may be absent. */
export interface HttpPolicy {
  /**
   * The requests to store and to answer with 202: a method and a path each, `"POST /webhooks/*"`. `*` stands for any
   * method, and in a path for any run of characters, slashes included. Everything else is rejected. Paths are compared
   * decoded, without the stage of an API, and with a custom domain's base path or without it. Upper and lower case
   * count; slashes that are doubled, or stand at the end, do not.
   */
  readonly defer?: readonly string[];
  /** The status of a rejection: 429, or 500 to 599. All others would fake success or tell the caller not to come back. Default 503. */
  readonly status?: number;
  /** Sent with each answer of the gate, preflights included: for CORS above all. One of the same name as ours replaces it. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body of a rejection, up to 1,024 characters: JSON, unless `headers` names another `Content-Type`. */
  readonly body?: string;
}

/** Fields of an {@link HttpPolicy}, each with its check. */
const FIELDS: { readonly [Name in keyof HttpPolicy]-?: (value: unknown, place: string) => string | undefined } = {
  defer: faultOfPatterns,
  status: faultOfStatus,
  headers: faultOfHeaders,
  body: faultOfBody,
};

/** As RFC 9110 has them: a name is a token, a value is visible, and blanks within. */
const METHOD = /^[A-Z]+$/;
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const HEADER_VALUE = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;
/** Headers that the services in front make themselves; a second one breaks the answer. */
const NOT_OURS = ['content-length', 'transfer-encoding', 'connection'];
const MAX_BODY_LENGTH = 1024;

/** What is wrong with an object as the value of `http`: place and remedy. Undefined where it is an {@link HttpPolicy}. */
export function faultOfHttpPolicy(value: JsonObject, place: string): string | undefined {
  for (const [name, field] of Object.entries(value)) {
    const fault = Object.hasOwn(FIELDS, name)
      ? FIELDS[name as keyof HttpPolicy](field, `${place}.${name}`)
      : unknownField(name, place);
    if (fault) return fault;
  }
  const { body, headers } = value;
  return typeof body === 'string' && !isJson(body) && !namesContentType(headers)
    ? `${place}.body: is no JSON; name its type, such as "headers":{"Content-Type":"text/plain"}`
    : undefined;
}

/** Whether a policy's `defer` lists this request. */
export function isListed({ defer = [] }: HttpPolicy, { method, path, routed }: HttpRequest): boolean {
  const paths = [path, routed ?? path].flatMap((each) => [each, each.replace(/(?<=.)\/$/, '')]);
  return defer.some((pattern) => {
    const [listedMethod = '', listedPath = ''] = pattern.split(' ');
    if (listedMethod !== '*' && listedMethod !== method) return false;
    const listed = comparablePattern(listedPath);
    return paths.some((each) => matchesGlob(listed, each));
  });
}

function unknownField(name: string, place: string): string {
  const names = Object.keys(FIELDS);
  const meant = nearest(name, names);
  return `${place}: ${quoted(name)} is no field of it; ${meant ? `did you mean ${meant}?` : `use ${names.join(', ')}`}`;
}

function faultOfPatterns(value: unknown, place: string): string | undefined {
  if (!Array.isArray(value)) return `${place}: must be a list of methods and paths, such as ["POST /webhooks/*"]`;
  for (const [index, pattern] of value.entries()) {
    const fault = faultOfPattern(pattern);
    if (fault) return `${place}[${index}]: ${fault}`;
  }
  return undefined;
}

function faultOfPattern(pattern: unknown): string | undefined {
  if (typeof pattern !== 'string') return 'must be a method and a path in one text, such as "POST /webhooks/*"';
  const [method = '', path, ...more] = pattern.split(' ');
  if (path === undefined || more.length > 0) {
    return `${quoted(pattern)} is not a method and a path with one blank between; write "POST /webhooks/*"`;
  }
  if (method !== '*' && !METHOD.test(method))
    return `${quoted(method)} is no method; write it in capitals, or "*" for any`;
  if (!path.startsWith('/') && !path.startsWith('*'))
    return `${quoted(path)} is no path; begin it with "/", or with "*"`;
  if (/[{}]/.test(path))
    return `${quoted(path)} has a parameter of a route; write * in its place: ${quoted(withStars(path))}`;
  if (path.includes('?')) return `${quoted(path)} has a query string, which is not looked at; leave it out`;
  return undefined;
}

/** `/orders/{id}` as a pattern. */
function withStars(route: string): string {
  return route.replace(/\{[^{}]*\}?|\}/g, '*');
}

function faultOfStatus(value: unknown, place: string): string | undefined {
  const allowed =
    typeof value === 'number' && Number.isInteger(value) && (value === 429 || (value >= 500 && value <= 599));
  return allowed ? undefined : `${place}: must be a status that lets the caller come back: 429, or 500 to 599`;
}

function faultOfHeaders(value: unknown, place: string): string | undefined {
  if (!isObject(value))
    return `${place}: must be an object of names and values, such as {"Access-Control-Allow-Origin":"*"}`;
  const seen = new Set<string>();
  for (const [name, text] of Object.entries(value)) {
    const lowerCase = name.toLowerCase();
    if (!HEADER_NAME.test(name)) return `${place}: ${quoted(name)} is not a header's name`;
    if (NOT_OURS.includes(lowerCase))
      return `${place}.${name}: is made by the service in front of the function; leave it out`;
    if (seen.has(lowerCase)) return `${place}.${name}: stands there twice, in another case; keep one`;
    if (typeof text !== 'string' || !HEADER_VALUE.test(text)) {
      return `${place}.${name}: must be a text of visible ASCII characters, with blanks only between them`;
    }
    seen.add(lowerCase);
  }
  return undefined;
}

function faultOfBody(value: unknown, place: string): string | undefined {
  return typeof value === 'string' && value.length <= MAX_BODY_LENGTH
    ? undefined
    : `${place}: must be one text of up to ${MAX_BODY_LENGTH} characters, JSON too: "{\\"message\\":\\"later\\"}"`;
}

function namesContentType(headers: unknown): boolean {
  return isObject(headers) && Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
}
