import { SETTINGS } from '../../core/gate/config.ts';
import { fault, type Parsed, parsed, quoted } from '../../core/text/parsed.ts';

/** A place to work in, by a name: what the options of a command say otherwise. */
export interface Context {
  readonly profile?: string;
  readonly region?: string;
  /** Names or ARNs of one to ten window parameters, commas between. */
  readonly parameter?: string;
  /** Name or ARN of the deferred events table. */
  readonly table?: string;
  /** One endpoint for every service. */
  readonly endpointUrl?: string;
  /** Whether a change there wants its name to be typed. */
  readonly production?: true;
}

/** All contexts of an operator, by name, and which one is in use. */
export interface Contexts {
  readonly current?: string;
  readonly contexts: Readonly<Record<string, Context>>;
}

export const NO_CONTEXTS: Contexts = { contexts: {} };

/** The fields of a context that are texts, each with its parser. */
const TEXTS: Readonly<Record<Exclude<keyof Context, 'production'>, (text: string) => Parsed<unknown>>> = {
  profile: parseNonEmpty,
  region: parseRegion,
  parameter: SETTINGS.parameters.parse,
  table: SETTINGS.table.parse,
  endpointUrl: parseUrl,
};
const FIELDS: readonly string[] = [...Object.keys(TEXTS), 'production'];

const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** Name of a context. */
export function parseContextName(text: string): Parsed<string> {
  // a file's object has no room for this one
  if (NAME.test(text) && text !== '__proto__') return parsed(text);
  return fault('is no name of a context; write up to 64 letters, digits, ".", "_" and "-", a letter or digit first');
}

function parseNonEmpty(text: string): Parsed<string> {
  return text.trim() === '' ? fault('names nothing; name one, or leave it out') : parsed(text);
}

/** A region, by its form alone: which ones there are, AWS knows. It becomes part of a host's name, and of ARNs. */
export function parseRegion(text: string): Parsed<string> {
  if (/^(?!-)[a-z0-9-]{1,63}(?<!-)$/.test(text)) return parsed(text);
  return fault('is no region; write one such as eu-south-1');
}

/** An endpoint. The SDK makes what it can of a text without `http://`, and dies of it. */
export function parseUrl(text: string): Parsed<string> {
  const protocol = URL.parse(text)?.protocol;
  if (protocol === 'http:' || protocol === 'https:') return parsed(text);
  return fault('is no URL; write one such as http://localhost:4566');
}

/** Text of a file of contexts → contexts. The message of a fault is a whole sentence without the file. Never throws. */
export function parseContexts(text: string): Parsed<Contexts> {
  const file = jsonOf(text);
  if (!isObject(file)) return fault('it is no JSON object');
  const stranger = Object.keys(file).find((key) => !['version', 'current', 'contexts'].includes(key));
  if (stranger !== undefined) return fault(`${quoted(stranger)} is no field of it`);
  const { version, current, contexts } = file;
  if (version !== 1) return fault(`"version" is ${quoted(version)}, and 1 is known`);
  if (!isObject(contexts)) return fault('"contexts" is no object');
  for (const [name, context] of Object.entries(contexts)) {
    const wrong = parseContextName(name);
    if (wrong.kind === 'fault') return fault(`${quoted(name)} ${wrong.message}`);
    const message = faultOfContext(context);
    if (message !== undefined) return fault(`context ${name}: ${message}`);
  }
  if (current !== undefined && (typeof current !== 'string' || !Object.hasOwn(contexts, current))) {
    return fault(`"current" is ${quoted(current)}, which is none of its contexts`);
  }
  return parsed({
    ...(current !== undefined && { current }),
    contexts: contexts as Readonly<Record<string, Context>>,
  });
}

/** What is wrong with a context; undefined: nothing. */
function faultOfContext(context: unknown): string | undefined {
  if (!isObject(context)) return 'it is no object';
  const stranger = Object.keys(context).find((key) => !FIELDS.includes(key));
  if (stranger !== undefined) return `${quoted(stranger)} is none of ${FIELDS.join(', ')}`;
  for (const [field, parse] of Object.entries(TEXTS)) {
    const value = context[field];
    if (value === undefined) continue;
    if (typeof value !== 'string') return `${field} is ${quoted(value)}, and no text`;
    const read = parse(value);
    if (read.kind === 'fault') return `${field}: ${quoted(value)} ${read.message}`;
  }
  const { production } = context;
  return production === undefined || production === true
    ? undefined
    : `production is ${quoted(production)}: true, or absent`;
}

/** Contexts as a file has them. */
export function contextsText({ current, contexts }: Contexts): string {
  return `${JSON.stringify({ version: 1, ...(current !== undefined && { current }), contexts }, null, 2)}\n`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
