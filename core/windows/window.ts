import type { ReplayPolicy } from '../sources/auto-replay.ts';
import { NO_POLICY, type Policy, parsePolicy } from '../sources/policy.ts';
import { faultOfLenience } from '../text/json-lenience.ts';
import { nearest } from '../text/nearest.ts';
import { fault, type Parsed, parsed, quoted } from '../text/parsed.ts';
import { at, isObject, type JsonObject } from '../text/shape.ts';
import { parseSchedule } from '../time/cron.ts';
import { durationToText, parseDuration } from '../time/duration.ts';
import { instantToText, parseInstant } from '../time/instant.ts';
import { parseTimezone, UTC } from '../time/timezone.ts';

/** A window that comes once: `[startAt, endAt)` in epoch milliseconds. */
export interface OneOffWindow {
  readonly kind: 'one-off';
  /** Six to 32 hexadecimal digits; absent: as `windowIds` derives it. */
  readonly id?: string;
  readonly startAt: number;
  readonly endAt: number;
  readonly reason?: string;
  /** Globs over the function's name; absent means every function. */
  readonly functions?: readonly string[];
  /** What becomes of its backlog; absent: as the policy says. `parseWithReplay` looks at it. */
  readonly replay?: ReplayPolicy;
}

/** A window that comes again, or once at a local time. */
export interface RecurringWindow {
  readonly kind: 'recurring';
  /** Six to 32 hexadecimal digits; absent: as `windowIds` derives it. */
  readonly id?: string;
  /** `cron(…)` or `at(…)`, in AWS's own spelling. */
  readonly schedule: string;
  /** An IANA name. */
  readonly timezone: string;
  readonly durationMs: number;
  /** An occurrence counts if it starts at this instant or later. Epoch milliseconds. */
  readonly fromAt?: number;
  /** An occurrence counts if it starts before this instant. Epoch milliseconds. */
  readonly untilAt?: number;
  readonly reason?: string;
  /** Globs over the function's name; absent means every function. */
  readonly functions?: readonly string[];
  /** What becomes of its backlog; absent: as the policy says. `parseWithReplay` looks at it. */
  readonly replay?: ReplayPolicy;
}

/** One entry of a window parameter. */
export type Window = OneOffWindow | RecurringWindow;

/** Content of a window parameter. */
export interface WindowDocument {
  readonly form: 'list' | 'document';
  /** In the parameter's order. */
  readonly windows: readonly Window[];
  readonly policy: Policy;
}

/** Windows, or the fault for which the whole text is refused: place, value, remedy. */
export type ParsedWindows =
  | { readonly kind: 'windows'; readonly document: WindowDocument }
  | { readonly kind: 'fault'; readonly message: string };

const VERSION = 1;
const DOCUMENT_KEYS = ['version', 'windows', 'policy'];
const ONE_OFF_KEYS = ['start', 'end', 'reason', 'functions', 'replay', 'id'];
const RECURRING_KEYS = ['schedule', 'timezone', 'duration', 'from', 'until', 'reason', 'functions', 'replay', 'id'];
type Key = 'start' | 'end' | 'schedule' | 'timezone' | 'duration' | 'from' | 'until' | 'reason' | 'id';
const EXAMPLES: Readonly<Record<Key, string>> = {
  start: '"start":"2026-11-21T00:00:00Z"',
  end: '"end":"2026-11-21T04:00:00Z"',
  schedule: '"schedule":"cron(0 2 ? * SUN *)"',
  timezone: '"timezone":"Europe/Rome"',
  duration: '"duration":"PT2H"',
  from: '"from":"2026-11-21T00:00:00Z"',
  until: '"until":"2027-11-21T00:00:00Z"',
  reason: '"reason":"database upgrade"',
  id: '"id":"3f9a1c"',
};
/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html, and the two wildcards. */
const FUNCTION_GLOB = /^[\w*?-]+$/;
const ID = /^[0-9a-f]{6,32}$/;
/** The text of a window parameter without windows: SSM takes no empty value. */
export const NO_WINDOWS = '{"version":1,"windows":[]}';
/** `Intl` takes a tenth of a millisecond to know a zone, and more to find when its clocks change. UTC is none. */
const MAX_TIMEZONES = 32;

type KeyedInstant = readonly [key: Key, instant: number | undefined];

/** Carries a fault up to {@link parseWindows}, and no further. */
class Refusal extends Error {}

/**
 * Reads the text of a window parameter: the list form, `START,END[,START,END…]`, or the document form, a JSON object with
 * `version`, `windows` and `policy`. Synchronous and pure; never throws, whatever the text.
 *
 * Anything that is not understood refuses the text as a whole, unknown keys included: a window that is silently left out
 * costs more than one that has to be written again. What JSON forgives is not understood either: two members of one name,
 * of which it keeps the last. The first fault is told. `replay` alone is taken unread: see `parseWithReplay`.
 *
 * Costs some microseconds a window, 12 to 20 ms once where a document names the first zone other than UTC, and 0.1 ms for each other one.
 */
export function parseWindows(text: string): ParsedWindows {
  const trimmed = text.trim();
  try {
    return { kind: 'windows', document: trimmed.startsWith('{') ? readDocument(trimmed) : readList(trimmed) };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'fault', message: error.message };
    throw error;
  }
}

/**
 * Prints a document so that {@link parseWindows} reads the same one again. The text is canonical: instants in UTC, durations
 * as `PT2H30M`, nothing that is the default, one window a line. A list stays a list while a list can say it.
 */
export function windowsToText(document: WindowDocument): string {
  const { form, windows, policy } = document;
  const hasPolicy = Object.keys(policy).length > 0;
  if (form === 'list' && windows.length > 0 && windows.every(isListed) && !hasPolicy) {
    return windows.map(({ startAt, endAt }) => `${instantToText(startAt)},${instantToText(endAt)}`).join(',');
  }
  const entries = windows.map((window) => `\n${windowToText(window)}`);
  const end = windows.length > 0 ? '\n' : '';
  return `{"version":${VERSION},"windows":[${entries}${end}]${hasPolicy ? `,"policy":${JSON.stringify(policy)}` : ''}}`;
}

/** Prints one window as the document form has it: canonical, on one line. */
export function windowToText(window: Window): string {
  return JSON.stringify(window.kind === 'one-off' ? oneOffEntry(window) : recurringEntry(window));
}

function readList(text: string): WindowDocument {
  if (text === '') throw new Refusal(`the text is empty; write START,END or, for no windows, ${NO_WINDOWS}`);
  if (text.startsWith('[')) throw new Refusal(`the text is a JSON list; write {"version":1,"windows":[…]}`);
  const entries = text.split(',').map((entry) => entry.trim());
  const instants = entries.map(readListEntry);
  const windows: Window[] = [];
  for (let index = 0; index < entries.length; index += 2) {
    const [startAt = 0, endAt] = instants.slice(index, index + 2);
    const [start, end] = entries.slice(index, index + 2);
    if (endAt === undefined) {
      throw new Refusal(
        `entry ${index + 1} (${quoted(start)}): is a start without an end; write START,END for each window`,
      );
    }
    if (endAt <= startAt) {
      throw new Refusal(
        `entry ${index + 2} (${quoted(end)}): is not after the start ${quoted(start)}; write a later instant`,
      );
    }
    windows.push({ kind: 'one-off', startAt, endAt });
  }
  return { form: 'list', windows, policy: NO_POLICY };
}

function readListEntry(entry: string, index: number): number {
  if (entry === '') throw new Refusal(`entry ${index + 1}: is empty; leave out a comma`);
  const instant = parseInstant(entry);
  if (instant.kind === 'value') return instant.value;
  const [first = '', ...others] = entry.split(/[\s;/]+/);
  const joined = others.length > 0 && parseInstant(first).kind === 'value';
  const message = joined ? 'is more than an instant; write START,END with a comma between them' : instant.message;
  throw new Refusal(`entry ${index + 1} (${quoted(entry)}): ${message}`);
}

function readDocument(text: string): WindowDocument {
  const document = readJson(text);
  const { version, windows, policy } = document;
  if (version !== undefined) refuseVersion(version);
  refuseUnknown(document, '', DOCUMENT_KEYS);
  if (version === undefined) throw new Refusal(`version: is missing; write "version":${VERSION}`);
  if (windows === undefined) throw new Refusal('windows: is missing; write a list, "windows":[] for none');
  if (!Array.isArray(windows)) throw new Refusal(`windows: ${quoted(windows)} is not a list; write "windows":[…]`);
  refuseTimezones(windows);
  const read: WindowDocument = {
    form: 'document',
    windows: windows.map((window, index) => readWindow(window, `windows[${index}]`)),
    policy: policy === undefined ? NO_POLICY : readPolicy(policy),
  };
  refuseDoubledIds(read.windows);
  const lenience = faultOfLenience(text, '');
  if (lenience) throw new Refusal(lenience);
  return read;
}

function readJson(text: string): JsonObject {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Refusal(
      `the document is not JSON: ${cause.replace(/\s+/g, ' ')}; look there for a quote, a comma or a bracket`,
    );
  }
  if (!isObject(json)) throw new Refusal(`the document is ${quoted(json)}; write ${NO_WINDOWS}`);
  return json;
}

function refuseVersion(version: unknown): void {
  if (version === VERSION) return;
  throw new Refusal(
    Number.isInteger(version) && Number(version) > VERSION
      ? `version: ${version} is newer than this runtime, which reads version ${VERSION}; update the runtime, or write ${VERSION}`
      : `version: ${quoted(version)} is not a version; write ${VERSION}`,
  );
}

/** Refuses too many time zones before the first of them is loaded. */
function refuseTimezones(windows: readonly unknown[]): void {
  const named = new Set<unknown>();
  for (const [index, window] of windows.entries()) {
    const timezone = at(window, 'timezone');
    if (typeof timezone !== 'string' || timezone === UTC) continue;
    named.add(timezone);
    if (named.size <= MAX_TIMEZONES) continue;
    throw new Refusal(
      `windows[${index}].timezone: ${quoted(timezone)} is one time zone too many for one text; write up to ${MAX_TIMEZONES}, and the windows of others into another parameter`,
    );
  }
}

function readPolicy(value: unknown): Policy {
  const policy = parsePolicy(value, 'policy');
  if (policy.kind === 'fault') throw new Refusal(policy.message);
  return policy.policy;
}

function readWindow(value: unknown, place: string): Window {
  const forms = '{"start":…,"end":…} or {"schedule":…,"duration":…}';
  if (!isObject(value)) throw new Refusal(`${place}: ${quoted(value)} is not a window; write ${forms}`);
  refuseUnknown(value, `${place}.`, [...ONE_OFF_KEYS, ...RECURRING_KEYS]);
  const [once, recurs] = [
    Object.hasOwn(value, 'start') || Object.hasOwn(value, 'end'),
    Object.hasOwn(value, 'schedule'),
  ];
  if (once && recurs) throw new Refusal(`${place}: has a schedule beside start or end; write ${forms}`);
  if (!once && !recurs) throw new Refusal(`${place}: has neither start and end nor a schedule; write ${forms}`);
  return recurs ? readRecurring(value, place) : readOneOff(value, place);
}

function readOneOff(window: JsonObject, place: string): OneOffWindow {
  const stray = Object.keys(window).find((key) => !ONE_OFF_KEYS.includes(key));
  if (stray)
    throw new Refusal(`${place}.${stray}: goes with a schedule, and this window has start and end; leave it out`);
  const startAt = readText(window, place, 'start', parseInstant);
  const endAt = readText(window, place, 'end', parseInstant);
  refuseDisorder(window, place, ['start', startAt], ['end', endAt]);
  return { kind: 'one-off', startAt, endAt, ...readCommon(window, place) };
}

function readRecurring(window: JsonObject, place: string): RecurringWindow {
  const schedule = readText(window, place, 'schedule', parseSchedule);
  const timezone = readOptionalText(window, place, 'timezone', parseTimezone);
  const durationMs = readText(window, place, 'duration', parseDuration);
  const fromAt = readOptionalText(window, place, 'from', parseInstant);
  const untilAt = readOptionalText(window, place, 'until', parseInstant);
  refuseDisorder(window, place, ['from', fromAt], ['until', untilAt]);
  return {
    kind: 'recurring',
    schedule: schedule.text,
    timezone: timezone ?? UTC,
    durationMs,
    ...(fromAt !== undefined && { fromAt }),
    ...(untilAt !== undefined && { untilAt }),
    ...readCommon(window, place),
  };
}

function readCommon(window: JsonObject, place: string): Pick<Window, 'id' | 'reason' | 'functions' | 'replay'> {
  const id = readOptionalText(window, place, 'id', parseId);
  const reason = readOptionalText(window, place, 'reason', parseReason);
  const { functions, replay } = window;
  return {
    ...(id !== undefined && { id }),
    ...(reason !== undefined && { reason }),
    ...(functions !== undefined && { functions: readFunctions(functions, `${place}.functions`) }),
    ...(replay !== undefined && { replay: replay as ReplayPolicy }),
  };
}

function readFunctions(value: unknown, place: string): readonly string[] {
  if (!Array.isArray(value)) throw new Refusal(`${place}: ${quoted(value)} is not a list; write ["orders-*"]`);
  if (value.length === 0) throw new Refusal(`${place}: names no function; leave it out for every function`);
  return value.map((glob, index) => {
    if (typeof glob === 'string' && FUNCTION_GLOB.test(glob)) return glob;
    throw new Refusal(
      `${place}[${index}]: ${quoted(glob)} names no function; write a name of letters, digits, - and _, with * and ? for what may differ`,
    );
  });
}

function parseReason(text: string): Parsed<string> {
  return text.trim() === '' ? fault('says nothing; write why, or leave it out') : parsed(text);
}

function parseId(text: string): Parsed<string> {
  if (ID.test(text)) return parsed(text);
  return fault('is no id; write 6 to 32 of the digits 0 to 9 and a to f, or leave it out');
}

function refuseDoubledIds(windows: readonly Window[]): void {
  const places = new Map<string, number>();
  for (const [index, { id }] of windows.entries()) {
    if (id === undefined) continue;
    const first = places.get(id);
    if (first !== undefined) {
      throw new Refusal(
        `windows[${index}].id: ${quoted(id)} is the id of windows[${first}], too; write another one, or leave it out`,
      );
    }
    places.set(id, index);
  }
}

function readText<Value>(window: JsonObject, place: string, key: Key, parse: (text: string) => Parsed<Value>): Value {
  const text = window[key];
  if (text === undefined) throw new Refusal(`${place}.${key}: is missing; write ${EXAMPLES[key]}`);
  if (typeof text !== 'string')
    throw new Refusal(`${place}.${key}: ${quoted(text)} is not a text; write ${EXAMPLES[key]}`);
  const value = parse(text);
  if (value.kind === 'fault') throw new Refusal(`${place}.${key}: ${quoted(text)} ${value.message}`);
  return value.value;
}

function readOptionalText<Value>(
  window: JsonObject,
  place: string,
  key: Key,
  parse: (text: string) => Parsed<Value>,
): Value | undefined {
  return window[key] === undefined ? undefined : readText(window, place, key, parse);
}

/** Refuses an end that is not after the start. */
function refuseDisorder(window: JsonObject, place: string, first: KeyedInstant, second: KeyedInstant): void {
  const [[firstKey, firstAt], [secondKey, secondAt]] = [first, second];
  if (firstAt === undefined || secondAt === undefined || firstAt < secondAt) return;
  const relation = firstAt === secondAt ? 'is the same instant as' : 'comes before';
  throw new Refusal(
    `${place}.${secondKey}: ${quoted(window[secondKey])} ${relation} ${firstKey} (${quoted(window[firstKey])}); write a later instant`,
  );
}

function refuseUnknown(object: JsonObject, place: string, known: readonly string[]): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const meant = nearest(unknown, known);
  const remedy = meant ? `did you mean ${meant}?` : `the keys here are ${[...new Set(known)].join(', ')}`;
  throw new Refusal(`${place}${shownKey(unknown)}: unknown key; ${remedy}`);
}

function shownKey(key: string): string {
  return /^\w{1,40}$/.test(key) ? key : quoted(key);
}

/** Whether the list form can say all that this window says. */
export function isListed(window: Window): window is OneOffWindow {
  const { kind, id, reason, functions, replay } = window;
  return kind === 'one-off' && [id, reason, functions, replay].every((field) => field === undefined);
}

function oneOffEntry({ id, startAt, endAt, reason, functions, replay }: OneOffWindow) {
  return { id, start: instantToText(startAt), end: instantToText(endAt), reason, functions, replay };
}

function recurringEntry(window: RecurringWindow) {
  const { id, schedule, timezone, durationMs, reason, fromAt, untilAt, functions, replay } = window;
  return {
    id,
    schedule,
    timezone: timezone === UTC ? undefined : timezone,
    duration: durationToText(durationMs),
    reason,
    from: fromAt === undefined ? undefined : instantToText(fromAt),
    until: untilAt === undefined ? undefined : instantToText(untilAt),
    functions,
    replay,
  };
}
