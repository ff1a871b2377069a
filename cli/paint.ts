import { styleText } from 'node:util';
import type { Host } from './host.ts';

/** Colours for one stream, or none. */
export type Paint = Readonly<Record<Style, (text: string) => string>>;

const STYLES = ['bold', 'dim', 'red', 'green', 'yellow'] as const;
type Style = (typeof STYLES)[number];

/** Colours on a terminal, and nowhere else; none where `NO_COLOR` is set to anything (https://no-color.org). */
export function paintFor(stream: NodeJS.WriteStream, environment: Host['environment']): Paint {
  const coloured = stream.isTTY && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  const painter = (style: Style) => (text: string) =>
    coloured && text !== '' ? styleText(style, text, { validateStream: false }) : text;
  return Object.fromEntries(STYLES.map((style) => [style, painter(style)])) as Paint;
}
