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
  let level: Level | undefined;
  for (const [token] of text.matchAll(TOKEN)) {
    let fault: string | undefined;
    switch (token[0]) {
      case '{':
      case '[':
        level = token === '{' ? { names: new Set(), at: '', isBeforeName: true } : { at: 0, isBeforeName: false };
        levels.push(level);
        break;
      case '}':
      case ']':
        levels.pop();
        level = levels.at(-1);
        break;
      case ',':
        if (level) goOn(level);
        break;
      case '"':
        fault = faultOfText(token, level);
        break;
      default:
        fault = isExact(token)
          ? undefined
          : `${quoted(token)} is no number that can be kept; write it with up to ${EXACT_DIGITS} digits`;
    }
    if (fault) return `${placeOf(levels, root)}: ${fault}`;
  }
  return undefined;
}

function goOn(level: Level): void {
  if (typeof level.at === 'number') level.at += 1;
  else level.isBeforeName = true;
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
