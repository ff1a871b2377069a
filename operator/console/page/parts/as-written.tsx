import { shownLines } from '../../../../core/text/shown.ts';

/** A text of somebody else's, as it was written. */
export function AsWritten({ text }: { readonly text: string }) {
  return <pre class="as-is">{inItsOrder(pretty(text))}</pre>;
}

/** What would turn or hide parts of it is spelled out, as in JSON; its tabs are as they are. */
function inItsOrder(text: string): string {
  return text.split('\t').map(shownLines).join('\t');
}

/** JSON with a line for each member, where nothing is lost by that: a number that JavaScript would round stays as it was written. */
function pretty(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text.trim() ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text;
  }
}
