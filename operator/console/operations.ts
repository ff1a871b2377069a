/**
 * What the page can ask for: commands of the tool, each with the options that the page may give. Nothing else is asked for. So the
 * console can do nothing that the tool does not, every answer is the JSON of `-o json`, and what was done can be typed again.
 */
import { isObject } from '../../core/text/shape.ts';
import { MINUTE_MS, SECOND_MS } from '../../core/units.ts';
import type { Looked } from './answer.ts';
import { nextTurnMs } from './turns.ts';

/** A command that the page may have run. */
export interface Operation {
  /**
   * `look` changes nothing; `change` is done as it comes; `plan` is shown by `--dry-run` first, and done as it was shown; `file`
   * writes lines for a file, which is noted.
   */
  readonly kind: 'look' | 'change' | 'plan' | 'file';
  /** Long names. */
  readonly options: readonly string[];
  /** Whether it takes names of events, windows, replays or functions. */
  readonly takesNames: boolean;
  /** Whether its result is a text of somebody else's: it is shown as it was written. */
  readonly isText?: true;
  /** How often a look that is seen is repeated, in milliseconds; absent: every {@link LOOK_AGAIN_MS}. */
  readonly againMs?: number;
}

/** How often something that is shown is looked at again. */
const LOOK_AGAIN_MS = 3 * SECOND_MS;
/** The same of what reads much of the table. Steps, as what a look reads differs a little each time. */
const PACES_MS = [10 * SECOND_MS, 30 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS];
/** What a look may read on average, in read units: on demand some 0.05 $ an hour, of the 3,000 units that a group of the index has. */
const UNITS_PER_SECOND = 100;
/** What people do by hand: whoever does it here is shown it at once. */
const BY_HAND_MS = 30 * SECOND_MS;

/** What the page gives with an operation. */
export interface Given {
  readonly names: readonly string[];
  /** By their long names; several texts repeat the option, and `true` is one without a value. */
  readonly options: Readonly<Record<string, readonly string[] | true>>;
}

/** An operation with what was given, or why it is none. */
export type Asked =
  | { readonly kind: 'asked'; readonly operation: Operation; readonly words: readonly string[] }
  | { readonly kind: 'refused'; readonly why: string };

const SELECTION = ['function', 'source', 'status', 'window', 'error', 'error-is', 'grep', 'from', 'until', 'timezone'];
const EDIT = ['edit', 'if-version'];
const DESCRIPTION = ['reason', 'function', 'replay'];
const SCHEDULE = ['start', 'end', 'for', 'from', 'until', 'timezone'];
const NONE = ['no-from', 'no-until', 'no-reason', 'no-function', 'no-replay'];
const PACE = ['rate', 'concurrency', 'limit', 'canary', 'stop-after-failures', 'ordered', 'during-window', 'mode'];
const WHICH = ['again', 'latest-per', 'skip-unknown', 'qualifier', 'to', 'name', 'reason'];

const OPERATIONS: Readonly<Record<string, Operation>> = {
  whoami: { kind: 'look', options: [], takesNames: false },
  status: { kind: 'look', options: ['function'], takesNames: false },
  next: { kind: 'look', options: ['function', 'count'], takesNames: false },
  history: { kind: 'look', options: ['count', 'diff'], takesNames: false, againMs: BY_HAND_MS },
  audit: { kind: 'look', options: ['limit'], takesNames: false, againMs: BY_HAND_MS },
  report: { kind: 'look', options: ['at', 'timezone'], takesNames: true },
  doctor: { kind: 'look', options: ['function'], takesNames: false },
  metrics: { kind: 'look', options: ['function'], takesNames: false, againMs: MINUTE_MS },
  'schedule list': { kind: 'look', options: ['function'], takesNames: false },
  'schedule times': { kind: 'look', options: ['from', 'until', 'timezone', 'function'], takesNames: false },
  'events list': { kind: 'look', options: [...SELECTION, 'limit', 'after', 'run', 'count'], takesNames: false },
  'events backlog': { kind: 'look', options: ['function', 'source', 'last'], takesNames: false },
  'events show': { kind: 'look', options: [], takesNames: true },
  'events failures': { kind: 'look', options: [...SELECTION, 'limit', 'within'], takesNames: false },
  'replays list': { kind: 'look', options: ['limit'], takesNames: false },
  'replays show': { kind: 'look', options: [], takesNames: true },
  begin: { kind: 'plan', options: [...DESCRIPTION, ...EDIT, 'for', 'until'], takesNames: false },
  extend: { kind: 'plan', options: [...EDIT, 'for', 'until'], takesNames: true },
  end: { kind: 'plan', options: [...EDIT, 'reason'], takesNames: true },
  'schedule add': { kind: 'plan', options: [...SCHEDULE, ...DESCRIPTION, ...EDIT], takesNames: true },
  'schedule edit': { kind: 'plan', options: [...SCHEDULE, ...DESCRIPTION, ...EDIT, ...NONE], takesNames: true },
  'schedule remove': { kind: 'plan', options: EDIT, takesNames: true },
  'events discard': { kind: 'plan', options: [...SELECTION, 'all', 'limit', 'reason'], takesNames: true },
  replay: { kind: 'plan', options: [...SELECTION, ...PACE, ...WHICH], takesNames: true },
  'events export': { kind: 'file', options: [...SELECTION, 'limit'], takesNames: false },
  'events restore': { kind: 'change', options: ['reason'], takesNames: true },
  'replays pause': { kind: 'change', options: [], takesNames: true },
  'replays resume': { kind: 'change', options: [], takesNames: true },
  'replays cancel': { kind: 'change', options: [], takesNames: true },
  'replays set': { kind: 'change', options: ['rate', 'concurrency'], takesNames: true },
  invoke: { kind: 'change', options: ['payload'], takesNames: true, isText: true },
};

/**
 * The words of an operation. A value stands in the word of its option, and names stand behind `--`: no text of the page's can be
 * another option.
 *
 * @param name the command's words, a space between
 */
export function askedOf(name: string, { names, options }: Given): Asked {
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (!operation) return refused(`${name} is no operation of the console`);
  const unknown = Object.keys(options).find((option) => !operation.options.includes(option));
  if (unknown !== undefined) return refused(`${name} takes no ${unknown} here`);
  if (names.length > 0 && !operation.takesNames) return refused(`${name} takes no names`);
  const said = Object.entries(options).flatMap(([option, value]) =>
    value === true ? `--${option}` : value.map((text) => `--${option}=${text}`),
  );
  return {
    kind: 'asked',
    operation,
    words: [...name.split(' '), ...said, ...(names.length > 0 ? ['--', ...names] : [])],
  };
}

/** The words with one more option, before the names. */
export function withOption(words: readonly string[], option: string): readonly string[] {
  const names = words.indexOf('--');
  return names < 0 ? [...words, option] : words.toSpliced(names, 0, option);
}

/** What a body gives, strictly read; undefined where it has another form. */
export function givenIn(body: unknown): Given | undefined {
  const { names = [], options = {} } = isObject(body) ? body : {};
  if (!isObject(body) || !areTexts(names) || !isObject(options)) return undefined;
  const read: Record<string, readonly string[] | true> = {};
  for (const [option, value] of Object.entries(options)) {
    if (value !== true && !areTexts(value)) return undefined;
    read[option] = value;
  }
  return { names, options: read };
}

/** The same from an address: `?function=orders&function=billing&name=3f2a91c0`; an option without a value is `?count`. */
export function givenInQuery(query: URLSearchParams): Given {
  const options: Record<string, readonly string[] | true> = {};
  for (const option of new Set(query.keys())) {
    if (option !== 'name') options[option] = query.get(option) === '' ? true : query.getAll(option);
  }
  return { names: query.getAll('name'), options };
}

/**
 * When a look that is seen is worth another one.
 *
 * @param readUnits that it read of the table
 * @param results what it told: once that is over by its own words, it is looked at again whatever it costs
 */
export function againOf(
  asked: Asked & { readonly kind: 'asked' },
  readUnits: number,
  results: readonly unknown[] = [],
): Again {
  const { againMs, ...dear } = paceOf(asked, readUnits);
  return { againMs: Math.min(againMs, nextTurnMs(results)), ...dear };
}

function paceOf(asked: Asked & { readonly kind: 'asked' }, readUnits: number): Again {
  const againMs = cheapAgainMs(asked);
  const worthMs = (readUnits / UNITS_PER_SECOND) * SECOND_MS;
  if (worthMs <= againMs) return { againMs };
  const paceMs = PACES_MS.find((each) => each >= worthMs) ?? Math.max(...PACES_MS);
  return paceMs > againMs ? { againMs: paceMs, dearUnits: Number(readUnits.toPrecision(2)) } : { againMs };
}

type Again = Pick<Looked, 'againMs' | 'dearUnits'>;

/** The same of one that reads little, in milliseconds. A search in bodies reads each of them, and CloudWatch bills each look. */
function cheapAgainMs({ operation, words }: Asked & { readonly kind: 'asked' }): number {
  return words.some((word) => /^--(?:grep|last)=/.test(word)) ? MINUTE_MS : (operation.againMs ?? LOOK_AGAIN_MS);
}

export function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function refused(why: string): Asked {
  return { kind: 'refused', why };
}
