import { randomUUID } from 'node:crypto';
import { styleText } from 'node:util';

/** Colours for one stream, or none. */
export type Paint = Readonly<Record<Style, (text: string) => string>>;

const STYLES = ['bold', 'dim', 'red', 'green', 'yellow'] as const;
type Style = (typeof STYLES)[number];

/** What each of our escape sequences begins with on a terminal. */
const ESCAPE = '\u001b[';
/**
 * Stands for {@link ESCAPE} until the text reaches the terminal, where every control character is spelled out. Nobody
 * outside knows it, so that no text from there has it.
 */
const MARK = `\ufdd0${randomUUID()}:`;
/** What we paint with, whole. */
const PAINT = new RegExp(`${MARK}[\\d;]*m`, 'g');

/** Painted from its beginning to its end. */
const WHOLLY_PAINTED = new RegExp(`^((?:${PAINT.source})+).*?((?:${PAINT.source})+)$`, 's');

/** Colours where Node has them: on a terminal, unless `NO_COLOR`, `FORCE_COLOR` or `TERM` says otherwise. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  const painter = (style: Style) => {
    const [begin = '', end = ''] = styleText(style, '|', { stream })
      .split('|')
      .map((sequence) => sequence.replace(ESCAPE, MARK));
    return (text: string) => (text === '' ? text : begin + text + end);
  };
  return Object.fromEntries(STYLES.map((style) => [style, painter(style)])) as Paint;
}

/** Painted text as a terminal takes it. */
export function painted(text: string): string {
  return text.replaceAll(MARK, ESCAPE);
}

/** Painted text without its colours. */
export function unpainted(text: string): string {
  return text.replace(PAINT, '');
}

/** A part of a painted text, in the colours that the whole text begins with. */
export function repainted(part: string, whole: string): string {
  const [before = '', after = ''] = WHOLLY_PAINTED.exec(whole)?.slice(1) ?? [];
  return part === '' ? part : before + part + after;
}
