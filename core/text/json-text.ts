/**
 * Where things stand in a JSON text, so that members of it can be taken out while every other byte stays as it is.
 * For texts that `JSON.parse` accepts; of any other text the positions mean nothing.
 */

/** One element of a JSON list, or one member of a JSON object. Positions as for `slice`. */
export interface Member {
  /** Of an object's member, as parsed. */
  readonly key?: string;
  /** Where it begins: its key, if it has one, else its value. */
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

/** A JSON list or object in a text. */
export interface Container {
  readonly members: readonly Member[];
  /** Of the opening bracket. */
  readonly start: number;
  /** Behind the closing bracket. */
  readonly end: number;
}

/** Members of the list or object that begins at `start`, or behind white space there. Linear in the text's length. */
export function containerAt(text: string, start: number): Container | undefined {
  const open = skipSpace(text, start);
  const isObject = text[open] === '{';
  if (!isObject && text[open] !== '[') return undefined;
  const members: Member[] = [];
  let at = skipSpace(text, open + 1);
  while (at < text.length && !isClosing(text[at])) {
    const begin = at;
    let key: string | undefined;
    if (isObject) {
      at = skipString(text, at);
      key = String(JSON.parse(text.slice(begin, at)));
      at = skipSpace(text, skipSpace(text, at) + 1);
    }
    const valueStart = at;
    at = skipValue(text, at);
    members.push({ ...(key !== undefined && { key }), start: begin, valueStart, end: at });
    at = skipSpace(text, at);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return { members, start: open, end: at + 1 };
}

/** The member of this name. Of two with one name the last, as `JSON.parse` has it. */
export function memberNamed({ members }: Container, name: string): Member | undefined {
  return members.findLast(({ key }) => key === name);
}

/**
 * The container's text with these texts for its members, in order. What stood between the members goes.
 *
 * @param members texts of members, most of them slices of the same text
 */
export function withMembers(text: string, { start, end }: Container, members: readonly string[]): string {
  return `${text[start]}${members.join(',')}${text[end - 1]}`;
}

/** The container's text without some of its members, every other byte as it was. A comma goes with the member before it. */
export function withoutMembers(
  text: string,
  { members, start, end }: Container,
  isGone: (member: Member) => boolean,
): string {
  const kept = members.filter((member) => !isGone(member));
  const last = kept.at(-1);
  if (!last) return `${text[start]}${text[end - 1]}`;
  const pieces = members.map((member, index) => {
    if (isGone(member)) return '';
    return text.slice(member.start, member === last ? member.end : members[index + 1]?.start);
  });
  return text.slice(start, members[0]?.start) + pieces.join('') + text.slice(members.at(-1)?.end, end);
}

function skipValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return skipString(text, start);
  if (first === '{' || first === '[') return skipContainer(text, start);
  let at = start;
  while (at < text.length && !isClosing(text[at]) && text[at] !== ',' && !isSpace(text[at])) at += 1;
  return at;
}

function skipContainer(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = skipString(text, at) - 1;
    else if (character === '{' || character === '[') depth += 1;
    else if (isClosing(character)) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

function skipString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    at = text.indexOf('"', at);
    if (at < 0) return text.length;
    if (!isEscaped(text, at)) return at + 1;
  }
  return text.length;
}

/** Whether an odd number of backslashes stands before. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text[before] === '\\') before -= 1;
  return (at - before) % 2 === 0;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (isSpace(text[at])) at += 1;
  return at;
}

/** RFC 8259, section 2. */
function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\n' || character === '\r' || character === '\t';
}

function isClosing(character: string | undefined): boolean {
  return character === '}' || character === ']';
}
