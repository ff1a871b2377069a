/**
 * Whether the text is what the glob says: `*` stands for any run of characters, slashes included, and everything else
 * for itself. Each part between two stars is searched for once, from where the one before ended: no backtracking.
 *
 * ```ts
 * matchesGlob('/webhooks/*', '/webhooks/git/push'); // true
 * ```
 */
export function matchesGlob(glob: string, text: string): boolean {
  const [start = '', ...rest] = glob.split('*');
  const end = rest.pop();
  if (end === undefined) return text === start;
  if (text.length < start.length + end.length || !text.startsWith(start) || !text.endsWith(end)) return false;

  let from = start.length;
  const to = text.length - end.length;
  for (const part of rest) {
    const found = text.indexOf(part, from);
    if (found === -1 || found + part.length > to) return false;
    from = found + part.length;
  }
  return true;
}
