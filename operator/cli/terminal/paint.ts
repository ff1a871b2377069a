import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import type { Host } from '../host.ts';

/** Colours for one stream, or none. */
export type Paint = Readonly<Record<Style, (text: string) => string>>;

const STYLES = ['bold', 'dim', 'red', 'green', 'yellow'] as const;
type Style = (typeof STYLES)[number];

/**
 * What our colours begin with until they reach the terminal, where every control character is spelled out: no text from
 * outside has it, as nobody knows it.
 */
const MARK = `\ufdd0${randomUUID()}:`;
const MARKED = new RegExp(`${MARK}(\\d+)m`, 'g');

/** Colours on a terminal, and nowhere else; none where `NO_COLOR` is set to anything (https://no-color.org). */
export function paintFor(stream: NodeJS.WriteStream, environment: Host['environment']): Paint {
  const coloured = stream.isTTY && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  const painter = (style: Style) => {
    const [begin, end] = inspect.colors[style] ?? [0, 0];
    return (text: string) => (coloured && text !== '' ? `${MARK}${begin}m${text}${MARK}${end}m` : text);
  };
  return Object.fromEntries(STYLES.map((style) => [style, painter(style)])) as Paint;
}

/** Painted text as a terminal takes it. */
export function painted(text: string): string {
  return text.replace(MARKED, '\u001b[$1m');
}

/** Painted text without its colours. */
export function unpainted(text: string): string {
  return text.replace(MARKED, '');
}
