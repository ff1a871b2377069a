import { quoted } from './parsed.ts';

/** Strings, brackets, commas and numbers. Between them there is nothing that matters here: blanks, colons, `true`, `null`. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]|[-\d][\d.eE+-]*/g;
/** A double holds any number of so many digits, and shows the same ones again. */
const EXACT_DIGITS = 15;

/** An object or a list that is being gone through. */
interface Level {
  /** Of an object: the names so far. */
  readonly names?: Set<string>;
  /** Where in it the text is: the name, or the index. */
  at: string | number;
  /** Of an object: a name comes next. */
  isBeforeName: boolean;
}

/**
 * What `JSON.parse` made of a text without a word and nobody can have meant: of two members of one name it keeps the last,
 * half a character stays half a character until something makes `�` of it, and a number that has too many digits, or is too
 * large, becomes another one. The first of these, with its place: `windows[1].duration: stands there twice; keep one`.
 *
 * For texts that `JSON.parse` has read. Linear in the text's length, however deep it goes.
 *
 * @param root what the place begins with; empty for nothing
 */
export function faultOfLenience(text: string, root: string): string | undefined {
  const levels: Level[] = [];
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    const fault = token.startsWith('"') ? faultOfText(token, level) : faultOfNumber(token);
    if (fault) return `${placeOf(levels, root)}: ${fault}`;
    if (token === '{') levels.push({ names: new Set(), at: '', isBeforeName: true });
    else if (token === '[') levels.push({ at: 0, isBeforeName: false });
    else if (token === '}' || token === ']') levels.pop();
    else if (token === ',' && level) {
      if (typeof level.at === 'number') level.at += 1;
      else level.isBeforeName = true;
    }
  }
  return undefined;
}

/** A name is compared as it is read: `"win\u0064ows"` is `windows`. */
function faultOfText(token: string, level: Level | undefined): string | undefined {
  const text: string = token.includes('\\') ? JSON.parse(token) : token.slice(1, -1);
  if (level?.isBeforeName) {
    level.at = text;
    level.isBeforeName = false;
    if (level.names?.has(text)) return 'stands there twice; keep one';
    level.names?.add(text);
  }
  return text.isWellFormed()
    ? undefined
    : `${quoted(text)} has half a character, an escape of a surrogate without its other half; write both, or leave it out`;
}

function faultOfNumber(token: string): string | undefined {
  return !/\d/.test(token) || isExact(token)
    ? undefined
    : `${quoted(token)} is no number that can be kept; write it with up to ${EXACT_DIGITS} digits`;
}

function isExact(token: string): boolean {
  const [mantissa = ''] = token.split(/e/i);
  const digits = mantissa.replace(/\D/g, '').replace(/^0+|0+$/g, '');
  return digits.length <= EXACT_DIGITS && Number.isFinite(Number(token));
}

function placeOf(levels: readonly Level[], root: string): string {
  return levels.reduce((place, { at }) => {
    if (typeof at === 'number') return `${place}[${at}]`;
    const name = /^\w[\w-]{0,40}$/.test(at) ? at : quoted(at);
    return place === '' ? name : `${place}.${name}`;
  }, root);
}
