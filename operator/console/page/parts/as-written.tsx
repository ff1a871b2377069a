/** A text of somebody else's, as it was written. */
export function AsWritten({ text }: { readonly text: string }) {
  return <pre class="as-is">{pretty(text)}</pre>;
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
